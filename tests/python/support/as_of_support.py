"""Build a domain as of a past day from everything, and from what was known then; compare."""

import shutil
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from carehouse.build import run_dbt
from carehouse.settings import Settings


def past_days(days: Iterable[date]) -> list:
    """Each day builds the domain twice: two are in every run, the others in thorough ones."""
    return [
        pytest.param(day, marks=[] if number in (1, 3) else pytest.mark.thorough)
        for number, day in enumerate(days)
    ]


def roll_back(connection: duckdb.DuckDBPyConnection, statements: str, day: date) -> None:
    """Take out of the raw tables what came after a day, by statements that name it `$day`."""
    for statement in statements.split(";"):
        if statement.strip():
            connection.execute(statement.replace("$day", f"date '{day}'"))


def built_twice(
    everything: Settings,
    folder: Path,
    day: date,
    options: list[str],
    change: Callable[[duckdb.DuckDBPyConnection, bool], None],
) -> tuple[Path, Path]:
    """Warehouses built as of a day: from all, and from what `change` leaves when told True."""
    for is_then in (False, True):
        home = folder / ("then" if is_then else "all")
        (home / "warehouse").mkdir(parents=True)
        settings = Settings(home=home, as_of=day)
        shutil.copy(everything.warehouse, settings.warehouse)
        with duckdb.connect(str(settings.warehouse)) as connection:
            change(connection, is_then)
        built = run_dbt(settings, options, quiet=True)
        assert built.ok, (built.error, built.bad)
    return tuple(Settings(home=folder / name).warehouse for name in ("all", "then"))


def differences(one: Path, other: Path, schema: str) -> tuple[int, dict[str, tuple[int, int]]]:
    """How many marts a schema has; by mart how many rows only the one and only the other has."""
    wrong = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        marts = connection.execute(
            "select table_name from duckdb_tables() "
            f"where database_name = 'one' and schema_name = '{schema}' order by 1"
        ).fetchall()
        for (mart,) in marts:
            rows = tuple(
                connection.execute(
                    f"select count(*) from (select * from {left}.{schema}.{mart} "
                    f"except all select * from {right}.{schema}.{mart})"
                ).fetchone()[0]
                for left, right in (("one", "other"), ("other", "one"))
            )
            if any(rows):
                wrong[mart] = rows
    return len(marts), wrong
