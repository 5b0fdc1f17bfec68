"""Files that leave, come back or are renamed change no month that was, and count nobody twice."""

import random
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest
from docx import Document

from carehouse.build import run_dbt
from carehouse.demo import notes, workbooks
from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import NOTES, WORKBOOKS
from carehouse.landing.withdraw import withdraw
from carehouse.settings import Settings
from conftest import SEED, build, query

pytestmark = pytest.mark.thorough

TODAY = date(2025, 7, 1)
CARE = ["--select", "+path:models/marts/care"]
# what months before today say, of everybody ever known
MONTHS = {
    "money": "select * from care.program_burn_rate_monthly",
    "contacts": """
        select participant_id, date_trunc('month', interaction_date), count(*), sum(growth_level)
        from care.fact_interventions group by all
    """,
    "expenses": """
        select participant_id, expense_date, program_category, amount, count(*)
        from care.fact_program_expenses group by all
    """,
    "scores": """
        select participant_id, assessment_date, domain, score, count(*)
        from care.fact_assessments group by all
    """,
    "notes": """
        select participant_id, note_date, worker, text, count(*)
        from care.fact_case_notes group by all
    """,
    "retention": "select * from care.retention_by_risk",
    "people": "select distinct participant_id from care.dim_participants",
}


@dataclass
class Cases:
    settings: Settings
    inputs: Path

    def workbook(self, name: str) -> Path:
        return self.inputs / "workbooks" / name

    def look(self) -> None:
        """Land both folders and build the care marts."""
        for source in (WORKBOOKS, NOTES):
            land_files(source, self.settings, self.inputs / source.name)
        built = run_dbt(self.settings, ["run", *CARE], quiet=True)
        assert built.ok, built.bad or built.error

    def months(self) -> dict[str, list[tuple]]:
        return {name: sorted(query(self.settings, sql), key=str) for name, sql in MONTHS.items()}

    def listed(self) -> set[str]:
        rows = query(
            self.settings, "select participant_id from care.dim_participants where is_current"
        )
        return {row[0] for row in rows}


@pytest.fixture(scope="module")
def made(tmp_path_factory, parsed_home) -> Cases:
    """Four participants' workbooks and notes, landed and built with seeds and snapshot."""
    inputs = tmp_path_factory.mktemp("inputs")
    workbooks.generate(inputs, participants=4, seed=SEED)
    notes.generate(inputs, participants=4, seed=SEED)
    home = tmp_path_factory.mktemp("retired")
    shutil.copytree(parsed_home / "dbt", home / "dbt", dirs_exist_ok=True)
    settings = Settings(home=home, as_of=TODAY)
    for source in (WORKBOOKS, NOTES):
        land_files(source, settings, inputs / source.name)
    built = build(settings, *CARE)
    assert built.ok, built.bad or built.error
    return Cases(settings, inputs)


@pytest.fixture
def cases(made, tmp_path) -> Cases:
    """The same, to be changed."""
    shutil.copytree(made.settings.home, tmp_path / "home")
    shutil.copytree(made.inputs, tmp_path / "inputs")
    changed = Cases(Settings(home=tmp_path / "home", as_of=TODAY), tmp_path / "inputs")
    with duckdb.connect(str(changed.settings.warehouse)) as connection:
        old, new = made.inputs.resolve().as_posix(), changed.inputs.resolve().as_posix()
        connection.execute("update raw.load_log set location = replace(location, ?, ?)", [old, new])
    return changed


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def differing(now: dict[str, list[tuple]], before: dict[str, list[tuple]]) -> dict[str, list]:
    """By table, the first rows that only one of the two has."""
    wrong = {}
    for name in MONTHS:
        one, other = Counter(map(str, now[name])), Counter(map(str, before[name]))
        if one != other:
            wrong[name] = [list(one - other)[:2], list(other - one)[:2]]
    return wrong


@pytest.mark.parametrize("seed", [1, 2])
def test_removing_renaming_and_restoring_any_file_changes_no_month(cases, seed, tmp_path):
    """A walk of random steps: after each look every month is what it was."""
    chance = random.Random(seed)
    before, aside = cases.months(), tmp_path / "aside"
    assert all(before.values()), "a table without a row shows nothing"
    run_snapshot = ["history_care__participants"]
    for step in ("remove", "rename", "restore", "remove note", "rename after a look", "restore"):
        folder = cases.inputs / ("notes" if "note" in step else "workbooks")
        chosen = folder / chance.choice(names(folder))
        if step.startswith("remove"):
            (aside / folder.name).mkdir(parents=True, exist_ok=True)
            shutil.move(chosen, aside / folder.name / chosen.name)
        elif step == "rename":
            chosen.rename(chosen.with_name(f"old {chosen.name}"))
        elif step == "restore":
            for path in sorted(aside.rglob("*.*")):
                shutil.move(path, cases.inputs / path.parent.name / path.name)
        else:
            shutil.move(chosen, tmp_path / chosen.name)
            cases.look()
            assert differing(cases.months(), before) == {}, f"{chosen.name} removed"
            (folder / "archive").mkdir(exist_ok=True)
            shutil.move(tmp_path / chosen.name, folder / "archive" / f"copy of {chosen.name}")
        cases.look()
        assert run_dbt(cases.settings, ["snapshot", "--select", *run_snapshot], quiet=True).ok
        assert differing(cases.months(), before) == {}, f"{step}: {chosen.name}"


def test_who_stands_only_in_a_file_that_is_gone_is_listed_no_more(cases):
    rows = query(
        cases.settings,
        "select _source_file, min(participant_id) from care.fact_interventions "
        "where participant_id not in (select participant_id from care.fact_case_notes "
        "where participant_id is not null) or true group by 1 "
        "having count(distinct participant_id) = 1 order by 1",
    )
    name, who = rows[0]
    before = cases.months()
    for folder in ("workbooks", "notes"):
        for path in (cases.inputs / folder).rglob("*.*"):
            rows = query(
                cases.settings,
                "select 1 from care.fact_case_notes where participant_id = ? and _source_file = ?",
                [who, path.name],
            )
            if path.name == name or rows:
                path.unlink()
    cases.look()
    assert run_dbt(cases.settings, ["build", *CARE], quiet=True).ok
    assert differing(cases.months(), before) == {}
    retired = query(
        cases.settings,
        "select count(*), count(source_retired_at) from care.fact_interventions "
        "where _source_file = ?",
        [name],
    )
    assert retired[0][0] == retired[0][1] > 0
    others = query(
        cases.settings,
        "select count(*) from care.fact_interventions "
        "where _source_file <> ? and source_retired_at is not null",
        [name],
    )
    assert others == [(0,)]


def test_what_is_withdrawn_leaves_the_facts_the_people_and_their_history(cases):
    wrong = cases.inputs / "notes" / "PW909 Wrong.docx"
    document = Document()
    document.add_paragraph("PW909 Wrong Person")
    document.add_paragraph("Date: 12 March 2025")
    document.add_paragraph("Met at the office")
    before = cases.months()
    document.save(wrong)
    cases.look()
    with_wrong = cases.months()
    assert set(differing(with_wrong, before)) == {"notes", "people"}
    assert build(cases.settings, "--select", "history_care__participants").ok
    done = withdraw(NOTES, cases.settings, wrong.name)
    assert done.facts["case notes"] == 1
    assert done.row_count == 3
    cases.look()  # the file is still in the folder
    assert build(cases.settings, *CARE).ok
    assert differing(cases.months(), before) == {}
    assert "PW909" not in cases.listed()
