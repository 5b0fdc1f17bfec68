"""Made-up inputs with one odd value in one cell of a row, for every column of every source.

Each case is a row of its own, copied from a sound one under another id, so that a few builds try
thousands of them.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from docx import Document

# Texts as a CSV file, a workbook's text cell or a document may hold them.
NUMBERS = (
    *("0", "-0", "-1", "+1", "0.001", "1e-300", "4e-400", "1e16", "1e300", "-1e300", "1e400"),
    *("inf", "-inf", "Infinity", "nan", "NaN", "99999999999", "9999999999.99", "-9999999999.99"),
    *("1" * 41, "-" + "9" * 18 + ".99", "9" * 5000, "1.7976931348623157e308", "0x1F", "1_000"),
    *(
        "(1e400)",
        "$1,200",
        "1.234,56",
        "--5",
        "5-",
        "12:61",
        "170141183460469231731687303715884105728",
    ),
)
DAYS = (
    *("0001-01-01", "9999-12-31", "1900-01-01", "1899-12-30", "0000-00-00", "1998-02-00"),
    *("2025-02-30", "2025-13-45", "10000-01-01", "294247-01-10", "-290000-01-01", "1582-10-10"),
    *("9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00+14:00", "2025-03-30T02:30:00+01:00"),
    *("2025-06-10T10:00:00+99:99", "2025-06-10 24:00:00", "2025-06-10T25:61:61", "31/12/9999"),
    *(
        "99/99/99",
        "2200-01-01",
        "1700-01-01",
        "2025-06-10 10:00:00 Mars/Base",
        "1e5",
        "45000",
        "-45000",
    ),
)
TEXTS = (
    *(
        "",
        " ",
        "\u00a0",
        "\t",
        "NULL",
        "None",
        "N/A",
        "true",
        "\\",
        "\\N",
        "%s",
        "{}",
        "'",
        '"',
        "''--",
    ),
    *(
        "=1+1",
        "=cmd|' /C calc'!A0",
        "@SUM(A1)",
        "'; drop table x; --",
        '{"a": 1}',
        "<b>x</b>",
        "#REF!",
    ),
    *(
        "a,b;c\td|e",
        "line\nbreak",
        "line\r\nbreak",
        "\u202eabc\u202c",
        "\u0645\u0631\u062d\u0628\u0627",
    ),
    *(
        "\u0663\u0664\u0665",
        "\uff11\uff12\uff13",
        "\u0968\u0966\u0968\u096b-\u0966\u0967-\u0966\u0967",
    ),
    *(
        "\u00b2",
        "\u2163",
        "\U0001f642" * 9,
        "e\u0301" * 9,
        "\ufeffx",
        "\ufffd",
        "\ud7ff",
        "\ue000",
        "\u0085",
    ),
    *("x" * 300, "word " * 20_000, "\u0130\u0131\u00df", "a\u200bb", "1" + "\u0300" * 500),
)
CONTROL = ("\x01\x02", "\x1b[31m", "\x7f", "\x1f")  # not allowed in XML
ODD = (*NUMBERS, *DAYS, *TEXTS)

# Values of other types, as a Parquet column may hold them.
TYPED = (
    pa.array([1e300, float("inf"), float("-inf"), float("nan"), -0.0, 1e16, 5e-324], pa.float64()),
    pa.array([2**63 - 1, -(2**63), 0, -1], pa.int64()),
    pa.array([2**64 - 1], pa.uint64()),
    pa.array([True, False], pa.bool_()),
    pa.array([date(1, 1, 1), date(9999, 12, 31), date(1900, 1, 1)], pa.date32()),
    pa.array([datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)], pa.timestamp("us")),
    pa.array([datetime(1970, 1, 1), datetime(2200, 1, 1)], pa.timestamp("ns", tz="UTC")),
    pa.array([b"\x00\xff", b"text", b""], pa.binary()),
    pa.array([[1, 2], []], pa.list_(pa.int64())),
    pa.array([{"a": 1}], pa.struct([("a", pa.int64())])),
    pa.array([86_399_000_000], pa.time64("us")),
    pa.array(["9" * 36], pa.string()).cast(pa.decimal128(38, 2)),
)


@dataclass(frozen=True)
class Case:
    """One row with one odd value."""

    file: str  # as `_source_file` names it
    row: int  # as `_source_row` numbers it
    column: str
    value: str  # shown where a case fails


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:30]}... ({len(text)} characters)"


def read_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return rows[0], rows[1:]


def odd_rows(
    header: list[str], sound: list[str], ids: dict[str, str], values: Iterable[str]
) -> Iterator[tuple[str, str, list[str]]]:
    """(column, odd value, row) for each column and value; `ids` are given a number of their own.

    An id's text has `{}` where the number stands.
    """
    number = 0
    for place, column in enumerate(header):
        for value in values:
            number += 1
            row = [
                ids[name].format(number) if name in ids else cell
                for name, cell in zip(header, sound, strict=True)
            ]
            row[place] = value
            yield column, value, row


def append_odd(
    path: Path,
    shown: str,
    ids: dict[str, str],
    values: Iterable[str],
    more: list[str] | None = None,
) -> list[Case]:
    """Add to a CSV file a row for each column and odd value, else like its first.

    `more` are columns that the file does not have yet.
    """
    header, rows = read_csv(path)
    more = [name for name in more or [] if name not in header]
    header, rows = header + more, [row + [""] * len(more) for row in rows]
    cases = []
    for column, value, row in odd_rows(header, rows[0], ids, values):
        rows.append(row)
        cases.append(Case(shown, len(rows) + 1, column, _shown(value)))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return cases


def write_odd_parquet(source: Path, folder: Path, shown: str, id_column: str) -> list[Case]:
    """For each column and type a Parquet file of its own whose column has that type."""
    header, rows = read_csv(source)
    folder.mkdir(parents=True, exist_ok=True)
    cases = []
    for column in header:
        for kind, values in enumerate(TYPED):
            name = f"{column}-{kind}.parquet"
            columns = {
                other: pa.array([rows[-1][at]] * len(values)) for at, other in enumerate(header)
            }
            columns[id_column] = pa.array([f"{name}-{n}" for n in range(len(values))])
            columns[column] = values
            pq.write_table(pa.table(columns), folder / name)
            cases += [
                Case(f"{shown}/{name}", n, column, _shown(value))
                for n, value in enumerate(values.to_pylist(), start=1)
            ]
    return cases


# --- workbooks ------------------------------------------------------------------------------------

CELLS = (  # attributes and inside of a cell, as spreadsheet programs and others write it
    *[(' t="n"', f"<v>{text}</v>") for text in NUMBERS[:20]],
    *[(' t="n"', f"<v>{text}</v>") for text in ("45000", "2958466", "-1", "60", "0.5", "1e5")],
    *[
        (' s="1"', f"<v>{text}</v>")
        for text in ("45000", "2958466", "-1", "60", "0.5", "1e9", "nan")
    ],
    *[(' t="d"', f"<v>{text}</v>") for text in DAYS[:12]],
    *[(' t="b"', f"<v>{text}</v>") for text in ("1", "0")],
    *[(' t="e"', f"<v>{text}</v>") for text in ("#REF!", "#N/A", "#DIV/0!")],
    ("", "<f>1/0</f>"),
    ("", "<f>SUM(A1:A9)</f><v></v>"),
    (' t="str"', "<f>A1</f><v>a text</v>"),
    ("", ""),
)


def workbook(rows: list[list[str]], sheet: str) -> bytes:
    """A workbook of one sheet; a cell is its XML (see `text_cell`) or ''."""
    body = "".join(
        f'<row r="{n}">'
        + "".join(cell.replace("@", f"{chr(65 + at)}{n}", 1) for at, cell in enumerate(row) if cell)
        + "</row>"
        for n, row in enumerate(rows, start=1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills '
        'count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1">'
        '<xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" '
        'applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData>'
        "</worksheet>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode())
    return buffer.getvalue()


def text_cell(text: str) -> str:
    """A cell that holds a text; `@` is where `workbook` puts its place."""
    if not text:
        return ""
    return f'<c r="@" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def write_odd_workbooks(
    folder: Path, sheet: str, top: list[list[str]], header: list[str], sound: list[list[str]]
) -> list[Case]:
    """For each column a workbook: its sound rows, and between them rows with an odd value each.

    Every sound row names itself in its text, so that it is found again among the facts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cases = []
    for place, column in enumerate(header):
        name = f"{sheet} {column}.xlsx"
        rows = [[text_cell(text) for text in row] for row in [*top, header]]
        odd = [(text_cell(text), _shown(text)) for text in ODD if len(text) < 32_000]
        odd += [(f'<c r="@"{how}>{inside}</c>', f"{how} {inside}"[:40]) for how, inside in CELLS]
        for number, (cell, shown) in enumerate(odd):
            rows.append([text_cell(text) for text in sound[number % len(sound)]])
            row = [text_cell(text) for text in sound[(number + 1) % len(sound)]]
            row[place] = cell
            rows.append(row)
            cases.append(Case(name, len(rows), column, shown))
        (folder / name).write_bytes(workbook(rows, sheet))
    return cases


# --- notes ----------------------------------------------------------------------------------------


def write_odd_notes(folder: Path) -> list[Case]:
    """For each label of an entry a document: sound entries, and entries with an odd value."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = []
    for label in ("Date", "Worker", "Text"):
        name = f"PW00{len(cases) % 7 + 1} {label}.docx"
        document = Document()
        document.add_paragraph("Participant ID: PW001")
        number = 1
        for value in ODD:
            text = "".join(c for c in value if c in "\t\n\r" or ord(c) >= 32 and c != "\x7f")
            parts = {"Date": "12 March 2025", "Worker": "Anita", "Text": "Visited at home."}
            document.add_paragraph(f"Date: {parts['Date']}  Worker: {parts['Worker']}")
            document.add_paragraph(parts["Text"])
            parts[label] = text
            document.add_paragraph(f"Date: {parts['Date']}  Worker: {parts['Worker']}")
            document.add_paragraph(parts["Text"])
            number += 4
            cases.append(Case(name, number - (label != "Text"), label, _shown(value)))
        document.save(folder / name)
    return cases


# --- OpenDental extracts --------------------------------------------------------------------------

BY_TYPE = {
    "double": ("1e16", "1e300", "-1e300", "inf", "-inf", "nan", "-1", "1e-300", "9999999999999.99"),
    "date": ("0001-01-01", "9999-12-31", "1900-01-01", "0000-00-00", "1998-02-00", "1879-12-31"),
    "timestamp": ("0001-01-01 00:00:00", "9999-12-31 23:59:59", "0000-00-00 00:00:00"),
    "bigint": ("9223372036854775807", "-1", "-9223372036854775808"),
    "integer": ("2147483647", "-2147483648"),
    "smallint": ("32767", "-1"),
    "varchar": ("", "\u202e\u0663", "\x01\x1b", "x" * 70_000, "9" * 400, "\U0001f642'\"\\"),
}
ODD_KEYS = 800_000_000


def write_odd_extract(source: Path, target: Path, key: str, kinds: dict[str, str]) -> list[Case]:
    """A table's extract with a row for each column and odd value of its type, as Parquet."""
    connection = duckdb.connect()
    connection.execute("create table rows as select * from read_parquet(?)", [str(source)])
    names = [name for name, *_ in connection.execute("describe rows").fetchall()]
    cases, number = [], ODD_KEYS
    if connection.execute("select count(*) from rows").fetchone()[0]:
        for column in names:
            for value in BY_TYPE.get(kinds.get(column, ""), ()):
                if column in (key, "PrefName"):
                    continue
                number += 1
                listed = ", ".join(
                    f'try_cast(? as {kinds[name]}) as "{name}"'
                    if name == column
                    else f'{number} as "{name}"'
                    if name in (key, "PrefName")
                    else f'"{name}"'
                    for name in names
                )
                connection.execute(
                    f'insert into rows select {listed} from (select * from rows order by "{key}" '
                    "limit 1)",
                    [value],
                )
                cases.append(Case(source.stem, number, column, _shown(value)))
    connection.execute("copy rows to ? (format parquet)", [str(target)])
    return cases
