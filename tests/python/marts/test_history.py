"""Three days of files, and the same three days again in a fresh warehouse: one history."""

import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from carehouse.daily import run_daily
from carehouse.demo import workbooks
from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import WORKBOOKS
from carehouse.settings import Settings
from conftest import CARE, SEED, Lines, build, query, records, truth

DAYS = (date(2025, 7, 1), date(2025, 7, 2), date(2025, 7, 3))
MOMENTS = tuple(datetime(day.year, day.month, day.day) for day in DAYS)
OPEN_END = datetime(9999, 12, 31)
HISTORY = "select * from history.history_care__participants order by participant_id, valid_from"
DIMENSION = "select * from care.dim_participants order by participant_id, valid_from"

DIMENSION_ONLY = ("--select", "+care__dim_participants")


@dataclass
class Days:
    """A warehouse after three daily runs, the folder of each day, and each day's truth."""

    settings: Settings
    made: Path
    kept: list[Path]
    participants: list[dict[str, dict]]
    changes: list[dict[str, list[str]]]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    out, kept = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("kept")
    settings = Settings(home=tmp_path_factory.mktemp("three-days"))
    found = Days(settings, out, [], [], [])
    for number, day in enumerate(DAYS, start=1):
        if number == 1:
            workbooks.generate(out, participants=4, seed=SEED)
            found.changes.append({})
        else:
            found.changes.append(workbooks.next_day(out, day=number, seed=SEED))
        found.kept.append(kept / str(number))
        shutil.copytree(out / "workbooks", found.kept[-1] / "workbooks")
        told = truth(out, "participants")
        found.participants.append({row["participant_id"]: row for row in told})
        lines = Lines()
        dated = settings.model_copy(update={"as_of": day})
        assert run_daily(dated, out, echo=lines, dbt_options=CARE), lines.err
    return found


def versions(days: Days, who: str) -> list[dict]:
    rows = records(days.settings, DIMENSION)
    return [row for row in rows if row["participant_id"] == who]


def test_a_status_that_changes_and_returns_has_three_versions(days):
    found = versions(days, "PW001")
    told = [day["PW001"] for day in days.participants]
    assert [row["current_status"] for row in found] == [row["current_status"] for row in told]
    assert [row["risk_level"] for row in found] == [row["risk_level"] for row in told]
    assert told[0]["current_status"] == told[2]["current_status"] != told[1]["current_status"]
    assert [row["valid_from"] for row in found] == [datetime(1900, 1, 1), *MOMENTS[1:]]
    assert [row["valid_to"] for row in found] == [*MOMENTS[1:], OPEN_END]
    assert [row["is_current"] for row in found] == [False, False, True]
    assert len({row["participant_key"] for row in found}) == 3


def test_a_status_that_changes_on_the_third_day_has_two_versions(days):
    found = versions(days, "PW002")
    told = [days.participants[day]["PW002"]["current_status"] for day in (0, 2)]
    assert [row["current_status"] for row in found] == told
    assert [row["valid_to"] for row in found] == [MOMENTS[2], OPEN_END]


def test_a_participant_whose_workbook_is_gone_is_closed_at_that_days_moment(days):
    assert "PW004" not in days.participants[2]
    assert days.changes[2]["removed"] == [days.participants[0]["PW004"]["source_file"]]
    (only,) = versions(days, "PW004")
    assert (only["valid_to"], only["is_current"]) == (MOMENTS[2], False)
    outcomes = query(
        days.settings.published, "select participant_id from care.participant_outcomes"
    )
    assert sorted(outcomes) == [("PW001",), ("PW002",), ("PW003",), ("PW005",)]


def test_a_new_participant_has_a_version_since_the_second_day(days):
    (only,) = [row for row in records(days.settings, HISTORY) if row["participant_id"] == "PW005"]
    assert (only["valid_from"], only["valid_to"]) == (MOMENTS[1], OPEN_END)


def test_who_did_not_change_has_one_version(days):
    assert len(versions(days, "PW003")) == 1


def test_the_corrected_facts_are_those_of_the_last_day(days):
    expected = [
        (row["participant_id"] or None, row["amount"]) for row in truth(days.made, "expenses")
    ]
    found = query(
        days.settings.published,
        "select participant_id, cast(amount as varchar) from care.fact_program_expenses "
        "where source_retired_at is null",
    )
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_the_facts_of_a_workbook_that_is_gone_stay(days):
    gone = query(
        days.settings.published,
        "select distinct _source_file, source_retired_at from care.fact_interventions "
        "where source_retired_at is not null",
    )
    assert gone == [(days.changes[2]["removed"][0], MOMENTS[2])]


def test_facts_stand_in_the_version_in_force_on_their_day(days):
    assert query(days.settings, "select count(*) from care.fact_interventions") > [(100,)]
    wrong = query(
        days.settings,
        "select * from care.fact_interventions as facts "
        "left join care.dim_participants as people using (participant_key) "
        "where people.participant_id is distinct from facts.participant_id "
        "or facts.interaction_date < people.valid_from "
        "or facts.interaction_date >= people.valid_to",
    )
    assert wrong == []


def test_a_replay_of_the_kept_files_gives_the_very_same_history(days, home):
    for day, folder in zip(DAYS, days.kept, strict=True):
        dated = home.model_copy(update={"as_of": day})
        land_files(WORKBOOKS, dated, folder / "workbooks", replace=True)
        built = build(dated, *DIMENSION_ONLY)
        assert built.ok, built.bad or built.error
    for sql in (HISTORY, DIMENSION):
        assert query(home, sql) == query(days.settings, sql)
    assert len(query(home, HISTORY)) == 8


def test_the_same_day_again_changes_no_history(days, home):
    again = home.model_copy(update={"as_of": DAYS[2]})
    again.warehouse.parent.mkdir()
    shutil.copy(days.settings.warehouse, again.warehouse)
    before = [query(again, sql) for sql in (HISTORY, DIMENSION)]
    landing = land_files(WORKBOOKS, again, days.kept[2] / "workbooks")
    assert landing.landed == landing.retired == []
    built = build(again, *DIMENSION_ONLY)
    assert built.ok, built.bad or built.error
    assert [query(again, sql) for sql in (HISTORY, DIMENSION)] == before
