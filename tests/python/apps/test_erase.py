"""Erase a person of each source: found nowhere afterwards, and not brought back by their files."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from bytes_support import found_in, left
from carehouse.backup import backup, restore
from carehouse.cli import main
from carehouse.daily import rebuild, run_daily
from carehouse.erasure.erase import Person, erase
from carehouse.erasure.forget import give_marks, mark_sql
from carehouse.erasure.names import GONE, Names, name_word
from carehouse.erasure.tombstones import add_marks, folder, mark, read_key, read_marks
from carehouse.errors import BadKey, CannotErase
from carehouse.landing.sources import land_source
from carehouse.reminder_ledger import known, open_ledger
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse
from conftest import Lines, copy_built, query, status_rows, write_workbook

PARTICIPANT = "PW020"
SOURCES = ("workbooks", "notes", "clinic", "claims", "opendental")


@pytest.fixture
def ready(built_demo: Settings, demo_inputs: Path, home: Settings) -> Settings:
    """A built home whose inbox holds the files that it was built from."""
    copy_built(built_demo, home)
    for source in SOURCES:
        shutil.copytree(demo_inputs / source, home.inbox / source)
    return home.model_copy(update={"as_of": date(2025, 7, 1)})


def people(settings: Settings) -> dict[Person, set[str]]:
    """One person of each source, with what is written of that person alone."""
    ((patient, *contacts),) = query(
        settings,
        "select patient_id, any_value(phone), any_value(email) from raw_clinic.patients where "
        "phone is not null and patient_id in (select patient_id from raw_clinic.appointments) "
        "group by patient_id order by count(*) desc, patient_id limit 1",
    )
    ((member, name),) = query(
        settings,
        "select member_id, any_value(name) from raw_claims.members where member_id in (select "
        "member_id from raw_claims.claims) and name in (select name from raw_claims.members group "
        "by name having count(distinct member_id) = 1) group by member_id order by 1 limit 1",
    )
    # a guarantor, whose family stays
    ((number, mobile),) = query(
        settings,
        "select PatNum, WirelessPhone from raw_opendental.patient as p where Guarantor = "
        "PatNum and WirelessPhone <> '' and PatNum in (select PatNum from raw_opendental.paysplit) "
        "and (select count(*) from raw_opendental.patient as other where other.WirelessPhone = "
        "p.WirelessPhone) = 1 order by (select count(*) from raw_opendental.patient as other "
        "where other.Guarantor = p.PatNum) desc, PatNum limit 1",
    )
    ((participant,),) = query(
        settings,
        f"select participant_name from care.dim_participants where participant_id = "
        f"'{PARTICIPANT}' and is_current",
    )
    return {
        Person("workbooks", PARTICIPANT): {participant, PARTICIPANT},
        Person("claims", member): {name, member},
        Person("clinic", patient): {one for one in contacts if one},
        Person("opendental", str(number)): {mobile},
    }


@pytest.mark.thorough
def test_a_person_of_each_source_is_found_nowhere_and_does_not_come_back(ready, monkeypatch):
    monkeypatch.setenv("CAREHOUSE_HOME", str(ready.home))
    monkeypatch.setenv("CAREHOUSE_AS_OF", "2025-07-01")
    told = people(ready)
    for person, values in told.items():
        for value in values:
            assert list(found_in(ready.home, {value})), f"{person.source}: would not be found"
    before = dict(query(ready, "select source, count(*) from quality.row_accounting group by 1"))
    done = erase(ready, list(told))
    assert {name.split(".")[0] for name in done.rows} >= {f"raw_{one}" for one in SOURCES}
    lines = Lines()
    assert rebuild(ready, lines).ok, lines.err
    every = set().union(*told.values())
    assert not list(found_in(ready.home, every))

    # the same files again, read anew; and into a warehouse that knows nothing of them
    for name in SOURCES:
        land_source(name, ready, ready.inbox / name, force=True)
    assert run_daily(ready, ready.inbox, lines), lines.err
    assert not list(found_in(ready.home, every))
    ready.warehouse.unlink()
    assert run_daily(ready, ready.inbox, lines), lines.err
    assert not list(found_in(ready.home, every))
    after = dict(query(ready, "select source, count(*) from quality.row_accounting group by 1"))
    assert after.keys() == before.keys()
    forgotten = dict(
        query(
            ready,
            "select source, sum(row_count) from raw.load_log where outcome = 'forgotten' "
            "group by source",
        )
    )
    assert forgotten.keys() >= {"clinic", "claims", "opendental"}
    assert all(forgotten.values())


KEY = bytes(32)
PATIENTS = """patient_id,first_name,last_name,phone,consent_form_received,created_at
1,Nimue,Zabludoff,+49-170-0000017,1,2025-01-01T10:00:00
2,Bo,Berg,+49-170-0000018,1,2025-01-01T10:00:00
"""
APPOINTMENTS = "appointment_id,patient_id,physio_id,appt_start,appt_end,booked_at,status\n"
VISIT = "{},{},7,2025-02-{:02d}T10:00:00,2025-02-{:02d}T10:45:00,2025-01-20T10:00:00,completed\n"
PAYMENTS = "payment_id,appointment_id,amount,paid_at,method\n"


def drop(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def clinic(tmp_path: Path) -> Settings:
    """A home whose clinic has two patients, with a visit and a payment each."""
    settings = Settings(home=tmp_path / "home", as_of=date(2025, 3, 1))
    drop(
        settings.inbox / "clinic" / "raw",
        patients=PATIENTS,
        appointments=APPOINTMENTS + VISIT.format(11, "1.0", 3, 3) + VISIT.format(12, 2, 4, 4),
        payments=PAYMENTS + "21,11,50.00,2025-02-03,card\n22,12,60.00,2025-02-04,card\n",
        physios="physio_id,full_name\n7,Marta K\n",
        availability="physio_id,available_from,available_to\n"
        "7,2025-02-03T08:00:00,2025-02-03T16:00:00\n",
    )
    land_source("clinic", settings, settings.inbox / "clinic")
    return settings


STAYS = [("patient", "2"), ("payment", "22"), ("visit", "12")]


def test_a_patient_goes_with_visits_and_payments_and_no_file_keeps_the_name(clinic):
    assert list(found_in(clinic.home, {"Zabludoff"}))
    dry = erase(clinic, [Person("clinic", "1")], dry_run=True)
    assert dry.row_count == 3 and len(left(clinic)) == 6
    assert not folder(clinic).exists()
    done = erase(clinic, [Person("clinic", "1")])
    assert done.rows == {f"raw_clinic.{one}": 1 for one in ("patients", "appointments", "payments")}
    assert left(clinic) == STAYS
    assert not list(found_in(clinic.home, {"Zabludoff", "+49-170-0000017"}))
    assert "Zabludoff" not in (folder(clinic) / "marks.json").read_text()
    assert "inbox" in done.left


def test_the_command_says_what_would_go_and_asks(clinic, monkeypatch):
    monkeypatch.setenv("CAREHOUSE_HOME", str(clinic.home))
    (clinic.home / "backups" / "carehouse-1").mkdir(parents=True)
    dry = CliRunner().invoke(main, ["erase", "clinic", "1", "--dry-run"])
    assert dry.exit_code == 0 and "raw_clinic.patients: 1" in dry.output
    assert "not erased: inbox" in dry.output and "not erased: backups (" in dry.output
    asked = CliRunner().invoke(main, ["erase", "clinic", "1"], input="n\n")
    assert (asked.exit_code, "cannot be undone" in asked.output) == (1, True)
    wrong = CliRunner().invoke(main, ["erase", "clinic", "77", "--yes"])
    assert wrong.exit_code == 1 and "has this id" in wrong.output
    assert len(left(clinic)) == 6 and not read_marks(clinic, "clinic")


def test_the_same_files_and_later_ones_do_not_bring_a_patient_back(clinic):
    erase(clinic, [Person("clinic", "1")])
    inbox = clinic.inbox / "clinic"
    landing = land_source("clinic", clinic, inbox, force=True)
    assert (landing.erased_rows, left(clinic)) == (3, STAYS)
    drop(
        inbox / "daily" / "2025-02-20",
        appointments=APPOINTMENTS + VISIT.format(13, " 1 ", 20, 20) + VISIT.format(14, 2, 20, 20),
    )
    # a payment that names the visit alone, and comes a day later than the visit
    land_source("clinic", clinic, inbox)
    drop(inbox / "daily" / "2025-02-21", payments=PAYMENTS + "23,13,50.00,2025-02-21,card\n")
    landing = land_source("clinic", clinic, inbox)
    assert (landing.erased_rows, landing.landed) == (1, ["daily/2025-02-21"])
    assert left(clinic) == sorted([*STAYS, ("visit", "14")])
    told = query(
        clinic,
        "select object, row_count from raw.load_log where outcome = 'forgotten' order by all",
    )
    assert told == [("erased persons", count) for count in (1, 1, 3, 3)]
    clinic.warehouse.unlink()
    land_source("clinic", clinic, inbox)
    assert left(clinic) == sorted([*STAYS, ("visit", "14")])


def test_reminders_of_a_patient_go_too(clinic):
    clinic.outbox.mkdir(mode=0o700)
    keys = [("11", "2025-02-03T10:00:00"), ("12", "2025-02-04T10:00:00")]
    with open_ledger(clinic.outbox) as ledger:
        for key in keys:
            ledger.enter(key)
    (clinic.outbox / "20250203-1000-11.eml").write_text("Dear Nimue Zabludoff")
    (clinic.outbox / "20250204-1000-12.eml").write_text("Dear Bo Berg")
    erase(clinic, [Person("clinic", "1")])
    assert list(known(clinic.outbox)) == keys[1:]
    assert [path.name for path in clinic.outbox.glob("*.eml")] == ["20250204-1000-12.eml"]


def test_an_id_that_nobody_has_changes_nothing_and_erasing_twice_goes_on(clinic):
    for person in (Person("clinic", "99"), Person("opendental", "1"), Person("opendental", "x")):
        with pytest.raises(CannotErase, match="has this id"):
            erase(clinic, [person])
    with pytest.raises(CannotErase, match="carehouse run"):  # who is meant is not known yet
        erase(clinic, [Person("workbooks", "PW001")])
    assert len(left(clinic)) == 6 and not read_marks(clinic, "clinic")
    erase(clinic, [Person("clinic", "1")])
    exports = clinic.home / "exports"
    exports.mkdir()  # as after an erasure that was cut off
    (exports / "old.csv").write_text("Zabludoff")
    assert erase(clinic, [Person("clinic", "1")]).row_count == 0
    assert not exports.exists() and left(clinic) == STAYS


def test_without_the_key_of_the_marks_nothing_lands(clinic):
    erase(clinic, [Person("clinic", "1")])
    (folder(clinic) / "key").unlink()
    with pytest.raises(BadKey, match="would come back"):
        land_source("clinic", clinic, clinic.inbox / "clinic", force=True)
    assert left(clinic) == STAYS


def test_a_relatives_history_keeps_no_coverage_of_a_subscriber_who_is_erased(tmp_path):
    settings = Settings(home=tmp_path / "home", as_of=date(2025, 3, 1))
    with open_warehouse(settings) as connection:
        connection.execute(
            "insert into raw_opendental.patient (PatNum, Guarantor) values (5, 5), (6, 5); "
            "create schema history; create table history.history_opendental__plan_memberships as "
            "select * from (values (1, 5, 9, 5, date '2025-01-01', null), (2, 6, 9, 5, null, null),"
            " (3, 6, 8, 6, null, date '2025-02-01')) as t (patient_plan_id, patient_id, "
            "insurance_plan_id, subscriber_id, effective_date, term_date)"
        )
    done = erase(settings, [Person("opendental", "5")])
    assert done.rows["history.history_opendental__plan_memberships"] == 1
    assert query(settings, "from history.history_opendental__plan_memberships order by 1") == [
        (2, 6, None, None, None, None),  # as the next snapshot finds it
        (3, 6, 8, 6, None, date(2025, 2, 1)),
    ]


def test_a_backup_keeps_who_was_erased_out_and_a_restore_loses_no_mark(clinic, tmp_path):
    before = backup(clinic, tmp_path / "before")  # holds both patients, and no mark
    assert not [name for name in before.files if name.startswith("erased")]
    erase(clinic, [Person("clinic", "1")])
    after = backup(clinic, tmp_path / "after")
    assert {"erased/key", "erased/marks.json"} <= set(after.files)
    marks = read_marks(clinic, "clinic")
    # a lost disk: the backup alone keeps the patient out when the same files land
    shutil.rmtree(clinic.warehouse.parent)
    shutil.rmtree(folder(clinic))
    restore(clinic, tmp_path / "after")
    assert read_marks(clinic, "clinic") == marks
    land_source("clinic", clinic, clinic.inbox / "clinic", force=True)
    assert left(clinic) == STAYS
    # one from before the erasure brings the rows back, and not the files' next landing
    restore(clinic, tmp_path / "before")
    assert read_marks(clinic, "clinic") == marks
    assert len(left(clinic)) == 6
    erase(clinic, [Person("clinic", "1")])
    assert left(clinic) == STAYS


def test_marks_of_another_key_are_not_mixed(clinic, tmp_path):
    erase(clinic, [Person("clinic", "1")])
    backup(clinic, tmp_path)
    shutil.rmtree(folder(clinic))
    add_marks(clinic, "clinic", {"person": ["0" * 32]})
    read_key_again = folder(clinic) / "key"
    read_key_again.write_text("ab" * 32)
    with pytest.raises(BadKey, match="another key than the backup"):
        restore(clinic, tmp_path)
    assert not list(clinic.home.glob("before-restore-*"))


@pytest.mark.parametrize("text", ["1", "Ä|ß", "", "x" * 1000, "नमस्ते"])
def test_sql_and_python_make_the_same_mark(text):
    with duckdb.connect() as connection:
        give_marks(connection, KEY, {})
        quoted = "'" + text + "'"
        assert connection.execute(f"select {mark_sql(quoted)}").fetchone() == (mark(KEY, text),)


def of_names(*names: str, labels: tuple[str, ...] = ()) -> Names:
    marks = [frozenset(mark(KEY, name_word(one)) for one in some) for some in (labels, names)]
    return Names(KEY, *marks)


@pytest.mark.parametrize(
    ("text", "named", "redacted"),
    [
        ("PW020", True, GONE),
        ("pw-020", True, GONE),
        ("PW020 - Elijah Dalal", True, f"{GONE} - {GONE}"),
        ("ELIJAH  DALAL", True, GONE),
        ("Elijah", True, "Elijah"),  # a label: only where it is all of a cell
        ("Elijah was calm", False, "Elijah was calm"),
        ("met Elijah Dalal's mother", False, f"met {GONE}'s mother"),
        ("PW0201, PW02", False, "PW0201, PW02"),
        ("Elijah Wason", False, "Elijah Wason"),
        ("एलियाह दलाल से मिले", False, f"{GONE} से मिले"),
        (None, False, None),
        ("", False, ""),
    ],
)
def test_names_are_found_as_people_write_them(text, named, redacted):
    names = of_names("PW020", "elijah dalal", "एलियाह दलाल", labels=("elijah",))
    assert (names.is_named(text), names.redacted(text)) == (named, redacted)


@pytest.mark.parametrize(
    ("name", "is_theirs"),
    [
        ("south/PW020_Elijah_Dalal (2).xlsx", True),
        ("Elijah Dalal status sheet.ods", True),
        ("PW019 and PW020.xlsx", False),
        ("Elijah Wason.xlsx", False),
        ("Programme Expenses.xlsx", False),
    ],
)
def test_a_file_goes_by_a_name_where_no_other_code_is_in_it(name, is_theirs):
    assert of_names("PW020", "elijah dalal").is_file(name) is is_theirs


def test_what_others_sheets_say_of_a_participant_stays_without_the_name(tmp_path):
    settings = Settings(home=tmp_path / "home", as_of=date(2025, 3, 1))
    inbox = settings.inbox / "workbooks"
    own = status_rows(("2025-01-02", "Nimue was calm", 3))
    own[0:2] = [("Participant ID", "PW077"), ("Name", "Nimue Zabludoff")]
    write_workbook(inbox / "Book1.xlsx", own)
    write_workbook(inbox / "PW077 later.xlsx", own)
    write_workbook(inbox / "other.xlsx", status_rows(("2025-01-02", "with Nimue Zabludoff", 3)))
    log = [("Date", "Code", "Details", "Amount")]
    log += [("2025-01-02", "PW077", "Shoes", 500), ("2025-01-03", "PW001", "Bus", 20)]
    write_workbook(inbox / "log.xlsx", log, sheet="Expense Log")
    key = read_key(settings, make=True)
    words = {mark(key, name_word(one)) for one in ("PW077", "nimue zabludoff")}
    add_marks(settings, "workbooks", {"mention": words})
    landing = land_source("workbooks", settings, inbox)
    assert (landing.erased_files, sorted(landing.landed)) == (
        1,
        ["Book1.xlsx", "log.xlsx", "other.xlsx"],
    )
    assert not list(found_in(settings.home, {"Zabludoff", "PW077"}))
    cells = query(settings, "select _source_file, value_text from raw_workbooks.cells")
    texts = {file: {text for name, text in cells if name == file} for file, _ in cells}
    assert "Book1.xlsx" not in texts
    assert f"with {GONE}" in texts["other.xlsx"] and "Ravi Kumar" in texts["other.xlsx"]
    assert "Bus" in texts["log.xlsx"] and not {"Shoes", "500"} & texts["log.xlsx"]
    counts = query(
        settings,
        "select row_count, (select count(*) from raw_workbooks.cells where _load_id = load_id) + "
        "(select count(*) from raw_workbooks.sheets where _load_id = load_id) from raw.load_log "
        "where outcome = 'landed'",
    )
    assert all(told == held for told, held in counts)
