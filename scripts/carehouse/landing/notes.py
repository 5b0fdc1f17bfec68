"""Word case notes to blocks: every paragraph in reading order, as it is.

The document's XML is walked directly, because text also stands in nested tables, content controls
and text boxes, which python-docx's `.text` passes over. Elements are told by local name, so that
both the transitional and the strict namespace of ECMA-376 are read.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from lxml import etree

from carehouse.errors import Refused
from carehouse.landing.write_parquet import RowWriter, write_warnings

MAX_UNPACKED_BYTES = 256 * 2**20
DAMAGED = "is damaged or cut off: open it in Word, save a fresh copy and put that here"

COLUMNS = {
    "block_number": pa.int32(),
    "block_type": pa.string(),
    "style_name": pa.string(),
    "table_number": pa.int32(),
    "row_number": pa.int32(),
    "column_number": pa.int32(),
    "parent_table_number": pa.int32(),
    "text": pa.string(),
}
UNREADABLE = (
    etree.XMLSyntaxError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,  # an encrypted part
)
BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-"}


@dataclass
class _Place:
    """Where in the document a paragraph stands."""

    table: int | None = None
    row: int | None = None
    column: int | None = None
    parent_table: int | None = None


@dataclass
class _Walk:
    """One walk through a document: the style names and how many tables have been met."""

    styles: dict[str, str]
    tables: int = 0
    default_style: str | None = field(default=None)

    def paragraphs(self, element, place: _Place) -> Iterator[tuple[_Place, str | None, str]]:
        """Yield place, style and text of each paragraph below `element`, in reading order."""
        for child in element:
            match _tag(child):
                case "p":
                    yield place, self._style(child), "".join(_texts(child))
                    for box in _boxes(child):
                        yield from self.paragraphs(box, place)
                case "tbl":
                    yield from self._table(child, place)
                case "Fallback" | "sectPr" | "del" | "moveFrom":
                    pass  # the same text a second time, page layout, or deleted text
                case None:
                    pass  # a comment or processing instruction
                case _:
                    yield from self.paragraphs(child, place)

    def _table(self, table, place: _Place) -> Iterator[tuple[_Place, str | None, str]]:
        self.tables += 1
        number = self.tables
        for row_number, row in enumerate(_inside(table, "tr"), start=1):
            for column_number, cell in enumerate(_inside(row, "tc"), start=1):
                inner = _Place(number, row_number, column_number, place.table)
                yield from self.paragraphs(cell, inner)

    def _style(self, paragraph) -> str | None:
        for properties in paragraph.iterchildren("{*}pPr"):
            for style in properties.iterchildren("{*}pStyle"):
                identifier = _value(style)
                return self.styles.get(identifier, identifier)
        return self.default_style


def read(data: bytes, out_dir: Path) -> dict[str, int]:
    """Write `blocks.parquet` of one Word document into `out_dir`.

    Returns rows per raw table. Raises Refused with a reason for the person who keeps the file.
    """
    package = _open_package(data)
    names = package.namelist()
    main = _main_part(package)
    if main not in names or _tag(_xml(package, main)) != "document":
        raise Refused("is not a Word document: open it in the program that made it, save as .docx")
    folder = main.rpartition("/")[0]
    walk = _Walk(*_styles(package, folder))
    with RowWriter(out_dir / "blocks.parquet", COLUMNS) as blocks:
        for part, kind in _parts(names, main, folder):
            for place, style, text in walk.paragraphs(_xml(package, part), _Place()):
                if text.strip():
                    block_type = "cell" if kind == "paragraph" and place.table else kind
                    blocks.write(
                        (
                            blocks.row_count + 1,
                            block_type,
                            style,
                            place.table,
                            place.row,
                            place.column,
                            place.parent_table,
                            text,
                        )
                    )
    if not blocks.row_count:
        write_warnings(out_dir, ["holds no text: look whether it is the file you meant"])
    return {"blocks": blocks.row_count}


def _open_package(data: bytes) -> zipfile.ZipFile:
    if data[:4] == b"\xd0\xcf\x11\xe0":
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Refused("is password-protected: save a copy without the password")
        raise Refused("is in the old Word format: open it in Word and save it as .docx")
    if not data:
        raise Refused("is empty: copy it here again")
    if data[:4] != b"PK\x03\x04":
        raise Refused("is not a Word document: open it in the program that made it, save as .docx")
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, EOFError) as error:
        raise Refused(DAMAGED) from error
    if sum(member.file_size for member in package.infolist()) > MAX_UNPACKED_BYTES:
        raise Refused(
            f"unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MB, which no case note does: "
            "do not open it; ask who sent it"
        )
    return package


def _main_part(package: zipfile.ZipFile) -> str:
    """The part that holds the text: word/document.xml, unless the package names another."""
    usual = "word/document.xml"
    if usual in package.namelist() or "_rels/.rels" not in package.namelist():
        return usual
    for relation in _xml(package, "_rels/.rels").iter("{*}Relationship"):
        if _attribute(relation, "Type").endswith("/officeDocument"):
            return _attribute(relation, "Target").lstrip("/")
    return usual


def _parts(names: list[str], main: str, folder: str) -> Iterator[tuple[str, str]]:
    """Page headers first, for they often name the participant; then the text; then the rest."""
    start = re.escape(folder + "/" if folder else "")
    for pattern, kind in (
        (rf"{start}header\d*\.xml", "header"),
        (re.escape(main), "paragraph"),
        (rf"{start}(?:footnotes|endnotes)\d*\.xml", "footnote"),
        (rf"{start}comments\d*\.xml", "comment"),
        (rf"{start}footer\d*\.xml", "footer"),
    ):
        for name in sorted(names):
            if re.fullmatch(pattern, name):
                yield name, kind


def _xml(package: zipfile.ZipFile, part: str):
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        return etree.fromstring(package.read(part), parser)
    except UNREADABLE as error:
        raise Refused(DAMAGED) from error


def _styles(package: zipfile.ZipFile, folder: str) -> tuple[dict[str, str], int, str | None]:
    part = f"{folder}/styles.xml" if folder else "styles.xml"
    if part not in package.namelist():
        return {}, 0, None
    names, default = {}, None
    for style in _xml(package, part).iter("{*}style"):
        identifier = _attribute(style, "styleId")
        for name in style.iterchildren("{*}name"):
            names[identifier] = _value(name)
            if _attribute(style, "default") == "1" and _attribute(style, "type") == "paragraph":
                default = names[identifier]
    return names, 0, default


def _tag(element) -> str | None:
    return etree.QName(element).localname if isinstance(element.tag, str) else None


def _attribute(element, name: str) -> str:
    for key, value in element.items():
        if etree.QName(key).localname == name:
            return value
    return ""


def _value(element) -> str:
    return _attribute(element, "val")


def _inside(element, name: str) -> Iterator:
    """Rows of a table or cells of a row, also when content controls wrap them."""
    for child in element:
        match _tag(child):
            case found if found == name:
                yield child
            case "sdt" | "sdtContent" | "ins" | "customXml" | "smartTag":
                yield from _inside(child, name)


def _texts(element) -> Iterator[str]:
    """The text of one paragraph, without that of text boxes standing in it."""
    for child in element:
        match _tag(child):
            case "t":
                yield child.text or ""
            case "txbxContent" | "Fallback" | "del" | "moveFrom" | "pPr" | "rPr" | "instrText":
                pass
            case name if name in BREAKS:
                yield BREAKS[name]
            case None:
                pass
            case _:
                yield from _texts(child)


def _boxes(element) -> Iterator:
    for child in element:
        match _tag(child):
            case "txbxContent":
                yield child
            case "Fallback" | None:
                pass
            case _:
                yield from _boxes(child)
