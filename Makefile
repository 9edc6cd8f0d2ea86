# Contract signing for platform work in Hunan.
#
#   make demo            set everything up, then make, sign, store and verify one agreement of each kind
#   make run             the service on http://127.0.0.1:8000, with signing links to open
#   make test            the whole suite: SQLite, PostgreSQL, real Chromium
#   make test T=PATH     a part of it, as pytest names it
#   make test JOBS=1     the whole suite, one test after the other
#   make bench           benchmarks, peers side by side, into build/bench.json
#   make bench PART=NAME one part: render, rules, sign, verify
#   make lint            all static checks: ruff, mypy, import contracts
#   make fonts           build the agreements' fonts into build/fonts
#   make lock            refresh the lock files from pyproject.toml (needs uv)
#   make clean           remove what was built; `instance/` and `keys/` stay
#   make help            this list
#
# Debian or Ubuntu, Python 3.11 or newer, root or sudo. Whatever else is needed is installed by
# tools/setup.py, once; WITHOUT="chromium postgresql" leaves those parts of the tests out.

PYTHON ?= python3
BIN := .venv/bin
UV ?= uv
T ?=
JOBS ?= 2
PART ?=
WITHOUT ?=
export WITHOUT
CODE := signing tools tests benchmarks wsgi.py
CHECKS := "ruff format --check $(CODE)" "ruff check $(CODE)" mypy "mypy tools" "mypy benchmarks" lint-imports

# Whole files side by side: what a module sets up, it sets up once.
SIDE_BY_SIDE := $(if $(T)$(filter 1,$(JOBS)),,-n $(JOBS) --dist loadfile)

.PHONY: help demo run test bench lint fonts lock clean setup-run setup-test setup-bench setup-lint

help:
	@sed -n 's/^#  *\(make .*\)/\1/p' Makefile

setup-run setup-test setup-bench setup-lint: setup-%:
	@$(PYTHON) tools/setup.py $*

demo: setup-run
	@$(BIN)/python tools/build_fonts.py
	@rm -rf build/demo
	@SIGNING_HOME=build/demo $(BIN)/signing demo --out build/demo

run: setup-run
	@$(BIN)/python tools/build_fonts.py
	@$(BIN)/signing run

test: setup-test
	@$(BIN)/python tools/build_fonts.py
	@$(BIN)/python -m pytest --durations=15 $(SIDE_BY_SIDE) $(T)

bench: setup-bench
	@$(BIN)/python tools/build_fonts.py
	@$(BIN)/python benchmarks/run.py $(PART)

lint: setup-lint
	@failed=; for check in $(CHECKS); do \
	  echo "lint: $$check"; $(BIN)/$$check || failed="$$failed, $$check"; \
	done; [ -z "$$failed" ] || { echo "lint: failed$$failed"; exit 1; }

fonts: setup-run
	@$(BIN)/python tools/build_fonts.py

LOCK := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

lock:
	$(LOCK) --group pyproject.toml:build --output-file requirements/build.lock
	$(LOCK) pyproject.toml --output-file requirements/run.lock
	$(LOCK) pyproject.toml --group dev --output-file requirements/dev.lock

clean:
	rm -rf build .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
