# Every target says what it does: `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
ONLY ?=

.DEFAULT_GOAL := help
.PHONY: help install demo run test browser lint format lock openapi migration bench-main-job bench-duress bench-import bench-rotation bench-fresh-clone bench-backup bench-accounts clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

$(VENV)/product: requirements.lock pyproject.toml
	@echo "Installing into $(VENV), once: about a minute."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/development: requirements-dev.lock pyproject.toml $(VENV)/product
	@echo "Installing what the tests need: about half a minute."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/product ## the product in .venv, without the tools of its tests

demo: $(VENV)/product ## a day of field visits against a real server; EXIT=1 ends after the story
	@$(BIN)/python -m server.demo $(if $(EXIT),--exit)

run: $(VENV)/product ## serve without the story, on SQLite in ./var
	@$(BIN)/vouchsafe run

test: $(VENV)/development ## every test, on SQLite and on a PostgreSQL of its own
	@$(MAKE) -s browser || echo "Without Chromium the tests of the pages are skipped."
	@$(MAKE) -s node || echo "Without npm the check of a TypeScript client is skipped."
	@$(BIN)/python -m pytest -n 2 $(ONLY)

browser: ## Chromium for the tests of the pages, from Debian's packages
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; \
	else echo "There is no Chromium, and only root can install it: apt-get install chromium" >&2; exit 1; fi >/dev/null

.PHONY: node
node: ## Node and npm for the check of a TypeScript client, from Debian's packages
	@if command -v node && command -v npm; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nodejs npm; \
	else echo "There is no npm, and only root can install it: apt-get install nodejs npm" >&2; exit 1; fi >/dev/null

lint: $(VENV)/development ## ruff, mypy strict, layers, sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -p no:randomly tests/contract/test_house.py

format: $(VENV)/development ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/development ## resolve both lock files anew, hashes but no addresses
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header -q --extra dev --extra otel -c requirements.lock -o requirements-dev.lock pyproject.toml

openapi: $(VENV)/product ## write api_spec/openapi.json from the code
	$(BIN)/python -m api_spec.build

bench-main-job: $(VENV)/development ## figures of the main job, one JSON line each
	$(BIN)/python -m bench.main_job

bench-duress: $(VENV)/development ## whether a duress PIN can be told from the ordinary one; CALLS=200 for a try
	$(BIN)/python -m bench.duress $(if $(CALLS),--calls $(CALLS) --try)

bench-import: $(VENV)/development ## figures of a large import, on both databases
	$(BIN)/python -m bench.imports

bench-rotation: $(VENV)/development ## keys rotated over 100,000 borrowers, killed and resumed; BORROWERS=1000 for a try
	$(BIN)/python -m bench.rotation $(if $(BORROWERS),--borrowers $(BORROWERS))

bench-fresh-clone: $(VENV)/development ## times of make install, demo and test from a fresh clone
	$(BIN)/python -m bench.fresh_clone

bench-accounts: $(VENV)/development ## refresh families under fire and the walk over all routes, in figures
	$(BIN)/python -m bench.accounts

.PHONY: bench-bad-input
bench-bad-input: $(VENV)/development ## bad input to every operation: answers and stored rows, in figures
	$(BIN)/python -m bench.bad_input

bench-backup: $(VENV)/development ## a backup taken under load, restored elsewhere, in figures
	$(BIN)/python -m bench.backup

.PHONY: bench-streams
bench-streams: $(VENV)/development ## what fifty open event streams cost everybody else, on both databases
	$(BIN)/python -m bench.streams

.PHONY: bench-footprint
bench-footprint: $(VENV)/development ## memory and connections of each process, on PostgreSQL
	$(BIN)/python -m bench.footprint

.PHONY: figures
figures: $(VENV)/product ## write the newest figures into docs/performance.md
	$(BIN)/python -m bench.tables

$(VENV)/bench: Makefile
	@$(PIP) install --target $@ --no-deps --upgrade gunicorn==27.0.1 packaging==26.4 granian==2.8.9
	@touch $@

.PHONY: bench-servers
bench-servers: $(VENV)/development $(VENV)/bench ## our web server beside gunicorn and granian, which only this target installs
	$(BIN)/python -m bench.servers

.PHONY: bench-check-in
bench-check-in: $(VENV)/development ## check-ins a second on PostgreSQL, and how long one takes; TRY="--try --check-ins 300" for a try
	$(BIN)/python -m bench.check_in $(TRY)

.PHONY: bench-schemathesis
bench-schemathesis: $(VENV)/development ## schemathesis over all operations, EXAMPLES=50 each
	$(BIN)/python -m bench.schemathesis

clean: ## remove what the targets made
	rm -rf $(VENV) var build .pytest_cache .mypy_cache .ruff_cache
