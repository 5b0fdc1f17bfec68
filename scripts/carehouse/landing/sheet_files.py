"""One table in a workbook: .xlsx and its kin given in place of a CSV file.

The sandbox that reads case workbooks reads it too; its cells are put side by side again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from carehouse.errors import Refused
from carehouse.landing.csv_files import check_width
from carehouse.landing.sandbox import Reader
from carehouse.sql import literal, one_file

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})


@dataclass(frozen=True)
class SheetFile:
    """A workbook whose one sheet is a table: its header, and where its cells were written."""

    path: Path
    header: tuple[str, ...]
    cells: Path
    sheet: str
    first_row: int
    first_column: int

    def read(self, use: Callable[[str], None], out: Path, keep_blanks: bool = False) -> None:
        """Give `use` a relation of `_source_row` (as the workbook shows it) and c0, c1, …"""
        blank = "''" if keep_blanks else "null"
        columns = ", ".join(
            f"coalesce(max(value_text) filter (where column_number = {self.first_column + i}), "
            f"{blank}) as c{i}"
            for i in range(len(self.header))
        )
        use(
            f"(select _source_row, {columns} from read_parquet({one_file(self.cells)}) "
            f"where _source_sheet = {literal(self.sheet)} and _source_row > {self.first_row} "
            "and value_text is not null group by _source_row order by _source_row)"
        )


def open_sheet(
    connection: duckdb.DuckDBPyConnection, child: Reader, path: Path, folder: Path
) -> SheetFile:
    """Read a workbook in the sandbox; its first row with cells is the header.

    Raises Refused where it cannot be read, or has not exactly one sheet with cells.
    """
    answer = child.read(path, folder)
    answer.check()
    cells = folder / "cells.parquet"
    read = f"read_parquet({one_file(cells)})"
    sheets = connection.execute(
        f"select _source_sheet, min(_source_row) from {read} where value_text is not null "
        "and sheet_state = 'visible' group by _source_sheet order by _source_sheet"
    ).fetchall()
    if len(sheets) != 1:
        names = ", ".join(repr(name) for name, _ in sheets)
        raise Refused(
            f"has {len(sheets)} sheets with cells ({names}): save each as a file of its own"
            if sheets
            else "has no cells: is it the right file?"
        )
    ((sheet, first_row),) = sheets
    where = f"_source_sheet = {literal(sheet)} and value_text is not null"
    first, last = connection.execute(
        f"select min(column_number), max(column_number) from {read} where {where}"
    ).fetchone()
    check_width(last - first + 1)
    names = dict(
        connection.execute(
            f"select column_number, value_text from {read} "
            f"where {where} and _source_row = {first_row}"
        ).fetchall()
    )
    header = tuple(names.get(column, "") for column in range(first, last + 1))
    return SheetFile(path, header, cells, sheet, first_row, first)
