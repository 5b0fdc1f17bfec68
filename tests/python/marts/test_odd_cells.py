"""One odd value at a time, in every column of every source: the domain is built, nothing is lost.

A few builds try thousands of cases: each is a row of its own beside sound ones.
"""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from carehouse.build import run_dbt
from carehouse.contract import raw_tables
from carehouse.daily import generate_inputs
from carehouse.landing.opendental.database import mirrored_tables
from carehouse.landing.opendental.mirror import data_columns, primary_key
from carehouse.landing.sources import default_place, land_source
from carehouse.settings import Settings
from conftest import query
from odd_cells import (
    CONTROL,
    NUMBERS,
    ODD,
    ODD_KEYS,
    Case,
    append_odd,
    write_odd_extract,
    write_odd_notes,
    write_odd_parquet,
    write_odd_workbooks,
)

pytestmark = pytest.mark.thorough
SOURCES = {
    "clinic": ("clinic",),
    "claims": ("claims",),
    "care": ("workbooks", "notes"),
    "dental": ("opendental",),
}
OUTCOMES = {
    "clinic": ("int_clinic__row_outcomes", "_source_file, _source_row"),
    "claims": ("int_claims__row_outcomes", "_source_file, _source_row"),
    "care": ("int_workbooks__row_outcomes", "_source_file, _source_row"),
}
# facts, and which of their rows are of sound rows; a clinic's visit 1 gets the odd payments
FACTS = {
    "clinic": {
        "fact_appointments": "appointment_id not like '90000%' and appointment_id <> '1'",
        "fact_payments": "payment_id not like '70000%'",
        "dim_patients": "patient_id not like '80000%'",
    },
    "claims": {
        "fact_claims": "claim_id not like 'ODD%'",
        "member_months": "member_id not like 'ODD%'",
        "dim_members": "member_id not like 'ODD%'",
    },
    "care": {
        "fact_interventions": "true",
        "fact_program_expenses": "true",
        "fact_assessments": "true",
        "fact_case_notes": "true",
    },
    "dental": {
        "fact_procedures": f"procedure_id < {ODD_KEYS}",
        "fact_payment_splits": f"payment_split_id < {ODD_KEYS}",
        "fact_adjustments": f"adjustment_id < {ODD_KEYS}",
        "fact_claim_procedures": f"claim_procedure_id < {ODD_KEYS}",
        "fact_claims": f"claim_id < {ODD_KEYS}",
        "fact_appointments": f"appointment_id < {ODD_KEYS}",
    },
}
BUILT_KEYS = ("participant_key", "intervention_key", "expense_key", "assessment_key")


def clinic_cases(folder: Path, values) -> list[Case]:
    ids = {
        "appointments": ({"appointment_id": "90{:07d}"}, ["canceled_at", "no_show", "attended"]),
        "patients": ({"patient_id": "80{:07d}"}, ["email"]),
        "payments": (
            {"payment_id": "70{:07d}"},
            ["tax_amount", "physio_id", "patient_id", "item"],
        ),
        "physios": ({"physio_id": "60{:05d}"}, []),
        "availability": ({}, []),
    }
    return [
        case
        for table, (named, more) in ids.items()
        for case in append_odd(
            folder / "raw" / f"{table}.csv", f"raw/{table}.csv", named, values, more
        )
    ]


def claims_cases(folder: Path, values) -> list[Case]:
    last = max((folder / "exports").iterdir())
    cases = write_odd_parquet(
        last / "claims.csv",
        folder / "exports" / "2025-06-28T1800" / "claims",
        "exports/2025-06-28T1800/claims",
        "claim_id",
    )
    for table in raw_tables():
        if table.source == "raw_claims":
            named = {f"{table.name.rstrip('s')}_id": "ODD{:07d}"}
            more = [name for name in table.columns if name[0] != "_"]
            shown = f"exports/{last.name}/{table.name}.csv"
            cases += append_odd(last / f"{table.name}.csv", shown, named, values, more)
    return cases


def care_cases(folder: Path, values) -> list[Case]:
    top = [["Participant ID", "PW901"], ["Name", "Odd Person"], ["Age", "30"], []]
    days = [f"{day:02d}/03/2025" for day in range(1, 28)]
    status = ["Date", "Summary", "Case Worker Action", "Location", "Level of Growth", "Notes"]
    expense = ["Date", "Program Category", "Details", "Amount", "Staff Member"]
    visits = [[day, f"Visited on {day}", "Called", "Office", "2", "a note"] for day in days]
    bought = [[day, "Food", f"Bought on {day}", "100", "Anita"] for day in days]
    cases = write_odd_workbooks(folder, "Status Sheet", top, status, visits)
    return cases + write_odd_workbooks(folder, "Expense Log", top, expense, bought)


def dental_cases(folder: Path, values) -> list[Case]:
    cases = []
    for table in mirrored_tables():
        file = folder / f"{table.name}.parquet"
        if file.exists():
            cases += write_odd_extract(file, file, primary_key(table), data_columns(table))
    return cases


MAKERS = {
    "clinic": clinic_cases,
    "claims": claims_cases,
    "care": care_cases,
    "dental": dental_cases,
}


def built(home: Path, inputs: Path, domain: str, tests: bool) -> Settings:
    """Land the domain's sources of a folder and build it; no model may fail."""
    settings = Settings(
        home=home, as_of=date(2025, 7, 1), clinic_rejected_share_limit=1, read_seconds=600
    )
    for source in SOURCES[domain]:
        land_source(source, settings, default_place(source, settings, inputs))
    more = [OUTCOMES[domain][0]] if domain in OUTCOMES else []
    without = ["unit_test"] if tests else ["unit_test", "test"]
    result = run_dbt(
        settings,
        [
            *("build", "--select", f"+path:models/marts/{domain}", *[f"+{one}" for one in more]),
            *[option for kind in without for option in ("--exclude-resource-type", kind)],
            # a share of unknown words stops publication, which is not what is tried here
            *("--vars", "{claims_unmapped_share_limit: 2}", "--indirect-selection", "buildable"),
        ],
        quiet=True,
    )
    assert result.ok, (result.error, result.bad)
    return settings


def try_domain(parsed_home: Path, tmp_path: Path, domain: str, values, tests: bool) -> Settings:
    """Build a domain with its odd rows; every case is found again. Gives its warehouse."""
    inputs, home = tmp_path / "inputs", tmp_path / "odd"
    for source in SOURCES[domain]:
        generate_inputs(inputs, scale=0.1, seed=5, source=source, as_of=None)
    shutil.copytree(inputs, tmp_path / "sound")
    shutil.copytree(parsed_home, home)
    cases = MAKERS[domain](inputs / SOURCES[domain][0], values)
    if domain == "care" and tests:
        write_odd_notes(inputs / "notes")  # their blocks are accounted for by the tests
    settings = built(home, inputs, domain, tests)
    refused = dict(
        query(settings, "select object, reason from raw.load_log where outcome = 'refused'")
    )
    assert all(refused.values())
    if domain in OUTCOMES:
        table, place = OUTCOMES[domain]
        found = {
            (file, row): (outcome, reason)
            for file, row, outcome, reason in query(
                settings, f"select {place}, outcome, reason from intermediate.{table}"
            )
        }
        lost = [
            case
            for case in cases
            if case.file not in refused and not all(found.get((case.file, case.row)) or (None,))
        ]
        # a row whose only content was blanked is an empty row, and so none
        assert not [case for case in lost if case.value not in ("''", "")], lost[:5]
    else:
        for table in {case.file for case in cases}:
            keys = {case.row for case in cases if case.file == table}
            contract = next(one for one in mirrored_tables() if one.name == table)
            landed = query(
                settings,
                f'select "{primary_key(contract)}" from {contract.full_name} '
                f'where "{primary_key(contract)}" > {ODD_KEYS}',
            )
            assert keys == {key for (key,) in landed}, table
    return settings


@pytest.mark.parametrize("domain", ["clinic", "dental"])
def test_odd_cells_fail_no_model(parsed_home, tmp_path, domain):
    """A part of the cases, without the domain's tests."""
    # one date that reads: a column without any refuses its file
    values = [
        "2025-06-10T10:00:00+02:00",
        *NUMBERS[::3],
        "9999-12-31",
        "0001-01-01",
        "\x01",
        "x" * 300,
    ]
    settings = try_domain(parsed_home, tmp_path, domain, values, tests=False)
    if domain == "dental":
        findings = dict(
            query(
                settings,
                "select source_table, count(*) from dental.validation_findings "
                "where finding like 'cell holds what no amount can be%' group by all",
            )
        )
        # 1e16, 1e300, -1e300, inf, -inf, nan and 9999999999999.99 of each amount that is read
        assert findings["paysplit"] == 7
        assert findings["patient"] == 8 * 7


@pytest.mark.parametrize("domain", list(SOURCES))
def test_every_odd_cell_is_a_fact_or_rejected_and_the_rest_is_as_without(
    parsed_home, tmp_path, domain
):
    settings = try_domain(parsed_home, tmp_path, domain, [*ODD, *CONTROL], tests=True)
    shutil.copytree(parsed_home, tmp_path / "home")
    sound = built(tmp_path / "home", tmp_path / "sound", domain, tests=False)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{sound.warehouse}' as sound (read_only)")
        connection.execute(f"attach '{settings.warehouse}' as odd (read_only)")
        for table, of_sound_rows in FACTS[domain].items():
            columns = [
                name
                for name, *_ in connection.execute(f"describe sound.{domain}.{table}").fetchall()
                if name not in (*BUILT_KEYS, "_load_id", "_extracted_at")
            ]
            listed = ", ".join(columns)
            (missing,) = connection.execute(
                f"select count(*) from (select {listed} from sound.{domain}.{table} "
                f"where {of_sound_rows} except all select {listed} from odd.{domain}.{table})"
            ).fetchone()
            assert not missing, table
