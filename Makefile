# Everything from a bare clone: `make run` serves, `make test` checks. Each step does only what changed inputs ask for.
PY := .venv/bin/python
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export PYTHONWARNINGS := ignore::DeprecationWarning
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: run test check setup train evaluate bench lock clean help
.NOTPARALLEL:

run: train  ## set up, build, train as needed, then serve on http://127.0.0.1:8000
	exec $(PY) -m api --host $(HOST) --port $(PORT)

setup:  ## environment and knowledge base
	@bin/environment
	@$(PY) -m knowledge build

train: setup  ## the Rasa model, if its data or configuration changed
	@$(PY) -m bot train

check: setup  ## linters and types alone
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

test: train check  ## linters, types and the whole test suite
	$(PY) -m pytest

lock:  ## renew requirements.lock from pyproject.toml (needs uv)
	{ echo "# Locked dependencies with hashes. Made by 'make lock' from pyproject.toml; do not edit."; \
	  uv pip compile pyproject.toml --extra dev --python-version 3.10 --generate-hashes --no-emit-index-url \
	     --no-header --no-annotate; } > requirements.lock.new
	mv requirements.lock.new requirements.lock

clean:  ## forget everything that was made
	rm -rf .venv var .rasa

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile
