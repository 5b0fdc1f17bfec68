"""Back up a home into a folder or a bucket, try the copy, and put it back.

A backup is a folder `carehouse-20250630T064500` with the warehouse (history and raw tables are in
it), what is published, the outbox with its ledger, the marks of who was erased with their key, and
`manifest.json`, written last: name and SHA-256 of each file, and the rows of each of the
warehouse's tables. Databases are as they are in the home, encrypted or not. The home's key and
`.env` are not in it: keep them elsewhere. Nor is the inbox, which is the user's own.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

import duckdb

from carehouse.database import WAREHOUSE_PART, is_sealed, open_to_read
from carehouse.erasure.tombstones import take_marks
from carehouse.errors import CarehouseError, NotBackedUp, Trouble
from carehouse.reseal import databases, rewrite
from carehouse.scratch import scratch
from carehouse.settings import Settings
from carehouse.sql import literal, quote
from carehouse.store import Store, file_hash, open_store
from carehouse.warehouse import open_warehouse

MANIFEST = "manifest.json"
WAREHOUSE = "warehouse/carehouse.duckdb"
LEDGER = "outbox/ledger.sqlite"
PREFIX = "carehouse-"
KEPT = ("published", "outbox")  # whole folders, beside the warehouse
ERASED = "erased"  # what the home has of it stays, and a backup adds to it


@dataclass(frozen=True)
class Backup:
    """One backup: where it is, its files with their hashes, rows by table of the warehouse."""

    name: str
    place: str
    files: dict[str, str]
    rows: dict[str, int]

    @property
    def line(self) -> str:
        """What it holds, in one line."""
        return (
            f"{self.name} in {self.place}: {len(self.files)} files, "
            f"{sum(self.rows.values()):,} rows in {len(self.rows)} tables"
        )


def default_place(settings: Settings) -> Path:
    """Beside the data: of use against mistakes, not against a lost disk."""
    return settings.home / "backups"


def backup(settings: Settings, place: Path | str) -> Backup:
    """Write a backup and try it: every file is read back, the warehouse opened and counted.

    Call it while the home is held (`only_one`). Raises NotBackedUp.
    """
    if not settings.warehouse.exists():
        raise NotBackedUp(f"{settings.warehouse} does not exist: there is nothing to back up yet")
    store = open_store(place)
    name = f"{PREFIX}{_now(settings)}"
    with scratch(settings) as folder:
        copies, rows = _copy(settings, folder)
        files = {}
        for one in copies:
            told = one.relative_to(folder).as_posix()
            files[told] = _hash(one)
            store.put(f"{name}/{told}", one, files[told])
        made = Backup(name, store.location, files, rows)
        manifest = folder / MANIFEST
        manifest.write_text(json.dumps(asdict(made), indent=2), encoding="utf-8")
        store.put(f"{name}/{MANIFEST}", manifest, _hash(manifest))
        for one in copies:
            one.unlink()
        tried = folder / "tried"
        tried.mkdir()
        _fetch(settings, open_store(place), made, tried)
    return made


def restore(settings: Settings, place: Path | str, name: str | None = None) -> tuple[Backup, Path]:
    """Put a backup (the newest, or the one named) in the place of what is there.

    It is fetched and tried first; what was there is moved to a folder of the home, which is given
    too. Who was erased since stays marked. Databases of another key than the home's get that.
    Raises NotBackedUp where there is no whole backup; then nothing was changed.
    """
    text = str(place).rstrip("/")
    if name is None and PurePosixPath(text).name.startswith(PREFIX):
        text, name = text.rpartition("/")[0], PurePosixPath(text).name
    store = open_store(text)
    found = _found(store, text, name)
    aside = settings.home / f"before-restore-{_now(settings)}"
    with scratch(settings) as folder:
        _fetch(settings, store, found, folder)
        take_marks(settings, folder / ERASED)
        aside.mkdir(parents=True)
        for part in ("warehouse", *KEPT):
            if (settings.home / part).exists():
                (settings.home / part).replace(aside / part)
            if (folder / part).exists():
                (folder / part).replace(settings.home / part)
    if is_sealed(settings):
        for path, part in databases(settings):
            rewrite(settings, path, part)
    return found, aside


def _now(settings: Settings) -> str:
    """A moment as names hold it, to the microsecond: two in one second are two."""
    return f"{datetime.now(settings.zone):%Y%m%dT%H%M%S%f}"


def _copy(settings: Settings, folder: Path) -> tuple[list[Path], dict[str, int]]:
    """The home's files as they are at one moment, and the rows of the warehouse."""
    target = folder / WAREHOUSE
    target.parent.mkdir(parents=True)
    with open_warehouse(settings) as connection:  # nobody else writes meanwhile
        connection.execute("force checkpoint")
        rows = _rows(connection, connection.execute("select current_database()").fetchone()[0])
        shutil.copyfile(settings.warehouse, target)
    copies = [target]
    for part in (*KEPT, ERASED):
        for path in sorted((settings.home / part).glob("*")):
            if path.name.startswith(".") or not path.is_file():
                continue
            copy = folder / part / path.name
            copy.parent.mkdir(mode=0o700, exist_ok=True)
            if copy == folder / LEDGER:  # a sender may be at work
                with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(copy)) as new:
                    old.backup(new)
            elif path.name.startswith("ledger.sqlite"):
                continue
            else:
                shutil.copyfile(path, copy)
            copies.append(copy)
    return copies, rows


def _rows(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, int]:
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() "
        f"where database_name = {literal(database)} order by all"
    ).fetchall()
    counts = " union all ".join(
        f"select {literal(f'{schema}.{table}')}, count(*) "
        f"from {quote(database)}.{quote(schema)}.{quote(table)}"
        for schema, table in tables
    )
    return dict(connection.execute(counts).fetchall()) if counts else {}


def _found(store: Store, place: str, name: str | None) -> Backup:
    """The newest whole backup of a place: one without its manifest was not finished."""
    whole = sorted(one for one in store.names() if one.endswith(f"/{MANIFEST}"))
    wanted = [one for one in whole if name is None or one.rpartition("/")[0].endswith(name)]
    if not wanted:
        raise NotBackedUp(
            f"{place} holds no whole backup{f' {name}' if name else ''}: give the folder or "
            "s3:// prefix that `carehouse backup` wrote to. Nothing was changed"
        )
    try:
        with store.local(wanted[-1]) as path:
            return Backup(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise NotBackedUp(f"{wanted[-1]} of {place} is damaged: take another backup") from error


def _fetch(settings: Settings, store: Store, told: Backup, folder: Path) -> None:
    """Read a backup into a folder and try it. Raises NotBackedUp naming the file that is bad."""
    store.names()
    for name, expected in told.files.items():
        target = folder / name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise NotBackedUp(f"{told.name} names a file outside itself: take another backup")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with store.local(f"{told.name}/{name}") as path:
                shutil.copyfile(path, target)
        except (CarehouseError, OSError, KeyError) as error:
            raise NotBackedUp(f"{told.name}/{name} cannot be read: take another backup") from error
        if _hash(target) != expected:
            raise NotBackedUp(
                f"{told.name}/{name} is not what was written: take another backup. Nothing was "
                "changed"
            )
    try:
        with open_to_read(settings, folder / WAREHOUSE, "tried", WAREHOUSE_PART) as connection:
            rows = _rows(connection, "tried")
    except duckdb.Error as error:
        raise NotBackedUp(f"the warehouse of {told.name} cannot be opened") from error
    if rows != told.rows:
        raise NotBackedUp(f"the warehouse of {told.name} has not the rows that it had")


def _hash(path: Path) -> str:
    found = file_hash(path)
    if found is None:
        raise Trouble(f"{path} cannot be read back: look at the disk")
    return found
