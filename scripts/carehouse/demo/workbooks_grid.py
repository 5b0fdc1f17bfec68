"""A made-up workbook before it is a file: plain grids that note what is true of their rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class Error(str):
    """An Excel error value such as #REF!."""


@dataclass(frozen=True)
class Formula:
    """A formula (without =) and the value Excel last computed for it."""

    text: str
    cached: float | Error


@dataclass(frozen=True)
class Cell:
    """What a cell holds and how it is shown."""

    value: Any
    number_format: str = ""
    bold: bool = False
    comment: str = ""


@dataclass
class Sheet:
    """A grid by (row, column), both from 1, and what is true of its rows."""

    name: str
    state: str = "visible"
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    kinds: list[tuple[int, str]] = field(default_factory=list)
    truth: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def put(self, row: int, column: int, value: Any, **looks: Any) -> None:
        """Set a cell; a value that is a `Cell` is taken as it is, None and '' leave it empty."""
        cell = value if isinstance(value, Cell) else Cell(value, **looks)
        if cell.value is not None and cell.value != "":
            self.cells[row, column] = cell

    def mark(self, row: int, kind: str) -> None:
        """Say that a row is none of the facts."""
        if (row, kind) not in self.kinds:
            self.kinds.append((row, kind))

    def keep(self, table: str, row: int, **values: Any) -> None:
        """Say that a row is a fact."""
        self.truth.setdefault(table, []).append({"_source_row": row, **values})


@dataclass
class Book:
    """A workbook file before it is written."""

    file: str
    sheets: list[Sheet]
    is_1904: bool = False
