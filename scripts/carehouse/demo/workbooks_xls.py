"""Workbooks as .xls files, the binary format of Excel 97 to 2003, by xlwt (extra `demo`)."""

import io
import struct

import xlwt
from xlwt.Cell import FormulaCell

from carehouse.demo.workbooks_grid import Book, Error, Formula


class _XlsFormula(FormulaCell):
    """A formula that also stores its result, as Excel does and xlwt does not."""

    __slots__ = ("cached",)

    def get_biff_data(self) -> bytes:
        """The FORMULA record, its eight result bytes (after row, column, style) filled in."""
        record = super().get_biff_data()
        return record[:10] + struct.pack("<d", self.cached) + record[18:]


def write_xls(book: Book) -> bytes:
    """A workbook as the bytes of an .xls file."""
    workbook = xlwt.Workbook()
    workbook.dates_1904 = book.is_1904
    styles: dict[tuple[str, bool], xlwt.XFStyle] = {}
    for sheet in book.sheets:
        target = workbook.add_sheet(sheet.name)
        target.visibility = 1 if sheet.state == "hidden" else 0
        for (row, column), cell in sorted(sheet.cells.items()):
            value = cell.value
            if isinstance(value, Error):
                name = "#N/A!" if value == "#N/A" else str(value)  # as xlwt spells it
                target.row(row - 1).set_cell_error(column - 1, name)
                continue
            if isinstance(value, Formula):
                formula = _XlsFormula(row - 1, column - 1, 0, xlwt.Formula(value.text))
                formula.cached = float(value.cached)
                target.row(row - 1).insert_cell(column - 1, formula)
                continue
            look = (cell.number_format, cell.bold)
            if look not in styles:
                styles[look] = xlwt.easyxf(
                    f"font: bold {'on' if cell.bold else 'off'}",
                    num_format_str=cell.number_format.replace("[$₹-4009] ", "") or "General",
                )
            target.write(row - 1, column - 1, value, styles[look])
        for top, left, bottom, right in sheet.merges:
            target.merge(top - 1, bottom - 1, left - 1, right - 1)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()
