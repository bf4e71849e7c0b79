# `make demo` and `make test` need nothing but Python 3.11 or newer and the package index:
# they make .venv themselves, and again whenever pyproject.toml changes.
# PYTHON=… names the interpreter; ARGS=… is handed to pytest.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTHON ?=
ARGS ?=

# A virtual environment holds absolute paths, so one that was moved or copied is made anew.
ifneq ($(shell cat $(VENV)/made-in 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/made-in
endif

.PHONY: demo test check format bench clean python
.DELETE_ON_ERROR:

demo: $(VENV)/ready
	$(BIN)/layerscope sample_images/wasteful.tar

test: $(VENV)/ready-dev
	$(BIN)/python -m pytest -n auto $(ARGS)

check: $(VENV)/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/ready-dev
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find layerscope tests sample_images benchmarks -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# Prints the interpreter that .venv is made with: the first that is new enough and can make one.
python:
	@for python in $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    found="$${found:-$$python}"; \
	    "$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
	    echo "$$python"; exit 0; \
	done; \
	if [ -n "$$found" ]; then \
	    echo "error: $$found cannot make virtual environments (it has no ensurepip)" >&2; \
	    echo "hint: on Debian or Ubuntu: apt-get install python3-venv; or name another: make PYTHON=…" >&2; \
	else \
	    echo "error: no Python 3.11 or newer found$(if $(PYTHON), at $(PYTHON))" >&2; \
	    echo "hint: install one, or name it: make PYTHON=/path/to/python3" >&2; \
	fi; exit 1

$(VENV)/made-in:
	@python="$$($(MAKE) --no-print-directory -s python)" && \
	echo "making $(VENV) with $$python" && \
	rm -rf $(VENV) && "$$python" -m venv $(VENV) && printf '%s\n' "$(CURDIR)" >$@

$(VENV)/ready: pyproject.toml $(VENV)/made-in
	@echo "installing layerscope into $(VENV)"
	@$(PIP) install --editable . && touch $@

$(VENV)/ready-dev: pyproject.toml $(VENV)/made-in
	@echo "installing layerscope and its development tools into $(VENV)"
	@$(PIP) install --editable '.[dev]' && touch $(VENV)/ready $@
