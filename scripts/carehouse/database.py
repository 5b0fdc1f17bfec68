"""Open DuckDB's files of the home, encrypted or not: nothing else in the package opens one.

A file is attached under a name to a database in memory, which is how DuckDB takes a key, and the
same whether there is one. Whether a file is encrypted, it says itself; new ones are when the home
is: by CAREHOUSE_ENCRYPT, and once the warehouse is, even where that is not set. Each has a key of
its own, derived from the home's by its part: `warehouse`, or the role that a published file is for.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb

from carehouse.errors import BadKey, CarehouseError, Trouble
from carehouse.keys import database_key, every_key, key_place, need_key
from carehouse.settings import Settings
from carehouse.sql import literal

CATALOG = "carehouse"  # of the warehouse: its views name it
WAREHOUSE_PART = "warehouse"
SPILL = ".spill-"  # folders of the home, each with its process's number
MAGIC, FLAGS = slice(8, 12), 20  # where a file says what it is; bit 1: it is encrypted
WRONG_KEY, NO_KEY = "Wrong encryption key", "without a key"
_number = itertools.count()


def is_encrypted(path: Path) -> bool:
    """Whether a file is an encrypted database; no for one that is not there."""
    try:
        with path.open("rb") as file:
            head = file.read(FLAGS + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return False
    return len(head) > FLAGS and head[MAGIC] == b"DUCK" and bool(head[FLAGS] & 1)


def is_sealed(settings: Settings) -> bool:
    """Whether new files of the home are encrypted."""
    return settings.encrypt or is_encrypted(settings.warehouse)


def in_memory(settings: Settings, **config: str | int) -> duckdb.DuckDBPyConnection:
    """A fresh database in memory, to which files of the home can be attached and written."""
    connection = duckdb.connect(":memory:", config={**options(settings), **config})
    try:
        prepare(connection, settings)
    except BaseException:
        connection.close()
        raise
    return connection


def options(settings: Settings) -> dict[str, str | int | bool]:
    """DuckDB's configuration for what writes, as `duckdb.connect` takes it."""
    return {
        "autoinstall_known_extensions": False,
        # the newest file format: text packs better, and wide tables are written twice as fast
        "storage_compatibility_version": "latest",
        # of its own: the first to close a folder of spill removes it
        "temp_directory": str(settings.home / f"{SPILL}{os.getpid()}-{next(_number)}"),
        "temp_file_encryption": is_sealed(settings),
    }


def prepare(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Load what encrypts where the home is encrypted: DuckDB's own part only reads. A tenth of a
    second. Raises Trouble."""
    if is_sealed(settings):
        load_bundled(connection, "httpfs", Trouble)


def attach(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    path: Path,
    name: str,
    part: str,
    *,
    read_only: bool = False,
    key: bytes | None = None,
) -> None:
    """Attach a file under a name; one that is not there is made, unless `read_only`.

    `key`: of the home, for a new file, in place of the one that is set. Raises BadKey.
    """
    mode = ["read_only"] if read_only else []
    if not path.exists():
        if is_sealed(settings) and not read_only:
            mode.append(_key_option(key or need_key(settings), part))
        _attach(connection, path, name, mode)
        return
    if not is_encrypted(path):
        try:
            _attach(connection, path, name, mode)
            return
        except duckdb.CatalogException as error:
            if NO_KEY not in str(error):  # it was encrypted meanwhile
                raise
    _attach_encrypted(connection, settings, path, name, part, mode)


def _attach_encrypted(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    path: Path,
    name: str,
    part: str,
    mode: list[str],
) -> None:
    """Try every key; again where they have changed meanwhile, since the file may have too."""
    tried: list[bytes] = []
    while (keys := every_key(settings)) and keys != tried:
        for key in keys:
            try:
                _attach(connection, path, name, [*mode, _key_option(key, part)])
                return
            except duckdb.InvalidInputException:  # WRONG_KEY
                continue
        tried = keys
    place = key_place(settings).told
    what = (
        f"{place} is not its key: put back the key with which it was written"
        if tried
        else f"there is no key in {place}: put it back, or say where it is (CAREHOUSE_KEY_FILE, "
        "CAREHOUSE_KEYRING or CAREHOUSE_KEY)"
    )
    raise BadKey(f"{path} is encrypted and {what}. Nothing was changed")


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str, mode: list[str]) -> None:
    told = f" ({', '.join(mode)})" if mode else ""
    try:
        connection.execute(f"attach {literal(path)} as {name}{told}")
    except duckdb.InvalidInputException as error:
        if WRONG_KEY in str(error):
            raise
        # a damaged file, as DuckDB says of one that is not encrypted
        raise duckdb.IOException(f"{path} is corrupt: {error}") from None


def _key_option(key: bytes, part: str) -> str:
    return f"encryption_key {literal(database_key(key, part))}"


@contextmanager
def open_to_read(
    settings: Settings, path: Path, name: str, part: str, **config: str | int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which one file is the database in use. Raises BadKey.

    What encrypts is not loaded, so what is encrypted cannot spill: it must do with the memory.
    """
    spill = {"temp_directory": ""} if is_encrypted(path) else {}
    chosen = {**options(settings), "temp_file_encryption": False, **spill, **config}
    with duckdb.connect(":memory:", config=chosen) as connection:
        attach(connection, settings, path, name, part, read_only=True)
        connection.execute(f"use {name}")
        yield connection


def load_bundled(
    connection: duckdb.DuckDBPyConnection, extension: str, error: type[CarehouseError]
) -> None:
    """Load DuckDB's extension that a wheel brought, so that nothing is fetched. Raises `error`."""
    spec = find_spec(f"duckdb_extension_{extension}")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    path = folder / "extensions" / f"v{duckdb.__version__}" / f"{extension}.duckdb_extension"
    if not path.is_file():
        wheel = f"duckdb-extension-{extension.replace('_', '-')}=={duckdb.__version__}"
        raise error(f"DuckDB's extension {extension} is missing: pip install {wheel}")
    connection.execute(f"load {literal(path)}")
