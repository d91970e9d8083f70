# Everything from a bare clone: `make run` serves, `make test` checks. Each step does only what changed inputs ask for.
PY := .venv/bin/python
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export PYTHONWARNINGS := ignore::DeprecationWarning
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: run test check setup train tune evaluate evaluate-compare bench load doctor lock clean help
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
	@bin/browser > /dev/null
	$(PY) -m pytest -n 2 --dist loadfile

tune: setup  ## the encoder, if its messages changed: over an hour, and then calibrate
	$(PY) -m bot tune

evaluate: train  ## measure understanding on all sets; kept under var/evaluation/
	$(PY) -m bot evaluate

evaluate-compare:  ## two kept evaluations side by side: make evaluate-compare A=folder B=folder
	$(PY) -m bot evaluate-compare $(A) $(B)

bench: train  ## figures of speed and memory that anyone can repeat
	$(PY) -m bot bench

load: train  ## 200 residents and a clerk at the service for two minutes: LOAD_SESSIONS=200 LOAD_SECONDS=120
	@$(PY) -m tests.load

doctor:  ## is everything set up: what the service needs, each channel's settings; says what is amiss
	@$(PY) -m bot doctor

lock:  ## bring requirements.lock in line with pyproject.toml, other pins kept (needs uv)
	tail -n +2 requirements.lock > requirements.lock.txt
	uv pip compile pyproject.toml --extra dev --python-version 3.10 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --quiet -o requirements.lock.txt
	{ echo "# Locked dependencies with hashes. Made by 'make lock' from pyproject.toml; do not edit."; \
	  cat requirements.lock.txt; } > requirements.lock
	rm requirements.lock.txt

clean:  ## forget everything that was made
	rm -rf .venv var .rasa

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile
