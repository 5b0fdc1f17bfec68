"""What is older than its source is kept goes, with all that was made of it, and does not return."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bytes_support import found_in, left
from carehouse.daily import run_daily
from carehouse.erasure import retention
from carehouse.erasure.retention import Keep, is_afresh_due, read_rules, retire
from carehouse.errors import CannotErase
from carehouse.landing.sources import land_source
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse
from conftest import CARE, Lines, build, query, status_rows, write_workbook

TODAY = date(2025, 3, 14)
PATIENTS = """patient_id,first_name,last_name,phone,consent_form_received,created_at
1,Nimue,Zabludoff,+49-170-0000017,1,2019-01-01T10:00:00
2,Bo,Bergengruen,+49-170-0000018,1,2019-01-01T10:00:00
3,Cy,Callisthenes,+49-170-0000019,1,2025-01-01T10:00:00
"""
# the second patient came long ago and again; visit 14 was put off from an old day
APPOINTMENTS = """appointment_id,patient_id,physio_id,appt_start,appt_end,booked_at,status
11,1,7,2019-02-03T10:00:00,2019-02-03T10:45:00,2019-01-20T10:00:00,completed
12,2,7,2019-02-04T10:00:00,2019-02-04T10:45:00,2019-01-20T10:00:00,completed
13,2,7,2025-02-04T10:00:00,2025-02-04T10:45:00,2025-01-20T10:00:00,completed
14,2,7,2019-03-04T10:00:00,2019-03-04T10:45:00,2019-01-20T10:00:00,booked
15,3,7,some day,2025-02-05T10:45:00,2025-01-20T10:00:00,completed
"""
LATER = """appointment_id,patient_id,physio_id,appt_start,appt_end,booked_at,status
14,2,7,2025-02-20T10:00:00,2025-02-20T10:45:00,2019-01-20T10:00:00,completed
"""
PAYMENTS = """payment_id,appointment_id,amount,paid_at,method
21,11,50.00,2019-02-03,card
22,13,60.00,2025-02-04,card
"""
SEED = """source,record,date_column,months
clinic,appointments,starts_at,24
clinic,payments,paid_at,24
clinic,patients,created_at,24
workbooks,files,newest date,24
notes,files,newest date,
"""
LEFT = [
    ("patient", "2"),
    ("patient", "3"),
    ("payment", "22"),
    *[("visit", number) for number in ("13", "14", "14", "15")],
]


@pytest.fixture
def seed(tmp_path: Path, monkeypatch) -> Callable[[str], None]:
    """Set the seed's text; empty months at first."""
    path = tmp_path / "retention_rules.csv"
    monkeypatch.setattr(retention, "SEED", path)

    def write(text: str) -> None:
        path.write_text(text, encoding="utf-8")

    write(SEED.replace(",24", ","))
    return write


@pytest.fixture
def clinic(home: Settings, seed) -> Settings:
    """A home into which a clinic with an old and two newer patients has landed."""
    settings = home.model_copy(update={"as_of": TODAY})
    drop = settings.inbox / "clinic" / "raw"
    drop.mkdir(parents=True)
    (drop / "patients.csv").write_text(PATIENTS)
    (drop / "appointments.csv").write_text(APPOINTMENTS)
    (drop / "payments.csv").write_text(PAYMENTS)
    (drop / "physios.csv").write_text("physio_id,full_name\n7,Marta K\n")
    (drop / "availability.csv").write_text(
        "physio_id,available_from,available_to\n7,2025-02-03T08:00:00,2025-02-03T16:00:00\n"
    )
    day = settings.inbox / "clinic" / "daily" / "2025-02-21"
    day.mkdir(parents=True)
    (day / "appointments.csv").write_text(LATER)
    land_source("clinic", settings, settings.inbox / "clinic")
    return settings


def retired(settings: Settings, today: date = TODAY, built_load: int = 10**6) -> dict[str, int]:
    with open_warehouse(settings) as connection:
        done = retire(connection, settings, today, built_load=built_load)
    return done.rows if done else {}


def test_records_go_by_the_newest_copy_and_a_patient_with_the_last_of_them(clinic, seed):
    before = left(clinic)
    seed(SEED)
    assert retired(clinic) == {}  # nothing is built yet that tells an age
    built = build(clinic, "--select", "+path:models/staging/clinic")
    assert built.ok, built.bad
    seed(SEED.replace(",24", ","))
    assert retired(clinic) == {} and left(clinic) == before
    seed(SEED.replace("payments,paid_at,24", "payments,paid_at,"))
    # the payment of patient 1's visit names the visit alone; the patient goes with the visits
    assert retired(clinic) == {"clinic appointments": 2, "clinic patients": 1}
    seed(SEED)
    assert retired(clinic) == {"clinic payments": 1}
    assert left(clinic) == LEFT  # also the visit whose day cannot be read
    assert is_afresh_due(clinic)
    assert retired(clinic) == {}
    # what lands again goes again, and loads count what they hold
    land_source("clinic", clinic, clinic.inbox / "clinic", force=True)
    assert left(clinic) == before
    assert sum(retired(clinic).values()) == 4
    assert left(clinic) == LEFT
    counted = query(
        clinic,
        "select object, row_count from raw.load_log where outcome = 'landed' "
        "qualify row_number() over (partition by object order by load_id desc) = 1 order by 1",
    )
    assert counted == [("daily/2025-02-21", 1), ("raw", 8)]


def test_a_month_goes_as_a_whole():
    keep = Keep("clinic", "appointments", "starts_at", 24)
    assert keep.first_kept(date(2025, 3, 1)) == keep.first_kept(date(2025, 3, 31))
    assert keep.first_kept(date(2025, 3, 14)) == date(2023, 3, 1)
    assert Keep("clinic", "payments", "paid_at", 14).first_kept(date(2025, 1, 1)) == date(
        2023, 11, 1
    )


def test_the_project_keeps_all_by_default():
    assert read_rules() == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("clinic,appointments,starts_at,two", "line 2: months must be"),
        ("clinic,appointments,starts_at,0", "line 2: months must be"),
        ("clinic,visits,starts_at,24", "line 2: clinic visits is no record"),
        ("opendental,files,newest date,24", "line 2: opendental files is no record"),
    ],
)
def test_a_line_that_cannot_be_followed_is_refused(seed, line, told):
    seed(f"source,record,date_column,months\n{line}\n")
    with pytest.raises(CannotErase, match=told):
        read_rules()


def test_a_workbook_goes_whole_by_its_newest_date_and_a_changed_one_comes_back(home, seed):
    settings = home.model_copy(update={"as_of": TODAY})
    inbox = settings.inbox / "workbooks"
    old = status_rows(("2019-01-02", "Nimue was calm", 3))
    old[0:2] = [("Participant ID", "PW077"), ("Name", "Nimue Zabludoff")]
    write_workbook(inbox / "Nimue Zabludoff.xlsx", old)
    write_workbook(
        inbox / "PW001.xlsx",
        status_rows(("2019-01-02", "then", 3), ("2025-01-02", "calm", 3)),
    )
    land_source("workbooks", settings, inbox)
    built = build(settings, *CARE)
    assert built.ok, built.bad
    seed(SEED)
    people = "select distinct participant_id from history.history_care__participants order by 1"
    assert query(settings, people) == [("PW001",), ("PW077",)]
    assert retired(settings, built_load=0) == {}  # landed since the build: not judged
    assert set(retired(settings)) == {"workbooks, of 1 files", "history of participants"}
    assert query(settings, "select distinct _source_file from raw_workbooks.cells") == [
        ("PW001.xlsx",)
    ]
    assert query(settings, people) == [("PW001",)]
    landing = land_source("workbooks", settings, inbox, force=True)
    assert landing.withdrawn == ["Nimue Zabludoff.xlsx"]
    for log in ("load_log", "drift_log"):
        assert query(settings, f"select * from raw.{log} where object like '%Zabludoff%'") == []
    write_workbook(inbox / "Nimue Zabludoff.xlsx", [*old, ("2025-03-02", "came again", 4)])
    assert land_source("workbooks", settings, inbox).landed == ["Nimue Zabludoff.xlsx"]
    built = build(settings, *CARE)
    assert built.ok, built.bad
    assert retired(settings) == {}


@pytest.mark.thorough
def test_a_run_lets_go_of_what_is_old_and_leaves_no_byte_of_it(clinic, seed, monkeypatch):
    monkeypatch.setenv("CAREHOUSE_HOME", str(clinic.home))
    lines = Lines()
    assert run_daily(clinic, clinic.inbox, lines), lines.err
    names = {"Zabludoff", "+49-170-0000017"}
    assert list(found_in(clinic.home, names))
    seed(SEED)
    assert run_daily(clinic, clinic.inbox, lines), lines.err
    assert any(line.startswith("not kept") for line in lines.out)
    assert left(clinic) == LEFT
    assert not list(found_in(clinic.home, names))
    # of the three visits that are left, the one whose day cannot be read is no fact
    facts = "select appointment_id from clinic.fact_appointments order by 1"
    assert query(clinic.published, facts) == [("13",), ("14",)]
    assert not is_afresh_due(clinic)
    # nothing to do costs nothing
    lines.out.clear()
    assert run_daily(clinic, clinic.inbox, lines), lines.err
    assert not any(line.startswith("not kept") for line in lines.out)
    assert any("nothing: no input" in line for line in lines.out)
    # into an empty warehouse: judged after its first build, before anything is published
    clinic.warehouse.unlink()
    clinic.published.unlink()
    assert run_daily(clinic, clinic.inbox, lines), lines.err
    assert left(clinic) == LEFT
    assert not list(found_in(clinic.home, names))
