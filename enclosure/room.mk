# The enclosure: parametric parts, their checks and pictures, in an environment of its own.

ENCLOSURE_ENV := $(call env_of,enclosure,enclosure/requirements.txt)
ENCLOSURE_RUN := PYTHONPATH=enclosure $(ENCLOSURE_ENV)/bin/python

# Looked for each time: the cache may be older than the machine. Debian keeps ldconfig off the path
# of everybody but root.
.PHONY: enclosure-libraries
enclosure-libraries:
	@[ "$$(uname)" != Linux ] || { PATH="$$PATH:/sbin"; ldconfig -p | grep -q libGL.so.1 && ldconfig -p | grep -q libEGL.so.1; } || \
	  { echo "the CAD kernel and the pictures need libGL and libEGL: installing them"; \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends libgl1 libegl1 libgl1-mesa-dri >/dev/null; }

$(ENCLOSURE_ENV)/.ready: | enclosure-libraries
	@echo "setting up $(ENCLOSURE_ENV): CAD, meshes, pictures (1.5 GB, a minute or two, once)"
	@rm -rf $(ENCLOSURE_ENV)
	@$(PYTHON) -m venv $(ENCLOSURE_ENV)
	@$(ENCLOSURE_ENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r enclosure/requirements.txt
	@touch $@

.PHONY: enclosure enclosure-check enclosure-docs enclosure-lock
enclosure: $(ENCLOSURE_ENV)/.ready ## STEP, STL, rack, pictures, print list and checks in build/enclosure
	@$(ENCLOSURE_RUN) -m racklet_enclosure.build --checks --pictures

enclosure-check: $(ENCLOSURE_ENV)/.ready ## Enclosure: all checks, same bytes twice, and that each check can fail
	@$(ENCLOSURE_RUN) -m racklet_enclosure.build --checks --verify
	@PYTHONPATH=enclosure:enclosure/mutations $(ENCLOSURE_ENV)/bin/python -m pytest -q \
	  -p no:cacheprovider enclosure/mutations

enclosure-docs: $(ENCLOSURE_ENV)/.ready ## Renew figures and pictures in docs/enclosure
	@$(ENCLOSURE_RUN) -m racklet_enclosure.build --docs

enclosure-lock: setup ## Renew enclosure/requirements.txt
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header \
	  enclosure/requirements.in -o enclosure/requirements.txt

HEAVY += enclosure-check
