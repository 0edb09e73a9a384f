# Pieria. `make run` opens the studio (or, without a screen, makes a picture, a story and a project file in out/).
# `make test` passes the tests. Both make the environment in .venv first.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && \
  $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info < (3,14))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TEST_HOME := $(CURDIR)/build/test-home
# Tests run in as many processes as there are cores, four at most; JOBS=0 runs them in one. Their files are
# begun in the order of tests/conftest.py, the long ones first.
JOBS ?= $(shell n=$$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 1); [ $$n -gt 4 ] && echo 4 || echo $$n)

.PHONY: run setup system test check models test-models shots bench clean help

run: models                    ## open Pieria, or without a screen make one of each in out/
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then $(BIN)/studio; \
	else echo "No screen here: making a picture, a story and a project in out/"; $(BIN)/studio demo -o out; fi

setup: system $(STAMP)         ## make .venv with the studio command in it

system:
	@sh .ci/system-libraries

$(STAMP): pyproject.toml constraints.txt
	@[ -n "$(PYTHON)" ] || { echo "Pieria needs Python 3.11, 3.12 or 3.13; install one and run make again."; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: sudo apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade -c constraints.txt pip setuptools
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev,training]"
	@touch $@

models: setup                  ## fetch the default model packs
	@$(BIN)/studio models install --default

test-models: setup
	@PIERIA_HOME=$(TEST_HOME) $(BIN)/studio models install --default whisper-tiny-en hed blazepose

test: test-models              ## run every test
	QT_QPA_PLATFORM=offscreen PIERIA_TEST_HOME=$(TEST_HOME) $(BIN)/python -m pytest -n $(JOBS) --dist loadfile \
	  --no-loadscope-reorder $(PYTEST_ARGS)

check: setup                   ## lint, types, import arrows
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

shots: models                  ## render every screen with real content into build/shots/
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m studio.shots build/shots

bench: models                  ## measure; ratios and percentiles of one run
	@QT_QPA_PLATFORM=offscreen $(BIN)/studio bench

clean:                         ## remove .venv, build/ and out/
	rm -rf $(VENV) build out

help:                          ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14
