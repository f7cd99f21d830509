# What can be done here: `make` lists it. Everything is installed into .venv and writes below var/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo up down check test test-long _format _lint _types _quick

BIN := .venv/bin
INSTALLED := .venv/.landbuch-installed
PACKAGES := contracts sdk services/ledger services/agreements services/reporting deploy/local
QUICK := tests/tidy tests/unit
TIERS := tests/contract tests/integration tests/web tests/simulation tests/cluster tests/durability
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install
# The parts of `check` run side by side; their output stays whole where make can hold it back.
SIDE_BY_SIDE := $(MAKE) --no-print-directory --keep-going -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

help: ## List what can be done here
	@awk 'BEGIN { FS = ":.*## " } /^[a-z][a-z-]*:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## Run the real decisions of four cantons through a fresh local stack and replay them (uses var/demo)
	@$(BIN)/landbuch demo

up: $(INSTALLED) ## Start the local stack: NATS, PostgreSQL, ledger, agreements, reporting
	@$(BIN)/landbuch up

down: $(INSTALLED) ## Stop the local stack
	@$(BIN)/landbuch down

check: $(INSTALLED) ## Check format, lint, types, the house rules and the unit tests
	@$(SIDE_BY_SIDE) _format _lint _types _quick

test: check ## Run every test with small seeded counts
	@$(BIN)/pytest $(TIERS)

test-long: ## Run every test with full counts
	@LANDBUCH_TEST_COUNTS=full $(MAKE) --no-print-directory test

_types:
	@$(BIN)/mypy

_quick:
	@$(BIN)/pytest $(QUICK)

_format:
	@$(BIN)/ruff format --check .

_lint:
	@$(BIN)/ruff check --quiet --output-format concise .

# Two steps: pip refuses editable packages beside hashes. The second builds with what the first installed, so nothing
# is fetched that the lock does not pin. A failed install shows its log.
$(INSTALLED): requirements-dev.lock $(PACKAGES:%=%/pyproject.toml)
	@mkdir -p var
	@echo "Installing into .venv; about a minute, log in var/install.log"
	@for python in python3.11 python3; do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	    python=; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Landbuch needs Python 3.11 or newer; neither python3.11 nor python3 on the path is." >&2; exit 1; \
	fi; \
	if { [ -x $(BIN)/python ] || $$python -m venv --clear .venv; } >var/install.log 2>&1 && \
	    $(PIP) --require-hashes -r requirements-dev.lock >>var/install.log 2>&1 && \
	    $(PIP) --no-deps --no-build-isolation $(PACKAGES:%=-e ./%) >>var/install.log 2>&1; \
	then touch $@; \
	else cat var/install.log >&2; echo "The installation failed; its log is above and in var/install.log." >&2; exit 1; fi
