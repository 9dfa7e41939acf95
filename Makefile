.DEFAULT_GOAL := help
.PHONY: help run lab quarantine reset test lint audit bench lock deploy tools
PORT ?= 4566
MAILBOX_PORT ?= 4567
FILE ?=
VIA ?= queue
PYTHON := .local/venv/bin/python

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 16

run: tools ## the portal on this machine, until Ctrl-C (PORT=4566 MAILBOX_PORT=4567)
	@exec $(PYTHON) -m infra.local.run --port $(PORT) --mailbox-port $(MAILBOX_PORT)

lab: tools ## push a lab result to it and watch (FILE=message.hl7 VIA=https)
	@exec $(PYTHON) -m infra.local.lab "$(FILE)" --via $(VIA)

quarantine: tools ## what waits there, and why (DO="show 3f2a", DO="sender lab.toml", DO="replay all")
	@PYTHONPATH=layers/portal exec $(PYTHON) -m infra.quarantine --local $(DO)

reset: tools ## forget its data
	@exec $(PYTHON) -m infra.local.run --forget

test: tools ## everything that must pass, in a stack of its own
	@exec $(PYTHON) -m infra.local.check

lint: tools ## only style, types and the template
	@exec $(PYTHON) -m infra.local.check --lint

audit: tools ## ask the package index for known weaknesses of what is locked
	@exec $(PYTHON) -m infra.local.audit

bench: tools ## the figures of tests/bench/RESULTS.md
	@PYTHONPATH=layers/portal exec $(PYTHON) -m tests.bench

lock: tools ## pin the newest versions of all dependencies
	@exec $(PYTHON) -m infra.local.lock

deploy: tools ## to AWS with its edge, as samconfig.toml's ENV says (ENV=staging)
	@PYTHONPATH=layers/portal exec $(PYTHON) -m infra.local.release "$(ENV)"

tools:
	@python3 infra/local/bootstrap.py
