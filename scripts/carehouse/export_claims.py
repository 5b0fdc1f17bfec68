"""Write the cleaned claims as Parquet, partitioned by year and month of the claim.

A partition is one file, `claims/year=2025/month=6/claims.parquet`, so that replacing it is one
rename in a folder and one put on S3: a reader sees the whole old one or the whole new one, and a
glob over the folder never finds both. Each file carries a fingerprint of its rows; a partition
whose fingerprint is the same is not written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from carehouse.errors import CannotReach, NotExported, NothingPublished
from carehouse.progress import track
from carehouse.published import open_published
from carehouse.settings import Settings
from carehouse.sql import literal, quote
from carehouse.store import FINGERPRINT, Folder, Store, open_store

TABLE = "claims.fact_claims"
TOP = "claims"
FILE = "claims.parquet"
UNDATED = "__HIVE_DEFAULT_PARTITION__"
PARTITION = re.compile(rf"{TOP}/year=[^/]+/month=[^/]+/{re.escape(FILE)}")
ROW_GROUP_ROWS = 122_880


@dataclass
class Export:
    """What an export did; partitions are named by their path below the place."""

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


def export_claims(settings: Settings, place: Path | str | None = None) -> Export:
    """Make the Parquet at `place` (default: `exports/lake`) equal the published claims.

    New and changed partitions are replaced whole, months without claims are removed, other files
    are left alone. Raises NotExported or NothingPublished.
    """
    place = place or settings.home / "exports" / "lake"
    try:
        store = _store(settings, place)
        export = Export(store.location)
        with open_published(settings) as connection, TemporaryDirectory() as temporary:
            there = {name for name in store.names() if PARTITION.fullmatch(name)}
            partitions = list(_partitions(connection))
            for one in track(partitions, len(partitions), "writing the claims"):
                export.row_count += one.rows
                if one.name in there and store.fingerprint(one.name) == one.fingerprint:
                    export.unchanged.append(one.name)
                    continue
                path = Path(temporary) / FILE
                _write(connection, one, path)
                store.put(one.name, path, one.fingerprint)
                export.written.append(one.name)
        for name in sorted(there - {one.name for one in partitions}):
            store.remove(name)
            export.removed.append(name)
    except CannotReach as error:
        raise NotExported(str(error)) from None
    except OSError as error:
        raise NotExported(
            f"{place} cannot be written ({error.strerror or 'output error'}): check that you may "
            "write there and that the disk has room"
        ) from None
    return export


def _store(settings: Settings, place: Path | str) -> Store:
    store = open_store(place)
    if not store.is_whole:
        raise NotExported(f"{place} is a file: give a folder or s3://bucket/prefix")
    if isinstance(store, Folder) and store.root.is_relative_to(settings.inbox.resolve()):
        raise NotExported(f"{place} is in the inbox, from which it would be landed: give another")
    return store


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
            count(*), md5(sum(hash({row}))::varchar || version() || {literal(shape)})
        from {TABLE}
        group by all
        order by all
        """
    ).fetchall()
    for year, month, rows, digest in found:
        yield _Partition(year, month, rows, f"{rows}-{digest}")


def _write(connection: duckdb.DuckDBPyConnection, partition: _Partition, path: Path) -> None:
    connection.execute(
        f"copy (select * from {TABLE} where {partition.condition} order by all) "
        f"to {literal(path)} (format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS}, "
        f"kv_metadata {{{FINGERPRINT}: {literal(partition.fingerprint)}}})"
    )
