"""Take out of the warehouse a workbook or note that should never have been in it."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from carehouse.errors import NothingToLand
from carehouse.landing.frame import Landing, delete_rows, open_look
from carehouse.landing.sandboxed import FileSource
from carehouse.settings import Settings
from carehouse.sql import literal
from carehouse.warehouse import open_warehouse

# What the last build made of a file, by what a person calls it.
FACTS = {
    "contacts": "care.fact_interventions",
    "expenses": "care.fact_program_expenses",
    "assessment scores": "care.fact_assessments",
    "case notes": "care.fact_case_notes",
}
MOST_NAMES = 5


@dataclass
class Withdrawal:
    """What left: raw rows at once, facts of the last build with the next one."""

    source: str
    name: str
    row_count: int
    facts: dict[str, int] = field(default_factory=dict)


def withdraw(source: FileSource, settings: Settings, name: str) -> Withdrawal:
    """Remove a file's rows from the raw tables, and keep its very bytes from landing again.

    A changed file of that name lands again, and so does one that is landed by its own path.
    Raises NothingToLand when the warehouse holds nothing of a file of that name.
    """
    if not settings.warehouse.exists():
        raise NothingToLand(f"{settings.warehouse} does not exist: nothing has landed yet")
    with open_warehouse(settings) as connection:
        held = _held(connection, source)
        facts = _facts(connection, name)
    if name not in held:
        raise NothingToLand(_no_such_file(source, name, sorted(held)))
    content_hash, location = held[name]
    landing = Landing(source.name, location or "")
    with open_look(landing, settings, Path(location or settings.inbox)) as look:
        tables = source.contracts()
        row_count = sum(_count(look.connection, table.full_name, name) for table in tables)
        look.leave(
            name,
            "withdrawn",
            lambda one: delete_rows(look.connection, tables, one),
            content_hash=content_hash,
        )
    return Withdrawal(source.name, name, row_count, facts)


def withdrawal_lines(done: Withdrawal) -> list[str]:
    """What left, as lines for a person."""
    parts = [f"{count:,} {what}" for what, count in done.facts.items() if count]
    leave = ", ".join(parts) if parts else "no fact"
    return [
        f"{done.name} is withdrawn: {done.row_count:,} raw rows left the warehouse",
        f"of the marts {leave} will leave with the next carehouse run",
        "the same bytes do not land again from a folder; a changed file does. To take it back, "
        f"land the file itself: carehouse land {done.source} PATH/TO/FILE",
    ]


def _held(
    connection: duckdb.DuckDBPyConnection, source: FileSource
) -> dict[str, tuple[str | None, str | None]]:
    """Files that landed and have not left otherwise: content and place of their last landing."""
    rows = connection.execute(
        "select object, arg_max(content_hash, load_id) filter (where outcome = 'landed'), "
        "arg_max(location, load_id) filter (where outcome = 'landed') from raw.load_log "
        f"where source = {literal(source.name)} group by object "
        "having arg_max(outcome, load_id) in ('landed', 'refused', 'retired') "
        "and count(*) filter (where outcome = 'landed') > 0"
    ).fetchall()
    return {name: (content_hash, location) for name, content_hash, location in rows}


def _count(connection: duckdb.DuckDBPyConnection, table: str, name: str) -> int:
    return connection.execute(
        f"select count(*) from {table} where _source_file = {literal(name)}"
    ).fetchone()[0]


def _facts(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, int]:
    built = {
        f"{schema}.{table}"
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall()
    }
    return {
        what: _count(connection, table, name) for what, table in FACTS.items() if table in built
    }


def _no_such_file(source: FileSource, name: str, held: list[str]) -> str:
    from rapidfuzz import process

    near = [one for one, *_ in process.extract(name, held, limit=MOST_NAMES, score_cutoff=60)]
    meant = f"; is one of these meant? {', '.join(near)}" if near else ""
    return (
        f"the warehouse holds no {source.noun} called {name}: give its path below the landed "
        f"folder, as in quality.row_accounting{meant}"
    )
