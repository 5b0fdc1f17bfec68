"""Workbooks and notes in shapes that the demo does not make, against the truth of every row."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import NOTES, WORKBOOKS
from carehouse.settings import Settings
from conftest import CARE, build, forget_settings, query
from note_forms import NOT_READ
from note_forms import make as make_forms
from note_shapes import Shaped
from note_shapes import make as make_notes
from workbook_shapes import Truth
from workbook_shapes import make as make_workbooks

SEEDS = (11, 12)
MODELS = (*CARE, "+quality__rejected_rows", "+quality__possible_participants")


@pytest.fixture(scope="module")
def shapes(tmp_path_factory) -> tuple[Settings, dict[str, Truth], dict[str, Shaped]]:
    inbox = tmp_path_factory.mktemp("inbox")
    workbooks, notes = {}, {}
    for seed in SEEDS:
        made = make_workbooks(inbox / f"workbooks/{seed}", seed)
        workbooks |= {f"{seed}/{name}": truth for name, truth in made.items()}
        written = make_notes(inbox / f"notes/{seed}", seed)
        notes |= {f"{seed}/{shaped.name}": shaped for shaped in written}
        make_forms(inbox / f"notes/forms/{seed}", seed)
    (inbox / "notes/Income_Transfer_Workflow.docx").write_bytes(
        (inbox / "notes" / next(iter(notes))).read_bytes()
    )
    _only_text(inbox / "notes/Income_Transfer_Workflow.docx", "Fill in the form and send it.")
    _only_text(inbox / "notes/Empty.docx", "")
    settings = Settings(home=tmp_path_factory.mktemp("shapes"))
    for source in (WORKBOOKS, NOTES):
        landing = land_files(source, settings, inbox / source.name)
        assert not landing.refused, landing.refused
    built = build(settings, "--select", *MODELS)
    assert built.ok, built.bad
    forget_settings()
    return settings, workbooks, notes


def _only_text(path: Path, text: str) -> None:
    from docx import Document

    document = Document()
    document.add_paragraph(text)
    document.save(path)


def test_every_intervention_has_its_date_and_growth_and_none_is_invented(shapes):
    settings, workbooks, _ = shapes
    truth = {
        (file, *place): value
        for file, one in workbooks.items()
        for place, value in one.interventions.items()
    }
    found = {
        row[:3]: row[3:]
        for row in query(
            settings,
            "select _source_file, _source_sheet, _source_row, interaction_date, growth_level "
            "from care.fact_interventions",
        )
    }
    assert len(truth) > 500
    assert found == truth


def test_every_expense_has_its_date_and_amount_and_none_is_invented(shapes):
    settings, workbooks, _ = shapes
    truth = {
        (file, *place): value
        for file, one in workbooks.items()
        for place, value in one.expenses.items()
    }
    found = {
        row[:3]: row[3:]
        for row in query(
            settings,
            "select _source_file, _source_sheet, _source_row, expense_date, amount "
            "from care.fact_program_expenses",
        )
    }
    assert len(truth) > 300
    assert found == truth


def tidy(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def test_every_note_has_its_date_worker_and_text_and_none_is_invented(shapes):
    settings, _, notes = shapes
    truth = Counter(
        (file, note.note_date, tidy(note.worker), tidy(note.text))
        for file, shaped in notes.items()
        for note in shaped.notes
    )
    found = Counter(
        (file, day, tidy(worker), tidy(text))
        for file, day, worker, text in query(
            settings,
            "select _source_file, note_date, worker, text from care.fact_case_notes "
            "where _source_file not like 'forms/%'",
        )
    )
    assert truth.total() > 150
    assert found - truth == Counter(), "invented"
    assert (truth & found).total() >= 0.98 * truth.total()


def test_notes_in_forms_of_others_are_read_and_none_takes_the_date_of_its_neighbour(
    shapes, tmp_path
):
    """An entry is read if its day is right and its fact holds its text, and no other's."""
    settings, _, _ = shapes
    facts = defaultdict(list)
    for file, day, text in query(
        settings,
        "select _source_file, note_date, text from care.fact_case_notes "
        "where _source_file like 'forms/%'",
    ):
        facts[file].append((day, tidy(text)))
    entries = missing = 0
    for seed in SEEDS:
        for shaped in make_forms(tmp_path / f"{seed}", seed):
            found = facts.pop(f"forms/{seed}/{shaped.name}", [])
            form = shaped.name.partition("_")[2].removesuffix(".docx")
            for note in shaped.notes:
                entries += 1
                parts = note.text.split(". ") if form == "bullets_below_a_date" else [note.text]
                hits = [
                    fact
                    for fact in found
                    if fact[0] == note.note_date and all(part in fact[1] for part in parts)
                ]
                if hits:
                    found.remove(hits[0])
                else:
                    missing += 1
                    assert form in NOT_READ, (shaped.name, note.note_date)
            assert not found, shaped.name  # invented, or of another day
    assert not facts
    assert entries > 250
    assert missing <= 0.04 * entries


def test_a_row_of_errors_is_rejected_and_a_document_without_a_date_or_text_is_listed(shapes):
    settings, _, _ = shapes
    reasons = dict(
        query(
            settings,
            "select reason, count(*) from quality.rejected_rows "
            "where _source_file not like 'forms/%' group by reason",
        )
    )
    assert reasons.pop("the row holds nothing but an error") > 5
    assert reasons == {
        "the document has no date that begins an entry": 1,
        "the document holds no text": 1,
    }


def test_a_file_name_alone_is_a_finding_and_no_participant(shapes):
    settings, _, _ = shapes
    participants = {
        code for (code,) in query(settings, "select participant_id from care.dim_participants")
    }
    assert {"PW001", "PW030"} <= participants
    assert all(re.fullmatch("PW[0-9]{3}", code) for code in participants)
    assert query(
        settings,
        "select _source_file from quality.possible_participants "
        "where source = 'notes' and _source_file not like 'forms/%'",
    ) == [("Income_Transfer_Workflow.docx",)]
