"""What landed when, what was refused and why, how fresh the sources are, what the build said."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb

from carehouse.access_log import broken_at
from carehouse.database import CATALOG, WAREHOUSE_PART, is_encrypted, open_to_read
from carehouse.domains import judge, read_build_log
from carehouse.errors import Trouble
from carehouse.graph import read_graph
from carehouse.keys import is_rotating
from carehouse.lock import at_work
from carehouse.private import open_line, open_paths
from carehouse.reseal import databases
from carehouse.settings import Settings
from carehouse.trouble import LOCKED, explain

MOST_SPELLINGS = 10


def read_status(settings: Settings) -> dict[str, object]:
    """Give sources (newest look, counts), refused files with reasons, the last build, and how
    fresh each published domain is.

    While a run has the warehouse, what was there when it last let go is told, and what it is
    doing now. Nothing is written, no folder is made. Raises Trouble when a file is damaged.
    """
    kept = _kept(settings)
    told: dict[str, object] | None = None
    if settings.warehouse.exists():
        try:
            with open_to_read(settings, settings.warehouse, CATALOG, WAREHOUSE_PART) as connection:
                told = _read(connection, settings)
        except duckdb.IOException as error:
            if not LOCKED.search(str(error)):
                raise Trouble(explain(error, settings) or str(error)) from error
            told = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else None
    told = told or {"sources": [], "refused": [], "build": _no_build()}
    return {
        **told,
        "at_work": at_work(settings),
        "published": _published(settings),
        "unmapped": _unmapped(settings),
        "open_to_others": open_paths(settings.home),
        "encrypted": {
            path.relative_to(settings.home).as_posix(): is_encrypted(path)
            for path, _ in databases(settings)
        },
        "key_changing": is_rotating(settings),
        "access_log_broken_at": broken_at(settings),
    }


def keep_status(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Put down what `status` tells, for those who ask while the warehouse is in use."""
    kept = _kept(settings)
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_suffix(".new")
    beside.write_text(json.dumps(_read(connection, settings), default=str), encoding="utf-8")
    beside.replace(kept)


def _kept(settings: Settings) -> Path:
    return settings.home / "logs" / "status.json"


def _read(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, object]:
    sources = connection.execute(
        """
        select
            source, arg_max(location, scanned_at) as location, max(scanned_at) as looked_at,
            arg_max(refused_count, scanned_at) as refused_count
        from raw.scan_log group by source order by source
        """
    ).fetchall()
    loads = connection.execute(
        """
        select source, object, outcome, reason, finished_at, row_count from raw.load_log
        qualify row_number() over (partition by source, object order by load_id desc) = 1
        order by source, object
        """
    ).fetchall()
    log = read_build_log(connection)
    nodes = [name for name in log.status if name != "invocation"]
    return {
        "sources": [
            {
                "source": source,
                "location": location,
                "looked_at": _text(looked_at),
                "landed_files": sum(1 for s, _, o, *_ in loads if (s, o) == (source, "landed")),
                "rows": sum(row[5] for row in loads if row[0] == source and row[2] == "landed"),
                "newest_change_at": _text(
                    max((row[4] for row in loads if row[0] == source), default=None)
                ),
                "refused_files": refused,
            }
            for source, location, looked_at, refused in sources
        ],
        "refused": [
            {"source": source, "object": name, "reason": reason, "at": _text(at)}
            for source, name, outcome, reason, at, _ in loads
            if outcome == "refused"
        ],
        "build": {
            "at": _text(log.finished_at.get("invocation")),
            "ended": log.has_ended,
            "nodes": len(nodes),
            "failed": [name for name in log.bad if name != "invocation"],
            "domains": {
                name: one.reason
                for name, one in judge(log, read_graph(settings.manifest), settings.as_of).items()
                if one.reason
            },
        },
    }


def _no_build() -> dict[str, object]:
    return {"at": None, "ended": True, "nodes": 0, "failed": [], "domains": {}}


def _published(settings: Settings) -> dict[str, object]:
    """The published file, and of each domain whether it is current, since when, and why not."""
    path = settings.published
    if not path.exists():
        return {"file": str(path), "at": None, "domains": []}
    try:
        with open_to_read(settings, path, "published", "full") as connection:
            rows = connection.execute("from quality.published_domains").fetchall()
    except duckdb.CatalogException:
        rows = []  # written by an earlier version
    except duckdb.IOException as error:
        raise Trouble(explain(error, settings) or str(error)) from error
    return {
        "file": str(path),
        "at": _text(datetime.fromtimestamp(path.stat().st_mtime, settings.zone)),
        "domains": [
            {
                "domain": domain,
                "is_current": is_current,
                "built_at": _text(built_at),
                "as_of_date": _text(as_of),
                "reason": reason,
            }
            for domain, is_current, built_at, as_of, reason in rows
        ],
    }


def _unmapped(settings: Settings) -> list[dict[str, object]]:
    """Spellings that a line in a seed would name, the most frequent first, as published.

    They are what people typed: told when asked for, never kept with the status.
    """
    if not settings.published.exists():
        return []
    try:
        with open_to_read(settings, settings.published, "published", "full") as connection:
            rows = connection.execute(
                "select seed_name, value_text, nearest_value, line_to_add, value_count "
                "from quality.unmapped_values where line_to_add is not null "
                "order by value_count desc, seed_name, value_text"
            ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []  # written by an earlier version
    names = ("seed", "value", "nearest", "line", "count")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _text(moment: object) -> str | None:
    return None if moment is None else str(moment)


def show_status(status: dict) -> None:
    """Print the status for a person."""
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=True, markup=False, highlight=False)
    if status["at_work"]:
        console.print("now: carehouse {command}, since {since}: {step}".format(**status["at_work"]))
    if status["open_to_others"]:
        console.print(open_line(status["open_to_others"]))
    for line in _encrypted_lines(status):
        console.print(line)
    if status["access_log_broken_at"]:
        console.print(
            f"logs/access.log was changed from line {status['access_log_broken_at']} on: compare "
            "with a copy"
        )
    if not status["sources"]:
        console.print("nothing has landed yet: put files into the inbox and run `carehouse run`")
        return
    table = Table("source", "looked at", "last change", "files", "rows", "refused", box=None)
    for one in status["sources"]:
        table.add_row(
            one["source"],
            one["looked_at"][:16],
            (one["newest_change_at"] or "")[:16],
            str(one["landed_files"]),
            f"{one['rows']:,}",
            str(one["refused_files"]),
        )
    console.print(table)
    for one in status["refused"]:
        console.print(f"refused: {one['object']} {one['reason']}")
    build = status["build"]
    if build["at"] is None:
        console.print("not built yet")
    elif not build["ended"] and not status["at_work"]:
        console.print("the last build did not end: run `carehouse run`")
    elif build["failed"]:
        console.print(f"the last build had {len(build['failed'])} failed or skipped steps:")
        for name in build["failed"]:
            console.print(f"  {name}")
    else:
        console.print(f"the last build was good: {build['nodes']} steps, {build['at'][:16]}")
    for domain, reason in build["domains"].items():
        console.print(f"{domain}: {reason}")
    for line in _unmapped_lines(status["unmapped"]):
        console.print(line)
    published = status["published"]
    console.print(
        f"published {published['at'][:16]}: {published['file']}"
        if published["at"]
        else "not published yet"
    )
    for one in published["domains"]:
        if not one["is_current"]:
            built = (one["built_at"] or "")[:16]
            kept = f"keeps its tables of {built}" if built else "is left out"
            console.print(f"{one['domain']} {kept}: {one['reason']}")


def _encrypted_lines(status: dict) -> Iterator[str]:
    """Which databases are encrypted, and what to do about the others of a home that has some."""
    if status["key_changing"]:
        yield "the key is being changed, or that was cut off: then run `carehouse key rotate` again"
    told = status["encrypted"]
    if told and all(told.values()):
        yield f"encrypted: {', '.join(told)}"
    elif told and any(told.values()):
        plain = ", ".join(name for name, is_encrypted in told.items() if not is_encrypted)
        yield f"not encrypted: {plain}: the next `carehouse run` writes it with the key"
    elif told:
        yield "not encrypted: set CAREHOUSE_ENCRYPT=true once there is a key (`carehouse key new`)"


def _unmapped_lines(unmapped: list[dict]) -> Iterator[str]:
    """Spellings no seed knows, each with the value it is like and the line that names it."""
    if unmapped:
        yield f"{len(unmapped)} spellings that no seed knows, and the line that names each:"
    for one in unmapped[:MOST_SPELLINGS]:
        like = f"{one['nearest']}? " if one["nearest"] else ""
        yield f"  {one['value']}: {like}add {one['line']!r} to seeds/workbooks/{one['seed']}.csv"
    if len(unmapped) > MOST_SPELLINGS:
        yield f"  and {len(unmapped) - MOST_SPELLINGS} more in quality.unmapped_values"
