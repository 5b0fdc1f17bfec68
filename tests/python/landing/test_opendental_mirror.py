"""The mirror of an OpenDental database equals its source, whatever was done there."""

import os
import random
import threading
import time
from datetime import datetime

import duckdb
import pytest

from carehouse.erasure.erase import Person, erase
from carehouse.errors import NothingToLand
from carehouse.landing.opendental import database as opendental
from carehouse.landing.opendental.chunks import Layout, merged_ranges, ranges_sql
from carehouse.settings import Settings
from conftest import query
from mariadb_support import Server
from opendental_support import assert_equal, land, mirror_rows

ROUNDS, EDITS = (20, 1_000) if os.environ.get("CAREHOUSE_LONG") else (2, 400)
KINDS = ("procedurelog", "patient", "definition")  # stamped; stamped with text; without stamp


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path)


def fill(server: Server, database: str, rows: int = 2000) -> None:
    """Keys in a row and keys at random, as when random keys were switched on midway."""
    old = "'2020-01-01 10:00:00'"
    server.run(
        f"""
        alter table patient modify LName varchar(100) character set utf8mb4;
        insert into procedurelog (ProcNum, PatNum, ProcFee, ProcDate, BillingNote, DateTStamp)
        select if(seq mod 3, seq, seq * 3037000499987), seq mod 90, seq / 7,
            date_add('2019-01-01', interval seq mod 700 day), '', {old} from seq_1_to_{rows};
        insert into patient (PatNum, LName, Birthdate, AddrNote, FamFinUrgNote, DateTStamp)
        select seq, concat('Nemo ', seq), '1980-02-29', '', '', {old} from seq_1_to_{rows};
        insert into definition (DefNum, Category, ItemName, ItemValue)
        select if(seq mod 3, seq, seq * 3037000499987), seq mod 50, concat('item ', seq), ''
        from seq_1_to_{rows}
        """,
        database,
    )


def edits(dice: random.Random, keys: dict[str, list[int]], number: int) -> str:
    """SQL of one random change; `keys` follows what is there."""
    table = dice.choice(KINDS)
    key = {"procedurelog": "ProcNum", "patient": "PatNum", "definition": "DefNum"}[table]
    change = {
        "procedurelog": f"ProcFee = {dice.randint(-99, 9999)} / 8, ProcStatus = {number % 8}",
        "patient": f"LName = '{dice.choice(['Zoë', '🦷 x', 'a' * 60, ''])}{number}'",
        "definition": f"ItemValue = '{dice.randint(0, 9)}'",
    }[table]
    one = dice.choice(keys[table])
    kind = dice.randrange(6)
    if kind == 0 or (kind == 4 and table == "definition"):
        new = dice.choice([max(keys[table]) + 1, dice.randrange(1, 2**62), dice.randint(1, 9999)])
        if new in keys[table] or new >= 2**63:
            return ""
        keys[table].append(new)
        notes = {"procedurelog": ", BillingNote = ''", "patient": ", AddrNote = ''"}.get(table, "")
        return f"insert into {table} set {key} = {new}, {change}{notes};\n"
    if kind == 1:
        keys[table].remove(one)
        return f"delete from {table} where {key} = {one};\n"
    if kind == 2:
        new = dice.randrange(1, 2**62)
        keys[table][keys[table].index(one)] = new
        return f"update {table} set {key} = {new} where {key} = {one};\n"
    if kind in (3, 4) and table != "definition":  # an edit that dates its stamp back
        stamp = f"date_add('2018-01-01', interval {dice.randrange(10**7)} second)"
        return f"update {table} set {change}, DateTStamp = {stamp} where {key} = {one};\n"
    return f"update {table} set {change} where {key} = {one};\n"


@pytest.mark.parametrize("engine", ["MyISAM", "InnoDB"])
@pytest.mark.parametrize("told_by", ["rows", "stamps"])
def test_equal_after_rounds_of_random_changes(
    mariadb,
    settings,
    monkeypatch,
    engine,
    told_by,
):
    if told_by == "stamps":
        monkeypatch.setattr(opendental, "WHOLE_ROW_LIMIT", 10)
    monkeypatch.setattr(opendental, "PAGE_ROWS", 700)  # several pages
    monkeypatch.setattr(opendental, "PARALLEL_ROWS", 700)
    database = f"rounds_{engine}_{told_by}".lower()
    mariadb.create(database, engine, KINDS)
    fill(mariadb, database)
    land(settings, mariadb, database)
    assert_equal(settings, mariadb, database, *KINDS)
    dice = random.Random(f"{engine}{told_by}")
    keys = {table: list(mirror_rows(settings, table)) for table in KINDS}
    for number in range(ROUNDS):
        mariadb.run("".join(edits(dice, keys, i) for i in range(EDITS)), database)
        landing = land(settings, mariadb, database)
        assert set(landing.landed) == set(KINDS)
        assert landing.row_count <= EDITS * 2, f"round {number} wrote more than what changed"
        assert_equal(settings, mariadb, database, *KINDS)
    prefix = {told for (told,) in query(
        settings, "select split_part(fingerprint, ' ', 1) from raw.sync_tables "
        "where object in ('procedurelog', 'patient')"
    )}  # fmt: skip
    assert prefix == {told_by}


def test_deleted_rows_stay_as_tombstones_and_come_back(mariadb, settings):
    mariadb.create("tombs", "InnoDB", KINDS)
    fill(mariadb, "tombs", 50)
    land(settings, mariadb, "tombs")
    mariadb.run("delete from patient where PatNum in (7, 8)", "tombs")
    landing = land(settings, mariadb, "tombs")
    assert (landing.landed, landing.gone_count, landing.row_count) == (["patient"], 2, 0)
    sql = "select PatNum, _deleted_at from raw_opendental.patient where PatNum in (6, 7, 8)"
    ((_, six), (_, seven), (_, eight)) = sorted(query(settings, sql))
    ((moment,),) = query(settings, "select max(scanned_at) from raw.scan_log")
    assert six is None and seven == eight == moment
    mariadb.run("insert into patient set PatNum = 7, AddrNote = '', FamFinUrgNote = ''", "tombs")
    land(settings, mariadb, "tombs")
    assert sorted(query(settings, sql)) == [(6, None), (7, None), (8, moment)]
    mariadb.run("delete from patient", "tombs")
    land(settings, mariadb, "tombs")
    assert mirror_rows(settings, "patient") == {}
    assert query(settings, "select count(*) from raw_opendental.patient") == [(50,)]


def test_two_rows_changed_alike_do_not_hide_each_other(mariadb, settings):
    """The xor of two CRCs stays the same when the same bits change in both rows."""
    mariadb.create("alike", "MyISAM", KINDS)
    fill(mariadb, "alike", 300)
    mariadb.run("update definition set ItemValue = 'A'", "alike")
    land(settings, mariadb, "alike")
    mariadb.run("update definition set ItemValue = 'B' where DefNum in (10, 11)", "alike")
    land(settings, mariadb, "alike")
    assert_equal(settings, mariadb, "alike", "definition")


@pytest.mark.parametrize("told_by", ["rows", "stamps"])
def test_nothing_changed_reads_no_row(mariadb, settings, monkeypatch, told_by):
    if told_by == "stamps":
        monkeypatch.setattr(opendental, "WHOLE_ROW_LIMIT", 10)
    mariadb.create("still", "InnoDB", KINDS)
    fill(mariadb, "still")
    land(settings, mariadb, "still")

    def no_reading(*arguments):
        raise AssertionError("rows were read")

    monkeypatch.setattr(opendental, "_fetch", no_reading)
    landing = land(settings, mariadb, "still")
    assert landing.landed == [] and len(landing.unchanged) == 72
    assert query(settings, "select count(*) from raw.scan_log") == [(2,)]


def test_few_edits_read_few_rows(mariadb, settings, monkeypatch):
    mariadb.create("few", "MyISAM", ("procedurelog",))
    fill_one = "insert into procedurelog (ProcNum, BillingNote) select seq, '' from seq_1_to_40000"
    mariadb.run(fill_one, "few")
    land(settings, mariadb, "few")
    read = []
    fetch = opendental._fetch
    monkeypatch.setattr(opendental, "_fetch", lambda *given: read.append(fetch(*given)) or read[-1])
    mariadb.run("update procedurelog set ProcFee = 5 where ProcNum in (100, 30000)", "few")
    landing = land(settings, mariadb, "few")
    assert landing.row_count == 2
    assert sum(count for count, _ in read) < 4100


def test_a_second_change_under_the_same_stamp_is_not_missed(
    mariadb,
    settings,
    monkeypatch,
):
    """Stamps have one second: what was stamped in the second of the reading is read again."""
    monkeypatch.setattr(opendental, "WHOLE_ROW_LIMIT", 10)
    mariadb.create("second", "MyISAM", KINDS)
    fill(mariadb, "second")
    land(settings, mariadb, "second")
    mariadb.run("update procedurelog set ProcFee = 1 where ProcNum = 100", "second")
    land(settings, mariadb, "second")
    same = "update procedurelog set ProcFee = 2, DateTStamp = DateTStamp where ProcNum = 100"
    mariadb.run(same, "second")
    land(settings, mariadb, "second")
    assert_equal(settings, mariadb, "second", "procedurelog")


def test_an_edit_that_keeps_an_old_stamp_is_found_by_the_recheck_and_by_verify(
    mariadb,
    settings,
    monkeypatch,
):
    monkeypatch.setattr(opendental, "WHOLE_ROW_LIMIT", 10)
    mariadb.create("kept", "InnoDB", KINDS)
    fill(mariadb, "kept")
    land(settings, mariadb, "kept")
    same = "update procedurelog set ProcFee = 2, DateTStamp = DateTStamp where ProcNum = 100"
    mariadb.run(same, "kept")
    url = mariadb.reader_url("kept")
    landing = opendental.land_database(settings, url, verify=True)
    assert set(landing.refused) == {"procedurelog"}
    assert "1 rows are not as in the source" in landing.refused["procedurelog"]
    often = settings.model_copy(update={"opendental_recheck_days": 0})
    land(often, mariadb, "kept")
    assert_equal(settings, mariadb, "kept", "procedurelog")
    land(settings, mariadb, "kept", verify=True)


@pytest.mark.parametrize(
    "tamper",
    [
        "update raw_opendental.patient set LName = 'x' where PatNum = 9",
        "update raw_opendental.patient set _deleted_at = _extracted_at where PatNum = 9",
    ],
)
def test_verify_names_a_table_whose_mirror_was_changed(mariadb, settings, tamper):
    mariadb.create("tampered", "InnoDB", KINDS)
    fill(mariadb, "tampered", 40)
    land(settings, mariadb, "tampered", verify=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(tamper)
    url = mariadb.reader_url("tampered")
    landing = opendental.land_database(settings, url, verify=True)
    assert set(landing.refused) == {"patient"}
    land(settings, mariadb, "tampered", force=True)
    land(settings, mariadb, "tampered", verify=True)
    assert_equal(settings, mariadb, "tampered", *KINDS)


def test_older_and_newer_versions_differ_by_nulls_empty_tables_and_reports(
    mariadb,
    settings,
):
    mariadb.create("version", "MyISAM")
    fill(mariadb, "version", 30)
    mariadb.run(
        "alter table procedurelog drop column Urgency; drop table codegroup; "
        "alter table patient add column NewPin varchar(9) default 'hidden7'; "
        "alter table definition modify column ItemOrder bigint not null default 0",
        "version",
    )
    landing = land(settings, mariadb, "version")
    drift = "\n".join(landing.drift)
    assert "procedurelog: Urgency is missing" in drift
    assert "codegroup: the table is missing" in drift
    assert "patient: NewPin is new" in drift
    assert "SSN" not in drift and "SecurityHash" not in drift
    assert query(settings, "select count(*) from raw_opendental.codegroup") == [(0,)]
    assert query(settings, "select bool_and(Urgency is null) from raw_opendental.procedurelog") == [
        (True,)
    ]
    logged = "select table_name, column_name, drift from raw.drift_log where table_name = 'patient'"
    assert query(settings, logged) == [("patient", "NewPin", "new")]
    assert land(settings, mariadb, "version").drift == []
    mariadb.run("alter table procedurelog add column Urgency tinyint not null default 1", "version")
    land(settings, mariadb, "version")
    assert query(settings, "select sum(Urgency) from raw_opendental.procedurelog") == [(30,)]


def test_a_table_that_vanishes_or_changes_its_type_keeps_its_rows(mariadb, settings):
    mariadb.create("gone", "InnoDB", KINDS)
    fill(mariadb, "gone", 30)
    land(settings, mariadb, "gone")
    mariadb.run("drop table patient; alter table definition modify ItemOrder text", "gone")
    mariadb.run("update definition set ItemOrder = 'first' where DefNum = 1", "gone")
    landing = opendental.land_database(settings, mariadb.reader_url("gone"))
    assert set(landing.refused) == {"patient", "definition"}
    assert "column ItemOrder that cannot be read as integer" in landing.refused["definition"]
    assert "first" not in str(landing)
    assert len(mirror_rows(settings, "patient")) == len(mirror_rows(settings, "definition")) == 30
    mariadb.create("empty", "InnoDB", ())
    mariadb.run("drop database empty; create database empty; grant select on empty.* to reader")
    with pytest.raises(NothingToLand, match="no table"):
        opendental.land_database(settings, mariadb.reader_url("empty"))


def test_values_that_trip_other_readers_land(mariadb, settings):
    mariadb.create("odd", "MyISAM", ("patient", "carrier", "schedule", "appointment"))
    mariadb.run(
        """
        alter table patient modify LName varchar(100) character set latin1,
            modify FName varchar(100) character set utf8mb4;
        insert into patient (PatNum, LName, FName, Birthdate, DateTimeDeceased, SchedBeforeTime,
            EstBalance, AddrNote, FamFinUrgNote) values
        (1, 'Müller', '🦷', '0000-00-00', '0000-00-00 00:00:00', '-12:30:00', -0.1, '', ''),
        (2, 'É', 'tab\tnew\nline\\\\', '1998-02-00', '1998-00-00 10:00:00', '99:59:59', 1e15, '',
            ''),
        (3, '', null, '0001-01-01', '0001-01-01 00:00:00', null, 0.1, '', ''),
        (4, ' x ', 'O''Brien', '9999-12-31', '2024-02-29 23:59:59', '00:00:00', 123456.78, '', '');
        insert into carrier (CarrierNum, NoSendElect) values (1, 2), (2, 0);
        """,
        "odd",
    )
    land(settings, mariadb, "odd")
    assert_equal(settings, mariadb, "odd", "patient", "carrier")
    assert query(
        settings,
        "select LName, FName, Birthdate, DateTimeDeceased, SchedBeforeTime "
        "from raw_opendental.patient where PatNum < 4 order by PatNum",
    ) == [
        ("Müller", "🦷", None, None, "-12:30:00"),
        ("É", "tab\tnew\nline\\", None, None, "99:59:59"),
        ("", None, datetime(1, 1, 1).date(), datetime(1, 1, 1), None),
    ]
    assert query(settings, "select NoSendElect from raw_opendental.carrier order by 1") == [
        (0,),
        (2,),
    ]


def test_bytes_that_are_no_text_become_question_marks(mariadb, settings):
    """As in a database whose files were once copied under another character set."""
    mariadb.create("bytes", "MyISAM", ("deposit", "site"))
    make = (
        "create table {} (SiteNum bigint primary key, Description text character set {}, Note text)"
    )
    mariadb.run("drop table site; " + make.format("site", "utf8mb4") + " engine = MyISAM", "bytes")
    mariadb.run(make.format("old", "latin1") + " engine = MyISAM", "bytes")
    mariadb.run("insert into old values (1, 'caf\u00e9', ''), (2, 'plain', '')", "bytes")
    mariadb.run("flush tables", "bytes")
    data = mariadb.folder / "data" / "bytes"
    for suffix in ("MYD", "MYI"):
        (data / f"site.{suffix}").write_bytes((data / f"old.{suffix}").read_bytes())
    mariadb.run("flush tables", "bytes")
    landing = land(settings, mariadb, "bytes")
    assert query(settings, "select Description from raw_opendental.site order by SiteNum") == [
        ("caf?",),
        ("plain",),
    ]
    assert any("site" in notice and "question mark" in notice for notice in landing.notices)
    assert "site" in land(settings, mariadb, "bytes").unchanged


def test_a_connection_lost_midway_is_opened_again(mariadb, settings):
    mariadb.create("lost", "InnoDB", ("procedurelog",))
    mariadb.run(
        "insert into procedurelog (ProcNum, BillingNote) select seq, repeat('n', 200) "
        "from seq_1_to_130000",
        "lost",
    )
    killed = []

    def kill_first_reading() -> None:
        find = (
            "select id from information_schema.processlist where user = 'reader' "
            "and info like '%order by%'"
        )
        for _ in range(2000):
            if found := mariadb.run(find).split():
                mariadb.run("".join(f"kill {number};" for number in found))
                killed.extend(found)
                return
            time.sleep(0.002)

    killer = threading.Thread(target=kill_first_reading)
    killer.start()
    landing = land(settings, mariadb, "lost")
    killer.join()
    assert killed
    assert any("connection to the database was lost" in notice for notice in landing.notices)
    assert query(settings, "select count(*), sum(ProcNum) from raw_opendental.procedurelog") == [
        (130_000, 130_000 * 130_001 // 2)
    ]
    land(settings, mariadb, "lost", verify=True)


def test_ranges_cover_every_key_once():
    layout = Layout(bounds=(10, 20, 30))
    assert merged_ranges(layout, [0, 1, 3]) == [(None, 19), (30, None)]
    assert ranges_sql("k", [(None, 19), (30, None)]) == "(k <= 19) or (k >= 30)"
    shifted = Layout(shift=4)
    assert merged_ranges(shifted, [0, 1, 5]) == [(0, 31), (80, 95)]
    assert Layout.from_json(layout.to_json()) == layout


def test_an_erased_patient_stays_out_of_a_mirror_and_nothing_is_read_again(mariadb, settings):
    mariadb.create("erased", tables=KINDS)
    fill(mariadb, "erased", rows=300)
    land(settings, mariadb, "erased")
    erase(settings, [Person("opendental", "17")])
    rows = "select count(*) from raw_opendental.procedurelog where PatNum = 17"
    others = query(settings, "select count(*) from raw_opendental.patient")
    # whole again, in part, and into a warehouse that knows nothing
    land(settings, mariadb, "erased", force=True, verify=True)
    assert query(settings, rows) == [(0,)]
    mariadb.run("update procedurelog set ProcFee = 7 where PatNum in (17, 18)", "erased")
    landing = land(settings, mariadb, "erased", verify=True)
    assert (query(settings, rows), "procedurelog" in landing.landed) == ([(0,)], True)
    landing = land(settings, mariadb, "erased")
    assert not landing.landed and not landing.erased_rows
    settings.warehouse.unlink()
    landing = land(settings, mariadb, "erased")
    assert (query(settings, rows), landing.erased_rows > 1) == ([(0,)], True)
    assert query(settings, "select count(*) from raw_opendental.patient") == others
