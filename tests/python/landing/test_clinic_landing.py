"""Clinic drops: landed whole or refused whole, the same again changes nothing."""

import csv
import io
from datetime import date

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from carehouse.errors import NothingToLand
from carehouse.landing.clinic import land_clinic
from clinic_support import (
    HEADERS,
    PATIENTS,
    PHYSIOS,
    payment,
    query,
    raw_rows,
    settings_at,
    visit,
    write_drop,
)


@pytest.fixture
def clinic(tmp_path):
    """A bulk and one drop, landed: (settings, the clinic folder)."""
    folder = tmp_path / "clinic"
    write_drop(
        folder / "raw",
        appointments=[visit(1, "09-04"), visit(2, "09-05", patient=78)],
        patients=PATIENTS,
        payments=[],
        physios=PHYSIOS,
    )
    write_drop(
        folder / "daily" / "2025-09-04",
        appointments=[visit(1, "09-04", status="completed")],
        payments=[payment(1, 1, "50.00", "09-04")],
    )
    settings = settings_at(tmp_path / "home")
    landing = land_clinic(settings, folder)
    assert landing.landed == ["raw", "daily/2025-09-04"]
    assert landing.row_count == 8
    return settings, folder


def test_rows_keep_text_and_lineage(clinic):
    settings, _ = clinic
    rows = raw_rows(settings)
    assert rows[0][:4] == ("daily/2025-09-04/appointments.csv", 2, date(2025, 9, 4), "1")
    assert [row[:3] for row in rows[1:]] == [
        ("raw/appointments.csv", 2, None),
        ("raw/appointments.csv", 3, None),
    ]
    assert rows[1][6] == "2025-09-04T10:00:00+02:00"


def test_the_same_drop_twice_changes_nothing(clinic):
    settings, folder = clinic
    before = raw_rows(settings)
    landing = land_clinic(settings, folder)
    assert landing.unchanged == ["raw", "daily/2025-09-04"]
    assert not landing.landed
    assert raw_rows(settings) == before


def test_landing_again_replaces_the_rows(clinic):
    settings, folder = clinic
    before = raw_rows(settings)
    assert land_clinic(settings, folder, force=True).landed == ["raw", "daily/2025-09-04"]
    assert raw_rows(settings) == before


def test_a_corrected_drop_replaces_only_its_own_rows(clinic):
    settings, folder = clinic
    write_drop(folder / "daily" / "2025-09-04", appointments=[visit(1, "09-04", status="no_show")])
    (folder / "daily" / "2025-09-04" / "payments.csv").unlink()
    landing = land_clinic(settings, folder)
    assert landing.landed == ["daily/2025-09-04"]
    assert [row[9] for row in raw_rows(settings)] == ["no_show", "booked", "booked"]
    assert raw_rows(settings, "payments") == []


def test_a_drop_that_is_gone_is_retired_and_one_drop_alone_retires_nothing(clinic):
    settings, folder = clinic
    day = write_drop(folder / "daily" / "2025-09-05", appointments=[visit(2, "09-05")])
    landing = land_clinic(settings, day)
    assert landing.landed == ["daily/2025-09-05"]
    assert not landing.retired
    (day / "appointments.csv").unlink()
    day.rmdir()
    landing = land_clinic(settings, folder)
    assert landing.retired == ["daily/2025-09-05"]
    assert {row[0].rpartition("/")[0] for row in raw_rows(settings)} == {"raw", "daily/2025-09-04"}
    assert not land_clinic(settings, folder).retired


def test_an_empty_folder_retires_nothing(clinic, tmp_path):
    settings, _ = clinic
    before = raw_rows(settings)
    (tmp_path / "empty" / "daily").mkdir(parents=True)
    with pytest.raises(NothingToLand, match="Nothing was retired"):
        land_clinic(settings, tmp_path / "empty")
    assert raw_rows(settings) == before


BROKEN = {
    "cut in a row": (lambda data: data[: data.rindex(b",") - 3], "row 4"),
    "cut in the last cell": (lambda data: data[:-2], "breaks off in row 4"),
    "cut after a row": (lambda data: data[:-1], "breaks off in row 4"),
    "cut in a letter": (lambda data: data[:-2] + "ü".encode()[:1], "row 4 is not UTF-8"),
    "padded with nulls": (lambda data: data[:-20] + b"\0" * 20, "null bytes"),
    "open quote": (lambda data: data.replace(b"no_show", b'"no_show'), "row 4"),
    "text after a quote": (lambda data: data.replace(b"no_show", b'"no"_show'), "row 4"),
    "a cell too many": (lambda data: data.replace(b"no_show", b"no,show"), "row 4: 9 cells"),
    "renamed column": (
        lambda data: data.replace(b"appt_start", b"sometime"),
        "no column appt_start of appointments",
    ),
    "missing column": (
        lambda data: b"\n".join(line.rpartition(b",")[0] for line in data.split(b"\n")).replace(
            b"status", b"stage"
        ),
        "no column status",
    ),
    "two columns of a name": (
        lambda data: data.replace(b"price_estimate", b"price_estimate,STATUS").replace(
            b"50.00", b"50.00,x"
        ),
        "'status' and 'STATUS' would both be status",
    ),
    "a nameless column": (
        lambda data: data.replace(b"price_estimate", b"price_estimate,").replace(
            b"50.00", b"50.00,x"
        ),
        "column 9 has no name",
    ),
    "a reserved name": (
        lambda data: data.replace(b"price_estimate", b"price_estimate,_load_id").replace(
            b"50.00", b"50.00,x"
        ),
        "column 9 begins with an underscore",
    ),
    "no header": (lambda data: data.split(b"\n", 1)[1], "row 1: no column"),
    "empty": (lambda data: b"\n", "is empty"),
    "UTF-16 without its mark": (lambda data: data.decode().encode("utf-16-le"), "UTF-16"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_drop_is_refused_whole_and_yesterday_stays(clinic, kind):
    settings, folder = clinic
    spoil, reason = BROKEN[kind]
    before = raw_rows(settings), raw_rows(settings, "payments")
    day = write_drop(
        folder / "daily" / "2025-09-05",
        appointments=[
            visit(2, "09-05", patient=78),
            visit(3, "09-05", hour=11),
            visit(4, "09-05", hour=12, status="no_show", patient="Mustermann"),
        ],
        payments=[payment(9, 2, "20.00", "09-05")],
    )
    file = day / "appointments.csv"
    file.write_bytes(spoil(file.read_bytes()))
    landing = land_clinic(settings, folder)
    assert list(landing.refused) == ["daily/2025-09-05"]
    told = landing.refused["daily/2025-09-05"]
    assert told.startswith("appointments.csv")
    assert reason in told
    assert "Mustermann" not in told
    assert "12:00" not in told
    assert (raw_rows(settings), raw_rows(settings, "payments")) == before
    assert query(
        settings, "select outcome, reason from raw.load_log order by load_id desc limit 1"
    ) == [("refused", told)]
    assert land_clinic(settings, folder).refused == landing.refused  # and again, unread
    write_drop(day, appointments=[visit(2, "09-05", status="completed")])
    assert land_clinic(settings, folder).landed == ["daily/2025-09-05"]


def test_a_refused_correction_keeps_what_the_drop_had(clinic):
    settings, folder = clinic
    before = raw_rows(settings)
    file = folder / "daily" / "2025-09-04" / "appointments.csv"
    file.write_bytes(file.read_bytes()[:-20])
    assert list(land_clinic(settings, folder).refused) == ["daily/2025-09-04"]
    assert raw_rows(settings) == before


def test_a_header_alone_does_not_empty_a_day_with_visits(clinic):
    settings, folder = clinic
    write_drop(folder / "daily" / "2025-09-05", appointments=[])
    write_drop(folder / "daily" / "2025-09-06", appointments=[])
    landing = land_clinic(settings, folder)
    assert "list them as canceled" in landing.refused["daily/2025-09-05"]
    assert landing.landed == ["daily/2025-09-06"]


@pytest.mark.parametrize(
    ("delimiter", "encoding", "newline", "reverse"),
    [
        (";", "utf-8-sig", "\r\n", False),
        ("\t", "utf-8", "\n", True),
        ("|", "utf-8", "\r\n", False),
        (",", "utf-8-sig", "\n", True),
    ],
)
def test_other_ways_to_write_csv_give_the_same_rows(
    clinic, tmp_path, delimiter, encoding, newline, reverse
):
    settings, folder = clinic
    expected = raw_rows(settings, "patients")
    names = HEADERS["patients"]
    order = list(range(len(names)))[:: -1 if reverse else 1]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerow([names[i] for i in order])
    writer.writerows([[row[i] for i in order] for row in PATIENTS])
    (folder / "raw" / "patients.csv").write_bytes(text.getvalue().encode(encoding))
    assert land_clinic(settings, folder).landed == ["raw"]
    assert raw_rows(settings, "patients") == expected


def test_an_exporter_that_never_ends_its_last_line_is_believed(tmp_path):
    folder = tmp_path / "clinic"
    for drop in ("raw", "daily/2025-09-04"):
        path = write_drop(folder / drop, appointments=[visit(1, "09-04")], payments=[])
        for file in path.iterdir():
            file.write_bytes(file.read_bytes().rstrip(b"\n"))
    assert land_clinic(settings_at(tmp_path / "home"), folder).row_count == 2


def test_a_new_column_is_kept_as_text_and_told(clinic):
    settings, folder = clinic
    headers = HEADERS | {"appointments": [*HEADERS["appointments"], "room"]}
    write_drop(
        folder / "daily" / "2025-09-05", headers=headers, appointments=[[*visit(2, "09-05"), "R1"]]
    )
    landing = land_clinic(settings, folder)
    assert landing.drift == ["daily/2025-09-05: column room of appointments is new"]
    assert query(settings, "select room from raw_clinic.appointments where room is not null") == [
        ("R1",)
    ]
    assert query(settings, "select column_name, drift from raw.drift_log") == [("room", "new")]


def test_a_drop_sent_again_with_a_new_column_replaces_its_rows(clinic):
    settings, folder = clinic
    headers = HEADERS | {"appointments": [*HEADERS["appointments"], "room"]}
    again = [[*visit(1, "09-04", status="completed"), "R1"]]
    write_drop(folder / "daily" / "2025-09-04", headers=headers, appointments=again)
    landing = land_clinic(settings, folder)
    assert landing.landed == ["daily/2025-09-04"]
    rooms = "select _source_file, room from raw_clinic.appointments where _drop_day is not null"
    assert query(settings, rooms) == [("daily/2025-09-04/appointments.csv", "R1")]


def test_what_is_no_drop_is_named_and_left_alone(clinic):
    settings, folder = clinic
    (folder / "daily" / "2025-09-04" / "cancellation_scores.csv").write_text("a,b\n1,2\n")
    (folder / "daily" / "soon").mkdir()
    write_drop(folder / "daily" / "soon", appointments=[visit(9, "09-09")])
    write_drop(folder / "daily" / "2025-13-01", appointments=[visit(9, "09-09")])
    (folder / "daily" / ".hidden").mkdir()
    landing = land_clinic(settings, folder)
    assert landing.ignored == ["daily/2025-09-04/cancellation_scores.csv"]
    assert set(landing.refused) == {"daily/2025-13-01", "daily/soon"}
    assert "YYYY-MM-DD" in landing.refused["daily/soon"]


def test_the_bulk_alone_and_the_daily_folder_alone_can_be_given(tmp_path):
    folder = tmp_path / "export"
    write_drop(folder, appointments=[visit(1, "09-04")], patients=PATIENTS)
    settings = settings_at(tmp_path / "home")
    assert land_clinic(settings, folder).landed == ["raw"]
    daily = tmp_path / "clinic" / "daily"
    write_drop(daily / "2025-09-04", appointments=[visit(1, "09-04")])
    write_drop(daily / "2025-09-05", appointments=[visit(2, "09-05")])
    landing = land_clinic(settings, daily)
    assert landing.landed == ["daily/2025-09-04", "daily/2025-09-05"]
    assert not landing.retired


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_any_text_lands_as_it_is(tmp_path_factory, rows, delimiter):
    base = tmp_path_factory.mktemp("any")
    folder = base / "clinic" / "raw"
    folder.mkdir(parents=True)
    with (folder / "physios.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(HEADERS["physios"])
        writer.writerows(rows)
    settings = settings_at(base / "home")
    assert land_clinic(settings, base / "clinic").row_count == len(rows)
    landed = query(
        settings, "select physio_id, full_name from raw_clinic.physios order by _source_row"
    )
    assert landed == rows


def test_lines_of_one_receipt_are_told(home, tmp_path):
    """One number on rows with two amounts: the last counts, and the run says so."""
    payments = [[1, "", "40.00", "2025-09-04", "card"], [1, "", "12.00", "2025-09-04", "card"]]
    write_drop(tmp_path / "clinic" / "raw", payments=payments)
    landing = land_clinic(home, tmp_path / "clinic")
    assert not landing.refused
    assert [line for line in landing.notices if "1 numbers of a payment" in line]
