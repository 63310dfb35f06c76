# Ordet fritt. Every target makes or updates .venv by itself; `make help` lists them.
CONTENT ?= content
OUTPUT ?= output
DATA ?= var
PORT ?= 8000
SERVER ?= /srv/ordetfritt
export CONTENT OUTPUT DATA PORT SERVER
# Commands and tests start many processes, each of which would else compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python
MAKEFLAGS += --no-print-directory

.PHONY: serve html publish rollback check new hook test lint bench screens clean help
.DEFAULT_GOAL := help

serve: .venv/run ## site, comments and desk on http://localhost:8000 (PORT=…), rebuilt as you write
	@deploy/npm/install
	@exec $(PYTHON) -m builder serve

html: .venv/run ## build the site for work into OUTPUT
	@$(PYTHON) -m builder html

publish: .venv/run ## build the site for production into OUTPUT
	@$(PYTHON) -m builder publish

check: export ARGS := $(ARGS)
check: .venv/run ## check the letters without building; ARGS=--json for programs, ARGS=FILE for one letter
	@$(PYTHON) -m builder check $${ARGS:+"$$ARGS"}

# The title as it was written: make would else read what follows a $ as a name of its own.
new: export LETTER_TITLE = $(value TITLE)
unexport TITLE
new: .venv/run ## begin a letter, as a draft: make new TITLE="…"
	@$(PYTHON) -m builder new -- "$$LETTER_TITLE"

hook: .venv/run ## have git check the letters of each commit before it is made
	@$(PYTHON) -m builder hook

rollback: .venv/run ## on the server SERVER: show readers the version before, or that of TO=commit
	@deploy/receive rollback "$$SERVER" "$(TO)"

test: .venv/test ## run every test; browser tests use Chromium
	@tests/browser/chromium.sh
	@tests/tools/install.sh
	@deploy/npm/install
	@$(PYTHON) -W error -m pytest

lint: .venv/test ## ruff and mypy
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

bench: .venv/test ## measure speed and size beside plain Pelican and plain Isso
	@tests/tools/install.sh
	@$(PYTHON) -m tests.bench

screens: .venv/test ## draw anew the pictures that tests compare pages with, and the README's
	@$(PYTHON) -m tests.browser.screens

clean: ## remove what the build made; DATA, and what else lies in OUTPUT, are kept
	@if [ -f "$$OUTPUT/.built" ]; then \
		(cd "$$OUTPUT" && tr '\n' '\0' <.built | xargs -0 rm -f -- .built) && find "$$OUTPUT" -type d -empty -delete; \
		rm -f "$$(dirname "$$OUTPUT")/.$$(basename "$$OUTPUT").lock"; \
	fi
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/run: requirements-build.lock requirements.lock
	@deploy/venv requirements.lock
	@touch $@

.venv/test: requirements-build.lock requirements-dev.lock
	@deploy/venv requirements-dev.lock
	@touch .venv/run $@
