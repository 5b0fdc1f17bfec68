"""Build the made-up data on DuckDB and on a real Postgres, day after day; compare every table.

Four days: a first extract and three later ones with changes and deletions. Each lands once; both
engines build and test the same raw tables, each with its own history. On the first day dbt's unit
tests run on Postgres too. It prints a table a day; exit status 1 where anything differs or fails.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from four_days import DAYS, four_days
from postgres_server import install, postgres_server

from carehouse.build import Build, run_dbt
from carehouse.engines import target
from carehouse.engines.compare import comparison_lines
from carehouse.engines.postgres_tables import compare_with_postgres
from carehouse.landing.sources import land_source
from carehouse.publish import publish
from carehouse.registry import SOURCES
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


def compare_days(
    folder: Path,
    url: str,
    scale: float,
    days: int,
    select: Sequence[str] = (),
    sources: Sequence[str] = SOURCES,
) -> bool:
    """Build and compare each day; gives whether all of it was equal and every test passed."""
    here, there = folder / "duckdb", folder / "postgres"
    ok = True
    for number, (today, inbox) in enumerate(four_days(folder, scale, days, sources)):
        print(f"\n{today}", flush=True)
        options = ["--select", *select] if select else []
        plain = Settings(home=here, target="duckdb", as_of=today)
        served = Settings(home=there, target="postgres", postgres_url=url, as_of=today)
        for source in sources:
            ok = not land_source(source, plain, inbox / source).refused and ok
        built = run_dbt(plain, ["build", *NO_UNIT_TESTS, *options], quiet=True)
        ok = _told("DuckDB", built) and ok
        _give_raw_tables(plain.warehouse, served.warehouse, is_first=number == 0)
        with open_warehouse(served) as connection:
            print(f"{target.bring(connection, served):,} rows brought to Postgres")
        built = run_dbt(served, ["build", *NO_UNIT_TESTS, *options], quiet=True)
        ok = _told("Postgres", built) and ok
        if number == 0:  # of no day, as everywhere else
            timeless = served.model_copy(update={"as_of": None})
            judged = run_dbt(timeless, ["test", "--select", *_unit_tests(select)], quiet=True)
            ok = _told("Postgres, unit tests", judged) and ok
        found = list(compare_with_postgres(str(plain.warehouse), served))
        print("\n".join(comparison_lines(found)), flush=True)
        ok = ok and all(one.is_equal for one in found)
        if not select:
            ok = _published(served) and ok
    return ok


def _unit_tests(select: Sequence[str]) -> list[str]:
    return [f"{one},test_type:unit" for one in select] or ["test_type:unit"]


def _told(engine: str, built: Build) -> bool:
    print(f"{engine}: {len(built.good)} steps are good, {built.seconds:.0f} s", flush=True)
    for name, status in built.bad.items():
        print(f"{status}: {name}")
    if built.error:
        print(built.error)
    return built.ok


def _give_raw_tables(source: Path, to: Path, is_first: bool) -> None:
    """What landed, as the other home's own; of DuckDB's history nothing."""
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, to)
    with duckdb.connect(str(to)) as connection:
        connection.execute("drop schema if exists history cascade")
        connection.execute("delete from raw.build_log")
        connection.execute("delete from raw.build_state")


def _published(served: Settings) -> bool:
    """Publish on the server and to the file; whether every domain is good."""
    published = publish(served)
    print(f"published {published.table_count} tables")
    return published.ok


def main() -> None:
    """Start the server, compare, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--days", type=int, default=DAYS, choices=range(1, DAYS + 1))
    parser.add_argument("--select", nargs="*", default=[], help="dbt's selection")
    chosen = parser.parse_args()
    install()
    with TemporaryDirectory(prefix="carehouse-compare-") as folder, postgres_server() as url:
        ok = compare_days(Path(folder), url, chosen.scale, chosen.days, chosen.select)
    print("all of it is equal" if ok else "something differs or failed: it is named above")
    sys.exit(not ok)


if __name__ == "__main__":
    main()
