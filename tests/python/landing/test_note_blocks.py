"""Word files to blocks: every piece of text once, in reading order, with where it stands."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from docx import Document

from carehouse.landing.notes import read

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
MORE = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


@pytest.fixture
def blocks(tmp_path: Path) -> Callable[[bytes], list[dict]]:
    def land(data: bytes) -> list[dict]:
        counts = read(data, tmp_path)
        rows = pq.read_table(tmp_path / "blocks.parquet").to_pylist()
        assert counts == {"blocks": len(rows)}
        assert [row["block_number"] for row in rows] == list(range(1, len(rows) + 1))
        return rows

    return land


def docx(body: str, *, space: str = WORD, parts: dict[str, str] | None = None) -> bytes:
    """A document from the XML inside its body, and whatever other parts it needs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, inside in {"document": f"<w:body>{body}</w:body>", **(parts or {})}.items():
            root = {"document": "document", "styles": "styles"}.get(name, name.rstrip("0123456789"))
            root = {"header": "hdr", "footer": "ftr"}.get(root, root)
            package.writestr(
                f"word/{name}.xml",
                f'<?xml version="1.0"?><w:{root} xmlns:w="{space}" {MORE}>{inside}</w:{root}>',
            )
    return buffer.getvalue()


def p(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def sdt(inside: str) -> str:
    """A content control."""
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{inside}</w:sdtContent></w:sdt>"


def tc(inside: str) -> str:
    return f"<w:tc>{inside}</w:tc>"


def tr(*cells: str) -> str:
    return f"<w:tr>{''.join(cells)}</w:tr>"


def tbl(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def texts(rows: list[dict]) -> list[str]:
    return [row["text"] for row in rows]


def places(rows: list[dict]) -> dict[str, tuple]:
    return {
        row["text"]: (
            row["table_number"],
            row["row_number"],
            row["column_number"],
            row["parent_table_number"],
        )
        for row in rows
    }


NOWHERE = (None, None, None, None)


def test_paragraphs_in_order_without_empty_ones(blocks):
    found = blocks(docx(p("Case history") + p("") + p("  ") + p("Date: 12 March 2025") + p("Went")))
    assert texts(found) == ["Case history", "Date: 12 March 2025", "Went"]
    assert {row["block_type"] for row in found} == {"paragraph"}
    assert set(places(found).values()) == {NOWHERE}


def test_a_document_of_python_docx(blocks):
    document = Document()
    document.add_heading("Case history", 1)
    document.add_paragraph("Visited", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for row in range(2):
        for column in range(2):
            table.cell(row, column).text = f"{row},{column}"
    table.cell(1, 1).add_paragraph("second paragraph")
    document.add_paragraph("After")
    buffer = io.BytesIO()
    document.save(buffer)
    found = blocks(buffer.getvalue())
    assert texts(found) == [
        "Case history",
        "Visited",
        "0,0",
        "0,1",
        "1,0",
        "1,1",
        "second paragraph",
        "After",
    ]
    assert places(found)["second paragraph"] == (1, 2, 2, None)
    assert [row["block_type"] for row in found[2:7]] == ["cell"] * 5
    assert [row["style_name"] for row in found[:2]] == ["heading 1", "List Bullet"]
    assert found[-1]["style_name"] == "Normal"


def test_a_nested_table_stands_in_reading_order_with_its_parent(blocks):
    inner = tbl(tr(tc(p("inner 1")), tc(p("inner 2"))))
    found = blocks(
        docx(
            tbl(tr(tc(p("left")), tc(p("above") + inner + p("below"))))
            + p("between")
            + tbl(tr(tc(p("next table"))))
        )
    )
    assert texts(found) == [
        "left",
        "above",
        "inner 1",
        "inner 2",
        "below",
        "between",
        "next table",
    ]
    assert places(found) == {
        "left": (1, 1, 1, None),
        "above": (1, 1, 2, None),
        "inner 1": (2, 1, 1, 1),
        "inner 2": (2, 1, 2, 1),
        "below": (1, 1, 2, None),
        "between": NOWHERE,
        "next table": (3, 1, 1, None),
    }


def test_content_controls_around_anything_hide_nothing(blocks):
    inline = (
        "<w:p><w:r><w:t>Date: </w:t></w:r>" + sdt("<w:r><w:t>12/03/2025</w:t></w:r>") + "</w:p>"
    )
    table = tbl(
        tr(tc(p("plain")), sdt(tc(p("cell control")))),
        sdt(tr(tc(p("row control")), tc(sdt(p("inside a cell"))))),
        tr(tc(p("last")), tc(p("row"))),
    )
    found = blocks(docx(sdt(p("block control")) + inline + sdt(table) + sdt(sdt(p("twice")))))
    assert texts(found) == [
        "block control",
        "Date: 12/03/2025",
        "plain",
        "cell control",
        "row control",
        "inside a cell",
        "last",
        "row",
        "twice",
    ]
    told = places(found)
    assert told["cell control"] == (1, 1, 2, None)
    assert told["row control"] == (1, 2, 1, None)
    assert told["inside a cell"] == (1, 2, 2, None)
    assert told["last"] == (1, 3, 1, None)


def test_a_text_box_is_read_once(blocks):
    box = f"<w:txbxContent>{p('in the box')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>before </w:t></w:r><w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r><w:r><w:t>after</w:t></w:r></w:p>"
    )
    assert texts(blocks(docx(body))) == ["before after", "in the box"]


def test_an_old_text_box_is_read_too(blocks):
    body = (
        "<w:p><w:r><w:pict><v:textbox><w:txbxContent>"
        f"{p('in the box')}</w:txbxContent></v:textbox></w:pict></w:r></w:p>"
    )
    assert texts(blocks(docx(body))) == ["in the box"]


def test_tracked_changes_read_as_accepted(blocks):
    run = "<w:r><w:t>{}</w:t></w:r>"
    gone = "<w:r><w:delText>{}</w:delText></w:r>"
    body = (
        "<w:p>"
        + run.format("came ")
        + f"<w:del>{gone.format('late')}</w:del>"
        + f"<w:ins>{run.format('early')}</w:ins>"
        + f"<w:moveFrom>{run.format('moved away')}</w:moveFrom>"
        + f"<w:moveTo>{run.format(' and stayed')}</w:moveTo>"
        + "</w:p>"
        + f"<w:p><w:del>{gone.format('all gone')}</w:del></w:p>"
    )
    assert texts(blocks(docx(body))) == ["came early and stayed"]


def test_breaks_tabs_and_hyphens_are_kept(blocks):
    body = (
        "<w:p><w:r><w:t>Date: 12 March</w:t><w:tab/><w:t>Worker: Anita</w:t><w:br/>"
        "<w:t>second</w:t><w:cr/><w:t>third</w:t><w:noBreakHyphen/><w:t>line</w:t></w:r></w:p>"
    )
    assert texts(blocks(docx(body))) == ["Date: 12 March\tWorker: Anita\nsecond\nthird-line"]


def test_tab_stops_and_field_codes_are_no_text(blocks):
    body = (
        '<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs></w:pPr>'
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DATE </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>12/03/2025</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )
    assert texts(blocks(docx(body))) == ["12/03/2025"]


def test_links_and_smart_tags_hide_nothing(blocks):
    run = "<w:r><w:t>{}</w:t></w:r>"
    body = (
        f"<w:p><w:hyperlink>{run.format('link ')}</w:hyperlink>"
        f"<w:smartTag>{run.format('tag ')}</w:smartTag>"
        f"<w:fldSimple>{run.format('field ')}</w:fldSimple>"
        f"<w:customXml>{run.format('custom')}</w:customXml></w:p>"
        f"<w:customXml>{p('block')}</w:customXml>"
    )
    assert texts(blocks(docx(body))) == ["link tag field custom", "block"]


def test_headers_come_first_then_text_then_notes_then_footers(blocks):
    parts = {
        "header1": p("Confidential - PW001"),
        "footer1": p("Page 1"),
        "footnotes": f"<w:footnote>{p('a footnote')}</w:footnote>",
        "comments": f"<w:comment>{p('a comment')}</w:comment>",
    }
    found = blocks(docx(p("the text"), parts=parts))
    assert [(row["text"], row["block_type"]) for row in found] == [
        ("Confidential - PW001", "header"),
        ("the text", "paragraph"),
        ("a footnote", "footnote"),
        ("a comment", "comment"),
        ("Page 1", "footer"),
    ]


def test_styles_are_told_by_name(blocks):
    styles = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="b"><w:name w:val="Font"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    )
    body = p("title", "berschrift1") + p("plain") + p("strange", "Unknown")
    found = blocks(docx(body, parts={"styles": styles}))
    assert [row["style_name"] for row in found] == ["heading 1", "Normal", "Unknown"]
    assert [row["style_name"] for row in blocks(docx(p("no styles")))] == [None]


def test_the_strict_namespace_is_read_too(blocks):
    found = blocks(docx(p("strict") + tbl(tr(tc(p("cell")))), space=STRICT))
    assert [(row["text"], row["block_type"]) for row in found] == [
        ("strict", "paragraph"),
        ("cell", "cell"),
    ]


def test_text_is_not_trimmed_or_changed(blocks):
    body = '<w:p><w:r><w:t xml:space="preserve"> A &amp; B  </w:t></w:r></w:p>' + p("नमस्ते")
    assert texts(blocks(docx(body))) == [" A & B  ", "नमस्ते"]


def test_an_empty_document_has_no_blocks(blocks):
    assert blocks(docx("<w:p/>")) == []
