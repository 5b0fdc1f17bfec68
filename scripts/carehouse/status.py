"""What landed when, what was refused and why, how fresh the sources are, what the build said."""

from datetime import datetime

import duckdb
from rich.console import Console
from rich.table import Table

from carehouse.publish import BAD
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse

MOST_SPELLINGS = 10


def read_status(settings: Settings) -> dict[str, object]:
    """Give sources (newest look, counts), refused files with reasons, and the last build."""
    with open_warehouse(settings) as connection:
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
        build = connection.execute(
            "select unique_id, status, finished_at from raw.build_log order by unique_id"
        ).fetchall()
        unmapped = _unmapped(connection)
    published = settings.published
    return {
        "sources": [
            {
                "source": source,
                "location": location,
                "looked_at": looked_at,
                "landed_files": sum(1 for s, _, o, *_ in loads if (s, o) == (source, "landed")),
                "rows": sum(row[5] for row in loads if row[0] == source and row[2] == "landed"),
                "newest_change_at": max(
                    (row[4] for row in loads if row[0] == source), default=None
                ),
                "refused_files": refused,
            }
            for source, location, looked_at, refused in sources
        ],
        "refused": [
            {"source": source, "object": name, "reason": reason, "at": at}
            for source, name, outcome, reason, at, _ in loads
            if outcome == "refused"
        ],
        "build": {
            "at": next((at for name, _, at in build if name == "invocation"), None),
            "ended": all(status != "started" for _, status, _ in build),
            "nodes": sum(1 for name, *_ in build if name != "invocation"),
            "failed": [name for name, status, _ in build if status in BAD],
        },
        "unmapped": [
            {"seed": seed, "value": value, "nearest": nearest, "line": line, "count": count}
            for seed, value, nearest, line, count in unmapped
        ],
        "published": {
            "file": str(published),
            "at": datetime.fromtimestamp(published.stat().st_mtime, settings.zone)
            if published.exists()
            else None,
        },
    }


def _unmapped(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    """Spellings that a line in a seed would name, the most frequent first; none before a build."""
    try:
        return connection.execute(
            "select seed_name, value_text, nearest_value, line_to_add, value_count "
            "from quality.unmapped_values where line_to_add is not null "
            "order by value_count desc, seed_name, value_text"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):  # not built, or by an older version
        return []


def show_status(status: dict) -> None:
    """Print the status for a person."""
    console = Console(soft_wrap=True)
    if not status["sources"]:
        console.print("nothing has landed yet: put files into the inbox and run `carehouse run`")
        return
    table = Table("source", "looked at", "last change", "files", "rows", "refused", box=None)
    for one in status["sources"]:
        table.add_row(
            one["source"],
            f"{one['looked_at']:%Y-%m-%d %H:%M}",
            f"{one['newest_change_at']:%Y-%m-%d %H:%M}" if one["newest_change_at"] else "",
            str(one["landed_files"]),
            f"{one['rows']:,}",
            str(one["refused_files"]),
        )
    console.print(table)
    for one in status["refused"]:
        console.print(f"refused: {one['object']} {one['reason']}", markup=False, highlight=False)
    build = status["build"]
    if build["at"] is None:
        console.print("not built yet")
    elif not build["ended"]:
        console.print("the last build did not end: run `carehouse build`")
    elif build["failed"]:
        console.print(f"the last build had {len(build['failed'])} failed or skipped steps:")
        for name in build["failed"]:
            console.print(f"  {name}", markup=False)
    else:
        console.print(
            f"the last build was good: {build['nodes']} steps, {build['at']:%Y-%m-%d %H:%M}"
        )
    _show_unmapped(status["unmapped"], console)
    published = status["published"]
    console.print(
        f"published {published['at']:%Y-%m-%d %H:%M}: {published['file']}"
        if published["at"]
        else "not published yet"
    )


def _show_unmapped(unmapped: list[dict], console: Console) -> None:
    """Spellings no seed knows, each with the value it is like and the line that names it."""
    if not unmapped:
        return
    console.print(f"{len(unmapped)} spellings that no seed knows, and the line that names each:")
    for one in unmapped[:MOST_SPELLINGS]:
        like = f"{one['nearest']}? " if one["nearest"] else ""
        console.print(
            f"  {one['value']}: {like}add {one['line']!r} to seeds/workbooks/{one['seed']}.csv",
            markup=False,
            highlight=False,
        )
    if len(unmapped) > MOST_SPELLINGS:
        console.print(f"  and {len(unmapped) - MOST_SPELLINGS} more in quality.unmapped_values")
