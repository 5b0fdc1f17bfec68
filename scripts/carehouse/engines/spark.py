"""A Spark cluster as the engine, through the Connect server that `SPARK_REMOTE` names.

Raw tables lie as Parquet in `spark/raw` of the home, and the marts are read back from where Spark
wrote them: driver, workers and this machine have to see the same folders.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import duckdb

from carehouse.domains import mart_table, read_build_log
from carehouse.engines.spark_raw import APPENDED, map_history, map_raw, write_history, write_raw
from carehouse.errors import EngineNotReady
from carehouse.landing.frame import Landing
from carehouse.settings import Settings
from carehouse.sql import literal, quote
from carehouse.warehouse import open_warehouse, transaction

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOG = "unique_id, status, failures, invocation_id, finished_at"


def check(settings: Settings) -> None:
    """See that there is a client and an address; raises EngineNotReady."""
    if find_spec("pyspark") is None:
        raise EngineNotReady(
            "CAREHOUSE_TARGET is spark, and pyspark is missing: use .venv-spark/bin/carehouse "
            "(make .venv-spark/ready)"
        )
    if not os.environ.get("SPARK_REMOTE"):
        raise EngineNotReady(
            "CAREHOUSE_TARGET is spark, and SPARK_REMOTE does not name a Connect server: set it "
            "to sc://host:15002"
        )


@contextmanager
def connected() -> Iterator["SparkSession"]:
    """A session of the server; raises EngineNotReady where none answers."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    try:
        spark = SparkSession.builder.getOrCreate()
        spark.sql("select 1").collect()
    except PySparkException as error:
        raise EngineNotReady(
            "the Spark server that SPARK_REMOTE names does not answer: check its address, and "
            f"that it runs ({type(error).__name__}). Nothing was changed"
        ) from None
    try:
        yield spark
    finally:
        spark.stop()


def land_claims_there(settings: Settings, place: Path | str, force: bool = False) -> Landing:
    """Land claims with Spark itself, into the folder that `bring` maps. Raises NothingToLand."""
    from carehouse.engines.spark_claims import land_claims_on_spark

    with connected() as spark:
        return land_claims_on_spark(spark, settings, place, settings.home / "spark" / "raw", force)


def bring(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Write the raw tables as Parquet and map them, and a history that is not there yet.

    The build log is Spark's own; the warehouse's is made the same. Gives the rows written.
    """
    folder = settings.home / "spark" / "raw"
    with connected() as spark:
        has_log = spark.catalog.tableExists(".".join(APPENDED))
        tables = write_raw(connection, folder, but={APPENDED} if has_log else set())
        map_raw(spark, tables, folder)
        there = set()
        if spark.catalog.databaseExists("history"):
            there = {one.name for one in spark.catalog.listTables("history")}
        map_history(spark, write_history(connection, folder, there), folder)
        _fetch_log(connection, spark)
    return sum(
        connection.execute(f"select count(*) from {table.full_name}").fetchone()[0]
        for table in tables
    )


def fetch(settings: Settings) -> None:
    """Bring the build log and the marts that were built since into the warehouse file."""
    limit = settings.memory_limit or "1GB"
    with connected() as spark, open_warehouse(settings, limit) as connection:
        before = read_build_log(connection)
        _fetch_log(connection, spark)
        after = read_build_log(connection)
        for name in after.status:
            mart = mart_table(name)
            changed = after.invocation[name] != before.invocation.get(name)
            if mart and changed and spark.catalog.tableExists(".".join(mart)):
                _fetch_table(connection, spark, *mart)


def _fetch_log(connection: duckdb.DuckDBPyConnection, spark: "SparkSession") -> None:
    """The newest row of each node: on Spark the log only grows."""
    newest = spark.sql(
        f"select {LOG} from (select *, row_number() over (partition by unique_id "
        "order by finished_at desc, status = 'started') as place from raw.build_log) "
        "where place = 1"
    ).toArrow()
    connection.register("newest_log", newest)
    with transaction(connection):
        connection.execute("delete from raw.build_log")
        connection.execute(f"insert into raw.build_log ({LOG}) select {LOG} from newest_log")
    connection.unregister("newest_log")


def _fetch_table(
    connection: duckdb.DuckDBPyConnection, spark: "SparkSession", schema: str, table: str
) -> None:
    place = table_folder(spark, f"{schema}.{table}")
    connection.execute(f"create schema if not exists {quote(schema)}")
    connection.execute(
        f"create or replace table {quote(schema)}.{quote(table)} as "
        f"from read_parquet({literal(place / '*.parquet')})"
    )


def table_folder(spark: "SparkSession", name: str) -> Path:
    """The folder of a Spark table; raises EngineNotReady where this machine does not see it."""
    told = {row.col_name: row.data_type for row in spark.sql(f"describe extended {name}").collect()}
    place = urlsplit(told["Location"])
    folder = Path(unquote(place.path))
    if place.scheme not in ("", "file") or not folder.exists():
        raise EngineNotReady(
            f"{name} lies in {told['Location']}, which this machine does not see: let "
            "spark.sql.warehouse.dir be a folder that it shares with the cluster"
        )
    return folder
