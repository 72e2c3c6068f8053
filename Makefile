# lakebox: `make` alone prints the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: help demo up down test test-fast test-long check format bench pictures lock clean

help: ## print the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.venv/run: requirements.lock pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "lakebox needs Python 3.11 or 3.12 with venv (Debian: apt install python3.11-venv)" >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@echo "making the environment in .venv (the first time takes a minute or two)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@echo "archiving Spark's classes, so that it starts in half the time"
	@$(BIN)/python -m lakebox.spark.class_archive
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/run ## the whole flow on sample_data, embedded: no Docker, no Java
	@$(BIN)/lakebox demo

up: .venv/run ## start the stack on Docker, and wait until it is ready
	@$(BIN)/lakebox up

down: .venv/run ## stop the stack and keep its data
	@$(BIN)/lakebox down

test: .venv/dev ## all tests that this machine allows, but for the long ones
	@echo 'the tests of the stack run beside the others, and are shown at the end'; mkdir -p build; \
	{ docker info > /dev/null 2>&1 && docker compose build --quiet; $(PYTEST) -m "stack and not long"; } > build/stack-tests.log 2>&1 & stack=$$!; \
	$(PYTEST) -m "not stack and not long"; others=$$?; \
	wait $$stack; stack=$$?; cat build/stack-tests.log; exit $$((others ? others : stack))

test-fast: .venv/dev ## the inner loop, under 2 minutes
	$(PYTEST) -n 2 --dist loadfile -m "not long and not slow and not spark and not stack"

test-long: .venv/dev ## only the long ones: more crashes, more histories
	$(PYTEST) -m long

check: .venv/dev ## ruff, mypy, hadolint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -p catalog -p jobs -p lakebox
	@if [ -x $(BIN)/hadolint ]; then echo "$(BIN)/hadolint docker/*/Dockerfile" && $(BIN)/hadolint docker/*/Dockerfile; \
	else echo "hadolint has no package for this machine: Dockerfiles are not checked"; fi

format: .venv/dev ## put the code into ruff's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev ## measure: start-up, sample data, one million events against the plain version and DuckDB
	$(BIN)/python bench/run.py

pictures: .venv/dev ## draw the README's pictures anew, from a run of the demo
	$(BIN)/python docs/picture.py

lock: export UV_CUSTOM_COMPILE_COMMAND = make lock
lock: ## pin what pyproject.toml names, with hashes (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-strip-extras --group clients -o requirements-clients.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate -c requirements.lock docker/jupyter/requirements.in -o docker/jupyter/requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate docker/setup/requirements.in -o docker/setup/requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate docker/spark/requirements.in -o docker/spark/requirements.lock

clean: ## delete the environment and caches
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
