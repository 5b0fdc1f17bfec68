"""The made-up workbooks and notes are repeatable, and their truth is what the files hold."""

import csv
import hashlib
import io
import zipfile
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
from lxml import etree
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from carehouse.demo import notes, workbooks
from carehouse.demo.people import CATEGORIES, LOCATIONS, date_texts, interventions, people
from carehouse.demo.workbooks_cells import money_texts
from hostile_workbooks import hostile

AS_OF = date(2025, 6, 30)


def truth(out: Path, name: str) -> list[dict[str, str]]:
    with (out / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def hashes(out: Path, folder: str = "") -> dict[str, str]:
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((out / folder).rglob("*"))
        if path.is_file()
    }


def read(out: Path) -> dict[tuple[str, str], list[list]]:
    """Every sheet by (file, sheet): rows of cell values; a row's number is its place plus one."""
    found = {}
    for path in (out / "workbooks").iterdir():
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            found[path.name, name] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return found


def row_of(sheets: dict, fact: dict[str, str]) -> list:
    sheet = sheets[fact["_source_file"], fact["_source_sheet"]]
    return sheet[int(fact["_source_row"]) - 1]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    workbooks.generate(folder)
    notes.generate(folder)
    return folder


@pytest.fixture(scope="module")
def sheets(out: Path) -> dict:
    return read(out)


@pytest.fixture(scope="module")
def epochs(out: Path) -> dict[str, date]:
    found = {}
    for path in (out / "workbooks").glob("*.xls[xm]"):
        with zipfile.ZipFile(path) as package:
            is_1904 = b'date1904="1"' in package.read("xl/workbook.xml")
        found[path.name] = date(1904, 1, 1) if is_1904 else date(1899, 12, 30)
    return found


def has_date(row: list, day: date, epoch: date) -> bool:
    texts = set(date_texts(day))
    return any(
        value == day
        or (isinstance(value, str) and value.strip() in texts)
        or (isinstance(value, float | int) and epoch + timedelta(days=int(value)) == day)
        for value in row
    )


def has_text(row: list, text: str) -> bool:
    return not text or any(isinstance(value, str) and value.strip() == text for value in row)


def has_spelling(row: list, name: str, spellings: dict[str, tuple[str, ...]]) -> bool:
    known = {spelling.strip().lower() for spelling in (name, *spellings.get(name, ()))}
    return not name or any(isinstance(v, str) and v.strip().lower() in known for v in row)


def has_amount(row: list, amount: Decimal) -> bool:
    texts = money_texts(amount)
    return any(
        value in texts
        or (isinstance(value, float | int) and round(Decimal(str(value)), 2) == amount)
        for value in row
    )


def test_two_runs_give_the_same_bytes(out, tmp_path):
    workbooks.generate(tmp_path)
    notes.generate(tmp_path)
    made = hashes(tmp_path)
    assert len(made) > 40
    assert made == hashes(out)


def test_another_seed_gives_other_people(out, tmp_path):
    workbooks.generate(tmp_path, participants=4, seed=8)
    names = {row["participant_name"] for row in truth(tmp_path, "participants")}
    others = {row["participant_name"] for row in truth(out, "participants")}
    assert (len(names), len(others)) == (4, 24)
    assert names.isdisjoint(others)


def test_a_smaller_pool_is_the_start_of_a_larger_one():
    smaller = people(12, 7, AS_OF)
    assert len(smaller) == 12
    assert people(30, 7, AS_OF)[:12] == smaller


def test_generating_again_removes_only_its_own_files(tmp_path):
    workbooks.generate(tmp_path, participants=12)
    mine = tmp_path / "workbooks" / "mine.xlsx"
    mine.write_bytes(b"mine")
    workbooks.generate(tmp_path, participants=3)
    files = {path.name for path in (tmp_path / "workbooks").iterdir()}
    assert mine.name in files
    assert len(files) == 5  # three people, the programme, and mine


def test_every_intervention_stands_where_the_truth_says(out, sheets, epochs):
    facts = truth(out, "interventions")
    assert 24 * 40 <= len(facts) <= 24 * 130
    for fact in facts:
        row = row_of(sheets, fact)
        epoch = epochs.get(fact["_source_file"], date(1899, 12, 30))
        day = date.fromisoformat(fact["interaction_date"])
        if fact["is_date_carried_forward"] == "false":
            assert has_date(row, day, epoch), (fact, row)
        for name in ("summary", "case_worker_action", "notes"):
            assert has_text(row, fact[name]), (fact, row)
        assert has_spelling(row, fact["location"], LOCATIONS), (fact, row)
        level = fact["growth_level"]
        assert not level or any(level in str(value) for value in row), (fact, row)


def test_every_expense_stands_where_the_truth_says(out, sheets, epochs):
    facts = truth(out, "expenses")
    assert any(fact["participant_id"] == "" for fact in facts)
    for fact in facts:
        row = row_of(sheets, fact)
        epoch = epochs.get(fact["_source_file"], date(1899, 12, 30))
        if fact["is_date_carried_forward"] == "false":
            assert has_date(row, date.fromisoformat(fact["expense_date"]), epoch), (fact, row)
        assert has_text(row, fact["details"]), (fact, row)
        assert has_text(row, fact["staff_member"]), (fact, row)
        assert has_spelling(row, fact["program_category"], CATEGORIES), (fact, row)
        assert has_amount(row, Decimal(fact["amount"])), (fact, row)


def test_every_assessment_score_stands_where_the_truth_says(out, sheets):
    facts = truth(out, "assessments")
    totals: dict[tuple, int] = defaultdict(int)
    for fact in facts:
        row = row_of(sheets, fact)
        assert row[0] == fact["domain"]
        assert int(fact["score"]) in [int(value) for value in row[1:] if value != ""]
        key = (fact["participant_id"], fact["assessment_type"], fact["assessment_date"])
        totals[*key, fact["total_score"]] += int(fact["score"])
    assert all(int(total) == added for (*_, total), added in totals.items())
    assert {fact["assessment_type"] for fact in facts} == {"CANS", "Questionnaire"}


def test_a_carried_date_is_that_of_the_row_above(out):
    for name, column in (("interventions", "interaction_date"), ("expenses", "expense_date")):
        above: dict[str, str] = {}
        facts = truth(out, name)
        assert {fact["is_date_carried_forward"] for fact in facts} == {"true", "false"}
        for fact in facts:
            if fact["is_date_carried_forward"] == "true":
                assert (above["row"], above["day"]) == (int(fact["_source_row"]) - 1, fact[column])
            above = {"row": int(fact["_source_row"]), "day": fact[column]}


@pytest.mark.parametrize(("participants", "seed"), [(24, 7), (40, 11)])
def test_every_row_is_in_exactly_one_truth_file(tmp_path, participants, seed):
    workbooks.generate(tmp_path, participants=participants, seed=seed)
    sheets, told = read(tmp_path), defaultdict(list)
    facts_on: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name in ("interventions", "expenses", "assessments"):
        rows = {
            (f["_source_file"], f["_source_sheet"], int(f["_source_row"]))
            for f in truth(tmp_path, name)
        }
        for file, sheet, row in rows:
            told[file, sheet, row].append(name)
            facts_on[file, sheet].add(name)
    for other in truth(tmp_path, "other_rows"):
        told[other["file"], other["sheet"], int(other["row"])].append(other["kind"])
    filled = {
        (file, sheet, number)
        for (file, sheet), rows in sheets.items()
        for number, row in enumerate(rows, 1)
        if any(value != "" for value in row)
    }
    assert filled == set(told)
    for (file, sheet, row), names in told.items():
        # Only two tables in one sheet may share a row.
        assert len(names) == 1 or len(facts_on[file, sheet]) == 2, (file, sheet, row, names)


def test_every_kind_of_mess_is_there(out):
    kinds = {row["kind"] for row in truth(out, "other_rows")}
    assert kinds == {
        "title",
        "information",
        "header",
        "separator",
        "total",
        "formula",
        "note",
        "blank",
        "hidden",
        "rejected",
    }
    suffixes = {path.suffix for path in (out / "workbooks").iterdir()}
    assert suffixes == {".xlsx", ".xlsm", ".xls", ".ods"}
    facts = truth(out, "interventions")
    assert {fact["is_duplicate"] for fact in facts} == {"true", "false"}
    shared = [
        row
        for row in truth(out, "participants")
        if row["source_file"] == "South cluster status sheets.xlsx"
    ]
    assert len(shared) == 3
    states = [
        sheet.visible
        for path in (out / "workbooks").glob("*.xlsx")
        for sheet in CalamineWorkbook.from_path(path).sheets_metadata
    ]
    assert SheetVisibleEnum.Hidden in states


def test_excel_features_are_really_in_the_files(out):
    found = set()
    for path in (out / "workbooks").glob("*.xls[xm]"):
        book = openpyxl.load_workbook(path)
        if book.epoch.year == 1904:
            found.add("1904")
        for sheet in book:
            if sheet.merged_cells.ranges:
                found.add("merged")
            if sheet.max_row == 1 and sheet["A1"].value is None:
                found.add("empty")
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                if cell.comment:
                    found.add("comment")
                if cell.data_type in "ef":
                    found.add(cell.data_type)
    assert found == {"1904", "merged", "empty", "comment", "e", "f"}


def test_a_duplicate_repeats_an_earlier_row(out):
    columns = (
        "participant_id",
        "interaction_date",
        "summary",
        "case_worker_action",
        "location",
        "growth_level",
        "notes",
    )
    seen = set()
    for fact in truth(out, "interventions"):
        key = tuple(fact[column] for column in columns)
        assert (key in seen) == (fact["is_duplicate"] == "true"), fact
        seen.add(key)


def test_growth_rises_with_contact_and_risk_costs_retention():
    pool = people(120, 7, AS_OF)
    gains: dict[bool, list[int]] = {True: [], False: []}
    for person in pool:
        levels = [item.growth for item in interventions(person, 7) if item.growth]
        gains[person.contacts_per_month > 6].append(levels[-1] - levels[0])
    mean = {often: sum(found) / len(found) for often, found in gains.items()}
    assert mean[True] > mean[False] + 0.5
    stayed = {}
    for risk in ("Low", "High"):
        group = [person for person in pool if person.risk == risk]
        lost = sum(person.status in ("Exited", "Dropped Out") for person in group)
        stayed[risk] = 1 - lost / len(group)
    assert stayed["Low"] > stayed["High"] + 0.2


def test_next_day_brings_what_it_says(tmp_path):
    workbooks.generate(tmp_path)
    files, facts = hashes(tmp_path, "workbooks"), len(truth(tmp_path, "interventions"))
    first = {row["participant_id"]: row for row in truth(tmp_path, "participants")}
    amounts = {
        row["amount"] for row in truth(tmp_path, "expenses") if row["participant_id"] == "PW001"
    }

    done = workbooks.next_day(tmp_path, day=2)
    second = {row["participant_id"]: row for row in truth(tmp_path, "participants")}
    assert set(second) - set(first) == {"PW025"}
    assert done == {
        "new": [second["PW025"]["source_file"]],
        "changed": [first["PW001"]["source_file"]],
        "removed": [],
    }
    assert second["PW001"]["current_status"] != first["PW001"]["current_status"]
    assert second["PW001"]["risk_level"] != first["PW001"]["risk_level"]
    after = {
        row["amount"] for row in truth(tmp_path, "expenses") if row["participant_id"] == "PW001"
    }
    assert len(after - amounts) == 1
    new = [row for row in truth(tmp_path, "interventions") if row["participant_id"] != "PW025"]
    assert len(new) == facts + 1

    done = workbooks.next_day(tmp_path, day=3)
    third = {row["participant_id"]: row for row in truth(tmp_path, "participants")}
    assert done["removed"] == [first["PW024"]["source_file"]]
    assert not (tmp_path / "workbooks" / first["PW024"]["source_file"]).exists()
    assert "PW024" not in third
    assert set(done["changed"]) == {first[i]["source_file"] for i in ("PW001", "PW002")}
    assert third["PW001"]["current_status"] == first["PW001"]["current_status"]
    assert third["PW002"]["current_status"] != first["PW002"]["current_status"]

    later = hashes(tmp_path, "workbooks")
    touched = {f"workbooks/{name}" for name in (*done["changed"], *done["removed"])}
    assert all(later[name] == files[name] for name in files if name not in touched)
    with pytest.raises(ValueError, match="day"):
        workbooks.next_day(tmp_path, day=3)


def test_hostile_files_are_what_they_are_called(tmp_path):
    kinds = hostile(tmp_path)
    folder = tmp_path / "workbooks"
    assert {path.name for path in folder.iterdir()} == set(kinds)
    assert len(set(kinds.values())) == len(kinds)
    assert all(path.stat().st_size < 200_000 for path in folder.iterdir())
    named = {kind: folder / name for name, kind in kinds.items()}
    with named["password_protected"].open("rb") as source:
        assert msoffcrypto.OfficeFile(source).is_encrypted()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(named["truncated"])
    with zipfile.ZipFile(named["zip_bomb_overlap"]) as package:
        assert sum(entry.file_size for entry in package.infolist()) > 2**31
    with zipfile.ZipFile(named["zip_bomb"]) as package:
        rels = package.read("xl/_rels/workbook.xml.rels")
        part = package.getinfo("xl/worksheets/sheet1.xml")
        assert rels.count(b"sheet1.xml") * part.file_size > 2**31
        with package.open(part) as sheet:
            assert b"<row>" in sheet.read(1000)
    with zipfile.ZipFile(named["entity_bomb"]) as package:
        assert b"<!ENTITY" in package.read("xl/worksheets/sheet1.xml")
    assert CalamineWorkbook.from_path(named["lying_dimension"]).sheet_names == ["S1"]


def test_every_note_is_in_its_document(out):
    by_file = defaultdict(list)
    for row in truth(out, "notes"):
        by_file[row["file"]].append(row)
    assert set(by_file) == {path.name for path in (out / "notes").iterdir()}
    controls = nested = 0
    for name, rows in by_file.items():
        with zipfile.ZipFile(out / "notes" / name) as package:
            tree = etree.parse(io.BytesIO(package.read("word/document.xml")))
        controls += len(tree.findall(".//{*}sdt"))
        nested += len(tree.findall(".//{*}tbl//{*}tbl"))
        lines = ["".join(p.itertext("{*}t")) for p in tree.iter("{*}p")]
        everything = "\n".join(line for line in lines if line)
        place = 0
        for row in rows:
            place = everything.index(row["text"], place) + len(row["text"])
            if row["note_date"]:
                day = date.fromisoformat(row["note_date"])
                assert any(text in everything for text in date_texts(day)), row
    assert controls
    assert nested


def test_notes_are_about_the_people_of_the_workbooks(out):
    known = {row["participant_id"] for row in truth(out, "participants")}
    assert {row["participant_id"] for row in truth(out, "notes")} <= known
