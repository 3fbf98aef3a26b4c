# Edge Analytics: everything a person does with this repository. `make` lists it.
PYTHON ?= python3
# The tools are packages of their own; a search path from outside would be imported first.
RUN := PYTHONPATH=tools .venv/bin/python
SERVICES := edge-worker processor reporter infrastructure
ENVIRONMENT ?= dev
OPERATE = $(RUN) -m operate

export PATH := $(CURDIR)/.tools/bin:$(PATH)
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: ## Install what the project needs, into the project
	@$(PYTHON) tools/stack/setup/bootstrap.py

.PHONY: demo
demo: setup ## Send real questions through the whole pipeline and show the weekly report
	@$(RUN) -m stack.demo

.PHONY: local
local: setup ## Start the whole pipeline and keep it up until Ctrl-C (PORT=8787 to choose)
	@$(RUN) -m stack --port $(or $(PORT),0)

.PHONY: test
test: setup ## Run every test: lint, unit, service, infrastructure, stack
	@$(RUN) -m tests

.PHONY: cost
cost: ## What a month costs, and the limit of £0 (QUERIES= REGION= IDLE_POLLS= RATINGS= ITEM_BYTES= RATE= FORMAT=json)
	@$(MAKE) --no-print-directory setup >&2
	@$(RUN) -m cost cost $(if $(QUERIES),--exchanges $(QUERIES)) $(if $(REGION),--region $(REGION)) \
	  $(if $(IDLE_POLLS),--idle-polls $(IDLE_POLLS)) $(if $(RATINGS),--ratings $(RATINGS)) \
	  $(if $(ITEM_BYTES),--item-bytes $(ITEM_BYTES)) $(if $(RATE),--rate $(RATE)) $(if $(FORMAT),--format $(FORMAT))

.PHONY: simulate
simulate: ## How it copes with a day of traffic (PROFILE= QUERIES= INVALID_EVERY= OUTAGE_MINUTES= FORMAT=json)
	@$(MAKE) --no-print-directory setup >&2
	@$(RUN) -m cost simulate $(if $(PROFILE),--profile $(PROFILE)) $(if $(QUERIES),--exchanges $(QUERIES)) \
	  $(if $(INVALID_EVERY),--invalid-every $(INVALID_EVERY)) \
	  $(if $(OUTAGE_MINUTES),--outage-minutes $(OUTAGE_MINUTES)) $(if $(FORMAT),--format $(FORMAT))

.PHONY: bench
bench: setup ## Measure everything and leave build/bench.json (QUICK=1: fewer samples, under 3 minutes)
	@$(RUN) -m benchmarks $(if $(QUICK),--quick)

.PHONY: chaos
chaos: setup ## Let everything in the stack fail, and count what arrives (EVENTS=20000 SEED=1 MODE=stream|drain)
	@$(RUN) -m tests.chaos --events $(or $(EVENTS),20000) --seed $(or $(SEED),1) --mode $(or $(MODE),stream)

.PHONY: dlq redrive
dlq: ## Show the dead letters of ENVIRONMENT: since when, id, reason (BODIES=1: their text too)
	@$(MAKE) --no-print-directory -C processor dlq

redrive: ## Send dead letters back that would be accepted now (EVERYTHING=1: all)
	@$(MAKE) --no-print-directory -C processor redrive

.PHONY: rollback
rollback: ## Take a broken version of SERVICE=processor out of service (VERSION=n to choose which to go back to)
	@$(MAKE) --no-print-directory -C $(or $(SERVICE),processor) rollback

.PHONY: report
report: ## Write the report of WEEK=2026-W46 and SITE=… to files (default: the last week)
	@$(MAKE) --no-print-directory -C reporter report

.PHONY: contracts
contracts: ## Prove that every vendored contract equals its owner's copy
	@$(RUN) -m pytest -q tests/layout/test_contracts.py

.PHONY: workflows
workflows: ## Check what runs on GitHub
	@$(RUN) -m pytest -q tests/workflows/test_workflows.py tests/workflows/test_triggers.py

.PHONY: environment
environment: ## Install what operating needs, and no more
	@command -v uv >/dev/null && command -v terraform >/dev/null || $(PYTHON) tools/stack/setup/bootstrap.py
	@uv sync --quiet --locked --inexact --python $(PYTHON)

.PHONY: doctor
doctor: environment ## Say what is missing on this machine and in ENVIRONMENT (dev or prod) on AWS
	@$(OPERATE) doctor --environment $(ENVIRONMENT)

.PHONY: release
release: environment ## Deploy SERVICE=processor|reporter to ENVIRONMENT, test it, take it back if it fails
	@$(OPERATE) release $(SERVICE) --environment $(ENVIRONMENT)

.PHONY: export
export: environment ## Write exchanges to files (FROM=2026-11-01 TO=… FORMAT=parquet|csv|jsonl SITE=… DIRECTORY=… AGAIN=1)
	@$(OPERATE) export --environment $(ENVIRONMENT) $(if $(FROM),--from "$$FROM") $(if $(TO),--to "$$TO") \
		$(if $(FORMAT),--format "$$FORMAT") $(if $(SITE),--site "$$SITE") $(if $(DIRECTORY),--directory "$$DIRECTORY") \
		$(if $(AGAIN),--again)

.PHONY: query
query: environment ## Ask questions of what was exported (SQL="SELECT count(*) FROM exchanges" for your own)
	@$(OPERATE) query $(if $(SQL),"$$SQL") $(if $(DIRECTORY),--directory "$$DIRECTORY")

.PHONY: forget
forget: environment ## Erase a person's data (SESSION=… or VISITOR=…, SITE=…; DRY_RUN=1 looks, YES=1 does not ask)
	@$(OPERATE) forget --environment $(ENVIRONMENT) $(if $(SESSION),--session="$$SESSION") \
		$(if $(VISITOR),--visitor="$$VISITOR") $(if $(SITE),--site "$$SITE") $(if $(DRY_RUN),--dry-run) $(if $(YES),--yes)

.PHONY: practice
practice: setup ## Run an empty AWS on this machine, to follow docs/deploy.md against
	@$(RUN) -m operate practice

.PHONY: destroy
destroy: environment ## Take ENVIRONMENT down, and all that it holds (YES=1 does not ask)
	@$(OPERATE) destroy --environment $(ENVIRONMENT) $(if $(YES),--yes)

.PHONY: lint
lint: ## Check format, lint and types of what is not a service's own
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@MYPYPATH=tools .venv/bin/mypy tools tests

# For .pre-commit-config.yaml: a folder's own check, with the programs that `make setup` installed.
.PHONY: $(SERVICES:%=lint-%)
$(SERVICES:%=lint-%): lint-%:
	@$(MAKE) --no-print-directory -C $* lint

.PHONY: format
format: ## Format what is not a service's own
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

.PHONY: clean
clean: ## Remove everything that was generated or installed
	rm -rf build .tools .venv tools/stack/ministack/.venv .pytest_cache .mypy_cache .ruff_cache
	rm -rf $(foreach service,$(SERVICES),$(service)/build $(service)/.venv $(service)/.aws-sam)
	rm -rf edge-worker/node_modules edge-worker/runtime/node_modules edge-worker/python_modules
