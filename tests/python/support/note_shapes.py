"""Made-up Word notes in the shapes that people use, none of them the demo's, with their truth.

A shape writes a document's entries; what it wrote is the truth.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from docx import Document
from docx.document import Document as DocumentType

WORKERS = ("Anita Rao", "Vijay", "Sister Mary", "K. Menon")
TEXTS = (
    "Met at home; she was calm and had eaten.",
    "Went to the bank together and opened an account.",
    "He did not come. Mother says that he found work near the market.",
    "Spoke of school fees: 1,200 are still open.",
    "Visited the clinic on 3 tablets a day. Next check in two weeks.",
    "Called twice, no answer",
)


@dataclass(frozen=True)
class Note:
    """One entry as its writer meant it; no date: it must be rejected."""

    note_date: date | None
    worker: str | None
    text: str


@dataclass
class Shaped:
    """A document and its truth."""

    name: str
    document: DocumentType
    notes: list[Note] = field(default_factory=list)


def date_text(day: date, draw: Random) -> str:
    """A day as somebody types it, day first."""
    forms = (
        "%d/%m/%Y",
        "%d-%m-%Y",
        "%d.%m.%y",
        "%d %B %Y",
        "%d %b, %Y",
        "%Y-%m-%d",
        "%A, %d %B %Y",
    )
    return day.strftime(draw.choice(forms))


def _note(draw: Random, day: date) -> Note:
    return Note(day, draw.choice(WORKERS), " ".join(draw.sample(TEXTS, draw.randint(1, 2))))


def fill_grid(document: DocumentType, rows: list[tuple[str, ...]]) -> None:
    """Add a table that holds these rows."""
    table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
    for row, values in zip(table.rows, rows, strict=True):
        for cell, value in zip(row.cells, values, strict=False):
            cell.text = value


def _labels(draw: Random) -> tuple[str, str, str]:
    date_label = draw.choice(
        ("Date", "DATE:", "Date of visit", "Visit date", "Date & Time", "Dated")
    )
    worker_label = draw.choice(("Worker", "Case Worker:", "Staff member", "Written by"))
    text_label = draw.choice(
        ("Notes", "Notes:", "Case notes", "Observations", "Details", "Remarks")
    )
    return date_label, worker_label, text_label


def form_per_entry(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """`Date | ...` over `Notes | ...`, a table for each entry."""
    labels = _labels(draw)
    for note in notes:
        pairs = [
            (labels[0], date_text(note.note_date, draw)),
            (labels[1], note.worker),
            (labels[2], note.text),
        ]
        draw.shuffle(pairs)
        fill_grid(document, pairs)
        if draw.random() < 0.5:
            document.add_paragraph()


def one_form(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """All entries in one two-column table, each with the same labels in the same order."""
    labels = _labels(draw)
    order = draw.sample(range(3), 3)
    rows = []
    for note in notes:
        values = (date_text(note.note_date, draw), note.worker, note.text)
        rows += [(labels[place], values[place]) for place in order]
    fill_grid(document, rows)


def one_form_any_order(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """All entries in one table, each with its labels in an order of its own."""
    labels = _labels(draw)
    rows = []
    for note in notes:
        values = (date_text(note.note_date, draw), note.worker, note.text)
        rows += [(labels[place], values[place]) for place in draw.sample(range(3), 3)]
    fill_grid(document, rows)


def four_columns(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """`Date | ... | Worker | ...` over a row of notes that spans the rest."""
    labels = _labels(draw)
    for note in notes:
        table = document.add_table(rows=2, cols=4)
        values = (labels[0], date_text(note.note_date, draw), labels[1], note.worker)
        for cell, value in zip(table.rows[0].cells, values, strict=True):
            cell.text = value
        table.rows[1].cells[0].text = labels[2]
        table.rows[1].cells[1].merge(table.rows[1].cells[3]).text = note.text
        document.add_paragraph("")


def labels_in_the_cell(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """`Date: ...` and `Worker: ...` in cells side by side, `Notes: ...` below."""
    for note in notes:
        table = document.add_table(rows=2, cols=2)
        cells = [f"Date: {date_text(note.note_date, draw)}", f"Worker: {note.worker}"]
        draw.shuffle(cells)
        table.rows[0].cells[0].text, table.rows[0].cells[1].text = cells
        table.rows[1].cells[0].merge(table.rows[1].cells[1]).text = f"Notes: {note.text}"


def notes_first_in_the_cell(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """`Notes: ...` over `Worker: ...` over `Date: ...`, one cell wide."""
    for note in notes:
        fill_grid(
            document,
            [
                (f"Notes: {note.text}",),
                (f"Worker: {note.worker}",),
                (f"Date: {date_text(note.note_date, draw)}",),
            ],
        )


def entries_as_columns(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """Labels down the side, one column for each entry."""
    labels = _labels(draw)
    for start in range(0, len(notes), 3):
        some = notes[start : start + 3]
        fill_grid(
            document,
            [
                (labels[0], *(date_text(note.note_date, draw) for note in some)),
                (labels[1], *(note.worker for note in some)),
                (labels[2], *(note.text for note in some)),
            ],
        )
        document.add_paragraph()


def label_above_value(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """A row of labels, a row of values, and the notes under their label across both columns."""
    labels = _labels(draw)
    for note in notes:
        table = document.add_table(rows=4, cols=2)
        table.rows[0].cells[0].text, table.rows[0].cells[1].text = labels[0], labels[1]
        table.rows[1].cells[0].text = date_text(note.note_date, draw)
        table.rows[1].cells[1].text = note.worker
        table.rows[2].cells[0].merge(table.rows[2].cells[1]).text = labels[2]
        table.rows[3].cells[0].merge(table.rows[3].cells[1]).text = note.text


def form_above_text(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """A small table with date and worker; the text follows it as paragraphs."""
    for note in notes:
        fill_grid(document, [("Date", date_text(note.note_date, draw)), ("Worker", note.worker)])
        document.add_paragraph(note.text)


def records(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """A table with a row of names, and now and then a title row above it or names in the middle."""
    names = ("S. No.", "Date", "Case Worker", "Notes")
    rows = [("Record of visits",)] if draw.random() < 0.5 else []
    rows.append(names)
    for number, note in enumerate(notes, start=1):
        rows.append((str(number), date_text(note.note_date, draw), note.worker, note.text))
        if number == 3:
            rows.append(names)
    fill_grid(document, rows)


def records_with_next_date(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """A table whose last column holds the day of the next visit, which is no entry."""
    rows = [("Date", "Worker", "Notes", "Next visit on")]
    for place, note in enumerate(notes):
        later = (note.note_date + timedelta(days=9)).strftime("%d/%m/%Y")
        rows.append((date_text(note.note_date, draw), note.worker, note.text, later))
        notes[place] = replace(
            note, text=f"{note.text} {later}"
        )  # its text keeps what is beside it
    fill_grid(document, rows)


def numbered_visits(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """`Visit 3 - 12/03/2025` as a heading, then worker and text."""
    word = draw.choice(("Visit", "Session", "Home visit", "Entry"))
    for number, note in enumerate(notes, start=1):
        document.add_heading(f"{word} {number} – {date_text(note.note_date, draw)}", 2)
        document.add_paragraph(f"Worker: {note.worker}")
        document.add_paragraph(note.text)


def date_and_text_on_a_line(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """`12/03/2025 Met at home` with one space between."""
    for note in notes:
        document.add_paragraph(f"{note.note_date:%d/%m/%Y} {note.text} (Worker: {note.worker})")


def labelled_paragraphs(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """`Date: ...`, `Worker: ...` and the text, a paragraph each."""
    for note in notes:
        document.add_paragraph(f"Date: {date_text(note.note_date, draw)}")
        document.add_paragraph(f"Worker: {note.worker}")
        document.add_paragraph(note.text)


def tables_among_paragraphs(document: DocumentType, notes: list[Note], draw: Random) -> None:
    """Now a form, now paragraphs, as the writer changed habits."""
    for note in notes:
        shape = draw.choice((form_per_entry, labelled_paragraphs, four_columns, form_above_text))
        shape(document, [note], draw)


SHAPES: tuple[Callable[[DocumentType, list[Note], Random], None], ...] = (
    form_per_entry,
    one_form,
    one_form_any_order,
    four_columns,
    labels_in_the_cell,
    notes_first_in_the_cell,
    entries_as_columns,
    label_above_value,
    form_above_text,
    records,
    records_with_next_date,
    numbered_visits,
    date_and_text_on_a_line,
    labelled_paragraphs,
    tables_among_paragraphs,
)


def _head(document: DocumentType, code: str, draw: Random) -> None:
    """What stands above the entries: a title, perhaps a table with a date that is no entry."""
    document.add_heading(f"Case history of {code}", 1)
    if draw.random() < 0.5:
        fill_grid(
            document, [("Participant ID", code), ("Date of joining", "04/01/2024"), ("Age", "34")]
        )
    if draw.random() < 0.5:
        document.add_paragraph("Lives with her mother and two brothers.")


def make(folder: Path, seed: int, per_shape: int = 2) -> list[Shaped]:
    """Write `per_shape` documents of every shape into `folder`, and give their truth."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, shape in enumerate(SHAPES * per_shape, start=1):
        draw = Random(seed * 1000 + number)
        code = f"PW{number:03}"
        shaped = Shaped(f"{code}_{shape.__name__}.docx", Document())
        day = date(2024, 3, 1)
        for _ in range(draw.randint(1, 6)):
            day += timedelta(days=draw.randint(1, 40))
            shaped.notes.append(_note(draw, day))
        _head(shaped.document, code, draw)
        shape(shaped.document, shaped.notes, draw)
        shaped.document.save(folder / shaped.name)
        made.append(shaped)
    return made
