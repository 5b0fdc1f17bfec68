"""What calamine does not tell of an .ods workbook: its formulas, error cells and merged cells.

OpenDocument 1.3 part 3, 9.1: rows and cells may be repeated, so places are counted.
"""

from dataclasses import dataclass, field

from lxml import etree

Special = dict[tuple[int, int], tuple[str | None, str | None]]


@dataclass
class Extras:
    """What one sheet holds beside its values; places are (row, column) from 1."""

    special: Special = field(default_factory=dict)
    spans: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    negatives: dict[tuple[int, int], float] = field(default_factory=dict)  # whatever their format


def read_extras(content: bytes) -> list[Extras]:
    """Give the extras of each sheet of a `content.xml`, in order; none when it cannot be parsed."""
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return []
    return [_sheet(table) for table in root.iterfind(".//{*}spreadsheet/{*}table")]


def _sheet(table) -> Extras:
    extras = Extras()
    row_number = 1
    for row in table.iter("{*}table-row"):
        column_number = 1
        for cell in row:
            attributes = {etree.QName(key).localname: value for key, value in cell.items()}
            place = (row_number, column_number)
            columns = int(attributes.get("number-columns-spanned", 1))
            rows = int(attributes.get("number-rows-spanned", 1))
            if columns > 1 or rows > 1:
                extras.spans[place] = (columns, rows)
            text = "".join(cell.itertext()).strip()
            is_error = text.startswith("#") and text.endswith(("!", "?", "#N/A"))
            if "formula" in attributes or is_error:
                extras.special[place] = (attributes.get("formula"), text if is_error else None)
            column_number += int(attributes.get("number-columns-repeated", 1))
        row_number += int(_repeated(row))
    return extras


def _repeated(row) -> str:
    for key, value in row.items():
        if etree.QName(key).localname == "number-rows-repeated":
            return value
    return "1"
