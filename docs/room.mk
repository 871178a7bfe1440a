# The book.

DOCS_ENV := $(call env_of,docs,docs/requirements.txt)

$(DOCS_ENV)/.ready:
	@rm -rf $(DOCS_ENV)
	@$(PYTHON) -m venv $(DOCS_ENV)
	@$(DOCS_ENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r docs/requirements.txt
	@touch $@

.PHONY: docs
docs: $(DOCS_ENV)/.ready ## Build the book into build/book/ (installs mdBook into the cache)
	@$(DOCS_ENV)/bin/mdbook build docs
	@echo "the book is in build/book/index.html"

HEAVY += docs
