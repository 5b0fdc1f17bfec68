"""Other people's files: headers by alias, ways of writing, bounds, names, `carehouse inspect`."""

import csv
import io
import os
import random
import re
import threading
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook

from carehouse import input_docs
from carehouse.cli import main
from carehouse.contract import raw_table
from carehouse.errors import Refused
from carehouse.inspect_file import inspect
from carehouse.landing import csv_files, headers
from carehouse.landing.claims import land_claims
from carehouse.landing.clinic import land_clinic
from carehouse.landing.encodings import find_encoding
from carehouse.landing.opendental.files import land_folder
from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import NOTES, WORKBOOKS
from carehouse.landing.values import Column, Writing, check_values, columns_read
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.store import file_name, path_text
from claims_support import claim, raw, settings_at, write_csv
from clinic_support import query as clinic_rows

EXTRACT = ["Claim Number", "Member ID", "Rendering NPI", "DOS", "Billed Amount", "Paid Amount"]
ROWS = [
    ["A1", "M1", "N1", "2025-01-31", "10.00", "8.00"],
    ["A2", "M2", "N1", "2025-02-01", "5", ""],
]
SOME = "claim_id, member_id, provider_id, claim_date, amount, paid_amt"
AS_LANDED = [tuple(cell or None for cell in row) for row in ROWS]


@pytest.fixture
def settings(tmp_path) -> Settings:
    return settings_at(tmp_path / "home")


@pytest.fixture
def folder(tmp_path) -> Path:
    path = tmp_path / "claims"
    path.mkdir()
    return path


# --- headers --------------------------------------------------------------------------------------


def spellings(name: str) -> st.SearchStrategy[str]:
    """A header in any letter case, with any spaces, `_` and `-` between its letters."""
    cases = [st.sampled_from([letter.lower(), letter.upper()]) for letter in name]
    gaps = st.lists(
        st.sampled_from(["", "", "", " ", "_", "-", "  "]), min_size=len(name), max_size=len(name)
    )
    return st.tuples(st.tuples(*cases), gaps).map(
        lambda both: "".join(a + b for a, b in zip(*both, strict=True))
    )


def by_csv_module(names: list[str], table: str) -> list[str | None]:
    """Which column each header is, by a second and simpler reading of the seed."""

    def bare(text):
        return "".join(c for c in text.casefold() if c not in " _-\t")

    known = {bare(c): (c, 1) for c in raw_table("raw_claims", table).columns if c[0] != "_"}
    with (PROJECT_DIR / headers.SEEDS["claims"]).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["table_name"] == table and row["choice"] in ("", "1"):
                known.setdefault(bare(row["alias"]), (row["column_name"], 1))
    return [known.get(bare(name), (None, 0))[0] for name in names]


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.data())
def test_headers_in_any_case_spacing_and_order_are_the_same_columns(data):
    aliases = headers.known_names("claims", raw_table("raw_claims", "claims"))
    firsts: dict[str, list[str]] = {}
    for alias, columns in aliases.items():
        for column, choice in columns:
            if choice == 1 and not alias.startswith("#"):
                firsts.setdefault(column, []).append(alias)
    wanted = data.draw(st.lists(st.sampled_from(sorted(firsts)), unique=True, min_size=1))
    given_names = [
        data.draw(st.sampled_from(firsts[column]).flatmap(spellings)) for column in wanted
    ]
    order = data.draw(st.permutations(range(len(wanted))))
    names = [given_names[i] for i in order]
    matched = headers.match("claims", raw_table("raw_claims", "claims"), names)
    found = {column: names[place] for column, place in matched.columns.items()}
    for column, name in zip(wanted, given_names, strict=True):
        assert found[column] == name
    second = by_csv_module(names, "claims")
    assert [second[matched.columns[column]] for column in wanted] == wanted


@pytest.mark.parametrize("source", headers.SEEDS)
def test_every_alias_names_a_column_and_none_stands_twice(source):
    with (PROJECT_DIR / headers.SEEDS[source]).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    seen = set()
    for row in rows:
        columns = raw_table(headers.SCHEMAS[source], row["table_name"]).columns
        assert row["column_name"] in columns, row
        key = (row["table_name"], headers.plain(row["alias"]), row["column_name"], row["feed"])
        assert key not in seen, row
        seen.add(key)


@pytest.mark.parametrize(
    ("table", "names", "expected"),
    [
        (  # the Tuva project's input layer
            "claims",
            "claim_id,claim_line_number,claim_type,person_id,member_id,payer,plan,claim_start_date,"
            "claim_end_date,claim_line_start_date,claim_line_end_date,bill_type_code,place_of_service_code,"
            "revenue_center_code,service_unit_quantity,hcpcs_code,rendering_npi,billing_npi,facility_npi,"
            "paid_date,paid_amount,allowed_amount,charge_amount,coinsurance_amount,copayment_amount,"
            "deductible_amount,total_cost_amount,diagnosis_code_1,diagnosis_code_2,data_source",
            {
                "member_id": "member_id",
                "provider_id": "rendering_npi",
                "claim_date": "claim_start_date",
                "service_from": "claim_line_start_date",
                "amount": "charge_amount",
                "paid_amt": "paid_amount",
                "adjudicated_date": "paid_date",
                "copay_amt": "copayment_amount",
                "diagnosis_2": "diagnosis_code_2",
            },
        ),
        (  # CMS SynPUF, outpatient: no charge is told
            "claims",
            "DESYNPUF_ID,CLM_ID,SEGMENT,CLM_FROM_DT,CLM_THRU_DT,PRVDR_NUM,CLM_PMT_AMT,"
            "NCH_PRMRY_PYR_CLM_PD_AMT,AT_PHYSN_NPI,ICD9_DGNS_CD_1,ICD9_DGNS_CD_2,HCPCS_CD_1",
            {
                "claim_id": "CLM_ID",
                "member_id": "DESYNPUF_ID",
                "provider_id": "PRVDR_NUM",
                "claim_date": "CLM_FROM_DT",
                "service_to": "CLM_THRU_DT",
                "paid_amt": "CLM_PMT_AMT",
                "amount": "CLM_PMT_AMT",
                "diagnosis": "ICD9_DGNS_CD_1",
            },
        ),
        (  # CMS carrier lines
            "claims",
            "BENE_ID,CLM_ID,LINE_NUM,CLM_FROM_DT,CLM_THRU_DT,LINE_1ST_EXPNS_DT,LINE_LAST_EXPNS_DT,"
            "PRF_PHYSN_NPI,LINE_SBMTD_CHRG_AMT,LINE_NCH_PMT_AMT,CLM_PMT_AMT,LINE_ALOWD_CHRG_AMT,"
            "HCPCS_CD,LINE_ICD_DGNS_CD,PRNCPAL_DGNS_CD,LINE_PLACE_OF_SRVC_CD",
            {
                "claim_line_number": "LINE_NUM",
                "amount": "LINE_SBMTD_CHRG_AMT",
                "paid_amt": "LINE_NCH_PMT_AMT",
                "allowed_amt": "LINE_ALOWD_CHRG_AMT",
                "service_from": "LINE_1ST_EXPNS_DT",
                "diagnosis": "PRNCPAL_DGNS_CD",
            },
        ),
        (  # Synthea's encounters
            "claims",
            "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,"
            "BASE_ENCOUNTER_COST,TOTAL_CLAIM_COST,PAYER_COVERAGE,REASONCODE",
            {
                "claim_id": "Id",
                "claim_date": "START",
                "member_id": "PATIENT",
                "provider_id": "PROVIDER",
                "amount": "TOTAL_CLAIM_COST",
                "paid_amt": "PAYER_COVERAGE",
            },
        ),
        (  # the well-known public book of no-shows
            "appointments",
            "PatientId,AppointmentID,Gender,ScheduledDay,AppointmentDay,Age,No-show",
            {
                "appointment_id": "AppointmentID",
                "patient_id": "PatientId",
                "booked_at": "ScheduledDay",
                "appt_start": "AppointmentDay",
                "no_show": "No-show",
            },
        ),
        (
            "appointments",
            "Booking ID,Client ID,Client Name,Staff,Staff Name,Start,End,Created,Status,Price",
            {
                "appointment_id": "Booking ID",
                "patient_id": "Client ID",
                "physio_id": "Staff",
                "appt_end": "End",
                "booked_at": "Created",
                "price_estimate": "Price",
            },
        ),
        (
            "payments",
            "Transaction ID,Appointment ID,Payment Date,Payment Type,Gross Sales,Net Sales,Tax,"
            "Total Collected,Staff Name,Customer ID,Item",
            {
                "payment_id": "Transaction ID",
                "amount": "Total Collected",
                "paid_at": "Payment Date",
                "method": "Payment Type",
                "tax_amount": "Tax",
            },
        ),
    ],
)
def test_the_headers_of_known_exports_are_known(table, names, expected):
    source = "claims" if table == "claims" else "clinic"
    contract, given_names = raw_table(headers.SCHEMAS[source], table), names.split(",")
    matched = headers.match(source, contract, given_names)
    found = {column: given_names[place] for column, place in matched.columns.items()}
    assert {column: found.get(column) for column in expected} == expected


def test_two_headers_of_one_column_are_refused_naming_both(settings, folder):
    write_csv(folder / "claims.csv", [[*ROWS[0], "9"]], [*EXTRACT, "Charge Amount"])
    reason = land_claims(settings, folder).refused["claims.csv"]
    assert "'Billed Amount' and 'Charge Amount' would both be amount" in reason


def test_a_feeds_own_line_counts_before_the_others(settings, folder, monkeypatch):
    own = {
        ("claims", "north"): [("billedamount", "", 1), ("dos", "service_from", 1)],
    }
    known = headers._aliases("claims")
    monkeypatch.setattr(headers, "_aliases", lambda source: {**known, **own})
    header, row = [*EXTRACT, "Charge Amount", "Claim Start Date"], [*ROWS[0], "9", "2025-01-30"]
    write_csv(folder / "North" / "2025-01" / "claims.csv", [row], header)
    landing = land_claims(settings, folder)
    assert not landing.refused
    columns = 'amount, "billed amount", service_from, claim_date'
    assert raw(settings, columns=columns) == [("9", "10.00", "2025-01-31", "2025-01-30")]


def test_what_is_missing_is_named_with_what_is_there_and_near(settings, folder):
    write_csv(folder / "claims.csv", ROWS, ["Clam Number", *EXTRACT[1:4], "Widget", "Paid Amount"])
    reason = land_claims(settings, folder).refused["claims.csv"]
    assert "no column claim_id of claims" in reason
    assert "it has member_id, provider_id, claim_date, amount, paid_amt" in reason
    assert "'Clam Number' (near claim_id), 'Widget'" in reason


def test_a_row_of_data_in_place_of_the_header_is_not_told(settings, folder):
    write_csv(folder / "members.csv", [["M2", "Bo Other", 5]], ["M1", "Ann Other", "34"])
    reason = land_claims(settings, folder).refused["members.csv"]
    assert "no column member_id" in reason
    assert "Ann" not in reason


def test_the_paid_amount_stands_in_only_where_nothing_looks_like_the_claimed_one(settings, folder):
    path = write_csv(folder / "claims.csv", ROWS, [*EXTRACT[:4], "Billed Amnt", "Paid Amount"])
    assert "'Billed Amnt' looks like amount" in land_claims(settings, folder).refused["claims.csv"]
    write_csv(path, ROWS, [*EXTRACT[:4], "Room", "Paid Amount"])
    landing = land_claims(settings, folder)
    assert landing.notices == [
        "claims.csv: amount is read from 'Paid Amount' too, for no other column says it"
    ]
    assert raw(settings, columns="amount, paid_amt")[0] == ("8.00", "8.00")


def test_a_file_in_the_wrong_place_is_told_where_it_belongs(settings, folder, tmp_path):
    write_csv(
        folder / "march.csv", [], ["Appointment ID", "Client ID", "Start", "Status", "Staff ID"]
    )
    landing = land_claims_with(settings, folder)
    assert landing.notices == [
        "march.csv has the columns of appointments: put it into "
        "inbox/clinic/raw or inbox/clinic/daily/YYYY-MM-DD"
    ]
    clinic = tmp_path / "clinic" / "raw"
    write_csv(clinic / "claims.csv", ROWS, EXTRACT)
    sheet = ["Date", "Summary", "Case Worker Action", "Location", "Level of Growth"]
    write_csv(clinic / "patients.csv", [], sheet)
    write_csv(clinic / "physios.csv", [["1", "A"]], ["physio_id", "full_name"])
    landing = land_clinic(settings, clinic.parent)
    assert "raw/claims.csv has the columns of claims: put it into inbox/claims" in landing.notices
    assert "status sheets or expense logs (workbooks), not of patients" in landing.refused["raw"]


def land_claims_with(settings: Settings, folder: Path):
    """With one good file beside it, so that there is something to land."""
    write_csv(folder / "good_claims.csv", [claim(1)], None)
    return land_claims(settings, folder)


# --- ways of writing ------------------------------------------------------------------------------


def test_a_workbook_lands_as_its_csv_does(settings, folder):
    book = Workbook()
    sheet = book.active
    for row in [EXTRACT, *ROWS]:
        sheet.append([float(c) if re.fullmatch(r"[0-9.]+", c) else c for c in row])
    book.save(folder / "claims.xlsx")
    landing = land_claims(settings, folder)
    assert landing.landed == ["claims.xlsx"], landing.refused
    assert raw(settings, columns=f"_source_row, {SOME}") == [
        (2, "A1", "M1", "N1", "2025-01-31", "10", "8"),
        (3, "A2", "M2", "N1", "2025-02-01", "5", None),
    ]
    book.create_sheet("More").append(["x"])
    book.save(folder / "claims.xlsx")
    assert "has 2 sheets with cells" in land_claims(settings, folder).refused["claims.xlsx"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_character_sets_give_the_same_rows(settings, folder, delimiter, encoding):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([[*EXTRACT, "Name"], [*ROWS[0], "Müller"], [*ROWS[1], "Weiß"]])
    (folder / "claims.csv").write_bytes(text.getvalue().encode(encoding))
    landing = land_claims(settings, folder)
    assert not landing.refused
    assert raw(settings, columns=SOME) == AS_LANDED
    assert raw(settings, columns="name") == [("Müller",), ("Weiß",)]


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("Müller, José", "cp1252", "cp1252"),
        ("Français, où", "cp1252", "cp1252"),
        ("Poznań", "cp1250", "refused"),
        ("Dvořák", "cp1250", "refused"),
        ("Иванов", "cp1251", "utf-8"),  # its reader names the row that is not
        ("plain", "ascii", "utf-8"),
    ],
)
def test_a_character_set_is_told_for_certain_or_asked_for(tmp_path, text, encoding, expected):
    path = tmp_path / "names.csv"
    path.write_bytes(text.encode(encoding) + b"\n")
    if expected == "refused":
        with pytest.raises(Refused, match="may be Windows-1252 or Windows-1250"):
            find_encoding(path)
        assert find_encoding(path, "cp1250") == "cp1250"
    else:
        assert find_encoding(path) == expected


MOMENTS = {
    "dmy": {
        "2025-01-31": "2025-01-31 00:00:00",
        "31/01/2025": "2025-01-31 00:00:00",
        "1.2.2025": "2025-02-01 00:00:00",
        "20250131": "2025-01-31 00:00:00",
        "20250131103000": "2025-01-31 10:30:00",
        "01-JAN-2025": "2025-01-01 00:00:00",
        "01JAN2025": "2025-01-01 00:00:00",
        "01JAN2025:10:30:00": "2025-01-01 10:30:00",
        "Jan 31, 2025 3:05 PM": "2025-01-31 15:05:00",
        "31 January 2025": "2025-01-31 00:00:00",
        "2025/01/31 09:00": "2025-01-31 09:00:00",
        "2025-01-31T09:00:00.5": "2025-01-31 09:00:00.5",
        "2025-01-31 12:05 AM": "2025-01-31 00:05:00",
        "31/01/25": None,
        "01/31/2025": None,
        "hello": None,
        "2025-02-30": None,
    },
    "mdy": {
        "01/31/2025": "2025-01-31 00:00:00",
        "1/31/2025 3:05 pm": "2025-01-31 15:05:00",
        "02/03/2025": "2025-02-03 00:00:00",
        "31/01/2025": None,
    },
}
AMOUNTS = {
    ".": {
        "45.5": "45.50",
        "$1,234.50": "1234.50",
        "1.234,50": "1234.50",
        "(200.00)": "-200.00",
        "$(1,200.00)": "-1200.00",
        "200.00-": "-200.00",
        "-$5": "-5.00",
        "45,50": "45.50",
        "1,234": "1234.00",
        "1,234,567": "1234567.00",
        "12,34,567.50": "1234567.50",
        "1'234.50": "1234.50",
        "1 234,50 €": "1234.50",
        "USD 12": "12.00",
        "12 pcs": None,
        "1,23,4": None,
        "abc": None,
    },
    ",": {"1.234": "1234.00", "1,234": "1.23", "1.234,50": "1234.50", "45,5": "45.50", "7": "7.00"},
}


@pytest.mark.parametrize("way", [*MOMENTS, *AMOUNTS])
def test_dates_and_amounts_read_as_their_feed_writes_them(way):
    """By the macros that staging calls."""
    from carehouse.sql_macros import macro

    with duckdb.connect() as connection:
        if way in MOMENTS:
            sql = macro("claims_moment", Settings())("v", f"'{way}'")
            expected = MOMENTS[way]
        else:
            sql, expected = macro("claims_amount", Settings())("v", f"'{way}'"), AMOUNTS[way]
        for text, value in expected.items():
            (found,) = connection.execute(
                f"select cast({sql} as varchar) from (select ? as v)", [text]
            ).fetchone()
            assert found == value, text


def test_a_file_that_plainly_has_the_month_first_says_which_line_to_add(settings, folder):
    rows = [[*ROWS[0][:3], "02/13/2025", "10", "8"], [*ROWS[1][:3], "03/04/2025", "5", ""]]
    write_csv(folder / "north" / "claims.csv", rows, EXTRACT)
    reason = land_claims(settings, folder).refused["north/claims.csv"]
    assert reason.startswith("row 2: claim_date has the month first, as in 1 cells")
    assert reason.endswith("claim_feeds.csv: north,,,,mdy,,")


def test_a_column_in_which_nothing_reads_is_refused_and_a_single_cell_is_not():
    told = Writing("claims", "main")
    bad = Column("claim_date", "date", 5, 5)
    with pytest.raises(Refused, match="none of the 5 filled cells of 'Service'"):
        check_values([bad], told, Settings(), {"claim_date": "Service"})
    check_values([replace(bad, unread=4)], told, Settings(), {})


# --- bounds and names -----------------------------------------------------------------------------


def peak_memory(stop: threading.Event, found: list[int]) -> None:
    process = psutil.Process()
    while not stop.is_set():
        tree = [process, *process.children(recursive=True)]
        total = 0
        for one in tree:
            try:
                total += one.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        found.append(total)
        time.sleep(0.25)  # looking at every process takes longer than it seems


def hostile(folder: Path, name: str, good: bytes, endless: int = 2**28) -> None:
    """Files that ask for too much, beside a good one."""
    folder.mkdir(parents=True, exist_ok=True)
    header, row = good.splitlines()[:2]
    wide = b",".join(b"x%d" % i for i in range(5000))
    (folder / f"{name}_wide.csv").write_bytes(
        header + b"," + wide + b"\n" + row + b"," * 5000 + b"\n"
    )
    with (folder / f"{name}_endless.csv").open("wb") as file:
        file.truncate(endless)  # one line, and not a byte on disk
    (folder / f"{name}_long_row.csv").write_bytes(header + b"\n" + b"y" * 5_000_000 + b"\n")
    os.mkfifo(folder / f"{name}_pipe.csv")
    (folder / f"{name}_link.csv").symlink_to("/etc/hostname")


def test_claims_that_ask_for_too_much_are_refused_by_name_and_the_others_land(settings, folder):
    good = write_csv(folder / "claims.csv", [claim(1)]).read_bytes()
    hostile(folder, "claims", good, endless=6 * 2**30)
    latin = os.fsdecode(b"claims_M\xfcnchen.csv")
    (folder / latin).write_bytes(good)
    stop, memory = threading.Event(), []
    watch = threading.Thread(target=peak_memory, args=(stop, memory))
    watch.start()
    try:
        landing = land_claims(settings, folder)
    finally:
        stop.set()
        watch.join()
    assert landing.landed == ["claims.csv", r"claims_M\xfcnchen.csv"]
    expected = {
        "wide": "has 5,012 columns, more than 400",
        "endless": "row 1 is longer than|UTF-16 without its mark, or no text",
        "long_row": "row 2 is longer than",
        "pipe": "is a pipe",
        "link": "is a link to something outside",
    }
    for kind, words in expected.items():
        assert re.search(words, landing.refused[f"claims_{kind}.csv"]), landing.refused
    assert max(memory) < 2**30
    assert {row[0] for row in raw(settings, columns="_source_file")} == set(landing.landed)


def test_a_hostile_clinic_drop_is_refused_and_the_others_land(settings, tmp_path):
    good = b"physio_id,full_name\n1,A\n"
    clinic = tmp_path / "clinic"
    hostile(clinic / "all", "physios", good)
    kinds = ("wide", "endless", "long_row", "pipe", "link")
    for day, kind in enumerate(kinds, start=1):
        drop = clinic / "daily" / f"2025-01-0{day}"
        drop.mkdir(parents=True)
        (clinic / "all" / f"physios_{kind}.csv").rename(drop / "physios.csv")
    drop = clinic / "daily" / "2025-01-09"
    drop.mkdir()
    (drop / os.fsdecode(b"physios \xfc.csv")).write_bytes(good)
    landing = land_clinic(settings, clinic)
    assert landing.landed == ["daily/2025-01-09"]
    assert len(landing.refused) == len(kinds), landing.refused
    assert "5,002 columns" in landing.refused["daily/2025-01-01"]
    assert "is a pipe" in landing.refused["daily/2025-01-04"]
    assert "outside this folder" in landing.refused["daily/2025-01-05"]
    assert clinic_rows(settings, "select count(*) from raw_clinic.physios") == [(1,)]


def test_hostile_extracts_of_opendental_are_refused_and_the_others_land(settings, tmp_path):
    folder = tmp_path / "opendental"
    hostile(folder, "x", b"PatNum,LName\n1,A\n")
    for kind, table in zip(
        ("wide", "endless", "long_row", "pipe", "link"),
        ("patient", "procedurelog", "claim", "claimproc", "payment"),
        strict=True,
    ):
        (folder / f"x_{kind}.csv").rename(folder / f"{table}.csv")
    (folder / "provider.csv").write_bytes(b"ProvNum,Abbr\n1,A\n")
    landing = land_folder(settings, folder)
    assert landing.landed == ["provider.csv"]
    assert len(landing.refused) == 5, landing.refused


def test_workbooks_and_notes_with_odd_names_pipes_and_links_stop_nothing(settings, tmp_path):
    for source, suffix in ((WORKBOOKS, ".xlsx"), (NOTES, ".docx")):
        folder = tmp_path / source.name
        folder.mkdir()
        os.mkfifo(folder / f"pipe{suffix}")
        (folder / f"link{suffix}").symlink_to("/etc/hostname")
        (folder / os.fsdecode(b"M\xfcller" + suffix.encode())).write_bytes(b"not one")
        landing = land_files(source, settings, folder)
        assert set(landing.refused) == {f"pipe{suffix}", f"link{suffix}", rf"M\xfcller{suffix}"}
        assert "is a pipe" in landing.refused[f"pipe{suffix}"]


@given(st.binary(min_size=1, max_size=12).filter(lambda b: b"\0" not in b and b"/" not in b))
def test_a_name_is_shown_in_printable_text_and_found_again(name):
    text = os.fsdecode(name)
    shown = file_name(text)
    shown.encode()
    assert not re.search(r"[\x00-\x1f\x7f]", shown)
    assert path_text(shown) == text


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_damaged_files_of_each_kind_are_refused_or_read_and_the_good_one_lands(
    settings, folder, kind
):
    chance = random.Random(kind)
    rows = [claim(number) for number in range(1, 40)]
    header = csv_header()
    if kind == "csv":
        good = write_csv(folder / "g.csv", rows, header).read_bytes()
    elif kind == "parquet":
        table = pa.table({n: [r[i] for r in rows] for i, n in enumerate(header)})
        pq.write_table(table, folder / "g.parquet")
        good = (folder / "g.parquet").read_bytes()
    else:
        book = Workbook()
        for row in [header, *rows]:
            book.active.append(row)
        book.save(folder / "g.xlsx")
        good = (folder / "g.xlsx").read_bytes()
    for number in range(200 if kind != "xlsx" else 60):
        data = bytearray(good)
        for _ in range(chance.choice((1, 1, 2, 8))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        (folder / f"claims_{number:03}.{kind}").write_bytes(data)
    landing = land_claims(settings, folder)
    assert f"g.{kind}" in landing.landed
    names = {path.name for path in folder.iterdir()}
    assert set(landing.landed) | set(landing.refused) | set(landing.ignored) == names
    assert land_claims(settings, folder).unchanged == landing.landed


def csv_header() -> list[str]:
    from claims_support import HEADERS

    return HEADERS["claims"]


def test_many_columns_are_kept_within_memory(settings, folder):
    wide = [f"extra {i}" for i in range(csv_files.MAX_COLUMNS - 12)]
    write_csv(folder / "claims.csv", [[*claim(1), *wide]], [*csv_header(), *wide])
    landing = land_claims(settings, folder)
    assert landing.landed == ["claims.csv"], landing.refused


# --- inspect and the docs -------------------------------------------------------------------------


def test_inspect_and_seed_lines_lead_from_refusal_to_rows(settings, folder, tmp_path, monkeypatch):
    rows = [[*ROWS[0][:3], "01/31/2025", "$1,234.50", "(8.00)"]]
    path = write_csv(folder / "claims.csv", rows, [*EXTRACT[:4], "Billed Amnt", "Paid Amount"])
    seeds = tmp_path / "project"
    (seeds / "seeds").mkdir(parents=True)
    for part in ("seeds/claims", "seeds/clinic", "seeds/workbooks"):
        (seeds / part).mkdir()
        for file in (PROJECT_DIR / part).glob("*.csv"):
            (seeds / part / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr("carehouse.landing.headers.PROJECT_DIR", seeds)
    monkeypatch.setattr("carehouse.landing.values.PROJECT_DIR", seeds)
    added = []
    for _ in range(4):
        headers._aliases.cache_clear()
        assert not settings.warehouse.with_suffix(".wal").exists()
        (one,) = inspect(settings, path)
        if not one.refusal:
            break
        assert one.seed_lines, one.refusal
        for seed, lines in one.seed_lines.items():
            with (seeds / seed).open("a", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
            added += lines
    assert added == ["Billed Amnt,claims,amount,1,main", "main,,,,mdy,,"]
    assert (one.source, one.table, one.feed, one.row_count) == ("claims", "claims", "main", 1)
    assert not one.unread
    landing = land_claims(settings, folder)
    headers._aliases.cache_clear()
    assert landing.landed == ["claims.csv"], landing.refused


def test_inspect_counts_what_would_not_read_and_shows_no_value(tmp_path, home):
    rows = [["A1", "M1", "N1", "SECRET", "1", "2"], ["A2", "M1", "N1", "2025-01-31", "SECRET", "3"]]
    path = write_csv(tmp_path / "claims.csv", rows, EXTRACT)
    result = CliRunner().invoke(main, ["inspect", str(path)])
    assert "claim_date: 1 of 2 filled cells are no date, the first in row 2" in result.output
    assert "amount: 1 of 2 filled cells are no amount, the first in row 3" in result.output
    assert "SECRET" not in result.output
    assert result.exit_code == 0
    told = CliRunner().invoke(main, ["inspect", str(path), "--json"])
    assert '"first_rows": [\n          2\n        ]' in told.output
    assert not home.warehouse.exists()


def test_inspect_knows_every_source(tmp_path):
    settings = Settings(home=tmp_path / "home")
    book = Workbook()
    book.active.append(["Date", "Summary"])
    book.save(tmp_path / "PW001.xlsx")
    (tmp_path / "patient.csv").write_text("PatNum,LName,FName,Birthdate\n1,A,B,2000-01-01\n")
    (tmp_path / "note.docx").write_bytes(b"no document")
    write_csv(
        tmp_path / "bookings.csv", [], ["Booking ID", "Client ID", "Staff ID", "Start", "Status"]
    )
    write_csv(tmp_path / "odd.csv", [[1]], ["bread"])
    found = {one.file: one for one in inspect(settings, tmp_path)}
    assert found["PW001.xlsx"].source == "workbooks"
    assert found["PW001.xlsx"].notes == ["sheet 'Sheet' (visible): 1 rows"]
    assert (found["patient.csv"].source, found["patient.csv"].table) == ("opendental", "patient")
    assert found["note.docx"].refusal.startswith("is not a Word document")
    assert (found["bookings.csv"].source, found["bookings.csv"].refusal) == ("clinic", None)
    assert found["odd.csv"].refusal


def test_the_docs_of_inputs_are_those_of_the_contracts():
    assert input_docs.TARGET.read_text(encoding="utf-8") == input_docs.written(), (
        "write them again: python -m carehouse.input_docs"
    )


def test_columns_without_dates_are_nothing_to_look_at():
    with duckdb.connect() as connection:
        assert (
            columns_read(
                connection, "x", "physios", set(), Writing("clinic", "physios"), Settings()
            )
            == []
        )
