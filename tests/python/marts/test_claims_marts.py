"""The claims marts against plain Python: small exact rows, and a made-up set with its truth."""

import csv
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carehouse.build import run_dbt
from carehouse.demo import claims as demo
from carehouse.landing.claims import land_claims
from carehouse.settings import Settings
from claims_rows import (
    build_claims,
    claim,
    land,
    member,
    provider,
    query,
)
from conftest import clear

OPEN_END = datetime(9999, 12, 31)
BEGINNING = datetime(1900, 1, 1)
DIMENSIONS = ("--select", "+claims__dim_members", "+claims__dim_providers", "path:seeds/claims")
HISTORY = (*DIMENSIONS, "+claims__claim_status_history")
WITHOUT_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
MEMBERS = (
    "select member_id, city, gender, valid_from, valid_to, is_current, member_key "
    "from claims.dim_members where member_id < 'M3' order by all"
)
PROVIDERS = "select * exclude (_source_file, source_system) from claims.dim_providers order by all"
STATUSES = (
    "select claim_key, status_number, status, is_current, status_from, status_to "
    "from claims.claim_status_history order by all"
)


def build_part(settings: Settings, *selection: str) -> None:
    built = run_dbt(
        settings,
        ["build", *selection, *WITHOUT_TESTS],
        quiet=True,
    )
    assert built.ok, (built.error, built.bad)


def keep(built: Settings, folder: Path) -> Settings:
    """Move a warehouse out of the home that holds dbt's parse, which the next test empties."""
    shutil.move(built.home / "warehouse", folder / "warehouse")
    return Settings(home=folder)


# --- small exact cases ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small_and_sql(
    tmp_path_factory: pytest.TempPathFactory, parsed_home: Path
) -> tuple[Settings, str]:
    """Two hospitals that share numbers, a number used twice in one, a claim told three times over,
    and rows that cannot be; and the compiled SQL of the versions, to run on tables of one's own."""
    settings = clear(Settings(home=parsed_home))
    told_once = [
        claim("C1", amount="100.10", paid_amt="120.20"),
        claim("C2", status="DENIED", paid_amt="30"),
        claim("C3", status="REJECTED", paid_amt="0"),
        claim("C4", member_id="M9"),
        claim("C5", amount="0", paid_amt="0", claim_date="2025-03-10"),
        claim("C6", status="PENDING", paid_amt="5", diagnosis="I10"),
        claim("C6", member_id="H1", provider_id="P2", amount="70", paid_amt="70"),
    ]
    other_hospital = [
        claim("C1", member_id="H1", provider_id="P2", amount="900", paid_amt="1000"),
        claim("C2", member_id="H2", provider_id="P2", amount="900", paid_amt="900"),
    ]
    wrong = [
        claim("", amount="1"),
        claim("X1", amount="10000000000.00"),
        claim("X2", amount="much"),
        claim("X3", claim_date="March"),
        claim("X4", claim_date="1900-01-01"),
    ]
    people = [member(number) for number in ("M1", "H1", "H2")]
    land(settings, "members", [*people, member(""), member("H3", age="99999999999")])
    land(settings, "providers", [provider("P1"), provider("P2", specialty="Oncology")])
    land(settings, "claims", [*told_once, *wrong], file="claims.csv")
    land(settings, "claims", told_once * 3, file="claims/year=2025/month=3/part.parquet")
    land(settings, "claims", other_hospital, file="other/claims.csv")
    build_claims(settings, tests=True)
    (path,) = (settings.home / "dbt" / "compiled").rglob("int_claims__export_versions.sql")
    sql = path.read_text().replace('"carehouse".', "")
    return keep(settings, tmp_path_factory.mktemp("small")), sql


@pytest.fixture(scope="module")
def small(small_and_sql: tuple[Settings, str]) -> Settings:
    """The warehouse of the small cases."""
    return small_and_sql[0]


def test_a_claim_told_again_in_every_file_stands_once(small):
    assert query(
        small,
        "select count(*), sum(amount), sum(paid_amount), sum(version_count) "
        "from claims.fact_claims where source_system = 'main' and claim_id in ('C3', 'C4', 'C5')",
    ) == [(3, Decimal("200.00"), Decimal("80.00"), 12)]


def test_a_number_that_two_hospitals_use_is_two_claims(small):
    assert query(
        small,
        "select claim_key, source_system, claim_id, amount, paid_amount from claims.fact_claims "
        "where claim_id in ('C1', 'C2') order by 1",
    ) == [
        ("C1", "main", "C1", Decimal("100.10"), Decimal("120.20")),
        ("C2", "main", "C2", Decimal("100.00"), Decimal("30.00")),
        ("other:C1", "other", "C1", Decimal("900.00"), Decimal("1000.00")),
        ("other:C2", "other", "C2", Decimal("900.00"), Decimal("900.00")),
    ]


def test_a_number_that_one_hospital_uses_twice_is_two_claims(small):
    assert query(
        small,
        "select claim_key, amount from claims.fact_claims where claim_id = 'C6' order by 1",
    ) == [("C6/P1", Decimal("100.00")), ("C6/P2", Decimal("70.00"))]


def test_a_feed_without_members_has_those_at_the_top(small):
    assert query(
        small,
        "select distinct member_id, member_key from claims.fact_claims "
        "where source_system = 'other' order by 1",
    ) == [("H1", "H1@1900-01-01"), ("H2", "H2@1900-01-01")]
    assert query(
        small,
        "select source_system, sum(claim_count) from claims.pmpm_monthly group by 1",
    ) == query(small, "select 'main', count(*) from claims.fact_claims")


def test_every_rule_is_counted_and_names_its_claims(small):
    hits = dict(query(small, "select rule_code, claim_count from claims.review_rule_hits"))
    assert len(hits) == 15
    assert {rule: count for rule, count in hits.items() if count} == {
        "paid_over_claimed": 2,
        "denied_but_paid": 1,
        "pending_but_paid": 1,
        "shared_claim_id": 2,
        "unknown_member": 1,
        "exact_duplicate": 1,
        "near_duplicate": 1,
    }
    assert query(
        small,
        "select claim_id_count from claims.review_rule_hits where rule_code = 'shared_claim_id'",
    ) == [(1,)]
    assert query(
        small,
        "select claim_key, amount_at_stake, expected_value_amount from claims.claim_review_flags "
        "where rule_code in ('paid_over_claimed', 'denied_but_paid') order by 1",
    ) == [
        ("C1", Decimal("20.10"), Decimal("16.08")),
        ("C2", Decimal("30.00"), Decimal("21.00")),
        ("other:C1", Decimal("100.00"), Decimal("80.00")),
    ]


def test_every_row_is_kept_or_rejected_with_a_reason(small):
    assert query(
        small,
        "select reason, count(*) from intermediate.int_claims__row_outcomes "
        "where outcome = 'rejected' group by 1 order by 1",
    ) == [
        ("age is too large to be one", 1),
        ("amount is not an amount", 1),
        ("amount is too large: 10,000,000,000 or more", 1),
        ("claim_date is 1900-01-01, which stands for no date", 1),
        ("claim_date is not a date", 1),
        ("claim_id is missing", 1),
        ("member_id is missing", 1),
    ]
    read = query(small, "select count(*) from intermediate.int_claims__row_outcomes")
    raw = query(
        small,
        "select (select count(*) from raw_claims.claims) + (select count(*) from "
        "raw_claims.members) + (select count(*) from raw_claims.providers)",
    )
    assert read == raw == [(42,)]


def test_nothing_landed_builds_empty_marts(home):
    build_claims(home, tests=True)
    assert query(home, "select count(*) from claims.fact_claims") == [(0,)]
    assert query(home, "select count(*) from claims.review_rule_hits") == [(15,)]


# --- history --------------------------------------------------------------------------------------


OTHERS = [member(f"M{number}") for number in range(3, 9)]  # so that one less is no part


def three_days(settings: Settings) -> list[list[tuple]]:
    """Files exported over themselves for three days, built each day; the history at the end."""
    told = [
        ([*OTHERS, member("M1"), member("M2")], [provider("P1")], [claim("C1", status="PENDING")]),
        (
            [*OTHERS, member("M1", location="Austin, TX")],
            [provider("P1", specialty="Oncology")],
            [claim("C1", status="DENIED", ingestion_ts="2025-03-25"), claim("C2")],
        ),
        (
            [*OTHERS, member("M1"), member("M2")],
            [provider("P1", specialty="Oncology")],
            [claim("C1", ingestion_ts="2025-04-01"), claim("C2")],
        ),
    ]
    for day, (members, providers, claims) in enumerate(told, start=1):
        moment = datetime(2025, 6, day, 7, 30)
        land(settings, "members", members, moment=moment)
        land(settings, "providers", providers, moment=moment)
        land(settings, "claims", claims, moment=moment)
        build_part(settings, *HISTORY)
    return [query(settings, sql) for sql in (MEMBERS, PROVIDERS, STATUSES)]


def test_files_exported_over_themselves_leave_a_history_that_a_replay_gives_again(home):
    members, providers, statuses = first = three_days(home)
    two, three = datetime(2025, 6, 2, 7, 30), datetime(2025, 6, 3, 7, 30)
    assert [(row[0], row[1], *row[3:6]) for row in members] == [
        ("M1", "Austin", two, three, False),
        ("M1", "Boston", BEGINNING, two, False),
        ("M1", "Boston", three, OPEN_END, True),
        ("M2", "Boston", BEGINNING, two, False),
        ("M2", "Boston", three, OPEN_END, True),
    ]
    assert [(row[3], row[6], row[7]) for row in providers] == [
        ("Cardiology", BEGINNING, two),
        ("Oncology", two, OPEN_END),
    ]
    assert [row[:4] for row in statuses] == [
        ("C1", 1, "PENDING", False),
        ("C1", 2, "DENIED", False),
        ("C1", 3, "PAID", True),
        ("C2", 1, "PAID", True),
    ]
    assert three_days(clear(home)) == first


def test_dated_exports_give_one_history_in_any_order_of_landing(home):
    exports = [
        ("2025-01-31", [member("M1"), member("M2")]),
        ("2025-02-28", [member("M1", location="Austin, TX")]),
        ("2025-02-28T1200", [member("M1", location="Dallas, TX")]),
        ("2025-03-31", [member("M1", location="Dallas, TX"), member("M2", gender="M")]),
    ]
    found = []
    for order in ((0, 1, 2, 3), (3, 1, 0, 2)):
        clear(home)
        for day, number in enumerate(order, start=1):
            label, rows = exports[number]
            land(home, "members", [*OTHERS, *rows], f"{label}/members.csv", datetime(2025, 6, day))
            if day == 2 and order[0]:
                build_part(home, *DIMENSIONS)
        build_part(home, *DIMENSIONS)
        found.append(query(home, MEMBERS))
    assert found[0] == found[1]
    assert [(row[0], row[1], *row[3:5]) for row in found[0]] == [
        ("M1", "Austin", datetime(2025, 2, 28), datetime(2025, 2, 28, 12)),
        ("M1", "Boston", BEGINNING, datetime(2025, 2, 28)),
        ("M1", "Dallas", datetime(2025, 2, 28, 12), OPEN_END),
        ("M2", "Boston", BEGINNING, datetime(2025, 2, 28)),
        ("M2", "Boston", datetime(2025, 3, 31), OPEN_END),
    ]


@pytest.fixture(scope="module")
def versions_sql(small_and_sql: tuple[Settings, str]) -> str:
    """The compiled SQL of the versions."""
    return small_and_sql[1]


def reference_versions(states: list[tuple[datetime, str | None]]) -> list[tuple]:
    """Versions of one member, walking its exports from the oldest."""
    versions: list[list] = []
    now = None
    for moment, state in states:
        if state != now:
            if now is not None:
                versions[-1][2] = moment
            if state is not None:
                begins = moment if versions else BEGINNING
                versions.append([state, begins, OPEN_END])
        now = state
    return [tuple(version) for version in versions]


SEQUENCES = 100
EXPORTS = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from((0, 6, 12))), min_size=1, max_size=7, unique=True
)


@given(data=st.data())
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
        HealthCheck.function_scoped_fixture,
    ],
)
def test_ten_thousand_sequences_of_changes_give_the_versions_of_plain_python(versions_sql, data):
    """Moves, deletes, returns, several exports a day, landed in any order, some rows twice."""
    moments = sorted(
        datetime(2025, 1, 1) + timedelta(days=day, hours=hour) for day, hour in data.draw(EXPORTS)
    )
    count = len(moments)
    random = data.draw(st.randoms(use_true_random=False))
    expected, rows = {}, []
    for number in range(SEQUENCES):
        states = [random.choice((None, "a", "a", "b", "c")) for _ in range(count)]
        # an export that lists nobody is no export: one member is in all of them
        states = ["a"] * count if number == 0 else states
        for at, (moment, state) in enumerate(zip(moments, states, strict=True)):
            if state is None:
                continue
            if random.random() < 0.1:
                rows.append((f"M{number}", moment, random.choice("abc"), f"f{at}", number * 2))
            rows.append((f"M{number}", moment, state, f"f{at}", number * 2 + 1))
        expected[f"M{number}"] = reference_versions(list(zip(moments, states, strict=True)))
    random.shuffle(rows)
    loads = {name: load for load, name in enumerate(dict.fromkeys(row[3] for row in rows))}
    found: dict[str, list[tuple]] = defaultdict(list)
    with duckdb.connect() as connection:
        connection.execute("create schema intermediate")
        for entity in ("member", "provider"):
            connection.execute(
                f"create table intermediate.int_claims__{entity}_rows ({entity}_id varchar, "
                "exported_at timestamp, content_hash varchar, _source_file varchar, "
                "_source_row bigint, series varchar, _load_id bigint, feed varchar default 'main', "
                "said_at timestamp, coverage_start_date date, coverage_end_date date)"
            )
        who, at, content, file, line = (pa.array(column) for column in zip(*rows, strict=True))
        load = pa.array([loads[row[3]] for row in rows])
        told = pa.table([who, at, content, file, line, load], [*"abcdef"])  # noqa: F841
        connection.execute(
            "insert into intermediate.int_claims__member_rows "
            "select a, b, c, d, e, 'members', f, 'main', b, null, null from told"
        )
        connection.execute(
            "create table intermediate.int_claims__systems as "
            "select 'main' as feed, 'main' as source_system"
        )
        connection.execute(  # every export lists everybody
            "create table intermediate.int_claims__deliveries as "
            "select 'member' as entity, 'members' as series, exported_at, "
            "lead(exported_at) over (order by exported_at) as next_full_at "
            "from (select distinct b as exported_at from told)"
        )
        for who, state, begins, ends in connection.execute(
            f"select entity_id, content_hash, valid_from, valid_to from ({versions_sql}) as found "
            "inner join intermediate.int_claims__member_rows using (_source_file, _source_row) "
            "order by entity_id, valid_from"
        ).fetchall():
            found[who].append((state, begins, ends))
    assert {who: versions for who, versions in expected.items() if versions} == found


# --- the made-up set ------------------------------------------------------------------------------


@dataclass
class MadeUp:
    """A built warehouse, its inputs, and what plain Python reads from them."""

    settings: Settings
    folder: Path
    newest: dict[str, dict]
    versions: dict[str, list[dict]]
    as_of: date


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory, parsed_home: Path) -> MadeUp:
    folder = tmp_path_factory.mktemp("made-up")
    demo.generate(folder)
    settings = clear(Settings(home=parsed_home))
    landing = land_claims(settings, folder / "claims")
    assert not landing.refused
    build_claims(settings, tests=True)
    settings = keep(settings, tmp_path_factory.mktemp("claims"))
    versions: dict[str, list[dict]] = defaultdict(list)
    for path in sorted((folder / "claims").rglob("claims.csv")):
        for row in rows_of(path):
            versions[row["claim_id"]].append(row)
    for told in versions.values():
        told.sort(key=lambda row: (moment_of(row["ingestion_ts"]), row["status"] != "PENDING"))
    newest = {number: told[-1] for number, told in versions.items()}
    as_of = max(moment_of(row["ingestion_ts"]) for row in newest.values()).date()
    return MadeUp(settings, folder, newest, versions, as_of)


def money(rows, column: str) -> Decimal:
    return sum((Decimal(row[column] or "0") for row in rows), Decimal(0))


def days_of(row: dict, as_of: date) -> int:
    end = moment_of(row["adjudicated_date"]).date() if row["adjudicated_date"] else as_of
    return (end - moment_of(row["claim_date"]).date()).days


def quantile_days(rows: list[dict], as_of: date, share: float) -> int | None:
    """Kaplan and Meier, one claim at a time."""
    people = sorted((days_of(row, as_of), row["status"] == "PENDING") for row in rows)
    people = [(day, is_open) for day, is_open in people if day >= 0]
    left = 1.0
    for day in sorted({day for day, is_open in people if not is_open}):
        waiting = sum(1 for other, _ in people if other >= day)
        decided = sum(1 for other, is_open in people if other == day and not is_open)
        left *= 1 - decided / waiting
        if left <= 1 - share + 1e-9:
            return day
    return None


def first_pass(told: list[dict]) -> bool:
    statuses = [row["status"] for row in told]
    changes = [s for i, s in enumerate(statuses) if i == 0 or s != statuses[i - 1]]
    return [s for s in changes if s != "PENDING"] == ["PAID"]


def test_claims_and_money_by_status_are_those_of_plain_python(made_up):
    by_status = defaultdict(list)
    for row in made_up.newest.values():
        by_status[row["status"]].append(row)
    assert query(
        made_up.settings,
        "select status, count(*), sum(amount), coalesce(sum(paid_amount), 0) "
        "from claims.fact_claims group by 1 order by 1",
    ) == [
        (status, len(rows), money(rows, "amount"), money(rows, "paid_amt"))
        for status, rows in sorted(by_status.items())
    ]


def test_rates_and_waiting_times_are_those_of_plain_python(made_up):
    rows = list(made_up.newest.values())
    decided = [row for row in rows if row["status"] != "PENDING"]
    denied = [row for row in decided if row["status"] == "DENIED"]
    rejected = [row for row in decided if row["status"] == "REJECTED"]
    passed = [row for row in decided if first_pass(made_up.versions[row["claim_id"]])]
    ((denial, rejection, pending, yield_, reimbursed, half, most),) = query(
        made_up.settings,
        "select denial_rate, rejection_rate, pending_rate, first_pass_yield, reimbursement_rate, "
        "median_days, p90_days from claims.cost_and_denial where dimension = 'all'",
    )
    assert denial == pytest.approx(len(denied) / len(decided))
    assert rejection == pytest.approx(len(rejected) / len(decided))
    assert pending == pytest.approx(1 - len(decided) / len(rows))
    assert yield_ == pytest.approx(len(passed) / len(decided))
    assert 0 < yield_ < 1 - denial + 1e-9
    assert reimbursed == pytest.approx(float(money(decided, "paid_amt") / money(decided, "amount")))
    assert half == quantile_days(rows, made_up.as_of, 0.5)
    assert most == quantile_days(rows, made_up.as_of, 0.9)


def test_waiting_times_of_each_month_count_open_claims_as_open(made_up):
    by_month = defaultdict(list)
    for row in made_up.newest.values():
        by_month[row["claim_date"][:8] + "01"].append(row)
    found = query(
        made_up.settings,
        "select dimension_value, median_days, p90_days, open_count from claims.cost_and_denial "
        "where dimension = 'claim_month'",
    )
    assert {month: (half, most) for month, half, most, _ in found} == {
        month: tuple(quantile_days(rows, made_up.as_of, share) for share in (0.5, 0.9))
        for month, rows in by_month.items()
    }
    assert sum(count for *_, count in found) > 50


def covered_days(folder: Path, first: date, as_of: date) -> dict[str, set[date]]:
    """Days each member is covered, from the exports, the newest first."""
    exports = sorted((folder / "claims" / "exports").iterdir())
    told: dict[str, list[tuple[int, date, date | None]]] = defaultdict(list)
    for number, export in enumerate(exports):
        for row in rows_of(export / "members.csv"):
            ends = date.fromisoformat(row["coverage_end"]) if row["coverage_end"] else None
            starts = date.fromisoformat(row["coverage_start"])
            told[row["member_id"]].append((number, starts, ends))
    days: dict[str, set[date]] = {}
    for who, spans in told.items():
        mine: set[date] = set()
        barrier, following = date.max, len(exports)
        for number, starts, ends in reversed(spans):
            gone = following != number + 1 and number + 1 < len(exports)
            if ends is None:
                left = exports[number + 1].name[:10] if gone else None
                ends = date.fromisoformat(left) - timedelta(days=1) if left else date.max
            day, until = max(starts, first), min(ends, barrier, as_of)
            until = until - timedelta(days=1) if until == barrier else until
            while day <= until:
                mine.add(day)
                day += timedelta(days=1)
            barrier, following = min(barrier, starts), number
        days[who] = mine
    return days


def test_member_months_and_cost_per_member_are_those_of_plain_python(made_up):
    first = min(moment_of(row["claim_date"]).date() for row in made_up.newest.values())
    days = covered_days(made_up.folder, first.replace(day=1), made_up.as_of)
    expected = Counter(
        (who, day.replace(day=1)) for who, covered in days.items() for day in covered
    )
    found = query(
        made_up.settings, "select member_id, month, covered_days from claims.member_months"
    )
    assert {(who, month): count for who, month, count in found} == dict(expected)
    members = Counter(month for _, month in expected)
    paid: dict[date, Decimal] = defaultdict(Decimal)
    for row in made_up.newest.values():
        month = moment_of(row["claim_date"]).date().replace(day=1)
        paid[month] += Decimal(row["paid_amt"] or "0")
    cents = Decimal("0.01")
    assert query(
        made_up.settings,
        "select month, member_months, paid_amount, pmpm_paid_amount from claims.pmpm_monthly "
        "order by month",
    ) == [
        (
            month,
            members[month],
            paid[month],
            (paid[month] / members[month]).quantize(cents, ROUND_HALF_UP),
        )
        for month in sorted(members)
    ]


def test_the_triangle_is_that_of_plain_python(made_up):
    cells: dict[tuple[date, int], list] = defaultdict(lambda: [0, Decimal(0)])
    for row in made_up.newest.values():
        if row["status"] == "PENDING":
            continue
        made = moment_of(row["claim_date"]).date()
        done = moment_of(row["adjudicated_date"] or row["ingestion_ts"]).date()
        lag = max(0, (done.year - made.year) * 12 + done.month - made.month)
        cell = cells[made.replace(day=1), lag]
        cell[0] += 1
        cell[1] += Decimal(row["paid_amt"] or "0")
    found = query(
        made_up.settings,
        "select claim_month, lag_month, decided_count, paid_amount, decided_so_far_count "
        "from claims.lag_triangle",
    )
    assert {(month, lag): [count, paid] for month, lag, count, paid, _ in found if count} == dict(
        cells
    )
    for month, lag, _, _, so_far in found:
        assert so_far == sum(cells[month, n][0] for n in range(lag + 1) if (month, n) in cells)


def test_members_days_and_buckets_are_those_of_plain_python(made_up):
    expected = Counter(
        (row["member_id"], moment_of(row["claim_date"]).date()) for row in made_up.newest.values()
    )
    found = query(
        made_up.settings,
        "select member_id, claim_date, claim_count from claims.member_claims_daily",
    )
    assert {(who, day): count for who, day, count in found} == dict(expected)
    ratios = {
        row["claim_id"]: float(Decimal(row["paid_amt"]) / Decimal(row["amount"]))
        for row in made_up.newest.values()
        if row["paid_amt"] and Decimal(row["amount"])
    }
    found = dict(
        query(
            made_up.settings,
            "select claim_id, reimbursement_ratio from claims.fact_claims "
            "where reimbursement_ratio is not null",
        )
    )
    assert found == pytest.approx(ratios)


def test_dimensions_hold_the_true_versions_of_people(made_up):
    for entity, columns in (("member", "name, gender, location"), ("provider", "name, specialty")):
        truth = rows_of(made_up.folder / "truth" / f"claims_{entity}_versions.csv")
        found = query(
            made_up.settings,
            f"select {entity}_id, valid_from, valid_to from claims.dim_{entity}s order by all",
        )
        assert found == sorted(
            (row[f"{entity}_id"], moment_of(row["valid_from"]), moment_of(row["valid_to"]))
            for row in truth
        )
        assert len(found) > len({row[0] for row in found}), columns


def test_status_history_holds_the_true_changes(made_up):
    expected = Counter()
    for number, told in made_up.versions.items():
        before = None
        for row in told:
            if row["status"] != before:
                expected[number, row["status"], moment_of(row["ingestion_ts"])] += 1
            before = row["status"]
    found = query(
        made_up.settings, "select claim_id, status, status_from from claims.claim_status_history"
    )
    assert Counter(found) == expected
    assert len(found) > len(made_up.newest)


RULE_OF = {
    "unknown_member": "unknown_member",
    "unknown_provider": "unknown_provider",
    "outside_coverage": "outside_coverage",
    "paid_more_than_claimed": "paid_over_claimed",
    "denied_but_paid": "denied_but_paid",
    "adjudicated_before_claim": "adjudicated_before_claim",
    "exact_duplicate": "exact_duplicate",
    "near_duplicate": "near_duplicate",
    "impossible_day": "impossible_day",
    "round_amounts": "round_amounts",
    "just_under_threshold": "threshold_bunching",
    "far_outside_peers": "amount_outlier",
}


def test_every_planted_anomaly_is_found_and_little_else(made_up):
    planted = defaultdict(set)
    for row in rows_of(made_up.folder / "truth" / "claims_anomalies.csv"):
        planted[RULE_OF[row["kind"]]].add(row["claim_id"])
    found = defaultdict(set)
    for rule, number in query(
        made_up.settings, "select rule_code, claim_id from claims.claim_review_flags"
    ):
        found[rule].add(number)
    assert set(planted) == set(RULE_OF.values())
    assert {rule: numbers - found[rule] for rule, numbers in planted.items()} == {
        rule: set() for rule in planted
    }
    assert {rule for rule in found if rule not in planted} == set()
    others = sum(len(found[rule] - numbers) for rule, numbers in planted.items())
    assert others <= 0.02 * sum(len(numbers) for numbers in planted.values())


def test_the_review_list_ranks_by_expected_value(made_up):
    rows = query(
        made_up.settings,
        "select review_rank, expected_value_amount, reason_count from claims.review_list "
        "order by review_rank",
    )
    flags = query(
        made_up.settings,
        "select max(expected_value_amount) from claims.claim_review_flags "
        "where subject = 'claim' group by claim_key",
    )
    assert [rank for rank, *_ in rows] == list(range(1, len(rows) + 1))
    assert [value for _, value, _ in rows] == sorted((value for (value,) in flags), reverse=True)


def test_an_impossible_day_is_one_case_of_its_provider(made_up):
    numbers = {
        row["claim_id"]
        for row in rows_of(made_up.folder / "truth" / "claims_anomalies.csv")
        if row["kind"] == "impossible_day"
    }
    days = {
        (row["provider_id"], row["claim_date"][:10])
        for number, row in made_up.newest.items()
        if number in numbers
    }
    found = query(
        made_up.settings,
        "select provider_id, case_label, claim_count from claims.provider_review_list "
        "where rule_code = 'impossible_day'",
    )
    assert days == {(who, day) for who, day, _ in found}
    assert len(found) == len(days) < len(numbers) <= sum(count for *_, count in found)
    assert not query(
        made_up.settings,
        "select 1 from claims.review_list where reasons like '%Impossible%'",
    )


BY_PAYER = {"payer_member_months", "pmpm_by_payer_monthly", "payer_performance"}


def test_every_mart_has_rows_but_those_by_payer_where_no_payer_is_told(made_up):
    tables = query(
        made_up.settings, "select table_name from duckdb_tables() where schema_name = 'claims'"
    )
    assert len(tables) >= 19
    empty = {
        t for (t,) in tables if query(made_up.settings, f"select 1 from claims.{t} limit 1") == []
    }
    assert empty == BY_PAYER | {"validation_findings"}
