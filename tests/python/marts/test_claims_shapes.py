"""Claims as they really come, against plain Python: lines, reversals, replacements, two hospitals
with colliding ids, dated spans, part deliveries, payers and words nobody knows."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carehouse.settings import Settings
from claims_pipeline import Pipeline
from claims_reference import Book, covered_days, per_member_month, read_claims
from conftest import clear

FEEDS = ("main", "north", "south")
NEW_YEAR = date(2025, 1, 1)
DELIVERIES = [datetime(2025, month, 1) for month in (2, 3, 4, 5)]
AS_OF = "(select as_of_date from intermediate.int_claims__as_of)"


@pytest.fixture(scope="module")
def pipeline(parsed_home: Path) -> Pipeline:
    """The models, compiled."""
    clear(Settings(home=parsed_home))
    return Pipeline(parsed_home)


# --- what is drawn --------------------------------------------------------------------------------

AMOUNTS = st.sampled_from(["200.00", "0.10", "99.99", "-200.00", "-0.10", "-50.00", "0.00"])
FREQUENCIES = st.sampled_from([None] * 12 + ["1", "7", "8"])
ROW = st.fixed_dictionaries(
    {
        "claim": st.integers(1, 5),
        "moment": st.integers(0, 2),
        "amount": AMOUNTS,
        "paid": st.sampled_from([None, "80.00", "10.05", "-80.00", "0"]),
        "status": st.sampled_from(
            ["PAID", "DENIED", "PENDING", "Approved", "In process", "declined", "Foo", None]
        ),
        "line": st.sampled_from([None, 1, 2]),
        "day": st.integers(0, 100),
        "frequency": FREQUENCIES,
        "original": st.sampled_from([None, None, None, 1, 2]),
        "procedure": st.sampled_from([None, "99213", "99214"]),
    }
)
SPAN = st.tuples(
    st.sampled_from([None, "Aetna", "Cigna"]), st.integers(-60, 100), st.integers(-20, 150)
)
EXPORT = st.dictionaries(
    st.integers(1, 6), st.lists(SPAN, min_size=1, max_size=2, unique=True), min_size=1
)


@st.composite
def hospital(draw, feed: str) -> dict:
    """A feed: its rows of claims, with copies of some, and its exports of members."""
    rows = draw(st.lists(ROW, max_size=12))
    rows += [row for row in rows if draw(st.integers(0, 4)) == 0]
    payer = {number: draw(st.sampled_from([None, "Aetna"])) for number in range(1, 6)}
    member = {number: draw(st.integers(1, 7)) for number in range(1, 6)}
    return {
        "feed": feed,
        "rows": rows,
        "payer": payer,
        "member": member,
        "exports": draw(st.lists(EXPORT, min_size=1, max_size=4)),
    }


def folder(feed: str) -> str:
    return "" if feed == "main" else f"{feed}/"


def claim_files(one: dict) -> tuple[list, list[dict]]:
    """A feed's claims files, one a moment, and the same rows for the reference."""
    files, plain = [], []
    for number in sorted({row["moment"] for row in one["rows"]}):
        moment = datetime(2025, 5, 1 + number)
        path = f"{folder(one['feed'])}claims_{number}.csv"
        texts = []
        for row in (row for row in one["rows"] if row["moment"] == number):
            claim = row["claim"]
            original = row["original"] if row["original"] != claim else None
            day = NEW_YEAR + timedelta(days=row["day"])
            texts.append(
                {
                    "claim_id": f"C{claim}",
                    "claim_line_number": row["line"] and str(row["line"]),
                    "member_id": f"M{one['member'][claim]}",
                    "provider_id": "P1",
                    "diagnosis": "E11.9",
                    "claim_date": day.isoformat(),
                    "amount": row["amount"],
                    "paid_amt": row["paid"],
                    "status": row["status"],
                    "ingestion_ts": moment.isoformat(" "),
                    "payer": one["payer"][claim],
                    "claim_frequency_code": row["frequency"],
                    "original_claim_id": original and f"C{original}",
                    "procedure_code": row["procedure"],
                }
            )
            plain.append(
                {
                    **{key: row[key] for key in ("status", "line", "frequency", "procedure")},
                    "feed": one["feed"],
                    "claim_id": f"C{claim}",
                    "member_id": f"M{one['member'][claim]}",
                    "amount": Decimal(row["amount"]),
                    "paid": row["paid"] and Decimal(row["paid"]),
                    "day": day,
                    "payer": one["payer"][claim],
                    "original": original and f"C{original}",
                    "moment": moment,
                    "file": path,
                }
            )
        files.append(("claims", path, datetime(2025, 6, 1), texts))
    return files, plain


def member_files(one: dict) -> tuple[list, list]:
    """A feed's exports of members, dated by their path, and the same for the reference."""
    files, exports = [], []
    births = {"main": 1940, "north": 1960, "south": 1980}
    for moment, export in zip(DELIVERIES, one["exports"], strict=False):
        rows, plain = [], []
        for who, spans in export.items():
            for payer, start, length in spans:
                first = NEW_YEAR + timedelta(days=start)
                last = None if length < 0 else first + timedelta(days=length)
                rows.append(
                    {
                        "member_id": f"M{who}",
                        "name": f"{one['feed']} {who}",
                        "birth_date": f"{births[one['feed']] + who}-03-01",
                        "coverage_start": first.isoformat(),
                        "coverage_end": last.isoformat() if last else "9999-12-31",
                        "payer": payer,
                    }
                )
                plain.append({"member_id": f"M{who}", "payer": payer, "start": first, "end": last})
        path = f"{folder(one['feed'])}members_{moment.date()}.csv"
        files.append(("members", path, datetime(2025, 6, 1), rows))
        exports.append((moment, plain))
    return files, exports


# --- what must hold -------------------------------------------------------------------------------


def check_claims(pipeline: Pipeline, book: Book) -> None:
    found = pipeline.query(
        "select source_system, claim_id, amount, coalesce(paid_amount, 0), claim_date, status, "
        "line_count from claims.fact_claims order by all"
    )
    assert found == sorted(
        (feed, number, one.amount, one.paid, one.day, one.status, len(one.lines))
        for (feed, number), one in book.claims.items()
    )
    lines = pipeline.query(
        "select source_system, sum(amount), count(*) from claims.fact_claim_lines group by 1"
    )
    expected: dict[str, list] = defaultdict(lambda: [Decimal(0), 0])
    for (feed, _), one in book.claims.items():
        expected[feed][0] += one.amount
        expected[feed][1] += len(one.lines)
    assert {feed: [amount, count] for feed, amount, count in lines} == dict(expected)


def check_history(pipeline: Pipeline, book: Book) -> None:
    found = pipeline.query(
        "select source_system, claim_id, status_from, status from claims.claim_status_history "
        "order by all"
    )
    assert found == sorted(
        (feed, number, moment, status)
        for (feed, number), one in book.claims.items()
        for moment, status in one.history
    )


def check_money(pipeline: Pipeline, book: Book) -> None:
    found = pipeline.query(
        "select _source_file, read_amount, coalesce(kept_amount, 0), superseded_amount, "
        "duplicate_amount, rejected_amount from intermediate.int_claims__file_accounting "
        "left join (select _source_file, sum(amount) as kept_amount "
        "from claims.fact_claim_lines group by 1) using (_source_file) where has_amounts"
    )
    assert {file: tuple(rest) for file, *rest in found} == {
        file: (one.read, one.kept, one.superseded, one.duplicate, Decimal(0))
        for file, one in book.money.items()
    }
    for _, read, *parts in found:
        assert read == sum(parts)
    assert pipeline.query("select coalesce(sum(amount), 0) from claims.fact_claims") == [
        (sum((one.kept for one in book.money.values()), Decimal(0)),)
    ]


def check_rates(pipeline: Pipeline, book: Book) -> None:
    found = pipeline.query(
        "select source_system, claim_count, decided_count, denied_count "
        "from claims.cost_and_denial where dimension = 'all' order by all"
    )
    by_feed = defaultdict(Counter)
    for (feed, _), one in book.claims.items():
        by_feed[feed][one.status] += 1
    assert found == sorted(
        (feed, sum(seen.values()), seen["PAID"] + seen["DENIED"], seen["DENIED"])
        for feed, seen in by_feed.items()
    )


def check_members(pipeline: Pipeline, book: Book, exports: dict[str, list]) -> None:
    ((as_of,),) = pipeline.query(f"select {AS_OF}")
    first = min(one.day for one in book.claims.values())
    people: Counter = Counter()
    payers: Counter = Counter()
    days = {feed: covered_days(told) for feed, told in exports.items()}
    period = (first.replace(day=1), as_of)
    for feed, members in days.items():
        for who, by_payer in members.items():
            for day in set().union(*by_payer.values()):
                if period[0] <= day <= period[1]:
                    people[feed, who, day.replace(day=1)] += 1
            for payer, covered in by_payer.items():
                for day in covered:
                    if payer and period[0] <= day <= period[1]:
                        payers[feed, who, payer, day.replace(day=1)] += 1
    found = pipeline.query(
        "select source_system, member_id, month, covered_days from claims.member_months"
    )
    assert {tuple(key): count for *key, count in found} == dict(people)
    found = pipeline.query(
        "select source_system, member_id, payer, month, covered_days "
        "from claims.payer_member_months"
    )
    assert {tuple(key): count for *key, count in found} == dict(payers)
    check_cost(pipeline, book, people)
    check_payers(pipeline, book, days)


def check_cost(pipeline: Pipeline, book: Book, people: Counter) -> None:
    members = Counter((feed, month) for feed, _, month in people)
    paid: dict[tuple, Decimal | None] = defaultdict(Decimal)
    untold: dict[tuple, list[bool]] = defaultdict(list)
    for (feed, _), one in book.claims.items():
        key = feed, one.day.replace(day=1)
        paid[key] += one.paid
        if one.status == "PAID":
            untold[key].append(all(row["paid"] is None for row in one.lines))
    for key, months in untold.items():
        if all(months):
            paid[key] = None
    found = pipeline.query(
        "select source_system, month, member_months, paid_amount, pmpm_paid_amount "
        "from claims.pmpm_monthly order by all"
    )
    assert found == [
        (*key, members[key], paid[key], per_member_month(paid[key], members[key]))
        for key in sorted(members.keys() | paid.keys())
    ]


def check_payers(pipeline: Pipeline, book: Book, days: dict) -> None:
    expected = {}
    for (feed, number), one in book.claims.items():
        by_payer = days[feed].get(one.lines[0]["member_id"], {})
        of_the_day = {payer for payer, covered in by_payer.items() if payer and one.day in covered}
        derived = of_the_day.pop() if len(of_the_day) == 1 else "Unknown"
        expected[feed, number] = one.payer or derived
    found = pipeline.query("select source_system, claim_id, payer from claims.fact_claims")
    assert {(feed, number): payer for feed, number, payer in found} == expected


def check(pipeline: Pipeline, hospitals: list[dict]) -> None:
    """Land, build, and compare everything."""
    files, rows, exports = [], [], {}
    for one in hospitals:
        claims, plain = claim_files(one)
        members, told = member_files(one)
        files += claims + members
        rows += plain
        exports[one["feed"]] = told
    pipeline.run(files)
    book = read_claims(rows)
    check_claims(pipeline, book)
    check_history(pipeline, book)
    check_money(pipeline, book)
    check_rates(pipeline, book)
    if book.claims:  # months are counted from the first claim on
        check_members(pipeline, book, exports)


@given(st.tuples(*[hospital(feed) for feed in FEEDS]))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
        HealthCheck.function_scoped_fixture,
    ],
)
def test_claims_as_they_really_come_are_those_of_plain_python(pipeline, hospitals):
    check(pipeline, list(hospitals))


# --- what was once wrong, one by one --------------------------------------------------------------

LANDED = datetime(2025, 6, 1)


def claims_file(*rows: dict, path: str = "claims.csv") -> tuple:
    """A claims file with only what a claim must have, and what a row adds."""
    must = {
        "claim_id": "C1",
        "member_id": "M1",
        "provider_id": "P1",
        "claim_date": "2025-01-10",
        "amount": "100.00",
    }
    names = dict.fromkeys(name for row in rows for name in row)
    return "claims", path, LANDED, [{**names, **must, **row} for row in rows]


def members_file(*rows: dict, path: str = "members.csv") -> tuple:
    """A members file with only ids, and what a row adds."""
    names = dict.fromkeys(name for row in rows for name in row)
    return "members", path, LANDED, [{**names, **row} for row in rows]


def facts(pipeline: Pipeline, columns: str) -> list[tuple]:
    return pipeline.query(f"select {columns} from claims.fact_claims order by all")


def test_a_word_nobody_knows_keeps_its_money_and_stays_out_of_rates(pipeline):
    rows = [
        {"claim_id": f"C{number}", "status": word, "paid_amt": "1"}
        for number, word in enumerate(["Approved", "DENIED", "in-process", "Zonked", None])
    ]
    pipeline.run([claims_file(*rows)])
    assert facts(pipeline, "claim_id, status, amount") == [
        (f"C{number}", status, Decimal(100))
        for number, status in enumerate(["PAID", "DENIED", "PENDING", "UNMAPPED", "NOT_STATED"])
    ]
    assert pipeline.query(
        "select claim_count, decided_count, denied_count, denial_rate, pending_rate, amount "
        "from claims.cost_and_denial where dimension = 'all'"
    ) == [(5, 2, 1, 0.5, 1 / 3, Decimal(500))]


@pytest.mark.parametrize("numbers", [("1", "2", "3"), (None, None, None)])
def test_lines_of_one_claim_in_one_file_are_added_up(pipeline, numbers):
    rows = [
        {"claim_line_number": number, "amount": amount, "paid_amt": "5.05"}
        for number, amount in zip(numbers, ["200.00", "300.10", "-200.00"], strict=True)
    ]
    pipeline.run([claims_file(*rows)])
    assert facts(pipeline, "amount, paid_amount, line_count") == [
        (Decimal("300.10"), Decimal("15.15"), 3)
    ]


def test_a_reversal_that_comes_later_nets_out(pipeline):
    pipeline.run(
        [
            claims_file({"amount": "200.00"}, path="claims_2025-01-31.csv"),
            claims_file({"amount": "-200.00"}, path="claims_2025-02-28.csv"),
        ]
    )
    assert facts(pipeline, "amount, line_count") == [(Decimal(0), 2)]


def test_a_void_under_another_number_takes_its_claim_back(pipeline):
    back = {"claim_id": "C9", "bill_type_code": "0118", "original_claim_id": "C1"}
    pipeline.run([claims_file({}, {"claim_id": "C2", "amount": "7"}, back)])
    assert facts(pipeline, "claim_id, amount") == [("C2", Decimal(7))]
    assert pipeline.query(
        "select read_amount, superseded_amount from intermediate.int_claims__file_accounting"
    ) == [(Decimal(207), Decimal(200))]


def test_the_same_ids_in_two_hospitals_are_different_people_and_claims(pipeline):
    files = []
    for hospital, year in (("north", 1950), ("south", 1980)):
        people = [
            {"member_id": f"M{n}", "birth_date": f"{year + n}-01-01", "name": f"{hospital} {n}"}
            for n in range(5)
        ]
        files.append(members_file(*people, path=f"{hospital}/members.csv"))
        rows = [{"claim_id": f"C{n}", "member_id": f"M{n}", "amount": str(year)} for n in range(5)]
        files.append(claims_file(*rows, path=f"{hospital}/2025/03/claims.csv"))
    pipeline.run(files)
    assert pipeline.query(
        "select source_system, count(*), sum(amount), count(distinct member_key) "
        "from claims.fact_claims group by 1 order by 1"
    ) == [("north", 5, Decimal(5 * 1950), 5), ("south", 5, Decimal(5 * 1980), 5)]
    assert pipeline.query(
        "select feed, other_feed, is_same_system, decided_by, shared_id_count, same_people_count "
        "from claims.feed_identity order by 1"
    ) == [
        ("north", "south", False, "their shared ids are different people", 5, 0),
        ("south", "north", False, "their shared ids are different people", 5, 0),
    ]


def test_two_folders_of_the_same_people_are_one_system(pipeline):
    people = [{"member_id": f"M{n}", "birth_date": f"195{n}-01-01", "gender": "F"} for n in "1234"]
    pipeline.run(
        [
            members_file(*people, path="old/members.csv"),
            members_file(*people, path="new/members.csv"),
            claims_file({"amount": "1"}, path="old/claims_2025-01.csv"),
            claims_file({"amount": "2"}, path="new/claims_2025-02.csv"),
        ]
    )
    assert facts(pipeline, "source_system, claim_id, amount") == [("new", "C1", Decimal(2))]


def test_several_spans_of_one_member_in_one_file_all_count(pipeline):
    spans = [("2025-01-01", "2025-01-31"), ("2025-03-01", "2025-04-30"), ("2025-06-01", None)]
    rows = [
        {"member_id": "M1", "coverage_start": start, "coverage_end": end, "payer": "Aetna"}
        for start, end in spans
    ]
    claim = {"ingestion_ts": "2025-05-31", "paid_amt": "80.00"}
    pipeline.run([members_file(*rows), claims_file(claim)])
    assert [
        month.month
        for (month,) in pipeline.query("select month from claims.member_months order by 1")
    ] == [1, 3, 4]
    assert pipeline.query(
        "select pmpm_paid_amount from claims.pmpm_monthly where month = '2025-03-01'"
    ) == [(Decimal("0.00"),)]


def test_a_part_after_a_full_delivery_retires_nobody(pipeline):
    everybody = [{"member_id": f"M{n}", "coverage_start": "1900-01-01"} for n in range(50)]
    pipeline.run(
        [
            members_file(*everybody, path="members_2025-01-31.csv"),
            members_file(*everybody[:1], path="members_2025-02-28.csv"),
            claims_file({"ingestion_ts": "2025-03-31"}),
        ]
    )
    assert pipeline.query(
        "select month, member_months from claims.pmpm_monthly order by 1 desc limit 1"
    ) == [(date(2025, 3, 1), 50)]
