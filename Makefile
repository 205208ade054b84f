# Two commands for a newcomer: make demo, make test.
.DEFAULT_GOAL := help
.PHONY: help demo test test-services check prove lock venv venv-examples clean

# A process that may keep no bytecode compiles every module again, and the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE

PORT ?= 8000
PY := .venv/bin/python
STAMP := .venv/.installed
EXAMPLES := .venv-examples/.installed
FIND_PYTHON := for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done

help: ## Show the commands.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(STAMP): requirements-dev.lock requirements-uv.lock
	@python="$$($(FIND_PYTHON))"; \
	if [ -z "$$python" ]; then echo "Orchestra needs Python 3.11 or newer on the PATH."; exit 1; fi; \
	[ -x $(PY) ] || "$$python" -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock \
	&& .venv/bin/uv pip sync --quiet --python $(PY) --require-hashes requirements-dev.lock \
	|| $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

venv: $(STAMP) ## Make the environment in .venv.

# The frameworks of docs/examples stay apart: what they need decides nothing about our own lock.
$(EXAMPLES): requirements-examples.lock | $(STAMP)
	@[ -x .venv-examples/bin/python ] || $(PY) -m venv --without-pip .venv-examples
	@.venv/bin/uv pip sync --quiet --python .venv-examples/bin/python --require-hashes requirements-examples.lock
	@touch $@

venv-examples: $(EXAMPLES) ## Make the environment of the agent frameworks in docs/examples.

demo: $(STAMP) ## Run the demonstration; PORT=8000 by default, Ctrl-C stops it.
	@exec $(PY) manage.py demo --port $(PORT)

test: $(STAMP) ## Run the tests on SQLite, two at a time.
	@$(PY) -m pytest -n 2 $(ARGS)

test-services: $(STAMP) ## Run the same tests on PostgreSQL and Redis where they answer.
	@$(PY) -m tests.services -n 2 $(ARGS)

check: $(STAMP) ## Lint, types, import contracts, missing migrations, system checks.
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-timings 2>/dev/null || .venv/bin/lint-imports
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PY) manage.py check --fail-level WARNING

prove: $(STAMP) ## Run one heavy proof in full: make prove PROOF=<name>.
	@$(PY) -m tests.prove $(PROOF) $(ARGS)

lock: $(STAMP) ## Compile the requirement locks again.
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command 'make lock' pyproject.toml --output-file requirements.lock
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command 'make lock' pyproject.toml --group dev --output-file requirements-dev.lock
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command 'make lock' --group bench --output-file requirements-bench.lock
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command 'make lock' --group examples --output-file requirements-examples.lock
	@awk '/^uv==/{p=1} p&&/^[a-z]/&&!/^uv==/{p=0} p' requirements-dev.lock | grep -v '# via' > requirements-uv.lock

clean: ## Remove the demonstration's data.
	@rm -rf var
