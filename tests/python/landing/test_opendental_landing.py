"""Connections, secrets, folders of extracts, runs that are cut off, and indexes on a copy."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest

from carehouse.errors import CannotConnect, NoAnalyticsCopy, NothingToLand
from carehouse.landing.opendental import mysql
from carehouse.landing.opendental.database import allowed_preferences, land_database
from carehouse.landing.opendental.files import land_folder
from carehouse.landing.opendental.indexes import check_indexes, wanted_indexes
from carehouse.landing.opendental.mysql import parse_address
from carehouse.settings import PROJECT_DIR, Settings
from conftest import query
from mariadb_support import PASSWORD, USER, Server, free_port
from opendental_support import all_text, assert_equal, land, mirror_rows

TABLES = ("patient", "provider", "userod", "preference", "paysplit", "site")
SECRETS = ("ssn-4711", "hash-4711", "pin-4711", "word-4711", "token-4711")


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def practice(mariadb) -> str:
    """A small database that holds secrets."""
    mariadb.create("practice", "InnoDB", TABLES)
    mariadb.run(
        """
        insert into patient (LName, SSN, SecurityHash, AddrNote, FamFinUrgNote)
        select concat('Nemo', seq), 'ssn-4711', 'hash-4711', '', '' from seq_1_to_30;
        insert into provider (Abbr, SSN) values ('A', 'ssn-4711');
        insert into userod (UserName, Password, MobileWebPin, EClipboardClinicalPin, BadgeId)
        values ('anna', 'word-4711', 'pin-4711', 'pin-4711', 'pin-4711');
        insert into preference (PrefName, ValueString) values
        ('PayPlansVersion', '2'), ('PayConnectToken', 'token-4711');
        insert into paysplit (SplitAmt, SecurityHash) values (1.25, 'hash-4711');
        insert into site (Description, Note) values ('School', '');
        """,
        "practice",
    )
    return "practice"


def carehouse(settings: Settings, *arguments: str, **environment: str):
    return subprocess.run(
        [sys.executable, "-m", "carehouse.cli", *arguments],
        env={**os.environ, "CAREHOUSE_HOME": str(settings.home), **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT_DIR,
    )


def test_secrets_never_arrive_and_the_password_is_never_shown(mariadb: Server, settings, practice):
    url = mariadb.reader_url(practice)
    result = carehouse(settings, "land", "opendental", "--verify", OPENDENTAL_URL=url)
    assert result.returncode == 0, result.stderr
    wrong = mariadb.url(practice, USER, "pass-4712")
    refused = carehouse(settings, "land", "opendental", OPENDENTAL_URL=wrong)
    assert refused.returncode == 1 and "password is wrong" in refused.stderr
    assert "Traceback" not in refused.stderr
    shown = [result.stdout, result.stderr, refused.stdout, refused.stderr]
    shown += [all_text(settings.warehouse), repr(settings), repr(parse_address(url, "x"))]
    shown += [path.read_bytes().decode("latin-1") for path in settings.home.rglob("*.wal")]
    quoted = url.split(":")[2].split("@")[0]
    for secret in (*SECRETS, PASSWORD, quoted, "pass-4712"):
        assert not [text for text in shown if secret in text], secret
    assert query(
        settings, "select PrefName, ValueString from raw_opendental.preference order by 1"
    ) == [("PayConnectToken", None), ("PayPlansVersion", "2")]
    names = {
        name.lower() for (name,) in query(settings, "select column_name from duckdb_columns()")
    }
    assert not names & {"ssn", "securityhash", "password", "mobilewebpin", "badgeid"}
    (location,) = query(settings, "select distinct location from raw.scan_log")[0]
    assert location == f"mysql://127.0.0.1:{mariadb.port}/practice"


def test_the_password_is_in_no_list_of_processes_and_the_source_is_only_read(
    mariadb: Server, settings, practice
):
    before = mariadb.run("checksum table patient, provider, userod, preference, site", practice)
    commands = set()
    process = subprocess.Popen(
        [sys.executable, "-m", "carehouse.cli", "land", "opendental"],
        env={
            **os.environ,
            "CAREHOUSE_HOME": str(settings.home),
            "OPENDENTAL_URL": mariadb.url(practice),
        },
    )
    while process.poll() is None:
        commands.add(Path(f"/proc/{process.pid}/cmdline").read_bytes())
        time.sleep(0.01)
    assert process.returncode == 0
    assert not any(b"mysql://" in command for command in commands)
    assert before == mariadb.run(
        "checksum table patient, provider, userod, preference, site", practice
    )
    with duckdb.connect() as connection:
        address = parse_address(mariadb.url(practice), "x")
        with (
            mysql.read_only_session(connection, address, "src"),
            pytest.raises(duckdb.Error, match="read-only"),
        ):
            connection.execute("from mysql_execute('src', 'delete from patient')").fetchall()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://u:{secret}@127.0.0.1:{closed}/x", "no server answers on this port"),
        ("mysql://u:{secret}@no-such-host.invalid/x", "no host has this name"),
        ("mysql://reader:{secret}@127.0.0.1:{port}/practice", "the user or the password is wrong"),
        ("mysql://root@127.0.0.1:{port}/elsewhere", "no database of this name"),
        ("mysql://nobody:{right}@127.0.0.1:{port}/practice", "may not read this database"),
        ("mysql://root@127.0.0.1:{port}/practice?ssl_mode=required", "no encrypted connection"),
        ("mysql://busy@127.0.0.1:{port}/practice", "no free connection"),
        ("mysql://u:{secret}#@h:1/x", "must look like"),
        ("postgres://u:{secret}@h/x", "must look like"),
        ("mysql://u:{secret}@h:99999/x", "must look like"),
        ("mysql://u:{secret}@h/x?sslmode=on", "no option sslmode"),
    ],
)
def test_each_way_a_connection_fails_is_said_plainly(
    mariadb: Server, settings, practice, url, says
):
    from urllib.parse import quote

    fields = {
        "secret": "pass-4712",
        "right": quote(PASSWORD, safe=""),
        "port": mariadb.port,
        "closed": free_port(),
    }
    holder = None
    if "busy" in url:
        mariadb.run(
            "create or replace user busy@'%' with max_user_connections 1; "
            "grant select on practice.* to busy@'%'"
        )
        client = ["mariadb", "--no-defaults", "--user=busy", f"--socket={mariadb.socket}"]
        holder = subprocess.Popen([*client, "-e", "select sleep(30)"], stdout=subprocess.DEVNULL)
        find = "select count(*) from information_schema.processlist where user = 'busy'"
        while mariadb.run(find).strip() != "1":
            time.sleep(0.02)
    try:
        with pytest.raises(CannotConnect, match=says) as caught:
            land_database(settings, url.format(**fields))
    finally:
        if holder:
            holder.kill()
            holder.wait()
    assert "4712" not in str(caught.value) and PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_silent_host_is_given_up_on(settings, monkeypatch):
    monkeypatch.setattr(mysql, "CONNECT_SECONDS", 0.3)
    with socket.socket() as listener, ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):  # more than wait at the door, so that the next is not answered
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        with pytest.raises(CannotConnect, match="no answer within"):
            land_database(settings, f"mysql://u:p@127.0.0.1:{listener.getsockname()[1]}/x")


def test_the_replica_is_preferred_and_its_absence_is_noticed(mariadb: Server, settings, practice):
    mariadb.create("replica", "InnoDB", ("site",))
    mariadb.run("insert into site (Description, Note) values ('on the replica', '')", "replica")
    both = settings.model_copy(
        update={
            "opendental_url": Settings(opendental_url=mariadb.reader_url(practice)).opendental_url,
            "opendental_replica_url": Settings(
                opendental_url=mariadb.reader_url("replica")
            ).opendental_url,
        }
    )
    landing = land_database(both)
    assert landing.location.endswith("/replica") and not landing.notices
    down = f"mysql://u:pass-4712@127.0.0.1:{free_port()}/replica"
    other = Settings(
        home=settings.home.parent / "other",
        opendental_url=mariadb.reader_url(practice),
        opendental_replica_url=down,
    )
    landing = land_database(other)
    assert landing.location.endswith("/practice")
    assert "replica cannot be used" in landing.notices[0] and "4712" not in str(landing)
    with pytest.raises(NothingToLand, match="OPENDENTAL_URL"):
        land_database(settings)


def test_what_a_user_may_not_read_is_told_and_the_rest_lands(mariadb: Server, settings, practice):
    mariadb.run(
        "create or replace user part@'%'; grant select on practice.site to part@'%'; "
        "grant select (PatNum) on practice.patient to part@'%'"
    )
    landing = land_database(settings, mariadb.url(practice, "part"))
    assert set(landing.landed) == {"patient", "site"} and not landing.refused
    assert len(mirror_rows(settings, "patient")) == 30
    told = [line.split(" ")[:2] for line in landing.drift]
    assert ["patient:", "LName"] in told and ["provider:", "the"] in told
    assert ["patient:", "PatNum"] not in told


def test_a_run_that_is_killed_leaves_a_state_from_which_the_next_ends_equal(
    mariadb: Server, settings
):
    mariadb.create("killed", "MyISAM", ("procedurelog", "patient"))
    mariadb.run(
        "insert into procedurelog (ProcNum, PatNum, BillingNote) "
        "select seq, seq mod 9, repeat('n', 60) from seq_1_to_60000; "
        "insert into patient (AddrNote, FamFinUrgNote) select seq, '' from seq_1_to_3000",
        "killed",
    )
    environment = {
        **os.environ,
        "CAREHOUSE_HOME": str(settings.home),
        "OPENDENTAL_URL": mariadb.reader_url("killed"),
    }
    command = [sys.executable, "-m", "carehouse.cli", "land", "opendental"]
    killed = 0
    for pause in (0.7, 1.0, 1.4):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(pause)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
        mariadb.run(
            f"update procedurelog set ProcFee = {pause} where ProcNum mod 7 = 0; "
            "delete from patient order by PatNum limit 5",
            "killed",
        )
    assert killed
    land(settings, mariadb, "killed", verify=True)
    assert_equal(settings, mariadb, "killed", "procedurelog", "patient")


def write_extracts(folder: Path, kind: str, **tables: list[dict]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        path = folder / f"{table}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        if kind == "parquet":
            duckdb.execute(
                f"copy (from read_csv('{path}', all_varchar = true, nullstr = '\\N')) "
                f"to '{folder / table}.parquet'"
            )
            path.unlink()
    return folder


def patients(*numbers: int, **more) -> list[dict]:
    return [
        {
            "PatNum": number,
            "LName": f"Nemo {number}",
            "FName": "",
            "Birthdate": "0000-00-00",
            "AdmitDate": "2018-02-00",
            "DateTStamp": "2024-01-02 03:04:05",
            "EstBalance": "-0.5",
            "SSN": "ssn-4711",
            "Language": "\\N",
        }
        | more
        for number in numbers
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_folder_of_extracts_lands_with_tombstones(settings, tmp_path, kind):
    settings_rows = [
        {"PrefNum": 1, "PrefName": "PayPlansVersion", "ValueString": "2"},
        {"PrefNum": 2, "PrefName": "PayConnectToken", "ValueString": "token-4711"},
    ]
    folder = write_extracts(
        tmp_path / "x", kind, patient=patients(1, 2, 3), preference=settings_rows
    )
    (folder / "readme.txt").write_text("about")
    landing = land_folder(settings, folder)
    assert sorted(landing.landed) == [f"patient.{kind}", f"preference.{kind}"]
    assert landing.ignored == ["readme.txt"] and not landing.refused
    row = mirror_rows(settings, "patient")[2]
    assert (row["LName"], row["FName"], row["Language"]) == ("Nemo 2", "", None)
    assert (row["Birthdate"], row["AdmitDate"], row["EstBalance"]) == (None, None, -0.5)
    assert not [secret for secret in SECRETS if secret in all_text(settings.warehouse)]
    again = land_folder(settings, folder)
    assert again.landed == [] and len(again.unchanged) == 2
    (folder / f"preference.{kind}").unlink()
    write_extracts(folder, kind, patient=patients(1, 4) + patients(2, LName="Other"))
    landing = land_folder(settings, folder)
    assert (landing.row_count, landing.gone_count) == (2, 1)
    assert {key: row["LName"] for key, row in mirror_rows(settings, "patient").items()} == {
        1: "Nemo 1",
        2: "Other",
        4: "Nemo 4",
    }
    assert len(mirror_rows(settings, "preference")) == 2
    loads = query(settings, "select distinct _load_id from raw_opendental.patient where PatNum = 1")
    assert loads == [(1,)], "an unchanged row keeps the load that wrote it"


def test_a_broken_extract_is_refused_and_its_table_stays(settings, tmp_path):
    good = [{"SiteNum": 1, "Description": "School", "Note": ""}]
    folder = write_extracts(tmp_path / "x", "csv", patient=patients(1, 2), site=good)
    land_folder(settings, folder)
    more = patients(3, 4, Birthdate="secret-4711")
    write_extracts(folder, "csv", patient=[*patients(1, 2), *more])
    (folder / "site.csv").write_text('SiteNum,Description,Note\n1,"School,\n2')
    (folder / "clinic.parquet").write_bytes(b"PAR1 cut off")
    (folder / "provider.csv").write_text("Abbr\nA\n")
    write_extracts(folder, "csv", operatory=[{"OperatoryNum": 1}, {"OperatoryNum": 1}])
    landing = land_folder(settings, folder)
    assert set(landing.refused) == {
        "patient.csv",
        "site.csv",
        "clinic.parquet",
        "provider.csv",
        "operatory.csv",
    }
    assert landing.refused["patient.csv"].startswith(
        "row 4: column Birthdate holds a value that cannot be read as date (2 rows hold"
    )
    assert "no column ProvNum" in landing.refused["provider.csv"]
    assert "more than one row" in landing.refused["operatory.csv"]
    assert "4711" not in str(landing)
    assert len(mirror_rows(settings, "patient")) == 2 and len(mirror_rows(settings, "site")) == 1
    assert land_folder(settings, folder).refused == landing.refused
    with pytest.raises(NothingToLand, match="OPENDENTAL_URL"):
        land_folder(settings, tmp_path / "nowhere")


def test_a_database_after_a_folder_ends_equal(mariadb: Server, settings, practice, tmp_path):
    land(settings, mariadb, practice)
    land_folder(settings, write_extracts(tmp_path / "x", "csv", patient=patients(1, 99)))
    land(settings, mariadb, practice)
    assert_equal(settings, mariadb, practice, "patient")


def test_indexes_are_made_in_a_copy_only_and_only_when_asked(mariadb: Server, settings, practice):
    mariadb.create("copy", "InnoDB")
    mariadb.run(
        "insert into payment (PayDate, PayNote, Receipt) "
        "select date_add('2020-01-01', interval seq day), '', '' from seq_1_to_3000; "
        "create index mine on claimproc (DateCP, ProcDate, PatNum)",
        "copy",
    )
    live = {"OPENDENTAL_URL": mariadb.reader_url("copy")}
    copy = {"OPENDENTAL_ANALYTICS_URL": mariadb.url("copy").replace("127.0.0.1", "localhost")}
    refused = carehouse(settings, "indexes", "--apply", **live, **copy)
    assert refused.returncode == 1 and "is the database of OPENDENTAL_URL" in refused.stderr
    with pytest.raises(NoAnalyticsCopy, match="OPENDENTAL_ANALYTICS_URL"):
        check_indexes(settings)
    shown = carehouse(settings, "indexes", "--json", **copy)
    before = {(i["table"], *i["columns"]): i for i in json.loads(shown.stdout)}
    assert before["claimproc", "DateCP", "ProcDate"]["served_by"] == "mine"
    assert before["patient", "Birthdate"]["state"] == "present"  # the start of a longer one
    assert before["payment", "PayDate"]["state"] == "missing"
    count = "select count(*) from information_schema.statistics where table_schema = 'copy'"
    columns = mariadb.run(count)
    assert carehouse(settings, "indexes", **copy).returncode == 0
    assert mariadb.run(count) == columns, "nothing is written without --apply"
    created = carehouse(settings, "indexes", "--apply", "--json", **copy)
    after = {(i["table"], *i["columns"]): i for i in json.loads(created.stdout)}
    paid = after["payment", "PayDate"]
    assert (paid["state"], paid["plan_before"][0]["index"]) == ("created", None)
    assert paid["plan_after"][0]["index"] == "carehouse_PayDate"
    again = json.loads(carehouse(settings, "indexes", "--json", **copy).stdout)
    assert {index["state"] for index in again} == {"present"}
    denied = {"OPENDENTAL_ANALYTICS_URL": mariadb.reader_url(practice)}
    result = carehouse(settings, "indexes", "--apply", **denied)
    assert result.returncode == 1 and "may the user create indexes" in result.stderr


def test_the_lists_can_be_edited_but_not_abused(monkeypatch, tmp_path):
    assert {"PayPlansVersion", "DateLastAging"} <= set(allowed_preferences())
    assert len(wanted_indexes()) >= 11
    bad = tmp_path / "wanted.csv"
    bad.write_text(
        "table_name,index_columns,purpose,sample_query\npayment,PayDate,x,drop table payment\n"
    )
    monkeypatch.setattr("carehouse.landing.opendental.indexes.WANTED", bad)
    with pytest.raises(NoAnalyticsCopy, match="line 2"):
        wanted_indexes()
