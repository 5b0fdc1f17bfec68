"""The raw contract: which raw tables exist and how their columns are typed.

It is written once, in `models/staging/*/_*__sources.yml`; dbt documents and tests it there, and
the loaders create the tables from it.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import duckdb

from carehouse.settings import PROJECT_DIR
from carehouse.sql import quote


@dataclass(frozen=True)
class RawTable:
    """One raw table: its dbt source, its place, and its columns as name to DuckDB type."""

    source: str
    schema: str
    name: str
    columns: dict[str, str]
    optional: frozenset[str] = field(default=frozenset())  # inputs may lack these
    meta: dict[str, object] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`"schema"."table"`, quoted."""
        return f"{quote(self.schema)}.{quote(self.name)}"


@cache
def raw_tables(models_dir: Path = PROJECT_DIR / "models") -> tuple[RawTable, ...]:
    """Every raw table of the contract.

    Reading the yml takes a quarter of a second, more than many a command else: what was read is
    kept under `target/` with a hash of the files. Raises ValueError naming the file, table and
    column where a column has no `data_type`.
    """
    texts = {
        path: path.read_bytes() for path in sorted(models_dir.glob("staging/*/_*__sources.yml"))
    }
    code = Path(__file__).read_bytes()
    stamp = hashlib.sha256(b"".join([code, *texts.values()])).hexdigest()
    kept = models_dir.parent / "target" / "raw_contract.json"
    with contextlib.suppress(OSError, ValueError):
        told = json.loads(kept.read_bytes())
        if told["stamp"] == stamp:
            return tuple(
                RawTable(**(table | {"optional": frozenset(table["optional"])}))
                for table in told["tables"]
            )
    tables = tuple(table for path, text in texts.items() for table in _read(path, text))
    told = [asdict(table) | {"optional": sorted(table.optional)} for table in tables]
    with contextlib.suppress(OSError):  # a project that may not be written is read each time
        kept.parent.mkdir(exist_ok=True)
        beside = kept.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps({"stamp": stamp, "tables": told}))
        beside.replace(kept)
    return tables


def _read(path: Path, text: bytes) -> Iterator[RawTable]:
    import yaml

    for source in yaml.load(text, Loader=yaml.CSafeLoader)["sources"]:
        schema = source.get("schema", source["name"])
        for table in source["tables"]:
            columns, optional = {}, set()
            for column in table["columns"]:
                if "data_type" not in column:
                    raise ValueError(
                        f"{path.name}: {table['name']}.{column['name']} needs a data_type"
                    )
                columns[column["name"]] = column["data_type"]
                if column.get("config", {}).get("meta", {}).get("optional"):
                    optional.add(column["name"])
            meta = table.get("config", {}).get("meta", {})
            yield RawTable(
                source["name"], schema, table["name"], columns, frozenset(optional), meta
            )


def raw_table(source: str, name: str) -> RawTable:
    """Return the contract of one raw table; KeyError when the sources yml has none."""
    for table in raw_tables():
        if (table.source, table.name) == (source, name):
            return table
    raise KeyError(f"no source yml under models/staging describes {source}.{name}")


def create_raw_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing: schemas, tables, and columns the contract has gained since."""
    existing: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in connection.execute(
        "select table_schema, table_name, column_name from information_schema.columns"
    ).fetchall():
        existing.setdefault((schema, table), set()).add(column)
    for table in raw_tables():
        columns = existing.get((table.schema, table.name))
        if columns is None:
            body = ", ".join(f"{quote(name)} {kind}" for name, kind in table.columns.items())
            connection.execute(f"create schema if not exists {quote(table.schema)}")
            connection.execute(f"create table if not exists {table.full_name} ({body})")
            continue
        for name, kind in table.columns.items():
            if name not in columns:
                connection.execute(f"alter table {table.full_name} add column {quote(name)} {kind}")
