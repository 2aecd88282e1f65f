# Everything a newcomer needs is `make run` and `make test`. Paths are relative, so the checkout may be in any folder.

PYTHON ?= python3
RUN = .venv/bin/python
# For what needs Django but no server: two addresses nobody listens at, so that nothing embedded is started.
WITHOUT_SERVERS = DATABASE_URL=postgres://nobody@127.0.0.1/none REDIS_URL=redis://127.0.0.1/0
FOR_TESTS = HIU_VAR=var/test
CODE = hiu governance cohorts casework evaluation manage.py
WORKERS ?= 2
ROUNDS ?= 20

.DEFAULT_GOAL := help
.PHONY: help setup run test coverage sandbox check audit sbom format bench drill lock clean
.DELETE_ON_ERROR:

##@ Start

help:  ## What each command does
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: setup  ## The whole product with demo data, on servers of its own; Ctrl-C stops it
	@$(RUN) -m hiu.run

setup: staticfiles/staticfiles.json  ## Virtual environment, style sheets and static files; starts nothing

##@ Work on it

test: check sandbox  ## Every check and every test
	@command -v chromium > /dev/null || echo "No chromium here: the browser journeys will be skipped."
	@$(FOR_TESTS) $(RUN) -m pytest -n $(WORKERS) --dist worksteal

coverage: check sandbox  ## The same tests, and which lines and branches of ours they reach (a third slower)
	@$(FOR_TESTS) $(RUN) -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term:skip-covered

sandbox:  ## NHS England's MESH sandbox in an environment of its own; tests that need it are skipped without
	@$(MAKE) --no-print-directory .venv-mesh/installed.txt \
	  || echo "The MESH sandbox cannot be installed here (it needs Python 3.11 to 3.13): its tests will be skipped."

check: setup  ## Format, lint, types, templates, dangerous habits, migrations, lock files
	@$(RUN) -m ruff format --check --quiet . || { echo "Run make format."; exit 1; }
	@$(RUN) -m ruff check --no-cache --quiet .
	@$(RUN) -m mypy $(CODE)
	@$(RUN) -m djlint --quiet --lint templates
	@$(RUN) -m bandit --quiet --configfile pyproject.toml --severity-level medium --recursive $(CODE)
	@$(FOR_TESTS) $(RUN) manage.py makemigrations --check --dry-run
	@! grep -nE '://|^-' requirements/*.txt || { echo "A lock file names a server. Run make lock."; exit 1; }
	@! grep -n '://' package-lock.json || { echo "package-lock.json holds an address. Take resolved and funding out of it."; exit 1; }

audit: setup  ## Known weaknesses of the packages we install, where their list can be reached
	@$(RUN) -m hiu.packages audit

sbom: setup  ## The list of everything we ship, in sbom.json, as other programs read it (CycloneDX)
	@$(RUN) -m hiu.packages sbom sbom.json

format: setup  ## Put code into the project's format
	@$(RUN) -m ruff format --quiet .
	@$(RUN) -m ruff check --quiet --fix .

bench: setup .venv-bench/installed.txt  ## The benchmarks, as ratios, one JSON line each
	@$(RUN) -m bench

drill: setup sandbox  ## A backup restored, messy files, attacks on the audit, 28,000 simulated services, 200 kills of a load, a phone killed, twenty rounds of killing something
	@rm -rf var/drill
	@set -e; export HIU_VAR=var/drill BACKUP_PASSPHRASE=only-for-a-drill-on-invented-people; \
	  $(RUN) manage.py prepare_database --verbosity 0; \
	  $(RUN) manage.py load_demo; \
	  $(RUN) manage.py backup --out var/drill/backup; \
	  $(RUN) manage.py restore var/drill/backup --drill
	@[ ! -d ../shared/data/messy_files ] || $(RUN) -m bench messy
	@HIU_ATTEMPTS=25 $(FOR_TESTS) $(RUN) -m pytest -q -n $(WORKERS) tests/governance/test_tampering.py \
	  tests/governance/test_brute_force.py tests/evaluation/test_disclosure_table.py \
	  tests/casework/test_calibration.py
	@HIU_ATTEMPTS=200 $(FOR_TESTS) $(RUN) -m pytest -q tests/casework/test_allocation_races.py
	@HIU_ATTEMPTS=1 $(FOR_TESTS) $(RUN) -m pytest -q -s -n $(WORKERS) tests/evaluation/test_impact_world.py
	@HIU_ATTEMPTS=200 $(FOR_TESTS) $(RUN) -m pytest -q tests/journeys/test_many_kills.py tests/cohorts/test_mesh.py
	@HIU_ATTEMPTS=1000 $(FOR_TESTS) $(RUN) -m pytest -q tests/journeys/test_poor_signal.py tests/journeys/test_logged_once.py
	@for round in $$(seq $(ROUNDS)); do \
	  echo "Round $$round of $(ROUNDS)"; \
	  $(FOR_TESTS) $(RUN) -m pytest -q -n $(WORKERS) -k kill || exit 1; \
	done

.venv-mesh/installed.txt: requirements/mesh-sandbox.txt
	@echo "Installing the MESH sandbox ..."
	@$(PYTHON) -m venv --clear .venv-mesh
	@.venv-mesh/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

.venv-bench/installed.txt: requirements/bench.txt
	@echo "Installing the load generator of the benchmarks ..."
	@$(PYTHON) -m venv --clear .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

lock: .venv/installed.txt  ## Pin every requirement with its hash, after a change in pyproject.toml
	@for group in app dev; do \
	  $(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --no-annotate pyproject.toml $$([ $$group = app ] || echo --group $$group) \
	    -o requirements/$$group.txt || exit 1; \
	done

	@echo mesh-sandbox | $(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate - -o requirements/mesh-sandbox.txt
	@echo locust | $(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate - -o requirements/bench.txt

clean:  ## Remove what setup made; the data in var/ stays
	@rm -rf .venv .venv-mesh .venv-bench node_modules static/dist staticfiles

# The files below say "done since the last change"; make rebuilds one when what it stands on is newer.

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed. Install it, or name one: make PYTHON=/path/to/python3 ..."; exit 1; }
	@echo "Making the virtual environment ..."
	@$(PYTHON) -m venv --clear .venv \
	  || { rm -rf .venv; echo "Python cannot make a virtual environment here. On Debian: apt-get install python3-venv."; exit 1; }

.venv/installed.txt: requirements/dev.txt | .venv/bin/python
	@echo "Installing the Python packages (the first time takes a few minutes) ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

node_modules/installed.txt: package.json package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' && npm --version > /dev/null \
	  || { echo "Node 20 or newer with npm is needed to build the style sheets. On Debian: apt-get install nodejs npm."; exit 1; }
	@echo "Installing the NHS.UK frontend ..."
	@npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

static/dist/hiu.css: node_modules/installed.txt static/build.mjs $(wildcard static/scss/*.scss static/js/* static/images/*)
	@npm run --silent build
	@touch $@

staticfiles/staticfiles.json: static/dist/hiu.css $(wildcard static/js/*.js) .venv/installed.txt
	@DEBUG=0 SECRET_KEY=only-for-collecting-static-files-0123456789-0123456789 $(WITHOUT_SERVERS) \
	  $(RUN) manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@
