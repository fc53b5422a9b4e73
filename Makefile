# What people type: `make lab` to try it, `make test` to check it. Needs python 3.11 or newer and, on
# Debian, python3-venv; node comes from a wheel. Everything goes into .venv, an editable install:
# edited Python is live at the next start of a kernel or server, and an edited front end is built
# again by the next make.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help lab test setup chromium format clean

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
export PATH := $(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# folders too: theirs is the time at which a file was added or deleted
FRONT_END := $(shell find labextension/src labextension/style labextension/schema 2>/dev/null) $(wildcard labextension/*.json)
PACKAGING := pyproject.toml hatch_build.py $(wildcard jupyter-config/*.json) $(FRONT_END)
LABEXTENSION := $(VENV)/share/jupyter/labextensions/graph-ext
NODE_MODULES := labextension/node_modules/.package-lock.json
NPM := npm --prefix labextension

# run by `make test`, in this order; each is a target of its own, too
CHECKS := ruff ruff-format mypy lint-imports typecheck eslint prettier vitest pytest e2e
.PHONY: $(CHECKS)

help: ## show this
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

lab: $(VENV)/lab.stamp ## open JupyterLab on the quickstart; ARGS="--no-browser --port 8899" passes options on
	jupyter lab --ServerApp.root_dir=notebooks --LabApp.default_url=/lab/tree/quickstart.ipynb \
	  $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS)

# Runs every check even when one fails, so that one run shows all there is to mend; pytest and e2e come last.
test: setup ## run all tests, linters and type checks
	@failed=; \
	for check in $(CHECKS); do \
	  echo "== $$check"; $(MAKE) --no-print-directory $$check || failed="$$failed $$check"; \
	done; \
	[ -z "$$failed" ] || { echo "make test: failed:$$failed" >&2; exit 1; }

format: $(VENV)/test.stamp $(NODE_MODULES) ## format the sources, and fix what the linters can fix
	ruff check --quiet --fix --exit-zero
	ruff format --quiet
	-$(NPM) run --silent lint -- --fix
	$(NPM) run --silent format

clean: ## remove the environment and all that was built
	rm -rf $(VENV) labextension/node_modules labextension/lib graph_ext/labextension graph_ext/static
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist test-results

ruff:
	@ruff check
ruff-format:
	@ruff format --check
mypy:
	@mypy
lint-imports:
	@lint-imports
typecheck:
	@$(NPM) run --silent typecheck
eslint:
	@$(NPM) run --silent lint
prettier:
	@$(NPM) run --silent format:check
vitest:
	@$(NPM) run --silent test
# in several processes, file by file: much of the time is waiting. Browsers apart from the others,
# because playwright keeps a process's event loop to itself.
pytest:
	@pytest -n 3 --dist loadfile --ignore tests/e2e $(ARGS)
e2e:
	@pytest -n 2 --dist loadfile tests/e2e $(ARGS)

# --- the environment -------------------------------------------------------------------------------

setup: $(VENV)/test.stamp $(NODE_MODULES) chromium

$(BIN)/pip:
	@for python in $(PYTHON) python3.11 python3.12 python3.13 python3; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null \
	    || { echo "make: $$python cannot make virtual environments." \
	      "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; \
	  echo "Making $(VENV) with $$("$$python" --version)"; \
	  exec "$$python" -m venv $(VENV); \
	done; \
	echo "make: no python 3.11 or newer found; install one, or name it: make PYTHON=/path/to/python" >&2; \
	exit 1

# pip copies the built front end into $(LABEXTENSION). There a link takes its place, so that every
# later build is seen; it must not be there while pip writes, or pip would write through it.
define install
	@echo "Installing graph_ext[$(1)] into $(VENV): a few minutes the first time"
	@rm -rf $(LABEXTENSION); \
	pip install --quiet --quiet --editable '.[$(1)]'; status=$$?; \
	rm -rf $(LABEXTENSION); mkdir -p $(dir $(LABEXTENSION)); \
	ln -s ../../../../graph_ext/labextension $(LABEXTENSION); exit $$status
endef

$(VENV)/lab.stamp: $(PACKAGING) | $(BIN)/pip
	$(call install,lab)
	@touch $@

$(VENV)/test.stamp: $(PACKAGING) | $(BIN)/pip
	$(call install,dev)
	@touch $@ $(VENV)/lab.stamp

$(NODE_MODULES): labextension/package-lock.json | $(VENV)/test.stamp
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

chromium:
	@[ -x "$${CHROMIUM:-/usr/bin/chromium}" ] && exit; \
	if [ -z "$$CHROMIUM" ] && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing Debian's chromium"; \
	  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install \
	    --no-install-recommends chromium fonts-dejavu-core >/dev/null; \
	else \
	  echo "make: the browser tests need Chromium, and $${CHROMIUM:-/usr/bin/chromium} is missing." \
	    "As root on Debian: apt-get install chromium fonts-dejavu-core; anywhere else:" \
	    "CHROMIUM=/path/to/chromium make test" >&2; exit 1; \
	fi
