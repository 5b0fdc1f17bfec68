# Each target does all of its own set-up; only Python 3.11+ (with venv), make and a network are needed.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test thorough lint postgres spark bench day-costs docs pictures lock audit clean

demo: .venv/ready
	carehouse demo

test: .venv/ready
	pytest -n auto --dist loadfile

# what trains models, fuzzes, or builds for many days: half an hour and more
thorough: .venv/ready
	pytest -n auto --dist loadfile -m thorough

lint: .venv/ready
	ruff format --check .
	ruff check .
	sqlfluff lint --processes 0 --disable-progress-bar models tests/singular
	dbt --quiet parse --profiles-dir profiles --target-path target

# the made-up data of four days on a real Postgres, every table compared with DuckDB's
postgres: .venv/ready
	python tests/engines/compare_postgres.py

bench: .venv/ready
	python tests/bench/bench.py
	python tests/bench/bench_day.py
	python tests/bench/bench_claims.py
	python tests/bench/bench_scale.py
	python tests/bench/bench_dental.py
	python tests/bench/bench_opendental.py
	python tests/bench/bench_dashboard.py
	python tests/bench/bench_learning.py
	python tests/bench/bench_encrypted.py

# what each kind of day costs of a full run, compared with what was kept when it last changed for good
day-costs: .venv/ready
	python tests/bench/bench_day.py --scale 0.3 --rounds 1 --compare tests/bench/day.json

docs: .venv/ready
	carehouse docs

# of what `make demo` published; needs Chromium
pictures: .venv/ready
	python tests/pictures/pictures.py

# a real cluster on loopback: built, tested, compared with DuckDB row for row; DOMAINS=claims takes less, DAYS=4 more
spark: .venv-spark/ready
	.venv-spark/bin/python -W ignore tests/engines/compare_spark.py $(if $(DOMAINS),--domains $(DOMAINS)) $(if $(DAYS),--days $(DAYS))
	.venv-spark/bin/python -W ignore -m pytest tests/engines/test_spark.py

# versions and hashes only: no registry's address is written
lock: .venv/ready
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate \
		--all-extras pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate scripts/orchestration/requirements.in \
		--output-file scripts/orchestration/requirements.lock
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --all-extras pyproject.toml scripts/spark/requirements.in \
		--output-file scripts/spark/requirements.lock

# licences, a CycloneDX list of parts (target/sbom.json), known vulnerabilities
audit: .venv/ready
	python scripts/audit.py

.venv/ready: requirements.lock bootstrap.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bootstrap.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

# Airflow keeps an environment of its own, beside the one whose carehouse and dbt it calls
.venv-airflow/ready: scripts/orchestration/requirements.lock .venv/ready
	$(PYTHON) -m venv .venv-airflow
	$(BIN)/uv pip install --quiet --python .venv-airflow/bin/python --require-hashes --compile-bytecode \
		-r scripts/orchestration/requirements.lock
	touch $@

# carehouse and dbt once more, with Spark: its pyspark is half a gigabyte that others need not have
.venv-spark/ready: scripts/spark/requirements.lock .venv/ready
	$(PYTHON) -m venv .venv-spark
	$(BIN)/uv pip install --quiet --python .venv-spark/bin/python --require-hashes --compile-bytecode \
		-r scripts/spark/requirements.lock
	$(BIN)/uv pip install --quiet --python .venv-spark/bin/python --no-deps --no-build-isolation \
		--editable .
	touch $@

clean:
	rm -rf .venv .venv-airflow .venv-spark target logs data/demo data/warehouse/carehouse.duckdb* data/published
