"""The published files of roles: reception's lists, and what analysts get, without persons.

They are written from the full published file once the home has a key; until then there is only
the full one, and publishing costs what it did.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from carehouse import deidentify
from carehouse.database import attach, in_memory, is_encrypted, is_sealed
from carehouse.errors import CarehouseError, NotPublished
from carehouse.graph import Mart, read_marts
from carehouse.keys import derived, pads, read_key
from carehouse.reidentify import Figures, reidentify
from carehouse.settings import Settings
from carehouse.sql import literal, quote
from carehouse.store import swapped_in

ROLES = ("reception", "analyst")
FRESHNESS = ("quality", "published_domains")
DEFAULT_LIMIT = 5
MOST_LEAKS = 5


@dataclass(frozen=True)
class RoleFile:
    """A role's file as it was swapped in, or why the earlier one was kept."""

    role: str
    path: Path
    table_count: int = 0
    figures: Figures | None = None
    problem: str | None = None


def publish_roles(settings: Settings, limit: int | None) -> tuple[RoleFile, ...]:
    """Write each role's file from the full one; nothing without a key. `limit`: of small cells.

    A file that must not go out leaves the earlier one in its place and says why.
    """
    key = read_key(settings)
    if key is None:
        return ()
    marts = read_marts(settings.manifest)
    done = []
    for role in ROLES:
        path = settings.published_for(role)
        try:
            with _new_file(path, settings, role) as connection:
                if role == "reception":
                    count, figures = _reception(connection, marts), None
                else:
                    figures = _analyst(connection, marts, key, limit or DEFAULT_LIMIT)
                    count = figures.tables
            done.append(RoleFile(role, path, count, figures))
        except CarehouseError as error:
            done.append(RoleFile(role, path, problem=str(error)))
    return tuple(done)


def role_lines(files: tuple[RoleFile, ...]) -> Iterator[tuple[str, bool]]:
    """What to say of them, each line with whether it is for stderr."""
    for one in files:
        if one.problem:
            yield f"{one.role}: not published, the earlier file stays: {one.problem}", True
        else:
            told = f": {one.figures.line()}" if one.figures else f": {one.table_count} tables"
            yield f"{one.role} {one.path}{told}", False


def are_up_to_date(settings: Settings) -> bool:
    """Whether the roles' files are of the full file that is there."""
    if read_key(settings) is None:
        return True
    written = settings.published.stat().st_mtime_ns
    paths = [settings.published_for(role) for role in ROLES]
    return all(
        path.exists()
        and path.stat().st_mtime_ns >= written
        and is_encrypted(path) == is_sealed(settings)
        for path in paths
    )


@contextlib.contextmanager
def _new_file(path: Path, settings: Settings, role: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the full file as `everything` and a new one as `analyst`; swapped in."""
    for leftover in path.parent.glob(f".{path.name}.*"):
        leftover.unlink()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    limit = settings.memory_limit or "2GB"
    with swapped_in(beside, path), in_memory(settings, memory_limit=limit) as connection:
        attach(connection, settings, settings.published, "everything", "full", read_only=True)
        attach(connection, settings, beside, "analyst", role)
        yield connection
        connection.execute("checkpoint analyst")


def _reception(connection: duckdb.DuckDBPyConnection, marts: dict[tuple[str, str], Mart]) -> int:
    """The marts that an exposure with `meta: {role: reception}` reads, as they are."""
    count = 0
    for mart in _there(connection, marts):
        if "reception" in mart.roles:
            _create(connection, mart, f"select * from {mart.source}")
            count += 1
    _copy_freshness(connection)
    return count


def _analyst(
    connection: duckdb.DuckDBPyConnection,
    marts: dict[tuple[str, str], Mart],
    key: bytes,
    limit: int,
) -> Figures:
    """What analysts may see, tried against the full file. Raises NotPublished where it leaks."""
    figures = write_analyst(connection, marts, key, limit)
    check_analyst(connection, marts, limit, figures)
    return figures


def write_analyst(
    connection: duckdb.DuckDBPyConnection,
    marts: dict[tuple[str, str], Mart],
    key: bytes,
    limit: int,
) -> Figures:
    """Fill database `analyst` from `everything`."""
    make_pseudonyms(connection, key)
    figures = Figures()
    for mart in _there(connection, marts):
        if mart.schema == "quality":  # names files and spellings; of use to who runs the home
            continue
        told = deidentify.told_dates(connection, mart, limit)
        columns = deidentify.columns(mart, told)
        if not columns:
            continue
        listed = ", ".join(f"{one.sql} as {quote(one.name)}" for one in columns)
        # in the order of the hashes: the order of rows would tell who came first
        _create(connection, mart, f"select {listed} from {mart.source} order by all")
        here = f"analyst.{quote(mart.schema)}.{quote(mart.table)}"
        names = [one.name for one in columns]
        person = deidentify.person_of(mart)
        if person:
            figures.emptied_persons += deidentify.empty_small_groups(
                connection, here, person, deidentify.describing(names), limit
            )
        elif deidentify.is_aggregate(mart):
            figures.emptied_cells += deidentify.suppress(connection, here, mart, names, limit)
    _copy_freshness(connection)
    return figures


def check_analyst(
    connection: duckdb.DuckDBPyConnection,
    marts: dict[tuple[str, str], Mart],
    limit: int,
    figures: Figures,
) -> None:
    """Try to find persons of `everything` in `analyst`. Raises NotPublished naming the columns."""
    _common_words(connection, _there(connection, marts))
    reidentify(connection, marts, limit, figures)
    if figures.leaks:
        more = len(figures.leaks) - MOST_LEAKS
        raise NotPublished(
            "persons could be found again: "
            + "; ".join(figures.leaks[:MOST_LEAKS])
            + (f"; and {more} more" if more > 0 else "")
        )


def make_pseudonyms(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Give the connection `pseudonym(text)`, HMAC-SHA256 cut to 128 bits, and `weeks_of(text)`."""
    for name, purpose in (("hash", "pseudonyms"), ("move", "dates")):
        inner, outer = pads(derived(key, purpose))
        connection.execute(f"set variable {name}_inner = unhex({literal(inner)})")
        connection.execute(f"set variable {name}_outer = unhex({literal(outer)})")
    keyed = (
        "sha256(getvariable('{0}_outer') || unhex(sha256(getvariable('{0}_inner') || encode(x))))"
    )
    connection.execute(
        f"create or replace temp macro pseudonym(x) as substr({keyed.format('hash')}, 1, 32)"
    )
    number = (
        f"cast(('0x' || substr({keyed.format('move')}, 1, 8)) as ubigint) % {2 * deidentify.WEEKS}"
    )
    connection.execute(
        f"create or replace temp macro weeks_of(x) as (select case when n < {deidentify.WEEKS} "
        f"then n - {deidentify.WEEKS} else n - {deidentify.WEEKS} + 1 end "
        f"from (select cast({number} as integer) as n))"
    )


def _common_words(connection: duckdb.DuckDBPyConnection, marts: list[Mart]) -> None:
    """Values of columns that say nothing of persons: a status may be spelled like a name."""
    words = [
        f"select distinct cast({quote(name)} as varchar) as value from {mart.source}"
        for mart in marts
        for name, kind in mart.types.items()
        if kind == "varchar" and mart.phi.get(name) == "none"
    ]
    body = " union ".join(words) or "select cast(null as varchar) as value where false"
    connection.execute(  # no null: nothing would be outside the list
        f"create or replace temp table common_words as "
        f"select value from ({body}) where value is not null"
    )


def _there(connection: duckdb.DuckDBPyConnection, marts: dict[tuple[str, str], Mart]) -> list[Mart]:
    """The marts of the full file with the columns that it really has. Raises NotPublished."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, kind in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name = 'everything' order by column_index"
    ).fetchall():
        found.setdefault((schema, table), {})[column] = kind.lower()
    told = []
    for name, types in sorted(found.items()):
        if name[0] == "quality" and name[1].startswith("published_"):
            continue
        if name not in marts:
            raise NotPublished(
                f"{name[0]}.{name[1]} is published and not described in the project as it stands: "
                "run `carehouse run`"
            )
        mart = marts[name]
        told.append(Mart(mart.schema, mart.table, types, mart.phi, mart.grain, mart.roles))
    return told


def _create(connection: duckdb.DuckDBPyConnection, mart: Mart, select: str) -> None:
    connection.execute(f"create schema if not exists analyst.{quote(mart.schema)}")
    connection.execute(f"create table analyst.{quote(mart.schema)}.{quote(mart.table)} as {select}")


def _copy_freshness(connection: duckdb.DuckDBPyConnection) -> None:
    """How fresh each domain is. Why one is not may name a file: that stays in the full one."""
    connection.execute("create schema if not exists analyst.quality")
    connection.execute(
        "create table analyst.quality.published_domains as select * replace ("
        "case when reason is not null then 'see the full file' end as reason) "
        "from everything.quality.published_domains"
    )
