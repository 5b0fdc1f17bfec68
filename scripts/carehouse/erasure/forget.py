"""Keep those who were erased out of what is landing: rows by their ids, cells by their names.

`prepare` gives a connection the marks, in temporary tables; without them nothing here does or
costs anything. What is left out is counted and logged as `forgotten` when the look ends.
"""

import itertools
from dataclasses import dataclass

import duckdb

from carehouse.contract import RawTable
from carehouse.erasure.names import Names
from carehouse.erasure.rules import Rule, owned, rules
from carehouse.erasure.tombstones import Marks, add_marks, mark, read_key, read_marks
from carehouse.keys import pads
from carehouse.settings import Settings
from carehouse.sql import literal, quote

FIRST_ROWS = 10  # of a sheet, in which it says whose it is
FIRST_BLOCKS = 5
CODE = "[A-Za-z]{2,5}[_-]?[0-9]{2,6}"  # that tells a sheet or a note to be somebody's
NUMBERED = "('number', 'date', 'datetime')"
_number = itertools.count()


@dataclass(frozen=True)
class Erased:
    """The marks of one source, ready on one connection."""

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    source: str
    names: Names
    marks: Marks

    def is_file(self, name: str, content_hash: str | None) -> bool:
        """Whether a file as a whole is a person's who was erased."""
        told = [name, *([content_hash] if content_hash else [])]
        marked = self.marks.get("file", set())
        return any(mark(self.names.key, one) in marked for one in told) or self.names.is_file(name)


def prepare(
    connection: duckdb.DuckDBPyConnection, settings: Settings, source: str
) -> Erased | None:
    """Give a connection the marks of a source; None where nobody was erased from it."""
    connection.execute("drop table if exists temp.erased_marks")
    marks, key = read_marks(settings, source), read_key(settings)
    if not marks or key is None:
        return None
    give_marks(connection, key, marks)
    found = (frozenset(marks.get(kind, ())) for kind in ("label", "mention"))
    return Erased(connection, settings, source, Names(key, *found), marks)


def give_marks(connection: duckdb.DuckDBPyConnection, key: bytes, marks: Marks) -> None:
    """Put key and marks where SQL finds them; the key in variables, so that no error quotes it."""
    inner, outer = pads(key)
    connection.execute(f"set variable erased_inner = unhex({literal(inner)})")
    connection.execute(f"set variable erased_outer = unhex({literal(outer)})")
    connection.execute("create or replace temp table erased_marks (kind varchar, mark varchar)")
    connection.execute("create or replace temp table erased_new (kind varchar, mark varchar)")
    connection.execute("create or replace temp table erased_counts (row_count bigint)")
    rows = [(kind, one) for kind, some in marks.items() for one in sorted(some)]
    for start in range(0, len(rows), 1000):
        some = rows[start : start + 1000]
        values = ", ".join(f"({literal(kind)}, {literal(one)})" for kind, one in some)
        connection.execute(f"insert into temp.erased_marks values {values}")


def is_prepared(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether there is anybody to keep out."""
    return bool(
        connection.execute(
            "select 1 from duckdb_tables() where temporary and table_name = 'erased_marks'"
        ).fetchone()
    )


def mark_sql(text: str) -> str:
    """SQL for the mark of a text."""
    return (
        "substr(sha256(getvariable('erased_outer') || unhex(sha256(getvariable('erased_inner') "
        f"|| encode({text})))), 1, 32)"
    )


def theirs(found: list[Rule]) -> str:
    """SQL that is true of a row of somebody who was erased, and never null."""
    told = " or ".join(
        f"{mark_sql(rule.sql)} in (select mark from temp.erased_marks where kind = "
        f"{literal(rule.kind)})"
        for rule in found
    )
    return f"coalesce({told or 'false'}, false)"


def forget_rows(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    table: RawTable,
    rows: str,
    file: str = "_source_file",
) -> None:
    """Delete from a temporary table what is theirs, before it goes into a raw table."""
    if not is_prepared(connection) or not (found := rules(table, settings, file)):
        return
    learn(connection, settings, table, rows, found)
    (count,) = connection.execute(f"delete from {rows} where {theirs(found)}").fetchone()
    add_count(connection, count)


def learn(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    table: RawTable,
    rows: str,
    found: list[Rule],
) -> None:
    """Mark the ids of their rows too, since rows of other tables may go by those alone."""
    told = owned(table, settings)
    if told is None:
        return
    columns = {row[0].lower() for row in connection.execute(f"describe {rows}").fetchall()}
    if told.kind.lower() not in columns and "appointment_id" not in columns:
        return
    connection.execute(
        f"insert into temp.erased_new select distinct {literal(told.kind)}, {mark_sql(told.sql)} "
        f"from {rows} where {theirs(found)} and {told.sql} is not null"
    )
    connection.execute(
        "insert into temp.erased_marks from temp.erased_new except from temp.erased_marks"
    )


def add_count(connection: duckdb.DuckDBPyConnection, count: int) -> None:
    """Count rows that were left out."""
    if count:
        connection.execute(f"insert into temp.erased_counts values ({count})")


def finish(erased: Erased) -> int:
    """How many rows were left out; ids that were met for the first time are kept as marks."""
    connection = erased.connection
    new: dict[str, list[str]] = {}
    for kind, one in connection.execute(
        "select distinct kind, mark from temp.erased_new"
    ).fetchall():
        new.setdefault(kind, []).append(one)
    add_marks(erased.settings, erased.source, new)
    (count,) = connection.execute(
        "select coalesce(sum(row_count), 0) from temp.erased_counts"
    ).fetchone()
    return int(count)


def forget_cells(erased: Erased, cells: str, sheets: str) -> tuple[str, str]:
    """Relations of the cells and sheets that stay; both given have _source_file, content_hash.

    A sheet goes where it is marked, goes by their name, or names them in its first rows and has no
    other code. A row goes where it is marked, or has their name beside a number or a day. In all
    other texts their names are taken out.
    """
    connection, names = erased.connection, erased.names
    is_named, redacted = _functions(connection, names)
    is_file = _file_function(connection, erased)
    connection.execute(
        f"create or replace temp table erased_cells as "
        f"select *, {is_named}(value_text) as is_named "
        f"from ({cells}) as cells"
    )
    connection.execute(
        f"""
        create or replace temp table erased_sheets as
        with told as (
            select
                _source_file, _source_sheet,
                bool_or(is_named and _source_row <= {FIRST_ROWS}) as says_so,
                bool_or(not is_named and regexp_full_match(
                    trim(value_text), '{CODE}'
                )) as has_others
            from temp.erased_cells group by all
        )
        select sheets._source_file, sheets._source_sheet
        from ({sheets}) as sheets
        left join told using (_source_file, _source_sheet)
        where {is_file}(sheets._source_file, sheets.content_hash)
            or {_place("sheet", "sheets._source_file", "sheets._source_sheet")}
            or {_place("sheet", "sheets.content_hash", "sheets._source_sheet")}
            or {is_named}(sheets._source_sheet)
            or (told.says_so and not coalesce(told.has_others, false))
        """
    )
    connection.execute(
        f"""
        create or replace temp table erased_rows as
        select _source_file, _source_sheet, _source_row from temp.erased_cells
        group by all
        having bool_or({_place("row", "content_hash", "_source_sheet", "_source_row")})
            or (bool_or(is_named) and bool_or(value_type in {NUMBERED}))
        """
    )
    stays = """
        not exists (
            from temp.erased_sheets as gone
            where gone._source_file = cells._source_file
                and gone._source_sheet = cells._source_sheet
        ) and not exists (
            from temp.erased_rows as gone
            where gone._source_file = cells._source_file
                and gone._source_sheet = cells._source_sheet
                and gone._source_row = cells._source_row
        )
    """
    (count,) = connection.execute(
        f"select count(*) from temp.erased_cells as cells where not ({stays})"
    ).fetchone()
    add_count(connection, count)
    connection.execute(
        "create or replace temp table erased_kept_cells as "
        "select * exclude (content_hash, is_named) "
        f"replace ({redacted}(value_text) as value_text, {redacted}(formula_text) as formula_text) "
        f"from temp.erased_cells as cells where {stays}"
    )
    connection.execute(
        f"create or replace temp table erased_kept_sheets as select * exclude (content_hash) "
        f"from ({sheets}) as sheets where not exists (from temp.erased_sheets as gone where "
        "gone._source_file = sheets._source_file and gone._source_sheet = sheets._source_sheet)"
    )
    _forget_functions(connection, is_named, redacted, is_file)
    return "temp.erased_kept_cells", "temp.erased_kept_sheets"


def forget_blocks(erased: Erased, blocks: str) -> str:
    """The relation of a note's blocks that stay: none of a note that is about them."""
    connection = erased.connection
    is_named, redacted = _functions(connection, erased.names)
    is_file = _file_function(connection, erased)
    connection.execute(f"create or replace temp table erased_blocks as {blocks}")
    connection.execute(
        f"""
        create or replace temp table erased_notes as
        select _source_file from temp.erased_blocks
        group by all
        having bool_or({is_file}(_source_file, content_hash))
            or (bool_or(block_number <= {FIRST_BLOCKS} and {redacted}(text) <> text)
            and not bool_or(block_number <= {FIRST_BLOCKS} and regexp_matches(
                {redacted}(text), '\\b{CODE}\\b')))
        """
    )
    stays = "_source_file not in (select _source_file from temp.erased_notes)"
    (count,) = connection.execute(
        f"select count(*) from temp.erased_blocks where not ({stays})"
    ).fetchone()
    add_count(connection, count)
    connection.execute(
        "create or replace temp table erased_kept_blocks as select * exclude (content_hash) "
        f"replace ({redacted}(text) as text) from temp.erased_blocks where {stays}"
    )
    _forget_functions(connection, is_named, redacted, is_file)
    return "temp.erased_kept_blocks"


def place_text(*parts: object) -> str:
    """A place as it is marked."""
    return "|".join(map(str, parts))


def _place(kind: str, *parts: str) -> str:
    text = " || '|' || ".join(f"cast({part} as varchar)" for part in parts)
    return (
        f"coalesce({mark_sql(text)} in (select mark from temp.erased_marks where kind = "
        f"{literal(kind)}), false)"
    )


def _functions(connection: duckdb.DuckDBPyConnection, names: Names) -> tuple[str, str]:
    """Names of SQL functions for a connection; every connection of a database sees them all."""
    number = next(_number)
    is_named, redacted = f"erased_is_named_{number}", f"erased_redacted_{number}"
    connection.create_function(
        is_named, names.is_named, ["VARCHAR"], "BOOLEAN", null_handling="special"
    )
    connection.create_function(
        redacted, names.redacted, ["VARCHAR"], "VARCHAR", null_handling="special"
    )
    return quote(is_named), quote(redacted)


def _file_function(connection: duckdb.DuckDBPyConnection, erased: Erased) -> str:
    name = f"erased_is_file_{next(_number)}"
    connection.create_function(
        name, erased.is_file, ["VARCHAR", "VARCHAR"], "BOOLEAN", null_handling="special"
    )
    return quote(name)


def _forget_functions(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    for name in names:
        connection.remove_function(name.strip('"'))
