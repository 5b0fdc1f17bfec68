"""Open the warehouse, and say plainly when somebody else holds it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from carehouse.contract import create_raw_tables
from carehouse.database import CATALOG, WAREHOUSE_PART, attach, in_memory, is_encrypted
from carehouse.errors import Trouble, WarehouseBusy
from carehouse.reseal import rewrite
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


def _connect(settings: Settings, memory_limit: str) -> duckdb.DuckDBPyConnection:
    _encrypt_first(settings)
    connection = in_memory(settings, memory_limit=memory_limit)
    try:
        _attach(connection, settings)
        connection.execute(f"use {CATALOG}")
    except BaseException:
        connection.close()
        raise
    return connection


def _encrypt_first(settings: Settings) -> None:
    """A warehouse from before CAREHOUSE_ENCRYPT was set is written afresh, encrypted."""
    if settings.encrypt and settings.warehouse.exists() and not is_encrypted(settings.warehouse):
        with _explained(settings):
            rewrite(settings, settings.warehouse, WAREHOUSE_PART)


def _attach(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    give_up_at = time.monotonic() + settings.wait_seconds
    while True:
        try:
            with _explained(settings):
                attach(connection, settings, settings.warehouse, CATALOG, WAREHOUSE_PART)
            return
        except WarehouseBusy:
            if time.monotonic() >= give_up_at:
                raise
        time.sleep(0.2)


@contextmanager
def _explained(settings: Settings) -> Iterator[None]:
    """Raises WarehouseBusy or Trouble in place of DuckDB's errors of opening a file."""
    try:
        yield
    except duckdb.IOException as error:
        if LOCKED.search(str(error)):
            raise WarehouseBusy(in_use(settings)) from error
        raise Trouble(explain(error, settings) or str(error)) from error
    except (duckdb.SerializationException, duckdb.InternalException) as error:
        raise Trouble(damaged(settings, settings.warehouse)) from error


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
