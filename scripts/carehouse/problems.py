"""What a person can mend, worst first: `carehouse problems`, and a page after each run.

The terminal and the logs get files, rows, reasons and counts. What people typed stands in the page
only, and, since a line of a seed has to be written from it, in the answer to `carehouse problems`.
"""

import json
import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from carehouse.aliases import kind_of
from carehouse.errors import NothingPublished
from carehouse.pages import write_page
from carehouse.published import open_published
from carehouse.settings import Settings
from carehouse.sql import literal, literals, quote
from carehouse.status import read_status
from carehouse.warehouse import open_warehouse

MOST_LINES = 15  # on a terminal; the page has them all
MOST_TEXTS = 2_000  # rejected rows whose text the page shows
ORDER = (
    "stale domain",
    "suspected model",
    "refused file",
    "rejected row",
    "unmapped spelling",
    "finding",
)


@dataclass(frozen=True)
class Problem:
    """One thing to mend: how many rows it holds up, where, what is wrong and what to do.

    `text` is what somebody typed (a spelling), `command` what mends it here.
    """

    kind: str
    source: str
    count: int
    where: str
    what: str
    todo: str
    text: str | None = None
    nearest: str | None = None
    command: str | None = None
    seed: str | None = None
    line: str | None = None


@dataclass(frozen=True)
class RejectedRow:
    """A row that could not become a fact, with its text where the warehouse could be read."""

    source: str
    file: str
    sheet: str | None
    row: int | None
    reason: str
    text: str | None = None


def read_problems(settings: Settings, refused: list[dict] | None = None) -> list[Problem]:
    """All there is to mend, worst first. Raises NothingPublished before the first run.

    `refused` are the files that were refused, by `status`; without them it is asked for.
    """
    told = read_status(settings)["refused"] if refused is None else refused
    files = [
        Problem(
            *("refused file", one["source"], 1, one["object"], one["reason"]),
            "put a sound copy in its place and run again; `carehouse inspect` says how it is read",
        )
        for one in told
    ]
    with open_published(settings) as connection:
        found = [
            *files,
            *_stale(connection),
            *_suspected(connection),
            *_rejected(connection),
            *_unmapped(connection),
            *_findings(connection),
        ]
    return sorted(found, key=lambda one: (ORDER.index(one.kind), -one.count, one.source, one.where))


def _rows(connection: duckdb.DuckDBPyConnection, table: str, sql: str) -> list[tuple]:
    """Rows of a query on one mart; none where its domain has not been published."""
    schema, name = table.split(".")
    there = connection.execute(
        "select exists (from duckdb_tables() where database_name = current_database() "
        f"and schema_name = {literal(schema)} and table_name = {literal(name)})"
    ).fetchone()[0]
    return connection.execute(sql).fetchall() if there else []


def _stale(connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    for domain, built_at, reason in _rows(
        connection,
        "quality.published_domains",
        "select domain, strftime(built_at, '%Y-%m-%d %H:%M'), reason "
        "from quality.published_domains where not is_current and reason <> 'not built yet'",
    ):
        kept = f"its tables are those of {built_at}" if built_at else "it has no tables"
        todo = "mend what the reason names, then run again; `carehouse status` lists what failed"
        yield Problem("stale domain", domain, 1, kept, reason, todo)


def _suspected(connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    for name, rows, verdict in _rows(
        connection,
        "ml.model_cards",
        "select model_name, test_rows, verdict from ml.model_cards where is_current and is_suspect",
    ):
        todo = (
            "take the feature that tells the outcome out and `carehouse train` again, or raise the "
            "limit in seed ml_auc_limits and run again"
        )
        yield Problem("suspected model", "ml", rows, f"ml.model_cards, {name}", verdict, todo)


def _rejected(connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    """By source and reason, each with the first place."""
    for source, reason, count, files, where in _rows(
        connection,
        "quality.rejected_rows",
        """
        select
            source, reason, count(*), count(distinct _source_file),
            min(
                _source_file || coalesce(', sheet ' || _source_sheet, '')
                || coalesce(', row ' || _source_row, '')
            )
        from quality.rejected_rows
        group by source, reason
        """,
    ):
        place = f"{where}{f' and {count - 1:,} more' if count > 1 else ''}"
        place += f", in {files} files" if files > 1 else ""
        todo = "mend the cell in the file, save it, and run again"
        yield Problem("rejected row", source, count, place, reason, todo)


def _unmapped(connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    for source, field_name, text, count, file, seed, nearest, line in _rows(
        connection,
        "quality.unmapped_values",
        "select source, field, value_text, value_count, example_file, seed_name, nearest_value, "
        "line_to_add from quality.unmapped_values",
    ):
        command = _map_command(kind_of(source, field_name), text, nearest)
        yield Problem(
            "unmapped spelling",
            source,
            count,
            file or field_name,
            f"{field_name}: a spelling that no seed knows",
            "give it its name, then run again" if command else _unmappable(source),
            text,
            nearest,
            command,
            f"seeds/workbooks/{seed}.csv" if seed else None,
            line,
        )


def _map_command(kind: str | None, text: str, nearest: str | None) -> str | None:
    """What would name the spelling; None where no line of a seed could match it."""
    if kind is None or not any(map(str.isalnum, text)):
        return None
    name = shlex.quote(nearest) if nearest else "NAME"
    ends_options = "-- " if text.startswith("-") else ""
    return f"carehouse map {kind} {ends_options}{shlex.quote(text)} {name}"


def _unmappable(source: str) -> str:
    if source == "opendental":
        return "a code that this version does not know: report it, and see its value in the mart"
    return "it holds no letter and no digit, so no alias can match it: mend the cells"


def _findings(connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    """By check: rows that are in the marts, and that a person should look at."""
    for schema, name, what in (
        ("clinic", "check_name", "min(detail)"),
        ("dental", "finding", "min('stated and found amounts are in the mart')"),
        ("claims", "check_name", "min(finding)"),
    ):
        table = f"{schema}.validation_findings"
        for check, count, told in _rows(
            connection,
            table,
            f"select {name}, count(*), {what} from {table} "
            f"{_warnings_only(connection, schema)} group by 1",
        ):
            words = check.replace("_", " ")
            yield Problem(
                *("finding", schema, count, table, f"{words}: {told}"),
                f"look at them in {table}; they stop nothing",
            )


def _warnings_only(connection: duckdb.DuckDBPyConnection, schema: str) -> str:
    """Rejected rows are told by themselves."""
    return "where severity <> 'rejected'" if schema == "clinic" else ""


def rejected_rows(settings: Settings) -> list[RejectedRow]:
    """Each rejected row; with its text, as the warehouse holds it, for the first of them."""
    with open_published(settings) as connection:
        rows = _rows(
            connection,
            "quality.rejected_rows",
            "select source, _source_file, _source_sheet, _source_row, reason "
            "from quality.rejected_rows order by all",
        )
    texts = _texts(settings, rows[:MOST_TEXTS])
    return [RejectedRow(*row, texts.get(row[:4])) for row in rows]


# the raw schema of a source, and what numbers the rows of its tables
RAW = {
    "workbooks": ("raw_workbooks", "_source_row"),
    "notes": ("raw_notes", "block_number"),
    "clinic": ("raw_clinic", "_source_row"),
    "claims": ("raw_claims", "_source_row"),
}


def _texts(settings: Settings, rows: list[tuple]) -> dict[tuple, str]:
    """What stands in these rows of the files, by source, file, sheet and row."""
    found: dict[tuple, str] = {}
    if not rows:
        return found
    with open_warehouse(settings) as connection:
        connection.execute(
            "create temp table wanted (source varchar, file varchar, sheet varchar, number bigint)"
        )
        wanted = ", ".join(f"({literals(row[:4])})" for row in rows)
        connection.execute(f"insert into wanted values {wanted}")
        for source, (schema, number) in RAW.items():
            for table, names in _raw_tables(connection, schema, number):
                found.update(_texts_of(connection, source, f"{schema}.{table}", names, number))
    return found


def _raw_tables(
    connection: duckdb.DuckDBPyConnection, schema: str, number: str
) -> list[tuple[str, list[str]]]:
    return connection.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        f"where database_name = current_database() and schema_name = {literal(schema)} "
        f"group by table_name having bool_or(column_name = {literal(number)})"
    ).fetchall()


def _texts_of(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    table: str,
    names: list[str],
    number: str,
) -> dict[tuple, str]:
    sheet = "raw._source_sheet" if "_source_sheet" in names else "cast(null as varchar)"
    if "value_text" in names:  # a cell a row
        text = "string_agg(raw.value_text, ' | ' order by raw.column_number)"
    else:
        cells = [one for one in names if not one.startswith("_") and one != number]
        parts = ", ".join(
            f"'{one}: ' || nullif(cast(raw.{quote(one)} as varchar), '')" for one in cells
        )
        text = f"any_value(concat_ws(' | ', {parts}))"
    rows = connection.execute(
        f"""
        select wanted.source, wanted.file, wanted.sheet, wanted.number, {text}
        from wanted
        inner join {table} as raw
            on wanted.file = raw._source_file and wanted.number = raw.{number}
            and ({sheet} is not distinct from wanted.sheet)
        where wanted.source = {literal(source)}
        group by all
        """
    ).fetchall()
    return {row[:4]: row[4] for row in rows if row[4]}


def problem_lines(problems: list[Problem]) -> Iterator[str]:
    """The problems for a terminal: the worst first, and of the rest how many there are."""
    if not problems:
        yield "nothing to mend"
    for one in problems[:MOST_LINES]:
        told = f" ({one.text})" if one.text else ""
        yield f"{one.kind}, {one.source}, {one.count:,} x: {one.what}{told}"
        yield f"    {one.where}"
        yield f"    {one.command or one.todo}"
    if len(problems) > MOST_LINES:
        yield f"and {len(problems) - MOST_LINES} more: they are on the page"


def page_path(settings: Settings) -> Path:
    """Where the page of the last run is."""
    return settings.home / "exports" / "problems.html"


def write_problems(settings: Settings) -> Path | None:
    """Write the page; gives its path, or None while nothing is published."""
    try:
        problems = read_problems(settings)
    except (NothingPublished, duckdb.BinderException):  # a domain kept from an earlier version
        return None
    return write_page(
        page_path(settings),
        "problems",
        settings,
        problems=problems,
        rows=rejected_rows(settings),
        most_texts=MOST_TEXTS,
    )


def as_json(problems: list[Problem]) -> str:
    """The problems as data."""
    return json.dumps([asdict(one) for one in problems], indent=2, ensure_ascii=False)
