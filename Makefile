# Everything is run from here; `make help` lists it. Written for GNU make 3.81.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run trying-out services services-stop reset test check lock format

# The data of the embedded services. Another directory is another instance,
# with data and ports of its own.
RUN_DIR ?= .run
export RUN_DIR

# Else each command would compile all packages anew.
unexport PYTHONDONTWRITEBYTECODE

UV_VERSION := 0.13.9
UV := .uv/bin/uv
PYTHON := .venv/bin/python
INSTALLED := .venv/.installed

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: trying-out $(INSTALLED) ## run everything on this machine, to try it out, until Ctrl-C
	@$(PYTHON) -m reconsite.embedded run

trying-out:
	@echo 'This is for trying out, not for real data: plain text on loopback, local accounts.'

services: $(INSTALLED) ## start the embedded services, migrated, with topics and schemas
	@$(PYTHON) -m reconsite.embedded start

services-stop: $(INSTALLED) ## stop the embedded services
	@$(PYTHON) -m reconsite.embedded stop

reset: $(INSTALLED) ## stop the embedded services and remove their data
	@$(PYTHON) -m reconsite.embedded reset

test: RUN_DIR := .run/test
test: $(INSTALLED) ## run all tests beside whatever runs; with ARGS, pytest alone gets them
	@$(PYTHON) -m reconsite.embedded test $(ARGS)

# The checks read the settings and need no service; makemigrations would warn of that.
SETTINGS := set -a; . ./.env.example; \
	DJANGO_SECRET_KEY=signs-nothing-for-it-is-known-to-everybody-who-reads-this

# $(call step,COMMAND): run it, and name it when it fails.
step = @printf '%s\n' '$(1)'; $(SETTINGS); .venv/bin/$(1) || \
	{ echo 'make check: `$(1)` failed.' >&2; exit 1; }

check: $(INSTALLED) ## check formatting, lint, types, imports, migrations, settings, dashboard
	$(call step,ruff check)
	$(call step,ruff format --check)
	$(call step,mypy .)
	$(call step,lint-imports)
	$(call step,python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run)
	$(call step,python manage.py check --deploy --fail-level WARNING)
	$(call step,python -m reconsite.embedded npm run --silent check)

format: $(INSTALLED) ## format the code and mend what can be mended
	@.venv/bin/ruff format
	@.venv/bin/ruff check --fix
	@$(PYTHON) -m reconsite.embedded npm run --silent format

COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate

lock: $(INSTALLED) ## pin anew what the requirements and the services need
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt
	$(PYTHON) -m reconsite.embedded.lock

$(INSTALLED): requirements-dev.txt $(UV)
	@test -x $(PYTHON) || $(UV) venv --quiet --python .uv/bin/python .venv
	@echo 'Packages: installing'
	@$(UV) pip sync --quiet --require-hashes --python $(PYTHON) requirements-dev.txt || { \
		echo 'The packages could not be installed (uv says why above): mend it, such as the network or the disk, and run make again.' >&2; \
		exit 1; }
	@touch $@

# uv has an environment of its own, for it removes from .venv what is not listed.
$(UV):
	@for python in python3 python3.14 python3.13 python3.12 python3.11 none; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	if test $$python = none; then \
		echo 'Python 3.11 or newer is needed and was not found: install it.' >&2; exit 1; \
	fi; \
	$$python -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$$python has no venv: install it (on Debian: apt install python3-venv)." >&2; \
		exit 1; }; \
	echo 'uv: installing'; \
	$$python -m venv --clear .uv && \
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) || { \
		rm -rf .uv; \
		echo 'uv could not be installed (pip says why above): mend it, such as the network or the disk, and run make again.' >&2; exit 1; }
