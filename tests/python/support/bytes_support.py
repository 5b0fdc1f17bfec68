"""Look for values in all that a home holds: bytes of files, texts of databases, ids of rows."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from carehouse.settings import Settings
from conftest import query


def found_in(home: Path, values: set[str]) -> Iterator[str]:
    """Where a value stands: in the bytes of any file but the inbox's, or in a database's texts,
    which are compressed."""
    for path in sorted(home.rglob("*")):
        if not path.is_file() or path.is_relative_to(home / "inbox"):
            continue
        data = path.read_bytes().lower()
        for value in values:
            if any(value.lower().encode(code) in data for code in ("utf-8", "utf-16-le")):
                yield f"{path.name}: bytes of {value}"
        if path.suffix == ".duckdb":
            yield from found_in_texts(path, values)


def found_in_texts(path: Path, values: set[str]) -> Iterator[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, list(column_name) from duckdb_columns() join "
            "duckdb_tables() using (schema_name, table_name) where data_type = 'VARCHAR' "
            "group by all"
        ).fetchall()
        for schema, table, columns in tables:
            texts = " || '|' || ".join(f"coalesce(\"{column}\", '')" for column in columns)
            for value in values:
                text = value.lower().replace("'", "''")
                (has,) = connection.execute(
                    f"select coalesce(bool_or(contains(lower({texts}), '{text}')), false) from "
                    f'"{schema}"."{table}"'
                ).fetchone()
                if has:
                    yield f"{path.name}: {schema}.{table} has {value}"


def left(settings: Settings) -> list[tuple]:
    """What is left of a clinic: kind and id of each raw row."""
    return query(
        settings,
        "select 'patient', patient_id from raw_clinic.patients union all select 'visit', "
        "appointment_id from raw_clinic.appointments union all select 'payment', payment_id from "
        "raw_clinic.payments order by all",
    )
