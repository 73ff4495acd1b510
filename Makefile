# Every command of the project. `make up` and `make test` need python3, pip and make, nothing else.

# Debian's own Python first: it is built with every optimisation, one built by hand often is not (a sixth of the speed).
PYTHON ?= $(firstword $(wildcard /usr/bin/python3.11) python3)
PYTEST_ARGS ?= -n 2 --dist loadgroup
VENV_PYTHON := .venv/bin/python
DATABASE := $(VENV_PYTHON) -m yizhengtong.project.database run --temporary --
SETUP := @$(PYTHON) scripts/setup.py

.DEFAULT_GOAL := help
.PHONY: help up test check journeys tour bench faults law acceptance lock setup clean

help: ## Show this list
	@awk -F ' ## ' '/^[a-z]+:.* ## / { sub(/:.*/, "", $$1); printf "  make %-12s %s\n", $$1, $$2 }' Makefile

up: ## Build, start and show the platform at http://127.0.0.1:8000/; Ctrl-C stops it
	$(SETUP) runtime
	@exec $(VENV_PYTHON) -m yizhengtong.project up

test: ## Run the whole suite on PostgreSQL 18, what asks the database on 15 too (PYTEST_ARGS="-n 2 path")
	$(SETUP) dev
	$(SETUP) database15
	$(SETUP) browser
	$(SETUP) fonts
	$(SETUP) scanner
	$(SETUP) proxy
	$(SETUP) token
	$(SETUP) poppler
	$(SETUP) centre
	$(SETUP) identity
	$(SETUP) wallets
	@$(VENV_PYTHON) scripts/test.py $(PYTEST_ARGS)

check: ## Types, style, house plan, migrations, no law in code, generated pages
	$(SETUP) dev
	@$(VENV_PYTHON) scripts/check.py

journeys: ## Run the journeys over HTTP and by clicks in Chromium, against a real server and worker
	$(SETUP) dev
	$(SETUP) browser
	@$(DATABASE) $(VENV_PYTHON) -m pytest tests/journeys

tour: ## Take the pictures of docs/tour anew, of synthetic people
	$(SETUP) dev
	$(SETUP) browser
	@$(DATABASE) $(VENV_PYTHON) -m tests.pages.tour

bench: ## Measure (NAME=cases for one)
	$(SETUP) dev
	$(SETUP) load
	@$(VENV_PYTHON) -m benchmarks $(NAME)

faults: ## Kill processes, fill disks, jump clocks while journeys run; nothing may be lost or doubled (KILLS=20)
	$(SETUP) dev
	@$(VENV_PYTHON) -m faults $(if $(KILLS),--kills $(KILLS))

law: ## Ask where the law says something (Q=半年)
	$(SETUP) runtime
	@$(VENV_PYTHON) -m yizhengtong.law.search "$(Q)"

acceptance: ## Say which rows of the law are proven (MUTATE=1 changes each parameter and expects a failure)
	$(SETUP) dev
	@$(if $(MUTATE),,$(DATABASE)) $(VENV_PYTHON) -m tests.acceptance $(if $(MUTATE),--mutate)

lock: ## Write requirements/*.lock anew (UPGRADE=1 takes newer versions)
	$(SETUP) lock $(if $(UPGRADE),--upgrade)

setup: ## Build the environment for developing
	$(SETUP) dev

clean: ## Remove what was built; the data in var/ stay
	@rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find yizhengtong scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
