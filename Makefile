# authconform: `make demo` shows it, `make test` checks it, `make prove` proves it. Needs python3, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test prove lint sample bench-startup bench-revocation bench-timing real docs lock clean

demo: $(READY)
	@$(BIN)/authconform run --all-profiles --trials 1

test: $(READY) lint
	@$(BIN)/python -m pytest

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

prove: $(READY)
	@$(BIN)/authconform prove --out reports/matrix

bench-startup: $(READY)
	@$(BIN)/python -m compileall -q harness reference_server
	@$(BIN)/python tests/bench/startup.py

bench-revocation: $(READY)
	@$(BIN)/python tests/bench/revocation.py

bench-timing: $(READY)
	@PYTHONPATH=tests/harness $(BIN)/python tests/bench/timing.py

# the committed sample: rendered from its run file, which is made anew where it was removed
sample: $(READY) reports/sample/run.jsonl
	@rm -f $(filter-out %run.jsonl,$(wildcard reports/sample/*))
	@$(BIN)/authconform report reports/sample --html reports/sample/index.html --junit reports/sample/junit.xml \
	  --sarif reports/sample/authconform.sarif --github-summary reports/sample/summary.md

reports/sample/run.jsonl: | $(READY)
	@$(BIN)/authconform run bearer/presentation instance/scoping lifecycle/revocation/latency --profile originchain \
	  --fault cross-tenant-head --fault revocation-cached-8s --fault error-code-for-anonymous \
	  --seed 20261121 --trials 2 --out reports/sample; test $$? -eq 1
	@rm -r reports/sample/allure-results

# servers that others wrote, installed below tests/real/.cache from the package registries
real: $(READY)
	@$(BIN)/python tests/real/real.py

docs: $(READY)
	@$(BIN)/python tests/docs/generate.py

# uv makes the environment because a system Python may lack venv and refuse installs (PEP 668)
$(READY): pyproject.toml requirements.txt requirements-dev.txt
	@$(PYTHON) -m pip install -q --no-warn-script-location --target .boot 'uv==0.13.*' 2>.boot.log || { cat .boot.log; exit 1; }
	@rm -f .boot.log
	@test -x $(BIN)/python || PYTHONPATH=.boot $(PYTHON) -m uv venv -q --python $(PYTHON) $(VENV)
	@PYTHONPATH=.boot $(PYTHON) -m uv pip sync -q --compile-bytecode --python $(BIN)/python --require-hashes requirements.txt requirements-dev.txt
	@PYTHONPATH=.boot $(PYTHON) -m uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q harness reference_server
	@touch $@

lock: $(READY)
	@PYTHONPATH=.boot $(PYTHON) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.txt
	@PYTHONPATH=.boot $(PYTHON) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev -c requirements.txt -o requirements-dev.txt

clean:
	@rm -rf $(VENV) .boot .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
