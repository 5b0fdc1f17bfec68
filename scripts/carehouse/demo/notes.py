"""Made-up case history documents in Word, with the truth beside them.

A document is a title, sometimes a preamble, then dated entries: as paragraphs, as a two-column
table, or as both. Some text stands where readers overlook it: in content controls, in nested
tables. The people are those of `workbooks` with the same seed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from docx import Document
from docx.document import Document as DocumentType
from docx.oxml import OxmlElement
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from carehouse.demo.output import fixed_zip, write_truth
from carehouse.demo.people import WORKERS, Person, date_texts, people, rng, sentences
from carehouse.demo.words import words
from carehouse.demo.workbooks import AS_OF

COLUMNS = ("file", "participant_id", "entry_number", "note_date", "worker", "text")
# how a worker starts an entry; `{day}` may be any of the date forms
DATE_LINES = words("date_lines")
QUALITATIVE = words("qualitative")
GOALS = words("goals")
PROGRESS = words("progress")


@dataclass(frozen=True)
class Entry:
    """One dated entry; `goals` stand in a nested table under the paragraphs."""

    day: date
    worker: str
    paragraphs: tuple[str, ...]
    goals: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """All text of the entry below its date, one line per paragraph, in reading order."""
        lines = [*self.paragraphs]
        if self.goals:
            lines += ["Goal", "Progress", *(word for pair in self.goals for word in pair)]
        return "\n".join(lines)


@dataclass(frozen=True)
class Style:
    """How one worker keeps case notes."""

    layout: str  # paragraphs, table, both
    date_line: str
    main_date: int
    title: str  # both, name, id, label
    file: str
    preamble: bool
    controls: bool
    goals: bool
    page_header: bool
    newest_first: bool


def style_of(person: Person, seed: int) -> Style:
    """The habits of the worker who writes this person's notes; the first show every layout."""
    draw = rng(seed, "note style", person.index)
    pid, name = person.participant_id, person.name
    drawn = draw.choice(("paragraphs", "paragraphs", "table", "both"))
    shown = ("paragraphs", "table", "both")
    files = (
        f"{pid}_{name.replace(' ', '_')}_case_history",
        f"{name} case notes",
        f"Case History {pid}",
        f"{name} - case history",
    )
    file = draw.choice(files)
    return Style(
        layout=shown[person.index] if person.index < 3 else drawn,
        date_line=draw.choice((DATE_LINES[0], *DATE_LINES)),
        main_date=draw.choice((0, 1, 2, 5, 6, 13, 13, 13)),
        title=draw.choice(("both", "name", "id", "label")),
        file=f"{file}.docx",
        preamble=draw.random() < 0.5,
        controls=person.index < 2 or draw.random() < 0.3,
        goals=person.index in (1, 2) or draw.random() < 0.3,
        page_header=draw.random() < 0.2,
        newest_first=draw.random() < 0.1,
    )


def entries(person: Person, style: Style, seed: int) -> list[Entry]:
    """What was noted on one person, each entry on a day of its own."""
    draw = rng(seed, "notes", person.index)
    span = max(30, (person.last_contact - person.joining_date).days)
    days = sorted(draw.sample(range(span), draw.randint(6, 18)), reverse=style.newest_first)
    found = []
    for place, offset in enumerate(days):
        worker = person.worker if draw.random() < 0.75 else draw.choice(WORKERS)
        if place % 6 == 2:
            texts = ["Qualitative assessment"]
            texts += [line.format(text=sentences(person, 1, draw)) for line in QUALITATIVE]
        else:
            texts = [sentences(person, draw.randint(1, 3), draw) for _ in range(draw.randint(1, 4))]
        goals: tuple[tuple[str, str], ...] = ()
        if style.goals and place % 3 == 1:
            goals = tuple((draw.choice(GOALS), draw.choice(PROGRESS)) for _ in range(2))
        day = person.joining_date + timedelta(days=offset)
        found.append(Entry(day, worker, tuple(texts), goals))
    return found


def _written(day: date, style: Style, draw: Random) -> str:
    texts = date_texts(day)
    return texts[style.main_date] if draw.random() < 0.75 else draw.choice(texts)


def _control(element: Any) -> None:
    """Put an element of the document into a content control (w:sdt) where it stands."""
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    control.append(OxmlElement("w:sdtPr"))
    control.append(content)
    element.addprevious(control)
    content.append(element)


def _date_line(document: DocumentType, entry: Entry, style: Style, draw: Random) -> None:
    """The line that starts an entry; in a form the date is a content control of its own."""
    before, after = style.date_line.split("{day}")
    paragraph = document.add_paragraph()
    paragraph.add_run(before).bold = draw.random() < 0.5
    day = paragraph.add_run(_written(entry.day, style, draw))
    paragraph.add_run(after.format(worker=entry.worker))
    if style.controls and draw.random() < 0.4:
        _control(day._r)


def _text(target: DocumentType | _Cell, text: str, style: Style, draw: Random) -> Paragraph:
    """One paragraph of an entry, now and then as a list item or in a content control."""
    paragraph = target.add_paragraph(text)
    if draw.random() < 0.08:
        paragraph.style = "List Bullet"
    if style.controls and draw.random() < 0.3:
        _control(paragraph._p)
    return paragraph


def _goals(cell: _Cell, entry: Entry) -> None:
    table = cell.add_table(rows=0, cols=2)
    for pair in (("Goal", "Progress"), *entry.goals):
        row = table.add_row()
        for place, word in enumerate(pair):
            row.cells[place].text = word


def _as_paragraphs(document: DocumentType, found: list[Entry], style: Style, draw: Random) -> None:
    for entry in found:
        _date_line(document, entry, style, draw)
        for text in entry.paragraphs:
            _text(document, text, style, draw)
        if entry.goals:
            # A table in a one-cell frame: its text belongs to the entry above it.
            _goals(document.add_table(rows=1, cols=1).rows[0].cells[0], entry)
        if draw.random() < 0.5:
            document.add_paragraph()


def _as_table(document: DocumentType, found: list[Entry], style: Style, draw: Random) -> None:
    table = document.add_table(rows=1, cols=2)
    table.style = "Table Grid"
    heads = draw.choice((("Date", "Notes"), ("DATE", "NOTES"), ("Date ", "Case Notes")))
    for place, word in enumerate(heads):
        table.rows[0].cells[place].text = word
    for entry in found:
        left, right = table.add_row().cells
        left.text = _written(entry.day, style, draw)
        right.text = entry.paragraphs[0]
        for text in entry.paragraphs[1:]:
            _text(right, text, style, draw)
        if entry.goals:
            _goals(right, entry)


def _opening(document: DocumentType, person: Person, style: Style, draw: Random) -> str:
    """Title and preamble. Gives the text of the preamble, '' without one."""
    pid, name = person.participant_id, person.name
    title = {
        "both": f"Case History - {name} ({pid})",
        "name": name,
        "id": f"Case history {pid}",
        "label": "CASE HISTORY",
    }[style.title]
    document.add_heading(title, draw.choice((0, 1)))
    lines = [f"Name: {name}", f"ID: {pid}"] if style.title == "label" else []
    if style.preamble:
        joined = _written(person.joining_date, style, draw)
        lines += [f"Date of joining: {joined}", f"Background: {sentences(person, 2, draw)}"]
    for line in lines:
        document.add_paragraph(line)
    if style.page_header:
        document.sections[0].header.paragraphs[0].text = f"Confidential - {pid}"
    return "\n".join(lines)


def case_history(person: Person, seed: int) -> tuple[str, bytes, list[dict[str, Any]]]:
    """One document: its file name, its bytes, and its entries as truth rows.

    Entry 0 is the preamble, without a date. Entries in tables name no worker.
    """
    style, draw = style_of(person, seed), rng(seed, "document", person.index)
    found = entries(person, style, seed)
    cut = {"paragraphs": len(found), "table": 0, "both": len(found) // 2}[style.layout]
    document = Document()
    preamble = _opening(document, person, style, draw)
    _as_paragraphs(document, found[:cut], style, draw)
    if found[cut:]:
        _as_table(document, found[cut:], style, draw)
    buffer = io.BytesIO()
    document.save(buffer)
    place = {"file": style.file, "participant_id": person.participant_id}
    rows: list[dict[str, Any]] = []
    if preamble:
        rows.append({**place, "entry_number": 0, "text": preamble})
    for number, entry in enumerate(found, 1):
        rows.append(
            {
                **place,
                "entry_number": number,
                "note_date": entry.day.isoformat(),
                "worker": entry.worker if number <= cut else "",
                "text": entry.text,
            }
        )
    return style.file, fixed_zip(buffer.getvalue()), rows


def _earlier_files(truth: Path) -> Iterable[str]:
    if not truth.exists():
        return ()
    with truth.open(encoding="utf-8", newline="") as source:
        return {row["file"] for row in csv.DictReader(source)}


def generate(out: Path, *, participants: int = 24, seed: int = 7, as_of: date = AS_OF) -> None:
    """Write `out/notes/*.docx` for most participants, and `out/truth/notes.csv`.

    Files that an earlier call wrote and this one does not are removed; others are left alone.
    """
    folder, rows = out / "notes", []
    folder.mkdir(parents=True, exist_ok=True)
    stale = set(_earlier_files(out / "truth" / "notes.csv"))
    for person in people(participants, seed, as_of):
        if person.index > 2 and rng(seed, "has notes", person.index).random() < 0.15:
            continue
        name, data, found = case_history(person, seed)
        (folder / name).write_bytes(data)
        stale.discard(name)
        rows += found
    for name in stale:
        (folder / name).unlink(missing_ok=True)
    write_truth(out / "truth", "notes", COLUMNS, rows)
