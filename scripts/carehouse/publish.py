"""Copy the good domains' marts into the file that people read, and swap it in whole."""

import contextlib
import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import duckdb

from carehouse.database import attach, is_encrypted, is_sealed
from carehouse.domains import BuildLog, Domain, judge, mart_table, read_build_log
from carehouse.engines import target as engine
from carehouse.errors import NotPublished
from carehouse.graph import Graph, read_graph
from carehouse.registry import MART_SCHEMAS
from carehouse.roles import RoleFile, are_up_to_date, publish_roles
from carehouse.settings import Settings
from carehouse.sql import literal, literals, quote
from carehouse.store import sync
from carehouse.warehouse import open_warehouse, transaction

# Tables that publishing writes itself: how fresh the others are.
OWN_TABLES = {
    "published_domains": {
        "domain": "varchar",
        "is_current": "boolean",
        "built_at": "timestamp",
        "as_of_date": "date",
        "reason": "varchar",
    },
    "published_tables": {
        "domain": "varchar",
        "table_name": "varchar",
        "row_count": "bigint",
        "built_at": "timestamp",
        "build_id": "varchar",
    },
    "published_lineage": {
        "domain": "varchar",
        "table_name": "varchar",
        "made_of_kind": "varchar",
        "made_of": "varchar",
    },
}
OWN_COMMENTS = {
    "published_domains": "One row per domain: whether its tables here are those of the last "
    "build, and if not, why. A domain whose build or tests failed keeps its earlier tables.",
    "published_tables": "One row per table of this file: how many rows it has, and when and by "
    "which build it was made.",
    "published_lineage": "One row per table of this file and thing it is made of: a raw table, "
    "another mart or a seed, whatever models stand between.",
}
MOST_FREE_SHARE = 0.5  # of the file; beyond, it is written afresh


@dataclass(frozen=True)
class Published:
    """The file that was swapped in: its tables and rows, and how fresh each domain is."""

    path: Path
    table_count: int
    row_count: int
    copied_count: int
    domains: tuple[Domain, ...]
    roles: tuple[RoleFile, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all is new: every domain that was built, and every role's file."""
        return not self.stale and not any(one.problem for one in self.roles)

    @property
    def stale(self) -> list[Domain]:
        """The domains that keep earlier tables since their build failed."""
        return [one for one in self.domains if one.has_failed]


def stale_line(one: Domain) -> str:
    """Why a domain is not of the last build, and what stands in its place."""
    kept = f"keeps its tables of {one.built_at:%Y-%m-%d %H:%M}" if one.built_at else "is left out"
    return f"{one.domain} {kept}: {one.reason}"


@dataclass(frozen=True)
class _Table:
    """A table of the new file: where its rows come from, and which build made them."""

    schema: str
    name: str
    is_kept: bool  # as it stands in the old file
    row_count: int | None
    built_at: datetime | None
    build_id: str | None

    @property
    def full_name(self) -> str:
        return f"{quote(self.schema)}.{quote(self.name)}"


def publish(settings: Settings, *, afresh: bool = False) -> Published:
    """Write a new file and rename it over the published one.

    It holds the tables of each domain whose build and tests were good, and of the others what the
    old file holds. Tables that were not built since are taken over with the old file's bytes, but
    not when it is to be written `afresh`, since those hold deleted rows too.
    Readers that have the old file open keep it. Once the home has a key, the roles' files follow.
    Raises NotPublished when nothing was ever built,
    or when no domain is good and there is no old file to keep.
    """
    target = settings.published
    target.parent.mkdir(parents=True, exist_ok=True)
    new_file = target.parent / f".{target.name}.{os.getpid()}"
    with open_warehouse(settings, memory_limit=settings.memory_limit or "2GB") as connection:
        # only now: before the warehouse is ours, they may be another's work in progress
        for leftover in target.parent.glob(f".{target.name}.*"):
            leftover.unlink()
        try:
            published = _write(connection, settings, new_file, afresh)
        except BaseException:
            for name in (new_file, new_file.with_name(new_file.name + ".wal")):
                with contextlib.suppress(FileNotFoundError):
                    name.unlink()
            raise
        sync(new_file)
        new_file.replace(target)
        sync(target.parent)
        limit = _small_cells_below(connection)
    return replace(published, roles=publish_roles(settings, limit))


def _small_cells_below(connection: duckdb.DuckDBPyConnection) -> int | None:
    """From seed `reporting_rules`; None where it was built without the rule."""
    try:
        row = connection.execute(
            "select value from seeds.reporting_rules where rule = 'small_cells_below'"
        ).fetchone()
    except duckdb.CatalogException:
        return None
    return int(row[0]) if row else None


def remove_published(settings: Settings) -> None:
    """Remove what is published: the next publication must not take over a byte of it."""
    for path in settings.published.parent.glob("*"):
        path.unlink()


def is_up_to_date(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Whether publishing would write what the published file already holds."""
    if not settings.published.exists() or not are_up_to_date(settings):
        return False
    if is_encrypted(settings.published) != is_sealed(settings):
        return False
    log = read_build_log(connection)
    domains = judge(log, read_graph(settings.manifest), _as_of(connection, settings))
    try:
        with _attached(connection, settings, settings.published, "yesterday", read_only=True):
            old_domains, old_tables = _read_old(connection)
    except duckdb.Error:
        return False  # damaged: it is written afresh
    if not engine.is_swapped(settings, log, domains):
        return False
    told = {name: (one.is_current, one.reason, one.as_of_date) for name, one in domains.items()}
    stood = {
        name: (one.is_current, one.reason, one.as_of_date) for name, one in old_domains.items()
    }
    for name, one in domains.items():  # the day of a stale domain is that of its tables
        if not one.is_current and name in stood:
            stood[name] = (*stood[name][:2], None)
    return told == stood and all(
        one.is_kept for one in _tables(connection, domains, log, old_tables)
    )


def _write(
    connection: duckdb.DuckDBPyConnection, settings: Settings, new_file: Path, afresh: bool
) -> Published:
    log = read_build_log(connection)
    if "invocation" not in log.status:
        raise NotPublished("nothing has been built yet: run `carehouse run`")
    graph = read_graph(settings.manifest)
    domains = judge(log, graph, _as_of(connection, settings))
    engine.swap(settings, log, domains)
    with _attached(
        connection, settings, settings.published, "yesterday", read_only=True
    ) as has_old:
        old_domains, old_tables = _read_old(connection) if has_old else ({}, {})
        if not old_tables and not any(one.is_current for one in domains.values()):
            first = next((one for one in domains.values() if one.has_failed), None)
            raise NotPublished(
                "no domain could be built"
                + (f", {first.domain}: {first.reason}" if first else "")
                + ": mend the cause and run `carehouse run`"
            )
        tables = list(_tables(connection, domains, log, old_tables))
        comments = _comments(connection)
        keeps_bytes = (
            has_old
            and not afresh
            and is_encrypted(settings.published) == is_sealed(settings)
            and _worth_keeping(connection, tables)
        )
        if keeps_bytes:
            connection.execute("detach yesterday")
            shutil.copyfile(settings.published, new_file)
        with _attached(connection, settings, new_file, "published"):
            told = tuple(_told(one, old_domains.get(one.domain)) for one in domains.values())
            with transaction(connection):  # one wait for the disk, not one for each comment
                if keeps_bytes:
                    _drop_others(connection, tables)
                written = [_copy(connection, one, keeps_bytes, comments) for one in tables]
                _write_own(connection, told, written, graph)
            connection.execute("checkpoint published")
    return Published(
        settings.published,
        len(written),
        sum(one.row_count for one in written),
        sum(not one.is_kept for one in written),
        told,
    )


def _as_of(connection: duckdb.DuckDBPyConnection, settings: Settings) -> date | None:
    if settings.as_of:
        return settings.as_of
    (newest,) = connection.execute("select max(scanned_at) from raw.scan_log").fetchone()
    return newest.date() if newest else None


@contextlib.contextmanager
def _attached(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    path: Path,
    name: str,
    read_only: bool = False,
) -> Iterator[bool]:
    """Attach a database under a name; gives whether it is there."""
    is_there = path.exists() or not read_only
    if is_there:
        attach(connection, settings, path, name, "full", read_only=read_only)
    try:
        yield is_there
    finally:
        connection.execute(f"detach database if exists {name}")


def _read_old(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[dict[str, Domain], dict[tuple[str, str], _Table]]:
    """What the old file says of its domains and tables; a file of an older version says less."""
    names = {
        (schema, table)
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'yesterday'"
        ).fetchall()
    }
    tables = {
        name: _Table(*name, True, None, None, None)
        for name in names
        if name[0] in MART_SCHEMAS and not (name[0] == "quality" and name[1] in OWN_TABLES)
    }
    domains: dict[str, Domain] = {}
    if ("quality", "published_domains") in names:
        for row in connection.execute("from yesterday.quality.published_domains").fetchall():
            domains[row[0]] = Domain(*row)
    if ("quality", "published_tables") in names:
        for schema, table, *told in connection.execute(
            "from yesterday.quality.published_tables"
        ).fetchall():
            if (schema, table) in tables:
                tables[schema, table] = _Table(schema, table, True, *told)
    return domains, tables


def _tables(
    connection: duckdb.DuckDBPyConnection,
    domains: dict[str, Domain],
    log: BuildLog,
    old: dict[tuple[str, str], _Table],
) -> Iterator[_Table]:
    there = set(
        connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = current_database() union all "
            "select schema_name, view_name from duckdb_views() "
            "where database_name = current_database()"
        ).fetchall()
    )
    for unique_id in log.status:
        name = mart_table(unique_id)
        if name not in there or not domains[name[0]].is_current:
            continue
        before, build_id = old.get(name), log.invocation[unique_id]
        if before and before.build_id == build_id:
            yield before
        else:
            yield _Table(*name, False, None, log.finished_at[unique_id], build_id)
    for name, before in old.items():
        if not domains[name[0]].is_current:
            yield before


def _worth_keeping(connection: duckdb.DuckDBPyConnection, tables: list[_Table]) -> bool:
    """Whether copying the old file's bytes and replacing the rest beats writing all afresh."""
    kept = [one for one in tables if one.is_kept]
    if len(kept) * 2 < len(tables):
        return False
    total, free = connection.execute(
        "select total_blocks, free_blocks from pragma_database_size() "
        "where database_name = 'yesterday'"
    ).fetchone()
    return free <= total * MOST_FREE_SHARE


def _drop_others(connection: duckdb.DuckDBPyConnection, tables: list[_Table]) -> None:
    kept = {(one.schema, one.name) for one in tables if one.is_kept}
    for schema, table in connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'published'"
    ).fetchall():
        if (schema, table) not in kept:
            connection.execute(f"drop table published.{quote(schema)}.{quote(table)}")


def _copy(
    connection: duckdb.DuckDBPyConnection,
    table: _Table,
    keeps_bytes: bool,
    comments: dict[tuple[str, str, str], list[str]],
) -> _Table:
    """Bring one table into the new file; gives it with its number of rows."""
    if table.is_kept and keeps_bytes:
        return _counted(connection, table)
    source = "yesterday" if table.is_kept else _database(connection)
    connection.execute(f"create schema if not exists published.{quote(table.schema)}")
    (rows,) = connection.execute(
        f"create table published.{table.full_name} as "
        f"select * from {quote(source)}.{table.full_name}"
    ).fetchone()
    for statement in comments.get((source, table.schema, table.name), ()):
        connection.execute(statement)
    return replace(table, row_count=rows)


def _counted(connection: duckdb.DuckDBPyConnection, table: _Table) -> _Table:
    if table.row_count is not None:
        return table
    (rows,) = connection.execute(f"select count(*) from published.{table.full_name}").fetchone()
    return replace(table, row_count=rows)


def _database(connection: duckdb.DuckDBPyConnection) -> str:
    return connection.execute("select current_database()").fetchone()[0]


def _comments(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, str], list[str]]:
    """The statements that give each table of the databases at hand its comments again."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for database, schema, table, column, text in connection.execute(
        """
        select database_name, schema_name, table_name, null as column_name, comment
        from duckdb_tables() where comment is not null
        union all
        select database_name, schema_name, view_name, null as column_name, comment
        from duckdb_views() where comment is not null
        union all
        select database_name, schema_name, table_name, column_name, comment
        from duckdb_columns() where comment is not null
        """
    ).fetchall():
        name = f"published.{quote(schema)}.{quote(table)}"
        thing = f"column {name}.{quote(column)}" if column else f"table {name}"
        found.setdefault((database, schema, table), []).append(
            f"comment on {thing} is {literal(text)}"
        )
    return found


def _told(domain: Domain, before: Domain | None) -> Domain:
    """A domain as the new file tells it: a stale one keeps the dates of its tables."""
    if domain.is_current or before is None:
        return domain
    return replace(domain, built_at=before.built_at, as_of_date=before.as_of_date)


def _write_own(
    connection: duckdb.DuckDBPyConnection,
    domains: tuple[Domain, ...],
    tables: list[_Table],
    graph: Graph | None,
) -> None:
    rows: dict[str, list[tuple]] = {
        "published_domains": [
            (one.domain, one.is_current, one.built_at, one.as_of_date, one.reason)
            for one in domains
        ],
        "published_tables": [
            (one.schema, one.name, one.row_count, one.built_at, one.build_id)
            for one in sorted(tables, key=lambda one: (one.schema, one.name))
        ],
        "published_lineage": list(lineage(graph, {(one.schema, one.name) for one in tables})),
    }
    connection.execute("create schema if not exists published.quality")
    for name, columns in OWN_TABLES.items():
        full_name = f"published.quality.{name}"
        body = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"create or replace table {full_name} ({body})")
        if rows[name]:
            values = ", ".join(f"({literals(row)})" for row in rows[name])
            connection.execute(f"insert into {full_name} values {values}")
        connection.execute(f"comment on table {full_name} is {literal(OWN_COMMENTS[name])}")


def lineage(
    graph: Graph | None, tables: Collection[tuple[str, str]]
) -> Iterator[tuple[str, str, str, str]]:
    """The rows of `published_lineage` for tables given by schema and name."""
    for unique_id in graph.nodes if graph else ():
        name = mart_table(unique_id)
        if name in tables:
            for kind, made_of in sorted(graph.made_of(unique_id)):
                yield *name, kind, made_of
