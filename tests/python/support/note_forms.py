"""Made-up Word notes in forms that were written without looking at the models, with their truth.

`note_shapes` has the layouts that the models were built with. What an entry's text must hold is
in `Note.text`; labels and times beside it may be in the fact's text too.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as DocumentType
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from note_shapes import WORKERS, Note, Shaped, fill_grid

TEXTS = (
    "She was calm; we talked about the rent of {n} and her sister.",
    "No one at home. Left a card with the neighbour at {n} Lake Road.",
    "Opened a savings account with {n} rupees, he was proud.",
    "Doctor changed the tablets to {n} mg. Blood pressure is better.",
    "School called: absent {n} days. Will meet the teacher.",
    "Talked for {n} minutes about sleep. Asked to try without the phone.",
)
FRENCH = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre")
GERMAN = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September")
SPANISH = ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre")


def _ordinal(day: int) -> str:
    ending = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _append(document: DocumentType, xml: str) -> None:
    document.element.body.insert(-1, parse_xml(xml))


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _paragraph(inside: str) -> str:
    return f"<w:p>{inside}</w:p>"


def _rooted(xml: str) -> str:
    """The first element's start tag with the namespaces."""
    return xml.replace(">", f" {nsdecls('w')}>", 1)


# --- dates in words, other languages and odd writing ----------------------------------------------


def headings_in_words(document, notes, draw):
    """`3rd of March, 2025` as a heading."""
    for note in notes:
        day = note.note_date
        document.add_heading(f"{_ordinal(day.day)} of {day:%B, %Y}", 2)
        document.add_paragraph(f"Worker: {note.worker}")
        document.add_paragraph(note.text)


def month_first_with_the(document, notes, draw):
    """`March the 3rd, 2025 -` and the text behind it."""
    for note in notes:
        day = note.note_date
        document.add_paragraph(f"{day:%B} the {_ordinal(day.day)}, {day.year} – {note.text}")


def _language(months: tuple[str, ...], form: str) -> Callable:
    def shape(document, notes, draw):
        for note in notes:
            day = note.note_date
            said = form.format(d=day.day, m=months[day.month - 1], y=day.year)
            document.add_heading(said, 3)
            document.add_paragraph(note.text)

    return shape


def short_months_in_capitals(document, notes, draw):
    """`12-MAR-2025`, `12/Mar/2025`, `Mar. 12th, 2025`."""
    for number, note in enumerate(notes):
        day = note.note_date
        said = (
            f"{day:%d-%b-%Y}".upper(),
            f"{day:%d/%b/%Y}",
            f"{day:%b}. {_ordinal(day.day)}, {day.year}",
            f"{day:%d.%b.%Y}",
        )[number % 4]
        document.add_paragraph(f"{said}: {note.text}")


def date_and_clock(document, notes, draw):
    """`2025-03-12 14:30`, `12/03/2025, 3 pm`, `Wed 12.03.2025 10.15 a.m.`"""
    for number, note in enumerate(notes):
        day = note.note_date
        said = (
            f"{day:%Y-%m-%d} 14:30",
            f"{day:%d/%m/%Y}, 3 pm",
            f"{day:%a %d.%m.%Y} 10.15 a.m.",
            f"{day:%Y-%m-%d}T09:05:00",
        )[number % 4]
        document.add_paragraph(said)
        document.add_paragraph(note.text)


def weekday_behind(document, notes, draw):
    """`12/03/2025 (Wednesday)`, and the text in the next paragraph."""
    for note in notes:
        document.add_paragraph(f"{note.note_date:%d/%m/%Y (%A)}")
        document.add_paragraph(note.text)


def dated_in_short(document, notes, draw):
    """`Dt. 12/03/2025`, as it stands on Indian letters, or `Dt: `, `Date – `."""
    for number, note in enumerate(notes):
        label = ("Dt. ", "Dt: ", "Date – ", "Dated: ")[number % 4]
        document.add_paragraph(f"{label}{note.note_date:%d.%m.%Y}")
        document.add_paragraph(note.text)


# --- lists and lines ------------------------------------------------------------------------------


def bullets(document, notes, draw):
    """A typed bullet, the date, a dash and the text."""
    for note in notes:
        mark = draw.choice(("• ", "- ", "* ", "▪ ", "– ", "→ "))
        document.add_paragraph(f"{mark}{note.note_date:%d/%m/%Y} – {note.text}")


def bullets_below_a_date(document, notes, draw):
    """The date in bold, its text in Word's own bullets, a sentence each."""
    for note in notes:
        document.add_paragraph().add_run(f"{note.note_date:%d %B %Y}").bold = True
        for part in note.text.split(". "):
            document.add_paragraph(part, style="List Bullet")


def numbered(document, notes, draw):
    """`1. 12/03/2025 ...`, `(2) 13-03-2025: ...`"""
    for number, note in enumerate(notes, start=1):
        mark = (f"{number}. ", f"({number}) ", f"{number}) ", f"#{number} ")[number % 4]
        document.add_paragraph(f"{mark}{note.note_date:%d-%m-%Y}: {note.text}")


def tabbed_line(document, notes, draw):
    """Date, worker and text on a line, with tabs between."""
    document.add_paragraph("Date\tWorker\tNotes")
    for note in notes:
        document.add_paragraph(f"{note.note_date:%d/%m/%Y}\t{note.worker}\t{note.text}")


def labels_and_tabs(document, notes, draw):
    """`Date:<tab>...<tab>Worker:<tab>...` and the text below."""
    for note in notes:
        document.add_paragraph(f"Date:\t{note.note_date:%d/%m/%Y}\tWorker:\t{note.worker}")
        document.add_paragraph(f"Notes:\t{note.text}")


def lines_in_one_paragraph(document, notes, draw):
    """Labels on lines of one paragraph."""
    for note in notes:
        document.add_paragraph(
            f"Date: {note.note_date:%d/%m/%Y}\nWorker: {note.worker}\nNotes: {note.text}"
        )


def worker_before_date(document, notes, draw):
    """`Anita Rao, 12/03/2025:` and the text below or behind."""
    for number, note in enumerate(notes):
        if number % 2:
            document.add_paragraph(f"{note.worker} ({note.note_date:%d/%m/%Y}): {note.text}")
        else:
            document.add_paragraph(f"{note.worker}, {note.note_date:%d/%m/%Y}:")
            document.add_paragraph(note.text)


def like_a_letter(document, notes, draw):
    """`From:`, `Date: Wed, 12 Mar 2025 10:30`, `Subject:` and the text."""
    for note in notes:
        document.add_paragraph(f"Date: {note.note_date:%a, %d %b %Y} 10:30")
        document.add_paragraph(f"By: {note.worker}")
        document.add_paragraph("Subject: follow up")
        document.add_paragraph(note.text)


def four_headings(document, notes, draw):
    """A date, and below it S:, O:, A: and P:, as clinics write."""
    for note in notes:
        document.add_heading(f"Progress note: {note.note_date:%d/%m/%Y}", 2)
        document.add_paragraph(f"S: {note.text}")
        document.add_paragraph("O: alert. A: stable. P: continue.")


# --- tables ---------------------------------------------------------------------------------------


def no_header(document, notes, draw):
    """Date, worker and text in three columns without a row of names."""
    fill_grid(document, [(f"{n.note_date:%d/%m/%Y}", n.worker, n.text) for n in notes])


def other_names(document, notes, draw):
    """Names that people give the columns."""
    names = draw.choice(
        (
            ("When", "Who", "What"),
            ("Date of home visit", "Name of social worker", "Narrative"),
            ("Contact date", "Staff initials", "Contact summary"),
            ("Date seen", "Seen by", "Action taken"),
        )
    )
    rows = [(f"{n.note_date:%d %b %Y}", n.worker, n.text) for n in notes]
    fill_grid(document, [names, *rows])


def date_over_worker(document, notes, draw):
    """Left the date with the worker under it in the same cell, right the text."""
    table = document.add_table(rows=len(notes), cols=2)
    for row, note in zip(table.rows, notes, strict=True):
        row.cells[0].text = f"{note.note_date:%d/%m/%Y}"
        row.cells[0].add_paragraph(f"Worker: {note.worker}")
        row.cells[1].text = note.text


def colon_column(document, notes, draw):
    """`Date | : | ...`, the colon in a column of its own."""
    for note in notes:
        fill_grid(
            document,
            [
                ("Date", ":", f"{note.note_date:%d/%m/%Y}"),
                ("Case worker", ":", note.worker),
                ("Notes", ":", note.text),
            ],
        )
        document.add_paragraph()


def titled_form(document, notes, draw):
    """A title across the form, and rows that no seed knows."""
    for number, note in enumerate(notes, start=1):
        table = document.add_table(rows=5, cols=2)
        table.rows[0].cells[0].merge(table.rows[0].cells[1]).text = f"Contact note {number}"
        pairs = [
            ("Date of visit", f"{note.note_date:%d/%m/%Y}"),
            ("Place", "Home"),
            ("Staff member", note.worker),
            ("Observations", note.text),
        ]
        for row, pair in zip(table.rows[1:], pairs, strict=True):
            row.cells[0].text, row.cells[1].text = pair
        document.add_paragraph()


def two_forms_abreast(document, notes, draw):
    """Two entries side by side: `Date | ... | Date | ...` over `Notes | ... | Notes | ...`."""
    for start in range(0, len(notes), 2):
        pair = notes[start : start + 2]
        rows = [[], [], []]
        for note in pair:
            rows[0] += ["Date", f"{note.note_date:%d/%m/%Y}"]
            rows[1] += ["Worker", note.worker]
            rows[2] += ["Notes", note.text]
        fill_grid(document, [tuple(row) for row in rows])
        document.add_paragraph()


def nested_form(document, notes, draw):
    """A frame of one cell around each entry; in it a table with date and worker, then the text."""
    for note in notes:
        frame = document.add_table(rows=1, cols=1).rows[0].cells[0]
        inner = frame.add_table(rows=1, cols=4)
        said = ("Date", f"{note.note_date:%d/%m/%Y}", "Worker", note.worker)
        for cell, value in zip(inner.rows[0].cells, said, strict=True):
            cell.text = value
        frame.add_paragraph(note.text)


def nested_records(document, notes, draw):
    """One row of an outer table holds a table of records."""
    outer = document.add_table(rows=1, cols=2)
    outer.rows[0].cells[0].text = "Record of visits"
    inner = outer.rows[0].cells[1].add_table(rows=1 + len(notes), cols=3)
    rows = [("Date", "Worker", "Notes")]
    rows += [(f"{n.note_date:%d/%m/%Y}", n.worker, n.text) for n in notes]
    for row, values in zip(inner.rows, rows, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value


def date_across_two_rows(document, notes, draw):
    """A date whose cell is merged over the rows of two entries of that day."""
    for start in range(0, len(notes) - 1, 2):
        day = notes[start].note_date
        notes[start + 1] = Note(day, notes[start + 1].worker, notes[start + 1].text)
    table = document.add_table(rows=1 + len(notes), cols=3)
    for cell, name in zip(table.rows[0].cells, ("Date", "Worker", "Notes"), strict=True):
        cell.text = name
    for row, note in zip(table.rows[1:], notes, strict=True):
        row.cells[0].text, row.cells[1].text = f"{note.note_date:%d/%m/%Y}", note.worker
        row.cells[2].text = note.text
    for start in range(0, len(notes) - 1, 2):
        below = table.rows[start + 2].cells[0]
        below.text = ""
        said = table.rows[start + 1].cells[0].text
        table.rows[start + 1].cells[0].merge(below).text = said


# --- what Word can do -----------------------------------------------------------------------------


def text_boxes(document, notes, draw):
    """Each entry in a text box, as newsletters have them, its paragraphs labelled."""
    shape = 'xmlns:v="urn:schemas-microsoft-com:vml"'
    for note in notes:
        inside = "".join(
            _paragraph(_run(text))
            for text in (
                f"Date: {note.note_date:%d/%m/%Y}",
                f"Worker: {note.worker}",
                note.text,
            )
        )
        box = f"<v:shape><v:textbox><w:txbxContent>{inside}</w:txbxContent></v:textbox></v:shape>"
        _append(
            document,
            f"<w:p {nsdecls('w')} {shape}><w:r><w:pict>{box}</w:pict></w:r></w:p>",
        )


def tracked_changes(document, notes, draw):
    """The day was mended, a sentence taken out, another put in."""
    for note in notes:
        author = 'w:id="1" w:author="A" w:date="2025-01-01T00:00:00Z"'
        wrong = note.note_date + timedelta(days=1)
        deleted = f"<w:r><w:delText>{wrong:%d/%m/%Y}</w:delText></w:r>"
        _append(
            document,
            _rooted(
                _paragraph(
                    f"{_run('Date: ')}<w:del {author}>{deleted}</w:del>"
                    f"<w:ins {author}>{_run(f'{note.note_date:%d/%m/%Y}')}</w:ins>"
                )
            ),
        )
        first, rest = note.text[:10], note.text[10:]
        gone = "<w:r><w:delText>He was drunk. </w:delText></w:r>"
        _append(
            document,
            _rooted(
                _paragraph(
                    f"<w:del {author}>{gone}</w:del>{_run(first)}"
                    f"<w:ins {author}>{_run(rest)}</w:ins>"
                )
            ),
        )


def content_controls(document, notes, draw):
    """A form with a date picker and text fields; one field is left as the program fills it."""

    def field(text: str, unused: bool = False) -> str:
        placeholder = "<w:showingPlcHdr/>" if unused else ""
        return (
            f"<w:sdt><w:sdtPr>{placeholder}</w:sdtPr>"
            f"<w:sdtContent>{_run(text)}</w:sdtContent></w:sdt>"
        )

    for note in notes:
        lines = [
            _run("Date: ") + field(f"{note.note_date:%d %B %Y}"),
            _run("Worker: ") + field(note.worker),
            _run("Follow up: ") + field("Click or tap here to enter text.", unused=True),
            _run("Notes: ") + field(note.text),
        ]
        for line in lines:
            _append(document, _rooted(_paragraph(line)))


def date_fields(document, notes, draw):
    """The date is a field of Word with its code beside its result."""
    for note in notes:
        begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        code = r'<w:r><w:instrText> DATE \@ "dd/MM/yyyy" </w:instrText></w:r>'
        between = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        shown = _run(f"{note.note_date:%d/%m/%Y}")
        _append(
            document,
            _rooted(_paragraph(f"{_run('Date: ')}{begin}{code}{between}{shown}{end}")),
        )
        document.add_paragraph(note.text)


def header_and_footer(document, notes, draw):
    """A header with the day of the form, a footer with the day of the print: no entries."""
    section = document.sections[0]
    section.header.paragraphs[0].text = "Form 7, revised 01/02/2019"
    section.footer.paragraphs[0].text = "Printed on 30/06/2025"
    for note in notes:
        document.add_paragraph(f"{note.note_date:%d/%m/%Y}")
        document.add_paragraph(f"Worker: {note.worker}")
        document.add_paragraph(note.text)


def any_order_of_paragraphs(document, notes, draw):
    """`Notes:`, `Worker:` and `Date:`, always in the same order, the date last."""
    for number, note in enumerate(notes, start=1):
        document.add_heading(f"Entry {number}", 3)
        document.add_paragraph(f"Notes: {note.text}")
        document.add_paragraph(f"Worker: {note.worker}")
        document.add_paragraph(f"Date: {note.note_date:%d/%m/%Y}")


FORMS: dict[str, Callable[[DocumentType, list[Note], Random], None]] = {
    shape.__name__: shape
    for shape in (
        headings_in_words,
        month_first_with_the,
        short_months_in_capitals,
        date_and_clock,
        weekday_behind,
        dated_in_short,
        bullets,
        bullets_below_a_date,
        numbered,
        tabbed_line,
        labels_and_tabs,
        lines_in_one_paragraph,
        worker_before_date,
        like_a_letter,
        four_headings,
        no_header,
        other_names,
        date_over_worker,
        colon_column,
        titled_form,
        two_forms_abreast,
        nested_form,
        nested_records,
        date_across_two_rows,
        text_boxes,
        tracked_changes,
        content_controls,
        date_fields,
        header_and_footer,
        any_order_of_paragraphs,
    )
} | {
    "french": _language(FRENCH, "{d} {m} {y}"),
    "german": _language(GERMAN, "{d}. {m} {y}"),
    "spanish": _language(SPANISH, "{d} de {m} de {y}"),
}

# rejected, document and all: a name before a date is as often no worker ("Next visit, 12/03/2025:")
NOT_READ = ("worker_before_date",)


def make(folder: Path, seed: int) -> list[Shaped]:
    """Write one document of every form into `folder`, and give their truth."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, (name, shape) in enumerate(FORMS.items(), start=1):
        draw = Random(seed * 1000 + number)
        code = f"PW{300 + number}"
        shaped = Shaped(f"{code}_{name}.docx", Document())
        day = date(2025, 1, 2)
        for place in range(4):
            day += timedelta(days=draw.randint(3, 50))
            text = draw.choice(TEXTS).format(n=number * 100 + place)
            shaped.notes.append(Note(day, draw.choice(WORKERS), text))
        shaped.document.add_heading(f"Case history of {code}", 1)
        shape(shaped.document, shaped.notes, draw)
        shaped.document.save(folder / shaped.name)
        made.append(shaped)
    return made
