"""A day's call list as reception uses it: on paper, in Excel, as CSV or as data."""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TextIO

from carehouse.described import Column
from carehouse.published import open_published
from carehouse.reception import PRIORITY_COLUMNS, priorities
from carehouse.settings import Settings
from carehouse.sql import literal
from carehouse.tables import write_csv

WIDTH = 112  # letters on a landscape page
SHEET = (
    Column("done", "VARCHAR", ""),
    Column("time", "VARCHAR", ""),
    Column("name", "VARCHAR", ""),
    Column("phone", "VARCHAR", ""),
    Column("with", "VARCHAR", ""),
    Column("reason", "VARCHAR", ""),
)


def write_call_list(settings: Settings, day: date, kind: str, out: Path | None) -> int:
    """Write the list of a day, the first to call first, to a file or to stdout; gives its length.

    `print` and `xlsx` hold what a caller needs, `csv` and `json` every column of PRIORITY_COLUMNS.
    """
    if kind == "xlsx":
        return _book(settings, day, out or settings.home / "exports" / f"calls-{day}.xlsx")
    if out is None:
        return _text(settings, day, kind, sys.stdout)
    with out.open("w", encoding="utf-8", newline="") as file:
        return _text(settings, day, kind, file)


def _text(settings: Settings, day: date, kind: str, file: TextIO) -> int:
    if kind == "print":
        return _print(_calls(settings, day), day, file)
    rows = [tuple(map(_short, row)) for row in priorities(settings, day)]
    if kind == "json":
        items = [dict(zip(PRIORITY_COLUMNS, row, strict=True)) for row in rows]
        file.write(json.dumps(items, default=str, indent=2, ensure_ascii=False) + "\n")
    else:
        write_csv(file, PRIORITY_COLUMNS, rows)
    return len(rows)


def _short(cell: object) -> object:
    """A rate as people read it; the mart has all its digits."""
    return round(cell, 4) if isinstance(cell, float) else cell


def _calls(settings: Settings, day: date) -> list[tuple]:
    """Time, name, phone, with whom and why, in the order of the list; local times."""
    with open_published(settings) as connection:
        return connection.execute(
            f"""
            select
                case when is_day_only then '' else strftime(appt_start, '%H:%M') end,
                coalesce(patient_name, ''),
                coalesce(phone, 'no phone'),
                coalesce(physio_name, ''),
                coalesce(priority_reason, '')
            from clinic.reception_priorities
            where day = {literal(day)}
            order by call_rank
            """
        ).fetchall()


def _print(calls: Sequence[tuple], day: date, file: TextIO) -> int:
    from rich.box import ASCII2
    from rich.console import Console
    from rich.table import Table

    console = Console(file=file, width=WIDTH, markup=False, highlight=False, no_color=True)
    console.print(f"Calls for {day:%A, %d %B %Y}: {len(calls)}, the first to call first")
    table = Table(box=ASCII2)
    for name, width in (("", 3), ("time", 5), ("name", 22), ("phone", 17), ("with", 16)):
        table.add_column(name, width=width, overflow="fold")
    table.add_column("reason", overflow="fold")
    for call in calls:
        table.add_row("[ ]", *map(_one_line, call))
    console.print(table)
    return len(calls)


def _one_line(text: str) -> str:
    """Without line breaks and control characters, which would move a printer or a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _book(settings: Settings, day: date, path: Path) -> int:
    from carehouse.spreadsheets import add_sheet, new_book

    calls = _calls(settings, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_book(path) as book:
        add_sheet(book, f"Calls {day}", SHEET, _numbered(calls))
    return len(calls)


def _numbered(calls: Sequence[tuple]) -> Iterator[tuple]:
    for call in calls:
        yield ("", *call)
