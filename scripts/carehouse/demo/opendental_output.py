"""Write a made-up practice: every table of the contract with all its columns, empty ones filled
as the program fills them (0, '', 0001-01-01)."""

import shutil
from pathlib import Path

from carehouse.demo.opendental_practice import Practice
from carehouse.landing.contract import RawTable, raw_tables
from carehouse.progress import track

FILLERS = {
    "bigint": "0", "integer": "0", "smallint": "0", "double": "0.0", "varchar": "''",
    "date": "date '0001-01-01'", "timestamp": "timestamp '0001-01-01 00:00:00'",
}  # fmt: skip


def source_tables() -> list[RawTable]:
    """The tables of the contract."""
    return [table for table in raw_tables() if table.schema == "raw_opendental"]


def source_columns(table: RawTable) -> dict[str, str]:
    """The source's own columns of a table, without lineage."""
    return {name: kind for name, kind in table.columns.items() if not name.startswith("_")}


def widened(practice: Practice, table: RawTable) -> str:
    """A query of one whole table in the order of its first column, the primary key."""
    known = practice.columns(table.name)
    columns = source_columns(table)
    parts = []
    for name, kind in columns.items():
        filler = FILLERS[kind]
        value = f'coalesce(cast("{name}" as {kind}), {filler})' if name in known else filler
        parts.append(f'cast({value} as {kind}) as "{name}"')
    if not known:
        return f"select {', '.join(parts)} where false"
    key = next(name for name in columns if name in known)
    source = f'(select * from od."{table.name}" order by "{key}")'
    return f"select {', '.join(parts)} from {source}"


def write_files(practice: Practice, folder: Path, kind: str = "parquet") -> None:
    """One file per table in `folder`, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tables = source_tables()
    options = "format csv, header" if kind == "csv" else "format parquet, compression zstd"
    for table in track(tables, len(tables), "writing tables"):
        path = (folder / f"{table.name}.{kind}").as_posix().replace("'", "''")
        practice.connection.execute(f"copy ({widened(practice, table)}) to '{path}' ({options})")
