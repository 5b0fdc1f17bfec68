"""Broken and hostile files are refused in words, and nothing else is lost."""

import io
import os
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest
from click.testing import CliRunner
from docx import Document

from carehouse.cli import main
from carehouse.landing.frame import Landing
from carehouse.landing.sandbox import reader
from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import NOTES, WORKBOOKS
from carehouse.settings import Settings
from conftest import SUPPORT, query, status_rows, write_workbook
from hostile_workbooks import encrypted, hostile, sample

TOO_MUCH = "memory|unpacks|longer than|crashed"
REASONS = {
    "password_protected": "password",
    "truncated": "damaged or cut off",
    "html_as_xls": "web page",
    "text_as_xlsx": "not a workbook",
    "zero_bytes": "is empty",
    "zip_bomb": TOO_MUCH,
    "zip_bomb_overlap": TOO_MUCH,
    "far_cell": TOO_MUCH,
    "entity_bomb": f"damaged|{TOO_MUCH}",
    "lying_dimension": f"damaged|{TOO_MUCH}",  # lands where memory allows
}
MAY_LAND = {"lying_dimension"}
NEVER_READ = {"lock_file"}


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(name, body)
    return buffer.getvalue()


def changed(data: bytes, name: str, change) -> bytes:
    """A package with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {part: package.read(part) for part in package.namelist()}
    parts[name] = change(parts[name])
    return zipped(parts)


def document(text: str = "Date: 12 March 2025 Worker: Anita") -> bytes:
    buffer, made = io.BytesIO(), Document()
    made.add_paragraph(text)
    made.save(buffer)
    return buffer.getvalue()


def reads_well(reason: str) -> bool:
    """For a case worker: a sentence's end, without what only programmers know."""
    return bool(re.match(r"[a-z]+ ", reason)) and not re.search(
        r"Traceback|Exception|Error\b|\bline \d|0x|\n|None", reason
    )


# --- a folder full of them ------------------------------------------------------------------------


def test_hostile_workbooks_are_refused_one_by_one_and_the_good_one_lands(home):
    kinds = hostile(home.inbox)
    folder = home.inbox / "workbooks"
    good = write_workbook(folder / "PW001_Ravi.xlsx", status_rows(("12/03/2025", "Visited", 3)))
    data = good.read_bytes()
    more = {
        "photo.xlsx": b"\xff\xd8\xff\xe0" + os.urandom(2000),
        "archive.xlsx": zipped({"readme.txt": b"no workbook"}),
        "word.xlsx": document(),
        "no sheet.xlsx": changed(data, "xl/worksheets/sheet1.xml", lambda _: b""),
        "torn sheet.xlsx": changed(data, "xl/worksheets/sheet1.xml", lambda xml: xml[:200]),
        "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + os.urandom(3000),
        "cut.ods": zipped({"content.xml": b"<office:document-content"}),
    }
    for name, body in more.items():
        (folder / name).write_bytes(body)
    (folder / "a folder.xlsx").mkdir()
    started = time.monotonic()
    environment = {
        "CAREHOUSE_HOME": str(home.home),
        "CAREHOUSE_READ_MEMORY_MB": "128",
        "CAREHOUSE_READ_SECONDS": "5",
    }
    result = CliRunner().invoke(main, ["land", "workbooks"], env=environment)
    assert time.monotonic() - started < 45
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    refused = dict(query(home, "select object, reason from raw.load_log where outcome = 'refused'"))
    landed = {name for (name,) in query(home, "select _source_file from raw_workbooks.sheets")}
    assert good.name in landed
    for name, kind in kinds.items():
        if kind in NEVER_READ:
            assert name not in landed | refused.keys()
        elif not (kind in MAY_LAND and name in landed):
            assert re.search(REASONS[kind], refused[name]), (kind, refused[name])
    assert refused.keys() | landed == {
        path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("~$")
    }
    assert not refused.keys() & landed
    assert set(more) <= refused.keys(), set(more) - refused.keys()
    for name, reason in refused.items():
        assert reads_well(reason), (name, reason)
        assert f"{name} {reason}" in result.stderr
    cells = query(
        home, "select count(*) from raw_workbooks.cells where _source_file = ?", [good.name]
    )
    assert cells == [(10,)]


def test_hostile_notes_are_refused_one_by_one_and_the_good_one_lands(home, tmp_path):
    folder = home.inbox / "notes"
    folder.mkdir(parents=True)
    good = document()
    entities = b'<!DOCTYPE x [<!ENTITY a "lol">' + b"".join(
        b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in b"bcdefghij"
    )
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")

    def with_doctype(doctype: bytes, entity: bytes) -> bytes:
        def change(xml: bytes) -> bytes:
            head, body = xml.split(b"?>", 1)
            return head + b"?>" + doctype + body.replace(b"Date: 12", b"&" + entity + b"; 12")

        return changed(good, "word/document.xml", change)

    files = {
        "good.docx": good,
        "empty.docx": b"",
        "text.docx": b"Date: 12 March 2025",
        "cut.docx": good[: len(good) * 6 // 10],
        "locked.docx": encrypted(sample()),
        "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000,
        "sheet.docx": sample(),
        "torn.docx": changed(good, "word/document.xml", lambda xml: xml[:400]),
        "bomb.docx": changed(good, "word/document.xml", lambda xml: xml + b" " * (300 * 2**20)),
        "entities.docx": with_doctype(entities + b"]>", b"j"),
        "outside.docx": with_doctype(
            b'<!DOCTYPE x [<!ENTITY out SYSTEM "%s">]>' % secret.as_uri().encode(), b"out"
        ),
    }
    for name, body in files.items():
        (folder / name).write_bytes(body)
    limited = home.model_copy(update={"read_memory_mb": 128, "read_seconds": 10})
    landing = land_files(NOTES, limited, folder)
    assert "good.docx" in landing.landed
    assert set(landing.landed) | landing.refused.keys() == files.keys()
    # the last two may be refused or read, but must not bring in what they point at
    assert {"good.docx"} <= set(landing.landed) <= {"good.docx", "outside.docx", "entities.docx"}
    expected = {
        "empty.docx": "is empty",
        "text.docx": "not a Word document",
        "cut.docx": "damaged or cut off",
        "locked.docx": "password",
        "old.doc": "old Word format",
        "sheet.docx": "not a Word document",
        "torn.docx": "damaged or cut off",
        "bomb.docx": "unpacks",
    }
    for name, words in expected.items():
        assert words in landing.refused[name], name
    assert all(reads_well(reason) for reason in landing.refused.values()), landing.refused
    texts = " ".join(text for (text,) in query(home, "select text from raw_notes.blocks"))
    assert "TOPSECRET" not in texts
    assert len(texts) < 1000


# --- readers that do not come back ----------------------------------------------------------------


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let child processes find `odd_readers`."""
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT), prepend=os.pathsep)


def children() -> set[int]:
    return {
        child.pid
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "carehouse.landing" in str(child.cmdline())
    }


@pytest.fixture
def no_children_left() -> Iterator[None]:
    before = children()
    yield
    assert children() == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hang", "longer than 2 seconds"),
        ("allocate", "more than 64 MB"),
        ("grow", "more than 64 MB|longer than 2 seconds"),
        ("abort", "crashed the program"),
        ("leave", "crashed the program"),
        ("panic", "cannot be read"),
    ],
)
@pytest.mark.usefixtures("odd", "no_children_left")
def test_a_reader_that_does_not_come_back_is_survived(tmp_path, name, words):
    path = tmp_path / "file.xlsx"
    path.write_bytes(b"x")
    with reader(f"odd_readers:{name}", memory_mb=64, seconds=2) as child:
        started = time.monotonic()
        for _ in range(2):  # the second time in a child that replaced the first
            answer = child.read(path, tmp_path)
            assert answer.rows == {}
            assert re.search(words, answer.refusal), answer.refusal
            assert "SECRET" not in answer.refusal
        assert time.monotonic() - started < 10


@pytest.mark.usefixtures("odd", "no_children_left")
def test_what_a_library_prints_is_not_taken_for_an_answer(tmp_path):
    path = tmp_path / "file.xlsx"
    path.write_bytes(b"four")
    with reader("odd_readers:chatter", memory_mb=64, seconds=5) as child:
        assert [child.read(path, tmp_path).rows for _ in range(2)] == [{"bytes": 4}] * 2


@pytest.mark.usefixtures("odd", "no_children_left")
def test_a_file_that_goes_away_before_it_is_read_is_refused(tmp_path):
    with reader("odd_readers:sound", memory_mb=64, seconds=5) as child:
        answer = child.read(tmp_path / "gone.xlsx", tmp_path)
    assert "cannot be opened" in answer.refusal


@pytest.mark.usefixtures("odd", "no_children_left")
def test_files_around_one_that_hangs_still_land(home, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    contents = {
        "1.xlsx": b"hang",
        "2.xlsx": b"fine",
        "3.xlsx": b"abort",
        "4.xlsx": b"fine",
        "5.xlsx": b"grow",
        "6.xlsx": b"refuse",
        "7.xlsx": b"fine",
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    source = replace(WORKBOOKS, read="odd_readers:by_content", tables=())
    limited = home.model_copy(update={"read_memory_mb": 64, "read_seconds": 2})
    landing: Landing = land_files(source, limited, folder)
    assert landing.landed == ["2.xlsx", "4.xlsx", "7.xlsx"]
    assert list(landing.refused) == ["1.xlsx", "3.xlsx", "5.xlsx", "6.xlsx"]


def test_limits_are_checked():
    with pytest.raises(ValueError, match="read_seconds"):
        Settings(read_seconds=0)
