# make run and make test are all that a newcomer needs; both set up .venv first, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PIP := -m pip install -qq --disable-pip-version-check
RUN := runs/quickstart

.PHONY: help run test test-faults test-real-model lint format diagrams bench bench-killed bench-graph bench-sampling bench-real-model bench-backends pins clean

help:
	@echo "make run          20 trajectories in $(RUN), offline"
	@echo "make test         lint, type check and all tests"
	@echo "make test-faults  kill whole runs 200 times, damage their files, fill their disk; half an hour"
	@echo "make test-real-model BASE_URL=...  the tests that need a model server"
	@echo "make lint         lint and type check"
	@echo "make format       format the code, mend what ruff can mend"
	@echo "make diagrams     draw the state machines in ARCHITECTURE.md anew"
	@echo "make bench        measure runs: speed, efficiency, size; ten minutes; writes docs/benchmarks.md"
	@echo "make bench-killed  kill a run of 5,000 trajectories ten times and verify it; an hour; writes docs/benchmarks.md"
	@echo "make bench-graph  measure what discovery finds of the worlds' dependencies; writes docs/benchmarks.md"
	@echo "make bench-sampling  measure the sampler: size, reach, policies; half an hour; writes docs/benchmarks.md"
	@echo "make bench-real-model  compare hints with blind retries, with a model; hours, goes on where it was; writes docs/benchmarks.md"
	@echo "make bench-backends  measure what a model client costs, beside others; twelve minutes; writes docs/benchmarks.md"
	@echo "make pins         write the newest allowed versions into constraints.txt"
	@echo "make clean        remove the environment and all caches; runs/ stays"

# bfcl-eval goes without its dependencies: they are 6 GB, and its eight environments need none but mpmath. So pip would
# find it broken whenever something else is installed, hence --no-warn-conflicts.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("fr-agents needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "setting up $(VENV): once, about a minute ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP) --no-warn-conflicts -c constraints.txt -e '.[dev]'
	@$(BIN)/python $(PIP) --no-deps bfcl-eval==2026.3.23 mpmath==1.3.0
	@touch $@

run: $(INSTALLED)
	@if [ -e $(RUN)/run.yaml ]; then \
	    echo "$(RUN) exists already, so this goes on with it. For a new run, remove that folder first."; \
	    $(BIN)/fr-agents resume $(RUN); \
	else \
	    $(BIN)/fr-agents run configs/quickstart.yaml --output $(RUN); \
	fi
	@command -v fr-agents > /dev/null || echo "To have the command at hand: source $(BIN)/activate"

test: lint
	$(BIN)/pytest -q -n auto --maxprocesses 4

test-faults: $(INSTALLED)
	FR_AGENTS_KILLS=$${FR_AGENTS_KILLS:-200} $(BIN)/pytest -q -n auto --maxprocesses 4 tests/fr_agents/survival

test-real-model: $(INSTALLED)
	@test -n "$(BASE_URL)" || { echo "Name the server: make test-real-model BASE_URL=http://127.0.0.1:8092/v1"; exit 2; }
	FR_AGENTS_BASE_URL=$(BASE_URL) $(BIN)/pytest -q -m real_model

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

diagrams: $(INSTALLED)
	$(BIN)/python docs/diagrams.py

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.throughput --write --output runs/throughput.json

bench-killed: $(INSTALLED)
	$(BIN)/python -m benchmarks.killed --write

bench-graph: $(INSTALLED)
	$(BIN)/python -m benchmarks.graph --write

bench-sampling: $(INSTALLED)
	$(BIN)/python -m benchmarks.sampling --write > /dev/null

bench-real-model: $(INSTALLED)
	$(BIN)/python -m benchmarks.real_model --write

bench-backends: $(INSTALLED)
	$(BIN)/python -m benchmarks.backends --write

pins:
	rm -rf $(VENV).tmp
	$(PYTHON) -m venv $(VENV).tmp
	$(VENV).tmp/bin/python $(PIP) -e '.[dev]' mpmath==1.3.0
	{ sed -n '/^#/p' constraints.txt; $(VENV).tmp/bin/python -m pip freeze --exclude-editable; } > constraints.txt.tmp
	mv constraints.txt.tmp constraints.txt
	rm -rf $(VENV).tmp

clean:
	rm -rf $(VENV) $(VENV).tmp .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find fr_agents graphs envs tools tests docs -name __pycache__ -prune -exec rm -rf {} +
