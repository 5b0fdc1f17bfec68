"""Set the load log right after rows have gone.

`log` and `rows` name the catalogs that hold the log and the rows, as `new.`: none, the current one.
"""

from collections.abc import Sequence

import duckdb

from carehouse.erasure.rules import tables_of
from carehouse.sql import literals

COLUMNS = (
    "load_id, source, object, content_hash, row_count, started_at, finished_at, outcome, reason, "
    "location, looked_at"
)


def add_load(
    connection: duckdb.DuckDBPyConnection, values: Sequence[object], log: str = ""
) -> None:
    """Add a line under the next load_id; `values` are those of the other `COLUMNS`."""
    table = f"{log}raw.load_log"
    connection.execute(
        f"insert into {table} ({COLUMNS}) "
        f"select coalesce(max(load_id), 0) + 1, {literals(values)} from {table}"
    )


def count_again(
    connection: duckdb.DuckDBPyConnection, source: str, which: str, rows: str = "", log: str = ""
) -> None:
    """A load counts the rows that it has now: what is accounted for is compared with it.

    `which`: the loads, as a condition.
    """
    held = " union all ".join(
        f"select _load_id from {rows}{table.full_name}" for table in tables_of(source)
    )
    connection.execute(
        f"update {log}raw.load_log set row_count = (select count(*) from ({held}) as held "
        f"where held._load_id = load_log.load_id) where {which}"
    )
