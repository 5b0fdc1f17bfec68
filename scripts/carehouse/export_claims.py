"""Write the cleaned claims as Parquet, partitioned by year and month of the claim.

A partition is one file, `claims/year=2025/month=6/claims.parquet`, so that replacing it is one
rename in a folder and one put on S3: a reader sees the whole old one or the whole new one, and a
glob over the lake never finds both. Each file carries a fingerprint of its rows; a partition
whose fingerprint stands is not written.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from carehouse import s3
from carehouse.errors import CannotReach, NotExported, NothingPublished
from carehouse.progress import track
from carehouse.published import open_published
from carehouse.settings import Settings
from carehouse.sql import literal, one_file, quote

TABLE = "claims.fact_claims"
TOP = "claims"
FILE = "claims.parquet"
KEY = "carehouse_fingerprint"
UNDATED = "__HIVE_DEFAULT_PARTITION__"
ROW_GROUP_ROWS = 122_880


@dataclass
class Lake:
    """What writing the lake did; partitions are named by their path below the place."""

    place: str
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    row_count: int = 0


@dataclass(frozen=True)
class _Partition:
    year: int | None
    month: int | None
    rows: int
    fingerprint: str

    @property
    def name(self) -> str:
        year, month = (UNDATED if one is None else one for one in (self.year, self.month))
        return f"{TOP}/year={year}/month={month}/{FILE}"

    @property
    def condition(self) -> str:
        if self.year is None:
            return "claim_at is null"
        since = f"{self.year:04d}-{self.month:02d}-01"
        return (
            f"claim_at >= timestamp '{since}' and claim_at < timestamp '{since}' + interval 1 month"
        )


class _Folder:
    """A lake in a folder."""

    def __init__(self, place: Path, settings: Settings):
        self._root = place.expanduser().resolve()
        if self._root.is_relative_to(settings.inbox.resolve()):
            raise NotExported(
                f"{place} is in the inbox, from which it would be landed: give another"
            )
        self.place = str(self._root)

    def names(self) -> list[str]:
        found = self._root.glob(f"{TOP}/year=*/month=*/{FILE}")
        return [path.relative_to(self._root).as_posix() for path in found]

    def fingerprint(self, connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
        try:
            rows = connection.execute(
                "select cast(value as varchar) "
                f"from parquet_kv_metadata({one_file(self._root / name)}) "
                "where cast(key as varchar) = ?",
                [KEY],
            ).fetchone()
        except duckdb.Error:  # half written by somebody else: to be replaced
            return None
        return rows and rows[0]

    def put(self, name: str, path: Path, fingerprint: str) -> None:
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        for leftover in target.parent.glob(f".{FILE}.*.new"):  # of a writer that was killed
            leftover.unlink(missing_ok=True)
        # same file system, so that the rename is one step; no .parquet, so that no glob finds it
        beside = target.with_name(f".{FILE}.{os.getpid()}.new")
        try:
            beside.write_bytes(path.read_bytes())
            _sync(beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        path = self._root / name
        path.unlink()
        for folder in (path.parent, path.parent.parent):
            if not any(folder.iterdir()):
                folder.rmdir()


class _Bucket:
    """A lake below an S3 prefix."""

    def __init__(self, url: str):
        self._where = s3.parse(url)
        self._client = s3.connect(self._where)
        self.place = self._where.url

    def names(self) -> list[str]:
        inside = s3.items(self._client, self._where)
        return [i.name for i in inside if i.name.startswith(f"{TOP}/year=") and _is_ours(i.name)]

    def fingerprint(self, connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
        return s3.fingerprint(self._client, self._where, name)

    def put(self, name: str, path: Path, fingerprint: str) -> None:
        s3.put(self._client, self._where, name, path, fingerprint)

    def remove(self, name: str) -> None:
        s3.remove(self._client, self._where, name)


def write_lake(settings: Settings, place: Path | str | None = None) -> Lake:
    """Make the lake at `place` (default: `exports/lake`) equal the published claims.

    New and changed partitions are replaced whole, months without claims are removed, other files
    are left alone. Raises NotExported, or NothingPublished.
    """
    try:
        store = _Bucket(place) if s3.is_s3(place) else _folder(settings, place)
        lake = Lake(store.place)
        with open_published(settings) as connection, TemporaryDirectory() as temporary:
            there = set(store.names())
            partitions = list(_partitions(connection))
            for one in track(partitions, len(partitions), "writing the lake"):
                lake.row_count += one.rows
                if one.name in there and store.fingerprint(connection, one.name) == one.fingerprint:
                    lake.unchanged.append(one.name)
                    continue
                path = Path(temporary) / FILE
                _write(connection, one, path)
                store.put(one.name, path, one.fingerprint)
                lake.written.append(one.name)
        for name in sorted(there - {one.name for one in partitions}):
            store.remove(name)
            lake.removed.append(name)
    except CannotReach as error:
        raise NotExported(str(error)) from None
    except OSError as error:
        raise NotExported(
            f"{place} cannot be written ({error.strerror or 'output error'}): check rights and room"
        ) from None
    return lake


def _folder(settings: Settings, place: Path | str | None) -> _Folder:
    path = Path(place) if place else settings.home / "exports" / "lake"
    if "://" in str(place) or path.is_file():
        raise NotExported(f"{place} cannot be written: give a folder or s3://bucket/prefix")
    return _Folder(path, settings)


def _is_ours(name: str) -> bool:
    parts = name.split("/")
    return len(parts) == 4 and parts[2].startswith("month=") and parts[3] == FILE


def _partitions(connection: duckdb.DuckDBPyConnection) -> Iterator[_Partition]:
    """Years and months with their fingerprints: rows, a sum of hashes, the columns, the engine."""
    described = connection.execute(f"describe {TABLE}").fetchall()
    columns = [name for name, *_ in described]
    if "claim_at" not in columns:
        raise NothingPublished(f"the published file has no claim_at in {TABLE}")
    shape = ",".join(f"{name} {kind}" for name, kind, *_ in described)
    row = ", ".join(quote(name) for name in columns)
    found = connection.execute(
        f"""
        select
            year(claim_at) as claim_year, month(claim_at) as claim_month,
            count(*), md5(sum(hash({row}))::varchar || version() || ?)
        from {TABLE}
        group by all
        order by all
        """,
        [shape],
    ).fetchall()
    for year, month, rows, digest in found:
        yield _Partition(year, month, rows, f"{rows}-{digest}")


def _write(connection: duckdb.DuckDBPyConnection, partition: _Partition, path: Path) -> None:
    connection.execute(
        f"copy (select * from {TABLE} where {partition.condition} order by all) "
        f"to {literal(path)} (format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS}, "
        f"kv_metadata {{{KEY}: {literal(partition.fingerprint)}}})"
    )


def _sync(path: Path) -> None:
    """Make sure the bytes are on disk before the rename."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
