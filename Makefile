# `make` lists the targets. A fresh machine needs Python 3.11, make and a package registry; `make test` does the rest.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PYTEST_ARGS ?=
DEMO ?= scripts/demo

VENV := .venv
BIN := $(VENV)/bin
RUN_VENV := .venv-run
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-input
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export UV_NO_PROGRESS := 1

.DEFAULT_GOAL := help
.PHONY: help setup postgresql mariadb axe test bench check lint format types mypy pyright layers demo wheel lock upgrade clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.project ## make .venv with everything that developing needs

$(VENV)/.python:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Troth needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.requirements: requirements/dev.txt $(VENV)/.python
	$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.project: pyproject.toml $(VENV)/.requirements
	$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

postgresql: setup ## make sure that a PostgreSQL server is there for the tests
	@scripts/ensure-postgresql $(VENV)

mariadb: setup ## make sure that a MariaDB server is there for the tests, where the machine can have one
	@scripts/ensure-mariadb $(VENV)

axe: ## fetch what pages are held against, where npm is there
	@scripts/ensure-axe

test: postgresql mariadb axe ## set everything up, then run every test (PYTEST_ARGS adds options)
	$(BIN)/pytest --numprocesses auto --dist loadgroup $(PYTEST_ARGS)

bench: setup postgresql ## ours beside the floor, on PostgreSQL; writes benchmarks/results.json
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m benchmarks $(BENCH_ARGS)

check: lint types layers test ## what continuous integration runs

lint: setup ## ruff: rules and form
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup ## let ruff correct what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: mypy pyright ## mypy and pyright

mypy pyright: setup
	$(BIN)/$@

layers: setup ## who may import whom
	$(BIN)/lint-imports

demo: $(RUN_VENV)/.project ## set up what running needs, then show it at work
	PATH="$(CURDIR)/$(RUN_VENV)/bin:$$PATH" $(DEMO)

$(RUN_VENV)/.project: requirements/run.txt pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Troth needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	test -x $(RUN_VENV)/bin/python || $(PYTHON) -m venv $(RUN_VENV)
	$(RUN_VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/run.txt
	$(RUN_VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

wheel: setup ## build dist/troth-*.whl
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

lock: $(VENV)/bin/uv ## write requirements/*.txt anew, keeping versions that still fit
	$(BIN)/$(LOCK) $(LOCK_ARGS) --extra postgresql --extra mysql -o requirements/run.txt pyproject.toml requirements/run.in
	$(BIN)/$(LOCK) $(LOCK_ARGS) --extra postgresql --extra mysql -o requirements/dev.txt -c requirements/run.txt \
		pyproject.toml requirements/run.in requirements/dev.in
	$(BIN)/$(LOCK) $(LOCK_ARGS) -o requirements/server.txt -c requirements/dev.txt requirements/server.in

upgrade: ## as lock, with the newest versions
	$(MAKE) lock LOCK_ARGS=--upgrade

$(VENV)/bin/uv: $(VENV)/.python
	$(BIN)/python $(PIP_INSTALL) uv

clean: ## remove what these targets made
	rm -rf $(VENV) $(RUN_VENV) build dist .coverage .grimp_cache .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
