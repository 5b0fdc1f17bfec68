"""Fit and score a million visits: SQL beside `predict_proba` on the same rows, in one run.

Run: python tests/bench/bench_learning.py [visits]
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "python" / "support"))

from carehouse.build import run_dbt
from carehouse.learning.definitions import load_rows, models
from carehouse.learning.train import land, train_one
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse
from learning_support import land_book, no_show_book

WITHOUT_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(visits: int) -> None:
    """Print one line a step."""
    with tempfile.TemporaryDirectory(prefix="carehouse-bench-") as folder:
        settings = Settings(home=Path(folder))
        land_book(settings, no_show_book(visits, days=400), Path(folder) / "inputs")
        started = time.perf_counter()
        selected = ["path:seeds/ml", "+ml__appointment_risk_features", "int_ml__features"]
        built = run_dbt(settings, ["build", "--select", *selected, *WITHOUT_TESTS], quiet=True)
        assert built.ok, built.bad
        print(f"built features of {visits:,} visits: {time.perf_counter() - started:.1f} s")
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            connection.execute("set memory_limit = '600MB'")
            (model,) = [one for one in models(connection) if one.name == "appointment_risk"]
            rows = load_rows(connection, model)
        started = time.perf_counter()
        done = train_one(model, rows)
        print(
            f"fitted on {done.card['train_rows']:,} of them: "
            f"{time.perf_counter() - started:.1f} s, at most {_memory_mb():,.0f} MB"
        )
        started = time.perf_counter()
        done.fitted.probability(rows.x)
        predicting = time.perf_counter() - started
        with open_warehouse(settings, memory_limit="1GB") as connection:
            land(connection, settings, [done])
            connection.execute("update raw_ml.model_cards set test_from = timestamp '1900-01-01'")
        scoring = [
            "+int_ml__appointment_risk_scores",
            "--exclude",
            "+ml__appointment_risk_features",
        ]
        built = run_dbt(settings, ["build", "--select", *scoring, *WITHOUT_TESTS], quiet=True)
        assert built.ok, built.bad
        sql = next(
            (settings.home / "dbt" / "compiled").rglob("int_ml__appointment_risk_scores.sql")
        ).read_text()
        with duckdb.connect(str(settings.warehouse), config={"threads": 2}) as connection:
            started = time.perf_counter()
            connection.execute(f"create or replace table intermediate.timed as {sql}")
            in_sql = time.perf_counter() - started
            (count,) = connection.execute("select count(*) from intermediate.timed").fetchone()
        print(
            f"predict_proba of {len(rows):,}: {predicting:.2f} s; SQL of {count:,}: {in_sql:.2f} s"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
