"""Fit and score a million visits: SQL beside `predict_proba` on the same rows, in one run.

Both are timed twice: the probabilities alone (`predict_proba` over a DataFrame in memory, SQL
summed up), and from the mart to a table, with the reading and the writing that scoring needs.

Run: python tests/bench/bench_learning.py [visits]
Training has a process of its own, so that its peak of memory is its own.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "python" / "support"))

from carehouse.build import run_dbt
from carehouse.learning.definitions import load_rows, models
from carehouse.learning.train import land, train_one
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse
from learning_support import land_book, no_show_book

MODEL = "appointment_risk"
REPEATS = 3
WITHOUT_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


def fit(settings: Settings) -> tuple[float, float]:
    """Train, land, and time `predict_proba` over every row: in memory, and from mart to table."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        connection.execute("set memory_limit = '600MB'")
        (model,) = [one for one in models(connection) if one.name == MODEL]
        rows = load_rows(connection, model)
    started = time.perf_counter()
    done = train_one(model, rows)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"trained with {len(rows):,} rows, fitted on {done.card['train_rows']:,}: "
        f"{seconds:.1f} s, at most {peak:,.0f} MB ({done.card['verdict']})",
        file=sys.stderr,
    )
    best = _best(lambda: done.fitted.probability(rows.x))
    with duckdb.connect(str(settings.warehouse)) as connection:
        whole = _best(lambda: by_hand(connection, model, done))
        connection.execute("drop table intermediate.timed")
    with open_warehouse(settings, memory_limit="1GB") as connection:
        land(connection, settings, [done])
        # every row is scored, those of the fit too
        connection.execute("update raw_ml.model_cards set test_from = timestamp '1900-01-01'")
    return best, whole


def by_hand(connection: duckdb.DuckDBPyConnection, model, done) -> None:
    """Read the mart, predict, write a table: what SQL does without leaving the database."""
    rows = load_rows(connection, model)
    scores = pd.DataFrame({"entity_id": rows.entity, "known_at": rows.known_at})
    scores["probability"] = done.fitted.probability(rows.x)
    connection.execute("create or replace table intermediate.timed as from scores")


def score(settings: Settings) -> tuple[dict[int, tuple[float, float]], int]:
    """Time the query that scores every row, summed up and into a table, in seconds by threads."""
    scoring = ["+int_ml__appointment_risk_scores", "--exclude", "+ml__appointment_risk_features"]
    built = run_dbt(settings, ["build", "--select", *scoring, *WITHOUT_TESTS], quiet=True)
    assert built.ok, built.bad
    compiled = (settings.home / "dbt" / "compiled").rglob("int_ml__appointment_risk_scores.sql")
    sql = next(compiled).read_text()
    asked = (
        f"select sum(probability) from ({sql})",
        f"create or replace table intermediate.timed as {sql}",
    )
    best = {}
    with duckdb.connect(str(settings.warehouse)) as connection:
        for threads in (1, 2):
            connection.execute(f"set threads = {threads}")
            best[threads] = tuple(_best(lambda one=one: connection.execute(one)) for one in asked)
        (count,) = connection.execute("select count(*) from intermediate.timed").fetchone()
    return best, count


def _best(work) -> float:
    return min(_seconds(work) for _ in range(REPEATS))


def _seconds(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main(visits: int) -> None:
    """Print one line a step."""
    with tempfile.TemporaryDirectory(prefix="carehouse-bench-") as folder:
        settings = Settings(home=Path(folder), read_seconds=1800, memory_limit="2GB")
        land_book(settings, no_show_book(visits, days=400), Path(folder) / "inputs")
        selected = ["path:seeds/ml", "+ml__appointment_risk_features", "int_ml__features"]
        started = time.perf_counter()
        built = run_dbt(settings, ["build", "--select", *selected, *WITHOUT_TESTS], quiet=True)
        assert built.ok, built.bad
        print(f"built features of {visits:,} visits: {time.perf_counter() - started:.1f} s")
        fitting = [sys.executable, __file__, "--fit", folder]
        printed = subprocess.run(fitting, check=True, stdout=subprocess.PIPE, text=True).stdout
        by_python = tuple(map(float, printed.split()))
        in_sql, count = score(settings)
        print(f"{count:,} rows scored       alone   from mart to table")
        print(f"predict_proba          {by_python[0]:6.2f} s {by_python[1]:10.2f} s")
        for threads, seconds in in_sql.items():
            alone, whole = (one / two for one, two in zip(by_python, seconds, strict=True))
            print(
                f"SQL, {threads} thread(s)       {seconds[0]:6.2f} s {seconds[1]:10.2f} s"
                f"   ({alone:.1f} and {whole:.1f} times as fast)"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fit"]:
        print(*fit(Settings(home=Path(sys.argv[2]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
