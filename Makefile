# Everything that is done to this repository. `make` alone lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PACKAGES := core db collector bot app

.DEFAULT_GOAL := help
.PHONY: help demo run test check bench soak format lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: system-demo $(VENV)/.runtime ## Try it: sandbox, MongoDB, bot and collector, nothing to configure
	@exec $(BIN)/telecrew demo

run: system-demo $(VENV)/.runtime ## Run the bot and the collector with the settings of .env
	@exec $(BIN)/telecrew run

test: system-test $(VENV)/.dev ## Pass the whole test suite
	$(BIN)/python -m pytest -n 5 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: $(VENV)/.dev ## Check format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: system-test $(VENV)/.dev ## Run the benchmarks and write bench/RESULTS.md
	$(BIN)/python -m bench

soak: system-test $(VENV)/.dev ## Try for over an hour what the service promises; write bench/SOAK.md
	$(BIN)/python -m bench.soak

format: $(VENV)/.dev ## Format the code and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.dev ## Pin the dependencies anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --extra dev --extra bench --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet --constraint requirements.lock \
		--output-file requirements-dev.lock

clean: ## Remove what was built; data and settings stay
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: system-demo system-test
system-demo:
	@PYTHON="$(PYTHON)" scripts/system-packages demo

system-test:
	@PYTHON="$(PYTHON)" scripts/system-packages test

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Telecrew needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
			"Name another one:  make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@test -e $(VENV)/.dev || { echo "Installing (a minute, once)" >&2; \
		$(PIP) install --require-hashes -r requirements.lock; }
	@test ! -e $(VENV)/.dev || $(MAKE) --no-print-directory $(VENV)/.dev
	@$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing (a minute, once)" >&2
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --editable .
	@touch $@ $(VENV)/.runtime
