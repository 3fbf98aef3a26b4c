# Edge Analytics: everything a person does with this repository. `make` lists it.
PYTHON ?= python3
ENVIRONMENT ?= dev
SERVICE ?= processor

# What users may say on the command line. Nothing of it is spliced into a recipe: each reaches its program through the
# environment, as it was typed, `$` and quotes included.
VARIABLES := PYTHON UPSTREAM ENVIRONMENT SERVICE CANARY PORT CSV BODIES EVERYTHING WAIT VERSION WEEK SITE FORCE FROM TO FORMAT DIRECTORY AGAIN SQL \
	SESSION VISITOR DRY_RUN YES QUERIES REGION IDLE_POLLS RATINGS ITEM_BYTES RATE PROFILE INVALID_EVERY OUTAGE_MINUTES \
	TOPIC CSV QUICK EVENTS SEED MODE CANARY ANSWERS PRACTICE FILE COLLECTOR BUILT
$(foreach name,$(VARIABLES),$(if $(filter undefined,$(origin $(name))),,$(eval override $(name) := $$(value $(name)))$(eval export $(name))))
# make gives programs whatever else was said on its command line, and would expand it before.
$(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(eval override $(name) := $$(value $(name)))))

# The tools are packages of their own; a search path from outside would be imported first.
# `exec`, so that a signal that make passes on reaches the program and not a shell before it.
override RUN := exec env PYTHONPATH=tools .venv/bin/python tools/run.py
override OPERATE := $(RUN) -m operate
override SETUP := "$$PYTHON" -E -X utf8 tools/stack/setup/bootstrap.py
override SERVICES := edge-worker processor reporter infrastructure
# --name="$$NAME" where the variable is given, and --name where it is a switch that is on.
override option = $(if $($1),--$2="$$$1")
override switch = $(if $($1),--$2)

export PATH := $(CURDIR)/.tools/bin:$(PATH)
export UV_PYTHON_DOWNLOADS := never
# In any locale, text is UTF-8.
export PYTHONUTF8 := 1
unexport PYTHONIOENCODING PYTHONHOME PYTHONWARNINGS

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z][a-z-]*:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

##@ Try it

.PHONY: setup
setup: ## Install what the project needs, into the project
	@$(SETUP)

.PHONY: demo
demo: setup ## Send real questions through the whole pipeline and show the weekly report
	@$(RUN) -m stack.demo

.PHONY: local
local: setup ## Start the whole pipeline and keep it up until Ctrl-C (PORT=8787 UPSTREAM=http://your-chatbot)
	@$(RUN) -m stack $(call option,PORT,port) $(call option,UPSTREAM,upstream)

.PHONY: practice
practice: setup ## Run an empty AWS on this machine, to follow docs/deploy.md against
	@$(RUN) -m operate practice

##@ Develop

.PHONY: test
test: setup ## Run every test: lint, unit, service, infrastructure, stack
	@$(RUN) -m tests

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

.PHONY: contracts
contracts: development ## Prove that every vendored contract equals its owner's copy
	@$(RUN) -m pytest -q tests/layout/test_contracts.py

.PHONY: workflows
workflows: development ## Check what runs on GitHub
	@$(RUN) -m pytest -q tests/workflows

.PHONY: cost
cost: ## What a month costs, and the limit of £0 (QUERIES= REGION= IDLE_POLLS= RATINGS= ITEM_BYTES= RATE= FORMAT=json)
	@$(SETUP) >&2
	@echo "reading what is deployed; half a minute after a change of the infrastructure ..." >&2
	@$(RUN) -m cost cost $(call option,QUERIES,exchanges) $(call option,REGION,region) \
	  $(call option,IDLE_POLLS,idle-polls) $(call option,RATINGS,ratings) $(call option,ITEM_BYTES,item-bytes) \
	  $(call option,RATE,rate) $(call option,FORMAT,format)

.PHONY: simulate
simulate: ## How it copes with a day of traffic (PROFILE= QUERIES= INVALID_EVERY= OUTAGE_MINUTES= FORMAT=json)
	@$(SETUP) >&2
	@echo "reading what is deployed; half a minute after a change of the infrastructure ..." >&2
	@$(RUN) -m cost simulate $(call option,PROFILE,profile) $(call option,QUERIES,exchanges) \
	  $(call option,INVALID_EVERY,invalid-every) $(call option,OUTAGE_MINUTES,outage-minutes) $(call option,FORMAT,format)

.PHONY: bench
bench: setup ## Measure everything and leave build/bench.json (QUICK=1: fewer samples, under 3 minutes)
	@$(RUN) -m benchmarks $(call switch,QUICK,quick)

.PHONY: chaos
chaos: setup ## Let everything in the stack fail, and count what arrives (EVENTS=20000 SEED=1 MODE=stream|drain)
	@$(RUN) -m tests.chaos $(call option,EVENTS,events) $(call option,SEED,seed) $(call option,MODE,mode)

.PHONY: clean
clean: ## Remove everything that was generated or installed, and no state, answers or receipts
	rm -rf .tools .venv $(addsuffix /.venv,tools/stack/ministack $(SERVICES)) infrastructure/.venv-scan
	rm -rf $(foreach place,. $(SERVICES),$(addprefix $(place)/,build .aws-sam .wrangler .hypothesis .pytest_cache .mypy_cache .ruff_cache))
	rm -rf edge-worker/node_modules edge-worker/runtime/node_modules edge-worker/python_modules
	rm -rf infrastructure/workspaces/*/.terraform infrastructure/workspaces/*/.terraform.tfstate.lock.info
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

##@ Operate what is deployed (ENVIRONMENT=dev|prod)

.PHONY: environment
environment: ## Install what operating needs, and no more
	@command -v uv >/dev/null && command -v npm >/dev/null && command -v terraform >/dev/null || $(SETUP) --operate
	@uv sync --quiet --locked --inexact --no-dev --python "$$PYTHON"

# What checks need that need no service.
.PHONY: development
development:
	@command -v uv >/dev/null || $(SETUP)
	@uv sync --quiet --locked --inexact --python "$$PYTHON"

.PHONY: up
up: $(if $(or $(PRACTICE),$(AWS_ENDPOINT_URL)),setup,environment) ## From nothing to the first report, or on from there (PRACTICE=1: on this machine; YES=1 ANSWERS=file)
	@$(OPERATE) up $(call option,ENVIRONMENT,environment) $(call option,ANSWERS,answers) $(call switch,YES,yes) \
	  $(call switch,PRACTICE,practice)

.PHONY: doctor
doctor: environment ## Say what is missing on this machine and in ENVIRONMENT on AWS
	@$(OPERATE) doctor $(call option,ENVIRONMENT,environment)

.PHONY: build
build: environment ## Build SERVICE=processor|reporter for `make release BUILT=yes`, which installs nothing
	@$(OPERATE) build $(call option,ENVIRONMENT,environment) $(call option,SERVICE,service)

.PHONY: release
release: $(if $(BUILT),,environment) ## Deploy SERVICE=processor|reporter, test it, roll it back if it fails (CANARY=no: all traffic at once)
	@$(OPERATE) release $(call option,ENVIRONMENT,environment) $(call option,SERVICE,service) $(call option,CANARY,canary) \
	  $(call switch,BUILT,built)

.PHONY: rollback
rollback: environment ## Take a broken version of SERVICE=processor|reporter out of service (VERSION=n: go back to that one)
	@$(OPERATE) rollback $(call option,ENVIRONMENT,environment) $(call option,SERVICE,service) $(call option,VERSION,version)

.PHONY: dlq
dlq: environment ## List the dead-letter queue: since when, id, reason (BODIES=1: the messages' text too)
	@$(OPERATE) dlq $(call option,ENVIRONMENT,environment) $(call switch,BODIES,bodies)

.PHONY: redrive
redrive: environment ## Send dead-letter messages back that would be accepted now (EVERYTHING=1: all; WAIT=60 seconds)
	@$(OPERATE) redrive $(call option,ENVIRONMENT,environment) $(call switch,EVERYTHING,everything) $(call option,WAIT,wait)

.PHONY: report
report: ## Write the report of WEEK=2026-W46 and SITE=… to files, and all weeks to build/report/index.html
	@$(MAKE) --no-print-directory -C reporter report INDEX="$(CURDIR)/build/report/index.html"

.PHONY: send
send: ## Mail the report of WEEK and SITE (FORCE=yes: although it was sent before; CSV=yes: with a table)
	@$(MAKE) --no-print-directory -C reporter send

.PHONY: gaps conversations
gaps: ## Print the open gaps of SITE (WEEK=2026-W47; FORMAT=jsonl: as a test set for the chatbot)
	@$(MAKE) --no-print-directory -C reporter gaps

conversations: ## Write the newest conversations of TOPIC or SESSION to a page on this machine (SITE=…)
	@$(MAKE) --no-print-directory -C reporter conversations

.PHONY: export
export: environment ## Write exchanges to files (FROM=2026-11-01 TO=… FORMAT=parquet|csv|jsonl SITE=… DIRECTORY=… AGAIN=1)
	@$(OPERATE) export $(call option,ENVIRONMENT,environment) $(call option,FROM,from) $(call option,TO,to) \
	  $(call option,FORMAT,format) $(call option,SITE,site) $(call option,DIRECTORY,directory) $(call switch,AGAIN,again) $(call switch,YES,yes)

.PHONY: query
query: environment ## Query what was exported (SQL="SELECT count(*) FROM exchanges" for your own; DIRECTORY=…)
	@$(OPERATE) query $(call option,SQL,sql) $(call option,DIRECTORY,directory)

.PHONY: import
import: environment ## Bring history in (FILE=… FORMAT=jsonl|csv|langfuse|helicone COLLECTOR=https://…/v1/events SITE=… DRY_RUN=1)
	@$(OPERATE) import $(call option,FILE,file) $(call option,FORMAT,format) $(call option,COLLECTOR,collector) \
	  $(call option,SITE,site) $(call switch,DRY_RUN,dry-run)

.PHONY: forget
forget: environment ## Erase a person's data (SESSION=… or VISITOR=…, SITE=…; DRY_RUN=1 looks, YES=1 does not ask)
	@$(OPERATE) forget $(call option,ENVIRONMENT,environment) $(call option,SESSION,session) \
	  $(call option,VISITOR,visitor) $(call option,SITE,site) $(call switch,DRY_RUN,dry-run) $(call switch,YES,yes)

.PHONY: destroy
destroy: environment ## Delete ENVIRONMENT, and all that it holds (YES=1 does not ask)
	@$(OPERATE) destroy $(call option,ENVIRONMENT,environment) $(call option,ANSWERS,answers) $(call switch,YES,yes)
