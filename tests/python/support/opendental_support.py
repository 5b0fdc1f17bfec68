"""Compare a mirror with its source by another way than the one it was read by."""

import math
from datetime import date, datetime
from pathlib import Path

import duckdb

from carehouse.demo.opendental_ddl import mysql_columns
from carehouse.landing.frame import Landing
from carehouse.landing.opendental.database import land_database, mirrored_tables
from carehouse.landing.opendental.mirror import data_columns, primary_key
from carehouse.settings import Settings
from mariadb_support import Server

TABLES = {table.name: table for table in mirrored_tables()}
ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "0": "\0"}


def land(settings: Settings, server: Server, database: str, **options) -> Landing:
    """Land as the user who may only read; nothing may be refused."""
    landing = land_database(settings, server.reader_url(database), **options)
    assert not landing.refused, landing.refused
    return landing


def assert_equal(settings: Settings, server: Server, database: str, *tables: str) -> None:
    """Source, as the mariadb client prints it, and mirror are equal, row for row."""
    for table in tables:
        source, mirror = source_rows(server, database, table), mirror_rows(settings, table)
        assert source.keys() == mirror.keys(), (
            f"{table}: {len(source.keys() - mirror.keys())} missing, "
            f"{len(mirror.keys() - source.keys())} too many"
        )
        wrong = [key for key in source if source[key] != mirror[key]]
        assert not wrong, (table, len(wrong), source[wrong[0]], mirror[wrong[0]])


def source_rows(server: Server, database: str, table: str) -> dict[int, dict]:
    """Rows by key."""
    contract = TABLES[table]
    columns = [name for name in data_columns(contract) if name in mysql_columns(table)]
    listed = ", ".join(f"`{name}`" for name in columns)
    printed = server.run(f"set time_zone = '+00:00'; select {listed} from `{table}`", database)
    rows = {}
    for line in printed.split("\n")[:-1]:
        values = [_plain(text) for text in line.split("\t")]
        row = {
            name: _value(value, contract.columns[name])
            for name, value in zip(columns, values, strict=True)
        }
        rows[row[primary_key(contract)]] = row
    return rows


def mirror_rows(settings: Settings, table: str) -> dict[int, dict]:
    """Rows that stand, by key; a key twice would fail."""
    contract = TABLES[table]
    listed = ", ".join(f'"{name}"' for name in data_columns(contract))
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        result = connection.execute(
            f"select {listed} from {contract.full_name} where _deleted_at is null"
        )
        names = [column[0] for column in result.description]
        found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        keys = connection.execute(
            f'select count(*), count(distinct "{primary_key(contract)}") from {contract.full_name}'
        ).fetchone()
    assert keys[0] == keys[1], f"{table}: a key stands twice"
    return {row[primary_key(contract)]: row for row in found}


def all_text(path: Path) -> str:
    """Every text of every table of a DuckDB file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where data_type = 'VARCHAR' and not internal"
        ).fetchall()
        return "\n".join(
            text or ""
            for schema, table, column in columns
            for (text,) in connection.execute(
                f'select string_agg("{column}", chr(10)) from "{schema}"."{table}"'
            ).fetchall()
        )


def _plain(text: str) -> str | None:
    if text == "NULL":
        return None
    out, rest = [], iter(text)
    for character in rest:
        out.append(ESCAPES[next(rest)] if character == "\\" else character)
    return "".join(out)


def _value(text: str | None, kind: str):
    if text is None or kind == "varchar":
        return text
    if kind in ("bigint", "integer", "smallint"):
        return int(text)
    if kind == "double":
        return float(text) if not math.isnan(float(text)) else None
    if "-00" in text[:10] or text.startswith("0000"):
        return None
    return date.fromisoformat(text) if kind == "date" else datetime.fromisoformat(text)
