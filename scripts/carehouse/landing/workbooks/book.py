"""What every workbook reader gives: sheets, and of each its cells as text that loses nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

# row and column from 1, value as text, type, formula, columns and rows spanned
Cell = tuple[int, int, str | None, str, str | None, int, int]


def _no_cells() -> Iterator[Cell]:
    return iter(())


@dataclass(frozen=True)
class Sheet:
    """One sheet; `cells` may raise Unreadable of its reader. A chart has no cells."""

    name: str
    state: str = "visible"
    cells: Callable[[], Iterator[Cell]] = _no_cells


@dataclass(frozen=True)
class Book:
    """A workbook: its epoch (1900 or 1904), its sheets in order, what its keeper should know."""

    epoch: int
    sheets: list[Sheet]
    warnings: list[str] = field(default_factory=list)


def number_value(value: float) -> str:
    """A number as text: whole ones without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def date_value(moment: datetime, serial: float) -> tuple[str, str]:
    """A serial number's moment as text, and whether it is a date, a time or both."""
    if serial < 1:
        return moment.time().isoformat(), "time"
    if serial == int(serial):
        return moment.date().isoformat(), "date"
    return moment.isoformat(), "datetime"
