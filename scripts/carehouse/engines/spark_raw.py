"""Raw tables and history for Spark: Parquet in a folder, written by DuckDB, mapped as tables.

Nothing passes through Spark's driver or through Python: DuckDB writes each table of the contract as
one folder of Parquet, and Spark is told where it lies and how its columns are typed.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from carehouse.contract import RawTable, raw_tables
from carehouse.sql import literal, quote

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOAD = "_load_id"
APPENDED = ("raw", "build_log")  # dbt writes it, on Spark in Spark
# Spark has one type of text, and its own name for a moment without a zone.
SPARK_TYPES = {"varchar": "string", "timestamp": "timestamp_ntz", "integer": "int"}


def write_raw(
    connection: duckdb.DuckDBPyConnection, folder: Path, but: Collection[tuple[str, str]] = ()
) -> list[RawTable]:
    """Write every raw table as `folder/<schema>/<table>/part.parquet`; give those there.

    `but` names tables to leave alone; what Spark landed itself stays as it is. Types are the
    contract's, so that an empty table has its columns too.
    """
    written = []
    for table in raw_tables():
        if (table.schema, table.name) in but:
            continue
        place = folder / table.schema / table.name
        if is_by_load(place):
            written.append(table)
            continue
        place.mkdir(parents=True, exist_ok=True)
        columns = ", ".join(
            f"cast({quote(name)} as {kind}) as {quote(name)}"
            for name, kind in table.columns.items()
        )
        rows = " where false" if (table.schema, table.name) == APPENDED else ""
        connection.execute(
            f"copy (select {columns} from {table.full_name}{rows}) "
            f"to {literal(place / 'part.parquet')} (format parquet, compression zstd)"
        )
        written.append(table)
    return written


def map_raw(spark: "SparkSession", tables: Iterable[RawTable], folder: Path) -> None:
    """Make the raw tables of Spark read the Parquet below `folder`, as it is now."""
    schemas = set()
    for table in tables:
        if table.schema not in schemas:
            spark.sql(f"create schema if not exists `{table.schema}`")
            schemas.add(table.schema)
        columns = ", ".join(f"`{name}` {spark_type(kind)}" for name, kind in table.columns.items())
        place = folder / table.schema / table.name
        by_load = is_by_load(place)
        spark.sql(f"drop table if exists `{table.schema}`.`{table.name}`")
        spark.sql(
            f"create table `{table.schema}`.`{table.name}` ({columns}) using parquet "
            f"{f'partitioned by ({LOAD}) ' if by_load else ''}location '{place.as_posix()}'"
        )
        if by_load:
            spark.sql(f"msck repair table `{table.schema}`.`{table.name}`")


def is_by_load(place: Path) -> bool:
    """Whether Spark landed the table itself: a folder for each load, named by its id."""
    return any(place.glob(f"{LOAD}=*"))


def write_history(
    connection: duckdb.DuckDBPyConnection, folder: Path, there: Collection[str]
) -> list[str]:
    """Write the histories that Spark has not yet as Parquet; give their names."""
    names = connection.execute(
        "select table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name = 'history'"
    ).fetchall()
    new = [name for (name,) in names if name not in there]
    for name in new:
        place = folder / "history" / name
        place.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"copy history.{quote(name)} to {literal(place / 'part.parquet')} (format parquet)"
        )
    return new


def map_history(spark: "SparkSession", names: Iterable[str], folder: Path) -> None:
    """Make tables of Spark's own from histories that were written as Parquet."""
    for name in names:
        place = (folder / "history" / name).as_posix()
        spark.sql("create schema if not exists history")
        spark.sql(f"create table history.`{name}` using parquet as select * from parquet.`{place}`")


def spark_type(kind: str) -> str:
    """A column type of the contract as Spark names it."""
    return re.sub(r"^[a-z]+", lambda word: SPARK_TYPES.get(word[0], word[0]), kind.lower())
