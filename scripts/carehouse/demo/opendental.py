"""A made-up dental practice in the tables of its practice software, OpenDental.

Five years of it: families, coverage, visits, treatment plans, claims, checks, payments and plans,
obeying the program's codes and its sums, with the dirt that real databases hold. The amounts are
drawn in whole cents and every draw depends on the seed and the row alone, so that the same call
gives the same tables.
"""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from carehouse.demo.opendental_insurance import build_insurance
from carehouse.demo.opendental_later import advance
from carehouse.demo.opendental_money import build_money
from carehouse.demo.opendental_output import write_database, write_files
from carehouse.demo.opendental_people import build_people
from carehouse.demo.opendental_practice import Practice, build_lists, open_practice
from carehouse.demo.opendental_rest import build_rest
from carehouse.demo.opendental_visits import build_visits

AS_OF = date(2025, 6, 30)


def generate(
    out: Path,
    *,
    scale: float = 1.0,
    seed: int = 7,
    as_of: date = AS_OF,
    days: int = 1,
    kind: str = "parquet",
    into: str | None = None,
) -> None:
    """Write `out/opendental/*.parquet` (or .csv), one file a table.

    With `into`, a `mysql://` address of an empty database, that is filled instead.
    `scale` 1 is 300 patients and some 7,500 procedures. With `days` above 1 the folder holds
    `day-0`, `day-1`, ... instead: the same practice on the as-of day and the days after it.
    """
    folder = out / "opendental"
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix=".making-", dir=folder.parent) as temporary,
        duckdb.connect(str(Path(temporary) / "practice.duckdb")) as connection,
    ):
        practice = make(connection, scale=scale, seed=seed, as_of=as_of)
        if into:
            write_database(practice, into)
            return
        write_files(practice, folder / "day-0" if days > 1 else folder, kind)
        for step in range(1, days):
            advance(practice, step)
            write_files(practice, folder / f"day-{step}", kind)


def make(
    connection: duckdb.DuckDBPyConnection, *, scale: float, seed: int, as_of: date
) -> Practice:
    """Build the practice in the schema `od` of an empty database."""
    practice = open_practice(connection, scale, seed, as_of)
    build_lists(practice)
    build_people(practice)
    build_visits(practice)
    build_insurance(practice)
    build_money(practice)
    build_rest(practice)
    return practice
