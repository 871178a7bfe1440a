# The only front door. `make` alone lists what there is; CI calls nothing else.
# Rooms add targets in their own <room>/room.mk; what belongs to `make heavy` they
# append to HEAVY, campaigns to SOAK, generators of committed files to GEN and their checks to
# GEN_CHECK. FIGURES takes Python modules that measure and print rows with --json, FIGURES_NEED
# the targets they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CACHE := $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/racklet
# An environment in the cache, named after what is installed in it: $(call env_of,NAME,FILE). Two
# clones share it while they ask for the same, and renew nothing under each other's feet.
env_of = $(CACHE)/$(1)-$(firstword $(shell cksum < $(2)))

HEAVY :=
FIGURES :=
FIGURES_NEED :=
SOAK :=
GEN :=
GEN_CHECK :=

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z0-9_.-]+:.*## /{printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

-include $(sort $(wildcard */room.mk))

# --- set-up ------------------------------------------------------------------

$(VENV)/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "racklet needs Python 3.11 or newer; this is $$($(PYTHON) -V). Say PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "this Python has no venv module; on Debian: apt-get install python3-venv"; exit 2; }
	@echo "setting up $(VENV) (about a minute, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: setup
setup: $(VENV)/.ready ## Install everything that needs only PyPI into .venv/

# --- checks ------------------------------------------------------------------

.PHONY: lint test
lint: setup ## Style, types, import rules, and mpy-cross over every firmware file
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@$(BIN)/python .ci/import_rules.py
	@$(BIN)/python .ci/compile_firmware.py
	@$(BIN)/python .ci/check_links.py

test: lint gen-check ## All tests that need only PyPI
	@$(BIN)/pytest -q -n auto

.PHONY: heavy soak
heavy: setup $(HEAVY) ## What needs more than PyPI: firmware, RP2040 bench, PCB, enclosure, docs
soak: setup $(SOAK) ## Campaigns to their full length: fuzzing, power cuts, random life

.PHONY: figures figures-write figures-check
figures: setup $(FIGURES_NEED) ## Measure the published figures and print their table
	@$(BIN)/python -m racklet_bench.figures $(FIGURES)

figures-write: setup $(FIGURES_NEED) ## Measure, and renew docs/reference/figures.json and .md
	@$(BIN)/python -m racklet_bench.figures --write $(FIGURES)

figures-check: setup $(FIGURES_NEED) ## Fail when an emulated figure is over 5 % worse than committed
	@$(BIN)/python -m racklet_bench.figures --check $(FIGURES)

.PHONY: gen gen-check
gen: setup $(GEN) ## Write the files that are generated and committed
gen-check: setup $(GEN_CHECK) ## Fail when a generated file is not what its source says

.PHONY: sizes
sizes: setup ## Lines per file in every room
	@$(BIN)/python .ci/sizes.py

# --- housekeeping ------------------------------------------------------------

.PHONY: lock clean clean-cache
lock: setup ## Renew uv.lock and requirements.txt
	@$(BIN)/uv lock --upgrade
	@$(BIN)/uv export --quiet --all-extras --all-groups --no-emit-project --format requirements-txt -o requirements.txt

clean: ## Remove what make built in this folder
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

clean-cache: ## Remove what make keeps in the user's cache
	rm -rf $(CACHE)
