# Everything runs from .venv, made from the hash-pinned locks. Only Python 3.11+ and make are needed.
PYTHON ?= python3
BIN := .venv/bin
# Tests start hundreds of processes: each reads compiled modules instead of compiling them again.
unexport PYTHONDONTWRITEBYTECODE

# What runs on PostgreSQL as well on every commit: all that touches a database and does not take minutes of waiting there.
# The rest of it (make test-postgres) plays the loop again, kills the bot, presses every button; files of tests/storage
# that are not named look at PostgreSQL, or at both engines, whatever the run is for.
ON_POSTGRES := tests/storage/test_audit.py tests/storage/test_browse.py tests/storage/test_database.py \
	tests/storage/test_ledger.py tests/spine tests/services tests/proofs tests/handlers tests/e2e/test_commands.py
ALL_ON_POSTGRES := tests/storage tests/spine tests/services tests/proofs tests/handlers tests/e2e tests/kill

.PHONY: help setup demo run test test-postgres check format bench campaign screenshots messages diagrams rules lock clean

help:  ## say what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

.venv/run.stamp: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or newer is needed (try make PYTHON=python3.12)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "error: this Python has no venv (on Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/run.stamp  ## make .venv with what the bot needs

demo: .venv/run.stamp  ## play the whole thing on this machine, with no token
	$(BIN)/python -m bot demo $(ARGS)

run: .venv/run.stamp  ## run the bot (BOT_TOKEN in .env)
	$(BIN)/python -m bot run

test: .venv/dev.stamp  ## run every test, and those with a database on PostgreSQL too
	$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)
ifeq ($(ARGS),)
	$(BIN)/python -m pytest -n 4 --dist worksteal --engine postgres $(ON_POSTGRES)
endif

test-postgres: .venv/dev.stamp  ## run all there is to run on PostgreSQL
	$(BIN)/python -m pytest -n 4 --dist worksteal --engine postgres $(ALL_ON_POSTGRES) $(ARGS)

check: .venv/dev.stamp  ## format, lint, types, layers, tidy tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/tidy

format: .venv/dev.stamp  ## put the code into form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev.stamp  ## measure against stock libraries; writes build/bench.json
	$(BIN)/python -m tests.bench $(ARGS)

campaign: .venv/dev.stamp  ## the long form of the random and kill tests
	CAMPAIGN=1 $(BIN)/python -m pytest $(ARGS)
	CAMPAIGN=1 $(BIN)/python -m pytest --engine postgres $(or $(ARGS),$(ALL_ON_POSTGRES))

screenshots: .venv/dev.stamp  ## draw the pictures of the README again
	$(BIN)/python -m tests.screenshots

messages: .venv/dev.stamp  ## collect the texts into the catalogues
	$(BIN)/python -m tests.messages

diagrams: .venv/dev.stamp  ## write docs/conversations.md from the conversations' tables
	$(BIN)/python -m tests.conversations

rules: .venv/dev.stamp  ## write the rules of docs/EMULATOR.md from the rulebook
	$(BIN)/python -m tests.emulator.rulebook

lock: .venv/dev.stamp  ## pin the dependencies of pyproject.toml again
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -c requirements-dev.lock pyproject.toml -o requirements.lock

clean:  ## remove what make made
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache
