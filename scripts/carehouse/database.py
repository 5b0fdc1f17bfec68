"""Open DuckDB's files of the home: nothing else in the package opens one.

A file is attached under a name to a database in memory, which is how DuckDB takes a key, and the
same whether there is one. What is in the home's files is told by their place: the warehouse, and a
published file for each role.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb

from carehouse.settings import Settings
from carehouse.sql import literal

CATALOG = "carehouse"  # of the warehouse: its views name it
SPILL = ".spill-"  # folders of the home, each with its process's number
_number = itertools.count()


def in_memory(settings: Settings, **config: str | int) -> duckdb.DuckDBPyConnection:
    """A fresh database in memory, to which files of the home can be attached."""
    return duckdb.connect(":memory:", config={**options(settings), **config})


def options(settings: Settings) -> dict[str, str | int | bool]:
    """DuckDB's configuration for what is opened here, as `duckdb.connect` takes it."""
    return {
        "autoinstall_known_extensions": False,
        # the newest file format: text packs better, and wide tables are written twice as fast
        "storage_compatibility_version": "latest",
        # of its own: the first to close a folder of spill removes it
        "temp_directory": str(settings.home / f"{SPILL}{os.getpid()}-{next(_number)}"),
    }


def attach(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, *, read_only: bool = False
) -> None:
    """Attach a file under a name; one that is not there is made, unless `read_only`."""
    mode = " (read_only)" if read_only else ""
    connection.execute(f"attach {literal(path)} as {name}{mode}")


@contextmanager
def open_file(
    settings: Settings, path: Path, name: str, *, read_only: bool = True, **config: str | int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which one file is the database in use."""
    with in_memory(settings, **config) as connection:
        attach(connection, path, name, read_only=read_only)
        connection.execute(f"use {name}")
        yield connection


def bundled_extension(package: str, extension: str) -> Path | None:
    """DuckDB's extension that a wheel brought, so that nothing is fetched; None without it."""
    spec = find_spec(package)
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    path = folder / "extensions" / f"v{duckdb.__version__}" / f"{extension}.duckdb_extension"
    return path if path.is_file() else None
