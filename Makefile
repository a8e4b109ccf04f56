# The two commands that matter: `make run` and `make test`. `make help` lists all.
# Everything is done by the Python package dev/; variables are handed over through the environment.

MAKEFLAGS += --no-print-directory
export ARGS PORT HOST PYTHON ROUNDS SCHOOLS SEED

.DEFAULT_GOAL := help
.PHONY: help run test soak manage check format install lock clean

help: ## list the targets
	@echo "Targets (variables go after or before: PORT=9000 make run):"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

run: ## start the whole portal with its demo (PORT=8000, HOST=127.0.0.1); Ctrl-C stops it
	@exec sh dev/start.sh run

test: ## run all tests on private servers; ARGS="-n0 -k word -x" goes to pytest
	@exec sh dev/start.sh test

soak: ## kill workers, Redis and PostgreSQL for long: are all reminded exactly once? ROUNDS=7 SCHOOLS=2000 SEED=1
	@exec sh dev/start.sh soak

manage: ## run a management command on the data of `make run`: ARGS="createsuperuser"
	@exec sh dev/start.sh manage

check: ## ruff, djlint, import contract, missing migrations, production settings
	@exec sh dev/start.sh check

format: ## let ruff mend what it can
	@exec sh dev/start.sh format

install: ## only install: .venv with the development packages, node_modules
	@exec sh dev/start.sh install

lock: ## compile requirements*.in to exact versions with hashes, and package-lock.json
	@exec sh dev/start.sh lock

clean: ## remove .venv, node_modules and caches; the data in .data stay
	rm -rf .venv node_modules .cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
