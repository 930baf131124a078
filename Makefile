# The only door. A bare `make` says what there is.
#
# Needs Python 3.11 or newer and make; everything else comes from requirements.lock into .venv.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
# What only benchmarks need lies beside the environment, so that nothing else ever imports it.
BENCH_READY := .venv/bench/ready
PROJECTS := shared services/telemarketing services/closing services/account services/handoff-bus deploy/local

# What `make test` and `make check` look at; t=path narrows the first.
t ?= tests
# How many processes share the tests. Most of them wait for servers of their own, so more than cores would fit, but the
# servers that the journeys start want the cores too.
w ?= 2
# pytest's exit code where t= leaves a half of `make test` nothing to run.
NO_TESTS := 5

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo

##@ Use
.PHONY: run demo token verify verify-chain
run: $(READY) ## start PostgreSQL, NATS and the four services; Ctrl-C stops everything
	@exec $(BIN)/conveyor run

demo: $(READY) ## play the golden quarter on the running system, or on a throwaway one
	@exec $(BIN)/conveyor demo

token: $(READY) ## role=head [employee=<id>] [hours=12]: print a bearer token of the local issuer
	@exec $(BIN)/conveyor token --role "$(role)" $(if $(employee),--employee "$(employee)") $(if $(hours),--hours "$(hours)")

# The verifier is a program of its own; only its token comes from here.
VERIFIER = CONVEYOR_TOKEN="$${CONVEYOR_TOKEN:-$$($(BIN)/conveyor token --role auditor)}" \
	$(BIN)/python -m verifier $(if $(service),--service "$(service)")

verify: $(READY) ## period=2026-09 [service=closing]: recompute a month's statements from their explanations
	@$(VERIFIER) --period "$(period)"

verify-chain: $(READY) ## [service=closing]: read the journals and hash their chains again
	@$(VERIFIER) --chain

##@ Check
.PHONY: test test-long check
test: $(READY) ## all tests but the long ones; t=tests/kit narrows, w=0 runs them in one process
	@$(BIN)/python -m pytest -m "not long and not alone" -n $(w) --dist worksteal $(t) || [ $$? -eq $(NO_TESTS) ]
	@$(BIN)/python -m pytest -m "alone and not long" $(t) || [ $$? -eq $(NO_TESTS) ]

test-long: $(READY) ## the tests that take more than a minute each; t= narrows
	@exec $(BIN)/python -m pytest -m long $(t)

check: $(READY) ## format, lint, types, import contracts, architecture, generated files fresh
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/architecture
	$(BIN)/python -m conveyor_local.generated --check

##@ Prove
.PHONY: bench fuzz
fuzz: $(READY) ## [k=mango] [n=100000]: so many spoiled deliveries of each kind of source
	@CONVEYOR_FUZZED_DELIVERIES="$(or $(n),100000)" exec $(BIN)/python -m pytest -m long -vv --durations=0 \
		$(if $(k),-k "[$(k)]") tests/handoff_bus/kinds/test_fuzzed_kinds.py $(if $(k),,tests/handoff_bus/kinds/test_fuzzed_door.py)

bench: $(READY) $(BENCH_READY) ## all benchmarks, or some: b="closing intake"; j=figures.json writes them too
	@exec $(BIN)/python -m bench $(b) $(if $(j),--json "$(j)")

.PHONY: faults
faults: $(READY) ## known faults (some: scenarios="poison, links"), then a quarter: seed=11 minutes=3 cluster=1 mutants=all
	@exec $(BIN)/python -m faults $(if $(seed)$(minutes)$(cluster)$(scenarios)$(mutants),,--scenarios) \
		$(if $(seed),--seed "$(seed)") $(if $(minutes),--minutes "$(minutes)") $(if $(cluster),--cluster) \
		$(if $(scenarios),--only "$(scenarios)") $(if $(mutants),--mutants "$(mutants)")

.PHONY: security
security: $(READY) ## intruders, leaks, fuzz, bandit, known vulnerabilities; long=1 [k=closing-head] fuzzes as every role
	@exec $(BIN)/python -m tests.security $(if $(long),--long) $(if $(k),--only "$(k)")

##@ Work
.PHONY: fix migration generate lock clean
fix: $(READY) ## format and repair what can be repaired safely
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migration: $(READY) ## s=closing m="add signed_at": an empty migration in the room's own branch
	@exec $(BIN)/conveyor migration --room "$(s)" --message "$(m)"

generate: $(READY) ## schemas, events document, API documents, NATS permissions
	$(BIN)/python -m conveyor_local.generated

COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url --quiet
lock: $(READY) ## requirements.in → requirements.lock, pinned and hashed; newer versions with u=1
	$(COMPILE) $(if $(u),--upgrade) --output-file requirements.lock requirements.in
	$(COMPILE) --constraint requirements.lock --output-file deploy/requirements.lock deploy/requirements.in
	$(COMPILE) --constraint requirements.lock --output-file bench/requirements.lock bench/requirements.in

clean: ## remove the local system's data, the environment and caches
	@PYTHONPATH=deploy/local $(PYTHON) -m conveyor_local.forget "$${CONVEYOR_HOME:-.conveyor}"
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .schemathesis

# The environment is made again when the lock or a distribution's description changed. uv, pinned with its hash in the
# lock, comes first by pip and installs the rest ten times faster; where uv cannot reach what pip is configured for,
# pip does it.
$(READY): requirements.lock $(PROJECTS:%=%/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit("Conveyor needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing requirements.lock into .venv …"
	@awk '/^uv==/ { take = 1 } take { print } take && !/\\$$/ { exit }' requirements.lock > .venv/uv.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps -r .venv/uv.txt
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes \
		-r requirements.lock \
		|| $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --no-index \
		$(PROJECTS:%=-e %)
	@touch $@

$(BENCH_READY): bench/requirements.lock $(READY)
	@echo "Installing bench/requirements.lock into .venv/bench …"
	@rm -rf $(@D)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --target $(@D) --require-hashes -r $< \
		|| $(BIN)/python -m pip --disable-pip-version-check install --quiet --target $(@D) --require-hashes --no-deps -r $<
	@touch $@
