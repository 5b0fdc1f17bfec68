"""Open the warehouse, and say plainly when somebody else holds it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from carehouse.contract import create_raw_tables
from carehouse.errors import WarehouseBusy
from carehouse.settings import Settings


@contextmanager
def open_warehouse(settings: Settings, memory_limit: str = "160MB") -> Iterator:
    """A writing connection to the warehouse, its raw tables in place; closed at the end.

    Raises WarehouseBusy when another process still has it open after `wait_seconds`, since DuckDB
    allows one writer.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(settings, memory_limit)
    try:
        create_raw_tables(connection)
        yield connection
    finally:
        connection.close()


def _connect(settings: Settings, memory_limit: str) -> duckdb.DuckDBPyConnection:
    give_up_at = time.monotonic() + settings.wait_seconds
    while True:
        try:
            return duckdb.connect(
                str(settings.warehouse),
                config={
                    "memory_limit": memory_limit,
                    "autoinstall_known_extensions": False,
                    "storage_compatibility_version": "latest",  # as in profiles.yml
                },
            )
        except duckdb.IOException as error:
            if "lock" not in str(error).lower() and "used by another" not in str(error).lower():
                raise
            if time.monotonic() >= give_up_at:
                raise WarehouseBusy(
                    f"{settings.warehouse} is in use by another program (a run that has not ended, "
                    "or an SQL tool that has it open for writing): wait for it or close it. To "
                    f"query, open {settings.published} instead"
                ) from error
        time.sleep(0.2)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit at the end, or undo everything when anything fails."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
