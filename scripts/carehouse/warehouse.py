"""Open the warehouse, and say plainly when somebody else holds it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from carehouse.contract import create_raw_tables
from carehouse.database import CATALOG, attach, in_memory
from carehouse.errors import Trouble, WarehouseBusy
from carehouse.settings import Settings
from carehouse.sql import literal
from carehouse.trouble import LOCKED, damaged, explain, in_use

_kept: dict[Path, duckdb.DuckDBPyConnection] = {}


@contextmanager
def open_warehouse(settings: Settings, memory_limit: str = "160MB") -> Iterator:
    """A writing connection to the warehouse, its raw tables in place; closed at the end.

    Raises WarehouseBusy when another process still has it open after `wait_seconds`, since DuckDB
    allows one writer. Inside another of this process it is a second connection to the same.
    """
    kept = _kept.get(settings.warehouse)
    if kept is not None:
        with kept.cursor() as connection:
            connection.execute(f"use {CATALOG}; set memory_limit = {literal(memory_limit)}")
            yield connection
        return
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(settings, memory_limit)
    _kept[settings.warehouse] = connection
    try:
        create_raw_tables(connection)
        yield connection
    finally:
        del _kept[settings.warehouse]
        connection.close()


@contextmanager
def kept_open(settings: Settings) -> Iterator[None]:
    """Open the warehouse once for all that opens it inside: each opening reads the catalog."""
    with open_warehouse(settings):
        yield


def _connect(settings: Settings, memory_limit: str) -> duckdb.DuckDBPyConnection:
    connection = in_memory(settings, memory_limit=memory_limit)
    try:
        _attach(connection, settings)
        connection.execute(f"use {CATALOG}")
    except BaseException:
        connection.close()
        raise
    return connection


def _attach(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    give_up_at = time.monotonic() + settings.wait_seconds
    while True:
        try:
            attach(connection, settings.warehouse, CATALOG)
            return
        except duckdb.IOException as error:
            if not LOCKED.search(str(error)):
                raise Trouble(explain(error, settings) or str(error)) from error
            if time.monotonic() >= give_up_at:
                raise WarehouseBusy(in_use(settings)) from error
        except (duckdb.SerializationException, duckdb.InternalException) as error:
            raise Trouble(damaged(settings, settings.warehouse)) from error
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
