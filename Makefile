# Two commands: `make demo` and `make test`. Each does all its set-up; only Python 3.11+ with venv, git and make are needed.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: demo test check translations css lock clean

.venv/.demo: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "MatchHub needs Python 3.11 or newer; set PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.dev: .venv/.demo
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

translations: .venv/.demo
	@$(BIN)/pybabel -q compile -d translations

demo: .venv/.demo translations
	@$(BIN)/matchhub demo --port $(PORT) $(if $(RESET),--reset)

# A worker per core, and one thread per worker: trees learned by two threads wait for each other where four want two cores.
test: .venv/.dev translations
	@bash tests/ensure_chromium.sh
	@bash tests/ensure_provider.sh
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadgroup

check: .venv/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --check --quiet

css:
	@cat static/vendor/tabler/tabler.base.min.css static/css/base/*.css static/css/components/*.css > static/css/app.css

lock:
	uv pip compile -q --universal --no-header --no-annotate --python-version 3.11 --all-extras pyproject.toml -o constraints.txt

clean:
	rm -rf .venv build var

# Collect new strings into the English catalogue; what is new waits there to be translated.
strings: .venv/.dev
	$(BIN)/pybabel -q extract -F translations/babel.cfg -k N_ -k NP_:1c,2 -k NN_:1,1 --no-location --sort-output --ignore-dirs styleguide --project MatchHub -o build/messages.pot .
	$(BIN)/pybabel -q update -i build/messages.pot -d translations -l en --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
