# Two commands need nothing but Python 3.11 and make: `make run` and `make test`.
# They bring along what is missing, and skip what is there.
.DEFAULT_GOAL := help
PYTHON ?= python3
TESTS ?= tests
BIN := .venv/bin

help: ## Show this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ready ## Install what is missing, build the pages, and serve SoSa on one port
	@exec $(BIN)/python -m deploy.monolith

demo: ready ## Fill the rooms with a crowd of bots that talk; starts SoSa if it does not run
	@exec $(BIN)/python -m deploy.demo

# Two processes, each with its half of the tests (tests/conftest.py): alone, one mostly waits.
HALVES := -n 2 --dist loadgroup

# Coverage is `make check`'s: its tracer makes the tests take half as long again.
test: readytest ## Install what tests need (Chromium, PostgreSQL) and run them all
	@$(BIN)/python -m deploy.building
	@$(BIN)/python -m pytest $(HALVES) $(TESTS)

check: readytest ## What must be green before a push: format, lint, types, imports, tests, coverage
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m deploy.building
	$(BIN)/python -m pytest $(HALVES) --cov

metal: readytest ## Boot two machines in containers, as root; accept and operate what they run
	@$(BIN)/python -m deploy.building
	@$(BIN)/python -m pytest -m metal

bench: readytest ## Measure fan-out, calls, checks, sign-in and proofs, each against something in the same run
	@$(BIN)/python -m bench.fanout
	@$(BIN)/python -m bench.channels
	@$(BIN)/python -m bench.calls
	@$(BIN)/python -m bench.entrance
	@$(BIN)/python -m bench.checks
	@$(BIN)/python -m bench.signing_in
	@$(BIN)/python -m bench.browser

parity: readytest ## Ask every shape the same questions, and write docs/parity.md
	@$(BIN)/python -m tests.parity

fix: readytest ## Format, and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

LOCK := UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url --no-emit-find-links

lock: readytest ## Pin every dependency anew, with hashes and without addresses
	$(LOCK) pyproject.toml --output-file requirements/run.txt
	$(LOCK) pyproject.toml --group dev --constraints requirements/run.txt --output-file requirements/dev.txt
	$(LOCK) requirements/functions.in --constraints requirements/run.txt --output-file requirements/functions.txt
	$(LOCK) --group tools --output-file requirements/tools.txt
	$(LOCK) --group ansible --output-file requirements/ansible.txt
	$(LOCK) requirements/aws.in --output-file requirements/aws.txt

clean: ## Remove what was built and installed; .data, which is yours, stays
	rm -rf .venv .venv-ansible .venv-aws .tools .build .web .states .coverage* .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results

ready: haspython
	@$(PYTHON) deploy/bootstrap.py run

readytest: haspython
	@$(PYTHON) deploy/bootstrap.py test

haspython:
	@command -v $(PYTHON) >/dev/null || { echo "SoSa needs Python 3.11 or newer: please install python3."; exit 1; }

.PHONY: help run demo test check metal bench parity fix lock clean ready readytest haspython
