# Everything a developer runs; plain `make` prints the list. Arguments go in ARGS:
#   make mock ARGS="--port 4011"     make test ARGS="-k deposits"

# The Python that .venv is made with; after that only .venv's own is used.
PYTHON ?= python3
ARGS ?=
CHAOS_SECONDS ?= 300
NAME ?= dispatch

BIN := .venv/bin
READY := .venv/.ready

# The options stand in no header of a lock, so that the locks say nothing about the machine.
# Settings of one's own pip are left out: another index would put its own hashes into the locks.
COMPILE = PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS= CUSTOM_COMPILE_COMMAND="make lock" \
	$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup run mock test test-long chaos check lint types spec-lint fuzz fuzz-ci fuzz-server fuzz-server-ci timing bench format lock node build wheel-check clean

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-14s %s\n' "$$name" "$$text"; \
	done

setup: $(READY) ## make .venv with everything that is needed, exactly as locked

# Redone only when a lock or pyproject.toml has changed.
$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "setup: Python 3.11 or newer is needed: make setup PYTHON=python3.11"; exit 1; }
	@echo "setup: .venv ($$($(PYTHON) --version))"
	@$(PYTHON) -m venv .venv
	@echo "setup: packages of requirements-dev.lock"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-dev.lock
	@echo "setup: wlink itself, editable"
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

run: setup ## start the server with a demo broker, on SQLite in .wlink/
	@$(BIN)/wlink db upgrade
	@$(BIN)/wlink demo
	@echo "The server answers on http://127.0.0.1:8000, its contract is at /docs. Try:"
	@echo "  curl http://127.0.0.1:8000/v1/auth/account/login -H 'Content-Type: application/json' \\"
	@echo "    -d '{\"email\": \"client@example.com\", \"password\": \"(the one above)\"}'"
	@$(BIN)/wlink serve --docs $(ARGS)

mock: setup ## start the mock server
	@$(BIN)/wlink mock $(ARGS)

test: setup ## run the tests
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

test-long: setup ## run the tests that take minutes: races, trading servers that fail, killed processes, models
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m long $(ARGS)

chaos: setup ## kill servers and workers for minutes while clients move money: make chaos CHAOS_SECONDS=300
	@CHAOS_SECONDS=$(CHAOS_SECONDS) $(BIN)/python -m pytest -s -m long tests/test_chaos.py $(ARGS)

check: lint types spec-lint test ## everything that must pass before a commit

lint: setup ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup ## mypy, strict
	@$(BIN)/mypy

spec-lint: setup ## the contract: Redocly, Spectral, and as TypeScript types
	@sh tools/spec-lint/run.sh

fuzz: setup ## Schemathesis on the mock: five seeds, 100 cases each (10 minutes)
	@$(BIN)/python tools/fuzz/run_mock.py $(ARGS)

fuzz-ci: setup ## the same with 8 cases each (3 minutes)
	@$(BIN)/python tools/fuzz/run_mock.py --examples 8 $(ARGS)

fuzz-server: setup ## Schemathesis on the real server, SQLite and PostgreSQL (10 minutes)
	@$(BIN)/python tools/fuzz/run_server.py $(ARGS)

fuzz-server-ci: setup ## the same with one seed and 30 cases each (1 minute)
	@$(BIN)/python tools/fuzz/run_server.py --seeds 1 --examples 30 $(ARGS)

timing: setup ## does the time of an answer tell who has an account (2 minutes)
	@$(BIN)/python tools/timing/run.py $(ARGS)

bench: setup ## run one benchmark: make bench NAME=dispatch (or api, messages, ledger, money, logins, mock, conformance, steering)
	@$(BIN)/python -m "benchmarks.$(NAME)" $(ARGS)

format: setup ## put the code into ruff's format and mend what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: setup ## compile the locks anew (ARGS=--upgrade: to the newest versions)
	@$(COMPILE) $(ARGS) --output-file requirements.lock pyproject.toml
	@$(COMPILE) $(ARGS) --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml
	@$(COMPILE) $(ARGS) --output-file tools/spec-lint/node.lock tools/spec-lint/node.in

node: setup ## put Node.js into .venv, for spec-lint on a machine without it
	@$(BIN)/python -m pip install -qq --require-hashes -r tools/spec-lint/node.lock

build: setup ## build the source archive and the wheel into dist/
	@$(BIN)/python -m build --no-isolation --outdir dist .

wheel-check: setup ## install the wheel into an environment of its own and start it
	@bash tools/check-wheel.sh

clean: ## remove everything that is made, .venv too
	@rm -rf .venv build dist tools/spec-lint/node_modules \
		.mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
