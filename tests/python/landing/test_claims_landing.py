"""Claims files: read by column name, the same again changes nothing, a broken one is refused."""

import csv
import io
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from carehouse.contract import raw_table
from carehouse.demo import claims as demo
from carehouse.errors import NothingToLand, Refused
from carehouse.landing.claims import land_claims
from carehouse.landing.csv_files import open_csv
from carehouse.landing.sources import default_place, land_source
from carehouse.settings import Settings
from claims_support import (
    HEADERS,
    MEMBERS,
    PROVIDERS,
    claim,
    counts,
    raw,
    settings_at,
    write_csv,
    write_inbox,
    write_parquet,
)
from conftest import query, truth

CLAIM_SELECT = """
    select 'C' || i as claim_id, 'M1' as "Member_ID ", 'P1' as provider_id, 'I10' as diagnosis,
        date '2024-02-03' as claim_date, (i + 0.1)::decimal(12, 2) as amount,
        case when i = 1 then 'nan'::double else i end as paid_amt, 'PAID' as status,
        timestamp '2024-02-04 09:00:00' as adjudicated_date,
        timestamp '2024-02-05 10:00:00' as ingestion_ts
    from range(1, 4) as t(i)
"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    return settings_at(tmp_path / "home")


@pytest.fixture
def inbox(tmp_path, settings):
    """A landed folder of three files."""
    folder = write_inbox(tmp_path / "claims")
    assert counts(land_claims(settings, folder)) == (3, 0, 0, 0)
    return folder


def test_the_support_and_the_contract_agree_on_what_is_required():
    for table, header in HEADERS.items():
        contract = raw_table("raw_claims", table)
        known = {name for name in contract.columns if not name.startswith("_")}
        assert known - contract.optional <= set(header) <= known


def test_rows_keep_text_and_lineage(settings, inbox):
    some = "_source_file, _source_row, claim_id, member_id, adjudicated_date"
    assert raw(settings, columns=some) == [
        ("claims.csv", 2, "C1", "M1", "2024-02-03 09:00:00"),
        ("claims.csv", 3, "C2", "M1", None),
    ]
    assert raw(settings, "members", "name, age, location, birth_date") == [
        ("Ann Other", "34", "Austin, TX", None),
        ("Bo Other", "61", "Salem, OR", None),
    ]


def test_columns_are_found_by_name_in_any_order_case_and_delimiter(settings, inbox):
    names = HEADERS["members"]
    shuffled = [2, 4, 0, 3, 1]
    text = ";".join(f" {names[i].upper()} " for i in shuffled) + "\r\n"
    text += "".join(";".join(str(row[i]) for i in shuffled) + "\r\n" for row in MEMBERS)
    before = raw(settings, "members", ", ".join(names))
    (inbox / "members.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    landing = land_claims(settings, inbox)
    assert landing.landed == ["members.csv"]
    assert not landing.drift
    assert raw(settings, "members", ", ".join(names)) == before


def test_the_same_files_twice_change_nothing(settings, inbox):
    before = [raw(settings, table) for table in HEADERS]
    assert counts(land_claims(settings, inbox)) == (0, 3, 0, 0)
    assert [raw(settings, table) for table in HEADERS] == before
    assert counts(land_claims(settings, inbox, force=True)) == (3, 0, 0, 0)
    assert [[r[:-2] for r in raw(settings, table)] for table in HEADERS] == [
        [r[:-2] for r in rows] for rows in before
    ]


def test_a_replaced_file_replaces_its_rows_and_a_removed_one_is_retired(settings, inbox):
    write_csv(inbox / "later" / "claims.csv", [claim(3)])
    write_csv(inbox / "claims.csv", [claim(1, "DENIED", paid="0")])
    assert counts(land_claims(settings, inbox)) == (2, 2, 0, 0)
    ids = "_source_file, claim_id, status"
    assert raw(settings, columns=ids) == [
        ("claims.csv", "C1", "DENIED"),
        ("later/claims.csv", "C3", "PAID"),
    ]
    (inbox / "later" / "claims.csv").unlink()
    assert counts(land_claims(settings, inbox)) == (0, 3, 0, 1)
    assert raw(settings, columns=ids) == [("claims.csv", "C1", "DENIED")]
    assert counts(land_claims(settings, inbox)) == (0, 3, 0, 0)


def test_one_file_alone_retires_nothing(settings, inbox):
    one = write_csv(inbox / "more_claims.csv", [claim(9)])
    assert counts(land_claims(settings, one)) == (1, 0, 0, 0)
    assert len(raw(settings)) == 3


def test_another_folder_takes_the_place_of_the_files_of_its_tables_only(settings, inbox, tmp_path):
    """The same claims as CSV and as Parquet, landed one after the other, are there once."""
    lake = tmp_path / "lake"
    write_parquet(
        lake / "claims" / "year=2024" / "month=2" / "part-0.parquet",
        f"select * exclude (year, month) from read_csv('{inbox / 'claims.csv'}')",
    )
    landing = land_claims(settings, lake)
    assert landing.retired == ["claims.csv"]
    some = "claim_id, cast(amount as decimal(12, 2)), year, month"
    assert raw(settings, columns=some) == [
        ("C1", Decimal("100.50"), "2024", "2"),
        ("C2", Decimal("100.50"), "2024", "2"),
    ]
    assert len(raw(settings, "members")) == 2
    assert counts(land_claims(settings, inbox)) == (1, 2, 0, 1)


def test_an_empty_or_missing_folder_retires_nothing(settings, inbox, tmp_path):
    before = raw(settings)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingToLand, match="Nothing was retired"):
        land_claims(settings, tmp_path / "empty")
    with pytest.raises(NothingToLand, match="does not exist"):
        land_claims(settings, tmp_path / "missing")
    with pytest.raises(NothingToLand, match="s3://bucket"):
        land_claims(settings, "gs://bucket/prefix")
    assert raw(settings) == before


def test_a_file_without_a_telling_name_is_known_by_its_columns(settings, inbox):
    write_csv(inbox / "part-7.csv", [claim(7)], HEADERS["claims"])
    write_csv(inbox / "shopping.csv", [[1, 2]], ["bread", "milk"])
    (inbox / "readme.txt").write_text("hello")
    (inbox / "_SUCCESS").write_text("")
    landing = land_claims(settings, inbox)
    assert landing.landed == ["part-7.csv"]
    assert sorted(landing.ignored) == ["readme.txt", "shopping.csv"]
    assert not landing.refused


@pytest.mark.parametrize("name", ["claims [1].csv", "claims*.csv", "it's claims?.csv"])
def test_a_name_with_brackets_and_stars_means_that_file_alone(settings, inbox, name):
    write_csv(inbox / "claims1.csv", [claim(6)])
    write_csv(inbox / name, [claim(7)])
    write_parquet(inbox / f"{name}.parquet", CLAIM_SELECT)
    assert len(land_claims(settings, inbox).landed) == 3
    landed = raw(settings, columns="_source_file, count(*) over (partition by _source_file)")
    assert dict(landed) == {name: 1, f"{name}.parquet": 3, "claims1.csv": 1, "claims.csv": 2}


def test_new_and_missing_columns_are_drift_and_a_renamed_one_is_refused(settings, inbox):
    header = HEADERS["claims"]
    write_csv(inbox / "claims.csv", [[*claim(1), "x"]], [*header, "Room Name"])
    landing = land_claims(settings, inbox)
    assert landing.drift == ["claims.csv: column room name of claims is new"]
    assert raw(settings, columns='"room name"') == [("x",)]
    write_csv(inbox / "claims.csv", [claim(1)[:10]], header[:10])  # year and month may be missing
    assert counts(land_claims(settings, inbox)) == (1, 2, 0, 0)
    write_csv(inbox / "claims.csv", [claim(5)], ["claimed_id", *header[1:]])
    landing = land_claims(settings, inbox)
    reason = landing.refused["claims.csv"]
    assert "no column claim_id of claims; it has member_id, provider_id" in reason
    assert "not known: 'claimed_id' (near claim_id)" in reason
    assert raw(settings, columns="claim_id") == [("C1",)]
    drift = query(settings, "select column_name, drift from raw.drift_log")
    assert drift == [("room name", "new")]


def test_a_pandas_index_is_no_reason_to_refuse(settings, inbox):
    write_csv(inbox / "claims.csv", [[0, *claim(1)]], ["", *HEADERS["claims"]])
    landing = land_claims(settings, inbox)
    assert landing.drift == ["claims.csv: column unnamed_1 of claims is new"]


def cut(data: bytes) -> bytes:
    return data[: data.rindex(b",") - 3]


BROKEN = {
    "words for amounts": (
        lambda d: d.replace(b"100.50", b"secret"),
        "none of the 3 filled cells of 'amount', read as amount, is an amount",
    ),
    "the month first": (
        lambda d: d.replace(b"2024-02-03,", b"02/13/2024,"),
        "row 2: claim_date has the month first, as in 2 cells, where it is read the other way: "
        "add this line to seeds/claims/claim_feeds.csv: main,,,,mdy,,",
    ),
    "a comma that is a decimal mark": (
        lambda d: d.replace(b"100.50", b"1.500").replace(b"80.00", b'"80,25"'),
        'claim_feeds.csv: main,,,,,",",',
    ),
    "cut in a row": (lambda d: cut(d) + b"\n", "row 4: 11 cells where the header has 12"),
    "cut in a row, no line end": (cut, "breaks off in row 4"),
    "cut in the last cell": (lambda d: d[:-1], "breaks off in row 4"),
    "cut in the header": (lambda d: d[:40], "row 1: no column"),
    "cut to nothing": (lambda d: b"", "is empty"),
    "only a header": (lambda d: d[: d.index(b"\n") + 1], "no rows, though it had 3"),
    "a cell too many": (lambda d: d.replace(b"PENDING", b"PEND,ING"), "row 3: 13 cells"),
    "an open quote": (lambda d: d.replace(b"PENDING", b'"PENDING'), "row 3: a quoted cell"),
    "text after a quote": (lambda d: d.replace(b"PENDING", b'"PEND"ING'), "row 3: a quoted cell"),
    "padded with nulls": (lambda d: d[:-20] + b"\0" * 20, "null bytes"),
    "no character set": (lambda d: d.replace(b"PENDING", b"PEND\x81NG"), "row 3 is not UTF-"),
    "perhaps Polish": (lambda d: d.replace(b"PENDING", b"Poz\xf1an"), "Windows-1250 (Polish)"),
    "UTF-16 without its mark": (lambda d: d.decode().encode("utf-16-le"), "UTF-16"),
    "a name twice": (
        lambda d: d.replace(b"paid_amt", b"AMOUNT"),
        "row 1: 'amount' and 'AMOUNT' would both be amount",
    ),
    "a workbook": (lambda d: b"PK\3\4" + d, "workbook"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_whole_and_its_rows_of_yesterday_stay(settings, tmp_path, case):
    folder = write_inbox(tmp_path / "claims")
    rows = [claim(1), claim(2, "PENDING", paid="0"), claim(3, day="2024-03-04")]
    path = write_csv(folder / "claims.csv", rows)
    assert counts(land_claims(settings, folder)) == (3, 0, 0, 0)
    before = raw(settings)
    good = path.read_bytes()
    damage, expected = BROKEN[case]
    path.write_bytes(damage(good))
    write_csv(folder / "members.csv", [*MEMBERS, ["M3", "Cy Other", 5, "M", "Miami, FL"]])
    landing = land_claims(settings, folder)
    assert counts(landing) == (1, 1, 1, 0)
    reason = landing.refused["claims.csv"]
    assert expected in reason
    assert not any(value in reason for value in ("secret", "13/2024", "80,25", "1.500"))
    assert raw(settings) == before
    assert len(raw(settings, "members")) == 3  # what was whole has landed
    assert counts(land_claims(settings, folder)) == (0, 2, 1, 0)  # refused without being read
    path.write_bytes(good)
    assert counts(land_claims(settings, folder)) == (1, 2, 0, 0)


def test_row_numbers_are_those_a_spreadsheet_shows(settings, inbox):
    path = inbox / "claims.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + "\n" + lines[1] + "\n\n" + lines[2])
    land_claims(settings, inbox)
    assert raw(settings, columns="_source_row, claim_id") == [(3, "C1"), (6, "C2")]
    rows = [["M1", "Ann\nOther", 34, "F", "Austin, TX"], ["M2", "Bo", "x", "F", ""]]
    write_csv(inbox / "members.csv", rows)
    land_claims(settings, inbox)
    assert raw(settings, "members", "_source_row, age") == [(2, "34"), (3, "x")]


def test_parquet_is_read_by_name_and_its_path_gives_year_and_month(settings, inbox):
    (inbox / "claims.csv").unlink()
    write_parquet(inbox / "claims/year=2024/month=2/a.parquet", CLAIM_SELECT)
    landing = land_claims(settings, inbox)
    assert counts(landing) == (1, 2, 0, 1)
    assert not landing.drift
    columns = "_source_row, " + ", ".join(HEADERS["claims"])
    assert raw(settings, columns=columns)[0] == (
        1, "C1", "M1", "P1", "I10", "2024-02-03", "1.10", None, "PAID",
        "2024-02-04 09:00:00", "2024-02-05 10:00:00", "2024", "2",
    )  # fmt: skip
    assert [row[1] for row in raw(settings)] == [1, 2, 3]


def test_a_partition_without_a_value_gives_none(settings, inbox):
    none = "__HIVE_DEFAULT_PARTITION__"
    write_parquet(inbox / f"claims/year={none}/month={none}/a.parquet", CLAIM_SELECT)
    assert not land_claims(settings, inbox).refused
    assert raw(settings, columns="year, month")[-1] == (None, None)


def test_a_year_in_the_file_counts_before_its_path(settings, inbox):
    select = f"select *, 2019 as year from ({CLAIM_SELECT})"
    write_parquet(inbox / "claims/year=2024/month=2/a.parquet", select)
    land_claims(settings, inbox)
    assert set(raw(settings, columns="year, month")) == {("2024", "2"), ("2019", "2")}


def parquet_bytes() -> bytes:
    out = io.BytesIO()
    with duckdb.connect() as connection:
        table = connection.execute(
            CLAIM_SELECT.replace("range(1, 4)", "range(1, 4000)")
        ).to_arrow_table()
    pq.write_table(table, out, compression="snappy")
    return out.getvalue()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda d: d[: len(d) // 2], "not a whole Parquet file"),
        (lambda d: d[:-3], "not a whole Parquet file"),
        (lambda d: b"", "not a whole Parquet file"),
        (lambda d: d[:4] + b"\xff" * 3000 + d[3004:], "damaged inside"),
    ],
)
def test_a_half_written_parquet_file_is_refused_and_its_rows_stay(settings, inbox, damage, reason):
    path = inbox / "claims.parquet"
    path.write_bytes(parquet_bytes())
    land_claims(settings, inbox)
    before = raw(settings)
    assert len(before) == 2 + 3999
    path.write_bytes(damage(parquet_bytes()))
    landing = land_claims(settings, inbox)
    assert reason in landing.refused["claims.parquet"]
    assert raw(settings) == before
    write_csv(inbox / "providers.csv", PROVIDERS * 2)  # the warehouse still takes files
    assert counts(land_claims(settings, inbox)) == (1, 2, 1, 0)


def test_an_odd_value_is_for_the_models_to_reject(settings, inbox):
    amount = "case when claim_id = 'C2' then 'x' else '1' end as amount"
    write_parquet(inbox / "claims.parquet", f"select * replace ({amount}) from ({CLAIM_SELECT})")
    assert not land_claims(settings, inbox).refused
    assert ("C2", "x") in raw(settings, columns="claim_id, amount")


def test_pandas_and_spark_ways_of_writing_are_understood(settings, inbox):
    rows = {
        "member_id": pa.array(["M1"]).dictionary_encode(),
        "name": pa.array([b"Ann"]),
        "age": pa.array([34.0]),
        "gender": pa.array(["F"]),
        "location": pa.array([""]),
        "birth_date": pa.array([date(1990, 1, 2)]),
        "__index_level_0__": pa.array([5]),
    }
    (inbox / "members.csv").unlink()
    pq.write_table(pa.table(rows), inbox / "members.parquet")
    landing = land_claims(settings, inbox)
    assert landing.drift == ["members.parquet: column index_level_0__ of members is new"]
    assert raw(settings, "members", "member_id, name, age, location, birth_date") == [
        ("M1", "Ann", "34.0", None, "1990-01-02")
    ]


@pytest.fixture(scope="module")
def one_home(tmp_path_factory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("csv"))


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6)
CELL = TEXT | st.sampled_from(["", '"', '""', "a,b", "a;b", "x\ny", "x\r\ny", " 7 ", "#", "\\"])


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=1, max_size=6),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    order=st.permutations(HEADERS["providers"]),
)
def test_what_is_landed_is_what_pythons_csv_module_reads(one_home, rows, line_end, quoting, order):
    """One file that changes again and again, in one warehouse."""
    folder = one_home.home
    path = folder / "providers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator=line_end, quoting=quoting)
        writer.writerow(order)
        writer.writerows(rows)
    with path.open(newline="", encoding="utf-8") as file:
        expected = [
            (number, *(row[order.index(name)] or None for name in HEADERS["providers"]))
            for number, row in enumerate(csv.reader(file), start=1)
            if number > 1
        ]
    landing = land_claims(one_home, path)
    assert not landing.refused, landing.refused
    columns = "_source_row, " + ", ".join(HEADERS["providers"])
    assert raw(one_home, "providers", columns) == expected


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.lists(st.sampled_from([b"a", b",", b'"', b"\n", b"\r\n", b" ", b"7", b"\xc3"])))
def test_the_fast_reader_never_takes_what_the_slow_one_reads_otherwise(tmp_path_factory, body):
    """Any bytes below a header: where DuckDB gives rows, Python gives the same or refuses."""
    folder = tmp_path_factory.mktemp("bytes")
    path = folder / "odd.csv"
    path.write_bytes(b"a,b,c\n" + b"".join(body))
    try:
        file = open_csv(path, folder)
    except Refused:
        return  # a lone \xc3 may be a letter of two character sets
    if file.is_odd():
        return
    with duckdb.connect() as connection:
        try:
            fast = connection.execute(f"select * from {file.fast()} order by 1").fetchall()
        except duckdb.Error:
            return
        try:
            relation = file.slow(folder / "rows.parquet")
        except Refused:
            return
        slow = connection.execute(f"select * from {relation} order by 1").fetchall()
    assert fast == slow


def test_the_made_up_exports_land_and_the_broken_one_is_refused(settings, tmp_path):
    demo.generate(tmp_path, scale=0.1, seed=3, days=3)
    landing = land_claims(settings, tmp_path / "claims")
    assert counts(landing) == (1 + 3 * 5 - 1, 0, 0, 0)
    (claims, amount) = query(
        settings,
        """
        select count(*), sum(cast(amount as decimal(12, 2))) from (
            select *, row_number() over (partition by claim_id order by ingestion_ts desc) as copy
            from raw_claims.claims
        ) where copy = 1
        """,
    )[0]
    totals = truth(tmp_path, "claims_totals")
    assert claims == sum(int(row["claims"]) for row in totals)
    assert amount == sum(Decimal(row["amount"]) for row in totals)
    (broken,) = (tmp_path / "claims_broken").rglob("*.csv")
    name = broken.relative_to(tmp_path / "claims_broken")
    before = raw(settings)
    (tmp_path / "claims" / name).write_bytes(broken.read_bytes())
    assert list(land_claims(settings, tmp_path / "claims").refused) == [name.as_posix()]
    assert raw(settings) == before


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        demo.generate(tmp_path / name, scale=0.1, seed=5, days=1)
    files = [sorted(p for p in (tmp_path / n).rglob("*") if p.is_file()) for n in ("one", "two")]
    assert len(files[0]) > 10
    for one, two in zip(*files, strict=True):
        assert one.read_bytes() == two.read_bytes(), one


def test_land_and_run_look_where_the_setting_says_and_the_demo_does_not(tmp_path):
    folder = write_inbox(tmp_path / "elsewhere")
    settings = Settings(home=tmp_path / "home", claims_url=str(folder))
    assert default_place("claims", settings) == str(folder)
    assert default_place("claims", settings, settings.inbox) == str(folder)
    made_up = settings.demo_inputs
    assert default_place("claims", settings, made_up) == made_up / "claims"
    assert default_place("clinic", settings) == settings.inbox / "clinic"
    assert default_place("claims", Settings(home=tmp_path)) == tmp_path / "inbox" / "claims"
    landing = land_source("claims", settings, default_place("claims", settings))
    assert counts(landing) == (3, 0, 0, 0)
