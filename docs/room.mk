# The book.

DOCS_VENV := $(CACHE)/docs

.PHONY: docs
docs: setup ## Build the book into build/book/ (installs mdBook into the cache)
	@test -x $(DOCS_VENV)/bin/mdbook || { $(PYTHON) -m venv $(DOCS_VENV) && \
	  $(DOCS_VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r docs/requirements.txt; }
	@$(DOCS_VENV)/bin/mdbook build docs
	@echo "the book is in build/book/index.html"

HEAVY += docs
