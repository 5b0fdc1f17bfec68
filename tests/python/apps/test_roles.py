"""The files of roles: what analysts get has no persons, and a leak stops its publication."""

import hashlib
import hmac
import re
import shutil
import statistics
from dataclasses import replace
from datetime import date

import duckdb
import pytest
from click.testing import CliRunner

from carehouse import deidentify, roles
from carehouse.cli import main
from carehouse.errors import BadKey, NothingPublished, NotPublished
from carehouse.graph import Mart, read_marts
from carehouse.keys import derived, need_key, new_key, pads, read_key
from carehouse.publish import publish
from carehouse.published import open_published
from carehouse.reidentify import REACHED_AT, Figures
from carehouse.roles import are_up_to_date, publish_roles
from carehouse.settings import Settings
from conftest import query

KEY = bytes(range(32))
LIMIT = 5


@pytest.fixture(scope="module")
def sealed(built_demo: Settings, tmp_path_factory) -> Settings:
    """The demo published for roles, in a home of its own."""
    settings = Settings(home=tmp_path_factory.mktemp("sealed"))
    for path in (built_demo.published, built_demo.warehouse, built_demo.manifest):
        target = settings.home / path.relative_to(built_demo.home)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    new_key(settings)
    done = publish_roles(settings, LIMIT)
    assert [one.problem for one in done] == [None, None]
    return settings


@pytest.fixture
def analyst(sealed):
    return sealed.published_for("analyst")


def columns_of(path) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in query(
        path, "select schema_name, table_name, column_name from duckdb_columns() where not internal"
    ):
        found.setdefault((schema, table), []).append(column)
    return found


def test_no_identifier_goes_to_analysts_and_every_mart_does(sealed, analyst):
    marts, there = read_marts(sealed.manifest), columns_of(analyst)
    assert {name for name in marts if name[0] != "quality"} == set(there) - {
        ("quality", "published_domains")
    }
    for name, mart in marts.items():
        for column, phi in mart.phi.items():
            if phi == "identifier" and not column.endswith("_id"):
                assert column not in there.get(name, ())
    assert not [column for columns in there.values() for column in columns if column[0] == "_"]
    bytes_of_file = analyst.read_bytes()
    for (name,) in query(sealed.published, "select distinct email from clinic.dim_patients"):
        assert name is None or name.encode() not in bytes_of_file
    for (name,) in query(
        sealed.published,
        "select distinct first_name || ' ' || last_name from dental.dim_patients "
        "union select distinct participant_name from care.dim_participants",
    ):
        assert name is None or name.encode() not in bytes_of_file


def test_hashes_join_as_the_ids_did(sealed, analyst):
    sql = """
        select count(*), count(distinct patient_id), sum(amount) from dental.fact_procedures as f
        join (select patient_id, max(is_current) from dental.dim_patients group by 1) as d
            using (patient_id)
    """
    sql = sql.replace("sum(amount)", "count(distinct procedure_id)")
    assert query(analyst, sql) == query(sealed.published, sql)


def test_dates_move_by_whole_weeks_of_one_person_and_what_lies_between_stays(sealed, analyst):
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{sealed.published}' as everything (read_only)")
        connection.execute(f"attach '{analyst}' as analyst (read_only)")
        roles.make_pseudonyms(connection, need_key(sealed))
        moved = connection.execute(
            """
            with visits as (
                select pseudonym(patient_id) as person, pseudonym(appointment_id) as visit,
                    appointment_date as day
                from everything.clinic.fact_appointments
            )
            select person, any_value(days), count(distinct days), any_value(days % 7) from (
                select person, datediff('day', visits.day, a.appointment_date) as days
                from visits join analyst.clinic.fact_appointments as a
                    on a.appointment_id = visits.visit
                where visits.day is not null
            ) group by person
            """
        ).fetchall()
    assert len(moved) > 100
    assert {(count, rest) for _, _, count, rest in moved} == {(1, 0)}
    weeks = [days // 7 for _, days, _, _ in moved]
    assert 0 not in weeks
    assert min(weeks) < -15 and max(weeks) > 15
    assert abs(statistics.mean(weeks)) < 6


def test_the_keyed_hash_is_hmac():
    with duckdb.connect(":memory:") as connection:
        roles.make_pseudonyms(connection, KEY)
        for text in ("77", "PW001", "Zoë"):
            (found,) = connection.execute(f"select pseudonym('{text}')").fetchone()
            expected = hmac.new(derived(KEY, "pseudonyms"), text.encode(), hashlib.sha256)
            assert found == expected.hexdigest()[:32]
    assert pads(KEY)[0] != pads(KEY)[1]


def test_reception_gets_the_lists_and_nothing_else(sealed):
    there = columns_of(sealed.published_for("reception"))
    assert set(there) == {
        ("clinic", "reception_priorities"),
        ("clinic", "daily_kpis"),
        ("clinic", "kpi_definitions"),
        ("dental", "recall_due"),
        ("quality", "published_domains"),
    }


def test_a_reader_sees_the_file_of_its_role(sealed):
    count = "select count(*) from clinic.reception_priorities"
    for role in ("full", "analyst", "reception"):
        with open_published(sealed.model_copy(update={"role": role})) as connection:
            assert connection.execute(count).fetchone()[0] > 0
    with (
        pytest.raises(NothingPublished, match="role reception may not"),
        open_published(sealed.model_copy(update={"role": "reception"})) as connection,
    ):
        connection.execute("from care.dim_participants")
    with (
        pytest.raises(NothingPublished, match="role analyst may not"),
        open_published(sealed.model_copy(update={"role": "analyst"})) as connection,
    ):
        connection.execute("select phone from clinic.reception_priorities")


def test_without_a_key_only_the_full_file_is_written(sealed, tmp_path, monkeypatch):
    settings = Settings(home=tmp_path)
    assert publish_roles(settings, LIMIT) == ()
    monkeypatch.setenv("CAREHOUSE_HOME", str(tmp_path))
    assert CliRunner().invoke(main, ["key", "new"]).exit_code == 0
    again = CliRunner().invoke(main, ["key", "new"])
    assert (again.exit_code, "key rotate" in again.output) == (1, True)
    assert len(read_key(settings)) == 32
    (tmp_path / "key").write_text("no key")
    with pytest.raises(BadKey, match="64 hexadecimal digits"):
        read_key(settings)


# --- leaks, each planted into the finished file --------------------------------------------------

PATIENTS = "analyst.clinic.dim_patients"
FULL = "everything.clinic.dim_patients"
LEAKS = {
    "a name in a column of its own": (
        f"alter table {PATIENTS} add column first_name varchar",
        "dim_patients.first_name is an identifier",
    ),
    "a column that nobody marked": (
        f"alter table {PATIENTS} add column shoe_size integer",
        "shoe_size is no column of which anybody said",
    ),
    "the source's own ids": (
        f"update {PATIENTS} set patient_id = (select min(patient_id) from {FULL})",
        "patient_id holds the source's own ids",
    ),
    "a hash that anybody can make": (
        f"update {PATIENTS} set patient_id = (select md5(min(patient_id)) from {FULL})",
        "patient_id holds a hash made without the key",
    ),
    "names in a column that is allowed": (
        "update analyst.clinic.fact_appointments set status = "
        f"(select max(first_name || ' ' || last_name) from {FULL})",
        "fact_appointments.status names persons",
    ),
    "a phone number in a text": (
        "update analyst.clinic.fact_appointments set status = 'call +49 170 1234567'",
        "status holds mail addresses or phone numbers",
    ),
    "a mail address in a text": (
        "update analyst.dental.fact_procedures set procedure_name = 'see pat@example.org'",
        "holds mail addresses or phone numbers",
    ),
    "dates that were not moved": (
        "create or replace table analyst.clinic.fact_payments as select * replace ("
        "pseudonym(patient_id) as patient_id) from everything.clinic.fact_payments",
        "has the full file's dates",
    ),
    "an exact age": (
        "update analyst.ml.payment_compliance_features set age = 43 where age is not null",
        "payment_compliance_features.age is exact",
    ),
    "a person alone with what describes them": (
        "update analyst.dental.dim_patients set gender = 'other', state = 'XX' where patient_id = "
        "(select min(patient_id) from analyst.dental.dim_patients)",
        "fewer than 5 persons share",
    ),
    "a count of few": (
        "update analyst.clinic.kpi_trend_weekly set no_shows = 2",
        "kpi_trend_weekly.no_shows shows counts below 5",
    ),
    "an empty cell that the total gives away": (
        "create or replace table analyst.clinic.retention_monthly as "
        "select * from everything.clinic.retention_monthly; "
        "update analyst.clinic.retention_monthly set patients = 100, matured_patients = 100, "
        "returned_within_30_days = 100, followed_patients = 100, returned_patients = 100, "
        "without_future_appointment = 100, unscheduled_after_cancellation = 100; "
        "update analyst.clinic.retention_monthly set patients = null, matured_patients = null, "
        "returned_within_30_days = null, followed_patients = null, returned_patients = null, "
        "without_future_appointment = null, unscheduled_after_cancellation = null "
        "where rowid = 0",
        "retention_monthly: one empty row is its total less the others",
    ),
    "where a row came from": (
        f"alter table {PATIENTS} add column _source_row integer",
        "_source_row tells the file and row",
    ),
    "days up to the day of computing": (
        "create or replace table analyst.clinic.owed_visits as select o.*, 3 as age_days from "
        "analyst.clinic.owed_visits as o",
        "age_days tells a date by the day of computing",
    ),
    "a table of its own": (
        f"create table analyst.clinic.copy as select * from {PATIENTS}",
        "clinic.copy is no mart that the project describes",
    ),
}
OTHERS = ("dim_patients", "fact_procedures", "payment_compliance_features")


@pytest.fixture(scope="module")
def small(sealed, tmp_path_factory):
    """The clinic's tables and a few others, as they are and as analysts get them."""
    folder = tmp_path_factory.mktemp("small")
    shutil.copy(sealed.published, folder / "full.duckdb")
    with duckdb.connect(str(folder / "full.duckdb")) as connection:
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall():
            if schema not in ("clinic", "quality") and table not in OTHERS:
                connection.execute(f"drop table {schema}.{table}")
    marts = read_marts(sealed.manifest)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{folder / 'full.duckdb'}' as everything (read_only)")
        connection.execute(f"attach '{folder / 'analyst.duckdb'}' as analyst")
        figures = roles.write_analyst(connection, marts, KEY, LIMIT)
    return folder, marts, figures


@pytest.fixture
def both(small, tmp_path):
    """A connection to the full file and to a copy of the analysts' one."""
    folder, _, _ = small
    copy = shutil.copy(folder / "analyst.duckdb", tmp_path / "analyst.duckdb")
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{folder / 'full.duckdb'}' as everything (read_only)")
        connection.execute(f"attach '{copy}' as analyst")
        roles.make_pseudonyms(connection, KEY)
        yield connection


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_stops_the_publication(small, both, leak):
    statement, told = LEAKS[leak]
    both.execute(statement)
    with pytest.raises(NotPublished) as error:
        roles.check_analyst(both, small[1], LIMIT, Figures())
    assert told in str(error.value)
    assert not re.search(r"1234567|example\.org", str(error.value))


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("call +49 170 1234567", True),
        ("+49-170-1234567", True),
        ("(0)30 1234567", True),
        ("0170 1234567", True),
        ("at 030/1234567;", True),
        ("0 30 123 456 78", True),
        ("ann@example.org", True),
        ("skill: AUC 0.677 (0.641 to 0.712), the highest", False),
        ('"base_rate": 0.1357615894039735, "auc"', False),
        ("2025-06-30 05:02:00", False),
    ],
)
def test_a_phone_number_is_told_from_a_figure(text, is_found):
    asked = f"select regexp_matches(?, {REACHED_AT})"
    assert duckdb.execute(asked, [text]).fetchone() == (is_found,)


def test_without_a_leak_it_is_published(small, both):
    figures = small[2]
    roles.check_analyst(both, small[1], LIMIT, figures)
    print(figures.line())
    assert (figures.leaks, figures.unique, figures.linked) == ([], 0, 0)
    assert figures.smallest_group >= LIMIT
    assert figures.emptied_persons > 0
    assert figures.emptied_cells > 0


def test_a_column_of_which_nothing_is_said_cannot_be_published(small):
    marts = small[1]
    mart = marts["clinic", "dim_patients"]
    unsaid = replace(mart, phi=mart.phi | {"phone": None})
    with pytest.raises(NotPublished, match=r"clinic.dim_patients.phone has no meta.phi"):
        deidentify.columns(unsaid, set())


def test_a_file_that_leaks_leaves_the_earlier_one(sealed, tmp_path, monkeypatch):
    settings = Settings(home=tmp_path)
    shutil.copytree(sealed.home / "published", tmp_path / "published")
    shutil.copytree(sealed.home / "dbt", tmp_path / "dbt")
    shutil.copy(sealed.home / "key", tmp_path / "key")
    before = settings.published_for("analyst").read_bytes()

    def leaking(*_):
        raise NotPublished("persons could be found again: clinic.dim_patients.phone")

    monkeypatch.setattr(roles, "reidentify", leaking)
    _, analyst = publish_roles(settings, LIMIT)
    assert "could be found again" in analyst.problem
    assert settings.published_for("analyst").read_bytes() == before
    assert len(list(settings.published.parent.iterdir())) == 3


# --- small cells ---------------------------------------------------------------------------------


def cells(rows: list[tuple[date, str, int]]) -> dict[tuple, int | None]:
    mart = Mart(
        "x", "t", {"month": "date", "kind": "varchar", "patients": "bigint", "amount": "double"},
        {}, ("month", "kind"), frozenset(),
    )  # fmt: skip
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            "create table t (month date, kind varchar, patients bigint, amount double)"
        )
        connection.executemany("insert into t values (?, ?, ?, 10.0)", rows)
        deidentify.suppress(connection, "t", mart, list(mart.types), LIMIT)
        assert connection.execute(
            "select count(*) from t where (patients is null) <> (amount is null)"
        ).fetchone() == (0,)
        return {
            (month, kind): patients
            for month, kind, patients in connection.execute(
                "select month, kind, patients from t"
            ).fetchall()
        }


def test_a_small_count_takes_others_with_it_so_that_no_total_tells_it():
    months = [date(2025, month, 1) for month in (1, 2, 3, 4)]
    rows = [(month, kind, 20 + n) for n, month in enumerate(months) for kind in "abc"]
    rows[0] = (months[0], "a", 3)
    found = cells(rows)
    assert found[months[0], "a"] is None
    for month in months:
        empty = [kind for kind in "abc" if found[month, kind] is None]
        assert len(empty) != 1
    for kind in "abc":
        assert len([month for month in months if found[month, kind] is None]) != 1
    assert sum(value is not None for value in found.values()) >= 8


def test_large_counts_and_none_at_all_stay():
    rows = [(date(2025, 1, 1), "a", 0), (date(2025, 1, 1), "b", 5), (date(2025, 2, 1), "a", 900)]
    assert list(cells(rows).values()) == [0, 5, 900]


def test_publishing_writes_the_roles_files_once_there_is_a_key(sealed, monkeypatch):
    assert are_up_to_date(sealed)
    told = []
    monkeypatch.setattr(
        "carehouse.publish.publish_roles", lambda _, limit: told.append(limit) or ()
    )
    assert publish(sealed).ok  # the roles' files take a while, and are made above
    assert told in ([LIMIT], [None])
    assert not are_up_to_date(sealed)
