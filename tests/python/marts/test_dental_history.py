"""Three days of a practice: a change begins a version, a deletion ends one, a replay agrees."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import duckdb
import pytest

from carehouse.demo import opendental
from carehouse.settings import Settings
from conftest import clear, forget_settings, query
from insight_support import HISTORIES, build_day, keep

DAYS = [opendental.AS_OF + timedelta(days=number) for number in (0, 1, 2)]
MOMENTS = [datetime.combine(day, time()) for day in DAYS]
OPEN_END = datetime(9999, 12, 31)
HISTORY_ONLY = ("--select", "stg_landing__newest_extract", *(f"+{name}" for name in HISTORIES))
AND_DIMENSION = (*HISTORY_ONLY, "opendental_codes", "+dental__dim_patients")
TABLES = {
    *("patient", "provider", "fee", "patplan", "inssub", "treatplanattach", "recall"),
    *("definition", "patientlink"),
}
# What each history follows, read from the source's own tables: key first.
STATES = {
    "patients": """
        select "PatNum", "PatStatus", "Guarantor", "SuperFamily", "ClinicNum", "BillingType",
            "PriProv", "SecProv", "FeeSched", "City", "State", "County", "Zip"[:3]
        from '{day}/patient.parquet'""",
    "providers": """
        select "ProvNum", "Abbr", "ItemOrder", "LName", "FName", "PreferredName", "Suffix",
            "NationalProvID", "FeeSched", "Specialty", "IsSecondary", "IsNotPerson", "ProvStatus",
            "IsHidden", "IsHiddenReport", "ProvNumBillingOverride", "HourlyProdGoalAmt", "DateTerm"
        from '{day}/provider.parquet'""",
    "fees": """
        select "FeeNum", "FeeSched", "CodeNum", "ClinicNum", "ProvNum", "Amount"
        from '{day}/fee.parquet'""",
    "plan_memberships": """
        select "PatPlanNum", "PatNum", "InsSubNum", "PlanNum", "Subscriber", "Ordinal",
            "Relationship", "IsPending", "DateEffective", "DateTerm"
        from '{day}/patplan.parquet' left join '{day}/inssub.parquet' using ("InsSubNum")""",
    "treatment_plan_attachments": """
        select "TreatPlanAttachNum", "TreatPlanNum", "ProcNum", "Priority"
        from '{day}/treatplanattach.parquet'""",
    "recalls": """
        select "RecallNum", "PatNum", "RecallTypeNum", "DateDue", "DateDueCalc", "DatePrevious",
            "DateScheduled", "RecallInterval", "RecallStatus", "IsDisabled", "DisableUntilDate",
            "DisableUntilBalance", "Priority"
        from '{day}/recall.parquet'""",
    "definitions": """
        select "DefNum", "Category", "ItemName", "ItemValue", "ItemOrder", "IsHidden"
        from '{day}/definition.parquet'""",
}


@dataclass
class Days:
    """A warehouse that saw three days, and the folders of those days."""

    settings: Settings
    folders: list[Path]


def live(settings: Settings, folders: list[Path]) -> None:
    """Land each day and bring the history up to it."""
    for day, folder in zip(DAYS, folders, strict=True):
        options = AND_DIMENSION if day == DAYS[-1] else HISTORY_ONLY
        build_day(settings, folder, day, *options)


@pytest.fixture(scope="module")
def days(tmp_path_factory, parsed_home) -> Days:
    base = tmp_path_factory.mktemp("dental-days")
    opendental.generate(base, scale=0.3, seed=5, days=3)
    folders = [base / "opendental" / f"day-{number}" for number in (0, 1, 2)]
    for folder in folders:
        for file in folder.iterdir():
            if file.stem not in TABLES:
                file.unlink()
    settings = clear(Settings(home=parsed_home))
    live(settings, folders)
    forget_settings()
    return Days(keep(settings, base / "home"), folders)


def states(days: Days, name: str) -> list[dict[int, tuple]]:
    """What the source says each day: key to state."""
    return [
        {row[0]: row[1:] for row in duckdb.sql(STATES[name].format(day=folder)).fetchall()}
        for folder in days.folders
    ]


def expected_versions(days: Days, name: str) -> set[tuple]:
    """(key, from, to) of every stretch in which the source said the same."""
    versions, open_since = set(), {}
    daily = states(days, name)
    before: dict[int, tuple] = {}
    for moment, now in zip(MOMENTS, daily, strict=True):
        for key in before.keys() | now.keys():
            if before.get(key) == now.get(key):
                continue
            if key in before:
                versions.add((key, open_since.pop(key), moment))
            if key in now:
                open_since[key] = moment
        before = now
    return versions | {(key, since, OPEN_END) for key, since in open_since.items()}


def history(settings: Settings, name: str, columns: str = "*") -> list[tuple]:
    return query(settings, f"select {columns} from history.history_opendental__{name} order by all")


KEYS = {
    "patients": "patient_id",
    "providers": "provider_id",
    "fees": "fee_id",
    "plan_memberships": "patient_plan_id",
    "treatment_plan_attachments": "treatment_plan_attachment_id",
    "recalls": "recall_id",
    "definitions": "definition_id",
}


@pytest.mark.parametrize("name", STATES)
def test_every_change_begins_a_version_and_every_deletion_ends_one(days, name):
    found = history(days.settings, name, f"{KEYS[name]}, valid_from, valid_to")
    expected = expected_versions(days, name)
    assert set(found) == expected
    assert len(found) == len(expected)
    assert len(expected) > len({key for key, *_ in expected}) or any(
        to != OPEN_END for *_, to in expected
    ), f"the made-up days change nothing in {name}"


@pytest.mark.parametrize("name", ["plan_memberships", "treatment_plan_attachments", "recalls"])
def test_what_the_source_deletes_is_closed_and_stays(days, name):
    daily = states(days, name)
    gone = daily[0].keys() - daily[2].keys()
    assert gone and daily[2]
    last = dict(
        query(
            days.settings,
            f"select {KEYS[name]}, max(valid_to) "
            f"from history.history_opendental__{name} group by 1",
        )
    )
    assert all(last[key] < OPEN_END for key in gone)
    assert all(last[key] == OPEN_END for key in daily[2])


def test_the_nightly_aging_bumps_stamps_and_begins_no_version(days):
    sql = 'select "PatNum", "DateTStamp", "BalTotal" from \'{}/patient.parquet\''
    first, last = (
        {row[0]: row[1:] for row in duckdb.sql(sql.format(days.folders[day])).fetchall()}
        for day in (0, 2)
    )
    daily = states(days, "patients")
    only_aged = [
        key
        for key in first
        if first[key] != last[key] and daily[0][key] == daily[1][key] == daily[2][key]
    ]
    assert only_aged
    counts = dict(
        query(days.settings, "select patient_id, count(*) from dental.dim_patients group by 1")
    )
    assert {counts[key] for key in only_aged} == {1}


def test_a_new_guarantor_is_a_new_version_and_older_facts_find_the_old_one(days):
    daily = states(days, "patients")
    moved = [key for key in daily[0] if key in daily[2] and daily[0][key][1] != daily[2][key][1]]
    assert moved
    for key in moved:
        versions = query(
            days.settings,
            "select guarantor_id, valid_from, is_current from dental.dim_patients "
            "where patient_id = ? order by valid_from",
            [key],
        )
        assert versions[0][:2] == (daily[0][key][1], datetime(1900, 1, 1))
        assert versions[-1][0] == daily[2][key][1]
        assert [current for *_, current in versions] == [False] * (len(versions) - 1) + [True]


def test_a_merged_patient_names_the_survivor(days):
    links = duckdb.sql(
        f'select "PatNumFrom", "PatNumTo" from \'{days.folders[2]}/patientlink.parquet\' '
        'where "LinkType" = 1'
    ).fetchall()
    assert links
    found = dict(
        query(
            days.settings,
            "select patient_id, merged_into_patient_id from dental.dim_patients where is_current "
            "and merged_into_patient_id is not null",
        )
    )
    assert found == dict(links)


def test_a_replay_of_the_days_gives_the_very_same_history(days, home):
    live(home, days.folders)
    for name in STATES:
        assert history(home, name) == history(days.settings, name)
    dimension = "select * from dental.dim_patients order by all"
    assert query(home, dimension) == query(days.settings, dimension)
