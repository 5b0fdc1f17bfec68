"""Publish on a Postgres server: each good domain's schema is swapped whole, in one transaction.

dbt builds a domain's marts in `build_<domain>`. What people query is `<domain>`: a copy with
indexes, renamed into place. Who reads at that moment sees all of the old tables or all of the new
ones, and nobody waits. A domain whose build or tests failed keeps its schema.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from carehouse.domains import BuildLog, Domain, mart_table
from carehouse.engines.postgres import BUILD, connected
from carehouse.errors import NotPublished
from carehouse.graph import Graph, Mart, read_graph, read_marts
from carehouse.publish import OWN_COMMENTS, OWN_TABLES, lineage
from carehouse.registry import MART_SCHEMAS
from carehouse.settings import Settings
from carehouse.sql import literal, literals, quote

if TYPE_CHECKING:
    from psycopg2.extensions import cursor as Cursor

NEXT, OLD = "next_", "old_"
LOCK = 7284  # one publication at a time
PATIENCE = "5s"  # for somebody who still reads the old tables; the next publication removes them
KEYS = ("_id", "_key")
DAYS = ("day", "week", "month")

Tables = dict[str, dict[str, str]]  # domain to table to the dbt invocation that built it


def swap(settings: Settings, log: BuildLog, domains: dict[str, Domain]) -> None:
    """Show what is good.

    Raises NotPublished where a view of somebody else cannot follow, and where nothing tells which
    indexes the tables need: without them the numbers are right, and each question reads it all.
    """
    marts = read_marts(settings.manifest)
    if not marts:
        raise NotPublished(
            f"{settings.manifest} does not tell the grain and keys of the marts, which are to be "
            "indexed: dbt was run by itself, or the file is damaged. Run `carehouse build`, then "
            "`carehouse publish`; what is published stays as it was"
        )
    with connected(settings) as connection, connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_lock({LOCK})")
        _remove(cursor, (NEXT, OLD))
        built, shown = _built(cursor, log), _shown(cursor)
        changed = _changed(built, shown, domains)
        _see_all_there(log, built, changed, marts)
        for domain in changed:
            _copy(cursor, domain, built[domain], marts)
        connection.commit()
        views = list(_views(cursor, changed))
        readers = {domain: _readers(cursor, domain) for domain in (*changed, "quality")}
        before = _told(cursor)
        for domain in changed:
            if domain in shown:
                cursor.execute(f"alter schema {quote(domain)} rename to {quote(OLD + domain)}")
            cursor.execute(f"alter schema {quote(NEXT + domain)} rename to {quote(domain)}")
        _point_views(cursor, views)
        now = {name: (built if name in changed else shown)[name] for name in {*changed, *shown}}
        _tell(cursor, domains, before, log, now, read_graph(settings.manifest))
        for domain, roles in readers.items():
            for role in roles:
                cursor.execute(f"grant usage on schema {quote(domain)} to {role}")
                cursor.execute(f"grant select on all tables in schema {quote(domain)} to {role}")
        connection.commit()
        cursor.execute(f"set lock_timeout = '{PATIENCE}'")
        connection.commit()
        _remove(cursor, (OLD,))
        cursor.execute(f"select pg_advisory_unlock({LOCK})")


def is_swapped(settings: Settings, log: BuildLog, domains: dict[str, Domain]) -> bool:
    """Whether the server shows what the last builds left good, and says so of each domain."""
    with connected(settings) as connection, connection.cursor() as cursor:
        shown = _shown(cursor)
        if _changed(_built(cursor, log), shown, domains) or not shown:
            return False
        cursor.execute("select domain, is_current, reason from quality.published_domains")
        told = {(domain, is_current, reason) for domain, is_current, reason in cursor.fetchall()}
    return told == {(name, one.is_current, one.reason) for name, one in domains.items()}


def _built(cursor: "Cursor", log: BuildLog) -> Tables:
    """The tables that dbt's schemas hold, by domain."""
    cursor.execute(
        "select table_schema, table_name from information_schema.tables "
        f"where table_schema in ({literals(BUILD + one for one in MART_SCHEMAS)})"
    )
    there = set(cursor.fetchall())
    found: Tables = {}
    for name in log.status:
        mart = mart_table(name)
        if mart and (BUILD + mart[0], mart[1]) in there:
            found.setdefault(mart[0], {})[mart[1]] = log.invocation[name]
    return found


def _see_all_there(
    log: BuildLog, built: Tables, changed: list[str], marts: dict[tuple[str, str], Mart]
) -> None:
    """Raise NotPublished where a mart was built and is gone, which people would miss.

    Building a table by itself drops the views on it, which dbt makes again only when it is asked.
    """
    gone = sorted(
        f"{mart[0]}__{mart[1]}"
        for mart in filter(None, map(mart_table, log.status))
        if mart[0] in changed and (BUILD + mart[0], mart[1]) in marts
        if mart[1] not in built[mart[0]]
    )
    if gone:
        raise NotPublished(
            f"{', '.join(gone)}: dropped since a table that it reads was built by itself. Run "
            f"`carehouse build --select {' '.join(gone)}`, then `carehouse publish`; what is "
            "published stays as it was"
        )


def _shown(cursor: "Cursor") -> Tables:
    """The tables that people read, as the last publication noted them."""
    cursor.execute("select to_regclass('quality.published_tables') is not null")
    if not cursor.fetchone()[0]:
        return {}
    cursor.execute("select domain, table_name, build_id from quality.published_tables")
    found: Tables = {}
    for domain, table, build_id in cursor.fetchall():
        found.setdefault(domain, {})[table] = build_id
    return found


def _changed(built: Tables, shown: Tables, domains: dict[str, Domain]) -> list[str]:
    return [
        name
        for name, one in domains.items()
        if one.is_current and built.get(name) and built[name] != shown.get(name)
    ]


def _copy(
    cursor: "Cursor", domain: str, tables: Iterable[str], marts: dict[tuple[str, str], Mart]
) -> None:
    """Copy a domain's tables beside the schema that people read, with their indexes."""
    schema = quote(NEXT + domain)
    cursor.execute(f"create schema {schema}")
    for table in sorted(tables):
        there = f"{quote(BUILD + domain)}.{quote(table)}"
        here = f"{schema}.{quote(table)}"
        cursor.execute(f"create table {here} (like {there} including comments)")
        cursor.execute(f"insert into {here} select * from {there}")
        mart = marts.get((BUILD + domain, table))
        for statement in index_statements(here, mart) if mart else ():
            cursor.execute(statement)
        cursor.execute(f"analyze {here}")


def index_statements(table: str, mart: Mart) -> Iterator[str]:
    """What makes a mart quick to ask: its grain, which is unique, each other key, its first day.

    A text that may be long has none: an index row holds 2,700 bytes.
    """
    leading = set()
    if mart.grain and all(_is_short(mart, one) for one in mart.grain):
        leading.add(mart.grain[0])
        yield f"create unique index on {table} ({', '.join(map(quote, mart.grain))})"
    days = [one for one in mart.types if one.endswith("_date") or one in DAYS]
    keys = [one for one in mart.types if one.endswith(KEYS)]
    for column in dict.fromkeys((*keys, *days[:1])):
        if column not in leading:
            yield f"create index on {table} ({quote(column)})"


def _is_short(mart: Mart, column: str) -> bool:
    kind = mart.types.get(column, "varchar")
    return kind != "varchar" or column.endswith((*KEYS, "_code", "_name", "domain", "payer"))


def _views(cursor: "Cursor", changed: list[str]) -> Iterator[tuple[str, str]]:
    """Views of other schemas that read what is swapped, oldest first, as they are written.

    Raises NotPublished for a materialized one, which cannot be pointed at other tables.
    """
    if not changed:
        return
    cursor.execute("set local search_path = pg_catalog")  # or names would lack their schema
    cursor.execute(
        f"""
        select distinct
            v.oid, quote_ident(vn.nspname) || '.' || quote_ident(v.relname), v.relkind,
            pg_get_viewdef(v.oid)
        from pg_depend as d
        join pg_rewrite as r on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass
        join pg_class as v on r.ev_class = v.oid
        join pg_namespace as vn on v.relnamespace = vn.oid
        join pg_class as t on d.refobjid = t.oid
        join pg_namespace as tn on t.relnamespace = tn.oid
        where tn.nspname in ({literals(changed)}) and vn.nspname not in ({literals(changed)})
        order by v.oid
        """
    )
    for _, name, kind, text in cursor.fetchall():
        if kind == "m":
            raise NotPublished(
                f"the materialized view {name} reads published tables, which are replaced: make "
                "it a plain view, or a table that you fill, and run `carehouse publish`"
            )
        yield name, text


def _point_views(cursor: "Cursor", views: list[tuple[str, str]]) -> None:
    """Let the views of others read the new tables."""
    import psycopg2

    for name, text in views:
        try:
            cursor.execute(f"create or replace view {name} as {text}")
        except psycopg2.Error as error:
            raise NotPublished(
                f"the view {name} does not fit the new tables (a column is gone or of another "
                "type): drop it, run `carehouse publish` and make it again"
            ) from error


def _readers(cursor: "Cursor", domain: str) -> list[str]:
    """The roles that may read a schema, quoted: they may read what takes its place."""
    cursor.execute(
        "select distinct case when a.grantee = 0 then 'public' else a.grantee::regrole::text end "
        "from pg_namespace as n, aclexplode(n.nspacl) as a "
        f"where n.nspname = {literal(domain)} and a.grantee <> n.nspowner "
        "and a.privilege_type = 'USAGE'"
    )
    return [role for (role,) in cursor.fetchall()]


def _told(cursor: "Cursor") -> dict[str, tuple]:
    """When each domain that people read was built, and for which day."""
    cursor.execute("select to_regclass('quality.published_domains') is not null")
    if not cursor.fetchone()[0]:
        return {}
    cursor.execute("select domain, built_at, as_of_date from quality.published_domains")
    return {domain: (built_at, day) for domain, built_at, day in cursor.fetchall()}


def _tell(
    cursor: "Cursor",
    domains: dict[str, Domain],
    before: dict[str, tuple],
    log: BuildLog,
    tables: Tables,
    graph: Graph | None,
) -> None:
    """Say what is shown, in the schema `quality`: of each domain and table, as in the file."""
    cursor.execute("create schema if not exists quality")
    for name, columns in OWN_TABLES.items():
        body = ", ".join(
            f"{column} {'text' if kind == 'varchar' else kind}" for column, kind in columns.items()
        )
        cursor.execute(f"create table if not exists quality.{name} ({body})")
        cursor.execute(f"comment on table quality.{name} is {literal(OWN_COMMENTS[name])}")
        cursor.execute(f"delete from quality.{name}")
    for one in domains.values():
        built_at, day = (
            (one.built_at, one.as_of_date)
            if one.is_current
            else before.get(one.domain, (None, None))
        )
        row = literals((one.domain, one.is_current, built_at, day, one.reason))
        cursor.execute(f"insert into quality.published_domains values ({row})")
    for domain in sorted(tables):
        for table, build_id in sorted(tables[domain].items()):
            cursor.execute(f"select count(*) from {quote(domain)}.{quote(table)}")
            (count,) = cursor.fetchone()
            at = log.finished_at.get(f"model.carehouse.{domain}__{table}")
            row = literals((domain, table, count, at, build_id))
            cursor.execute(f"insert into quality.published_tables values ({row})")
    names = {(domain, table) for domain in tables for table in tables[domain]}
    for row in lineage(graph, names):
        cursor.execute(f"insert into quality.published_lineage values ({literals(row)})")


def _remove(cursor: "Cursor", prefixes: tuple[str, ...]) -> None:
    """Drop schemas that were swapped out, or that a publication that was stopped left behind."""
    import psycopg2

    for prefix in prefixes:
        for domain in MART_SCHEMAS:
            try:
                cursor.execute(f"drop schema if exists {quote(prefix + domain)} cascade")
                cursor.connection.commit()
            except psycopg2.errors.LockNotAvailable:
                cursor.connection.rollback()
