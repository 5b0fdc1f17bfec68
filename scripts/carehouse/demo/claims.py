"""Made-up claims, members and providers: a bulk, daily exports after it, and the truth beside them.

Everything is drawn as arrays and written by DuckDB, so that ten million claims take minutes. A
claim has up to four versions (sent in, decided, taken back or sent again, decided again); an
export holds the versions since the one before, and every member and provider there is.
"""

import shutil
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from carehouse.demo.words import rows, words
from carehouse.sql import literal

AS_OF = date(2025, 6, 30)
CLAIMS = 4_000  # at scale 1
EXPORTS = 5
DAYS_BACK = 730
DAY = 86_400
NEVER = np.iinfo(np.int64).max
STATUSES = ("PENDING", "PAID", "DENIED", "REJECTED")
PENDING, PAID, DENIED, REJECTED = range(4)


def _read_specialties() -> dict[str, tuple[int, tuple[str, ...]]]:
    """Specialty -> typical amount, and what is treated."""
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for row in rows("claims_specialties"):
        _, codes = found.get(row["specialty"], (0, ()))
        found[row["specialty"]] = (int(row["usual_amount"]), (*codes, row["diagnosis"]))
    return found


SPECIALTIES = _read_specialties()
CHRONIC = ("I10", "E11.9", "J45.909", "F32.9", "I50.9", "E78.5")
PLACES = words("places")
COLUMNS = (
    "claim_id, member_id, provider_id, diagnosis, claim_date, amount, paid_amt, status, "
    "adjudicated_date, ingestion_ts, year, month"
)


@dataclass
class _People:
    """Members or providers: one array element each, changed from export to export."""

    first: np.ndarray
    last: np.ndarray
    place: np.ndarray
    is_there: np.ndarray
    extra: dict[str, np.ndarray]

    def state(self) -> dict[str, np.ndarray]:
        """A copy of what may change."""
        return {"place": self.place, "is_there": self.is_there, **self.extra}


@dataclass
class _Claims:
    """One array element a claim; money in cents, moments in seconds since the first day."""

    member: np.ndarray
    provider: np.ndarray
    diagnosis: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    decision: np.ndarray
    decided_at: np.ndarray
    kind: np.ndarray  # which anomaly was planted, 0 for none
    sent_at: np.ndarray
    paid: np.ndarray
    again_at: np.ndarray  # taken back or sent again, NEVER for most
    settled_at: np.ndarray  # what was sent again is decided, NEVER for most


KINDS = (
    "", "unknown_member", "unknown_provider", "outside_coverage", "paid_more_than_claimed",
    "denied_but_paid", "adjudicated_before_claim", "exact_duplicate", "near_duplicate",
    "impossible_day", "round_amounts", "just_under_threshold", "far_outside_peers",
)  # fmt: skip
NUMBER_OF = {kind: number for number, kind in enumerate(KINDS)}


def generate(
    out: Path,
    *,
    scale: float = 1.0,
    seed: int = 7,
    as_of: date = AS_OF,
    days: int = EXPORTS,
    parquet: bool = False,
) -> None:
    """Write `out/claims/…`, the truth in `out/truth/claims_*`, and a broken file in
    `out/claims_broken/`, to be copied over `out/claims`.

    `scale` 1 is 4,000 claims, some 800 members and 200 providers. After the bulk come `days` daily
    exports and one more on the same day. With `parquet` the bulk is partitioned Parquet, else CSV.
    The same arguments give the same bytes. What an earlier call wrote is removed.
    """
    for folder in (out / "claims", out / "claims_broken"):
        if folder.exists():
            shutil.rmtree(folder)
    (out / "truth").mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng([seed, 2])
    count = max(400, round(CLAIMS * scale))
    first_day = as_of - timedelta(days=DAYS_BACK)
    members = _members(random, max(80, round(800 * scale**0.75)), first_day)
    providers = _providers(random, max(24, round(200 * scale**0.6)))
    claims = _claims(random, count, members, providers)
    moments = [datetime.combine(as_of - timedelta(days=n), time()) for n in range(days, -1, -1)]
    if len(moments) > 2:
        moments.insert(3, moments[2] + timedelta(hours=12))  # two exports of one day
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        connection.execute("set preserve_insertion_order = true; set TimeZone = 'UTC'")
        _prepare(connection, random, seed, claims, first_day)
        seconds = [
            int((at - datetime.combine(first_day, time())).total_seconds()) for at in moments
        ]
        _version_table(connection, random, claims, seconds)
        _write_claims(connection, out / "claims", moments, parquet)
        _write_people(connection, random, out, moments, members, providers)
        _write_truth(connection, out / "truth")
    _write_broken(out, moments)


def _members(random: np.random.Generator, count: int, first_day: date) -> _People:
    age = np.clip(random.normal(43, 21, count), 0, 95).astype(int)
    covered = random.integers(-900, 200, count)
    ends = np.where(
        random.random(count) < 0.12,
        np.maximum(covered, 0) + random.integers(200, 900, count),
        NEVER,
    )
    births = -age * 365 - random.integers(0, 365, count)
    return _People(
        random.integers(0, 200, count),
        random.integers(0, 200, count),
        random.integers(0, len(PLACES), count),
        np.ones(count, bool),
        {
            "gender": random.integers(0, 2, count),
            "born": births,
            "covered": covered,
            "ends": ends,
        },
    )


def _providers(random: np.random.Generator, count: int) -> _People:
    return _People(
        random.integers(0, 200, count),
        random.integers(0, 200, count),
        random.integers(0, len(PLACES), count),
        np.ones(count, bool),
        {"specialty": np.arange(count) % len(SPECIALTIES)},
    )


def _days(random: np.random.Generator, count: int) -> np.ndarray:
    """Days of claims: more in winter, few at weekends."""
    days = np.arange(DAYS_BACK)
    weight = 1 + 0.3 * np.cos((days - 15) / 365.25 * 2 * np.pi)
    weight[days % 7 >= 5] *= 0.25
    return random.choice(days, count, p=weight / weight.sum())


def _claims(
    random: np.random.Generator, count: int, members: _People, providers: _People
) -> _Claims:
    names = list(SPECIALTIES)
    codes = sorted({code for _, some in SPECIALTIES.values() for code in some} | set(CHRONIC))
    number = {code: i for i, code in enumerate(codes)}
    member_count, provider_count = len(members.place), len(providers.place)
    need = random.gamma(0.8, 1, member_count)
    member = random.choice(member_count, count, p=need / need.sum())
    busy = random.gamma(2, 1, provider_count)
    provider = random.choice(provider_count, count, p=busy / busy.sum())
    specialty = providers.extra["specialty"][provider]
    choices = np.array([[number[some[i % len(some)]] for i in range(12)]
                        for _, some in SPECIALTIES.values()])  # fmt: skip
    diagnosis = choices[specialty, random.integers(0, 12, count)]
    is_chronic = (random.random(member_count) < 0.3)[member] & (random.random(count) < 0.6)
    of_member = random.integers(0, len(CHRONIC), member_count)[member]
    diagnosis = np.where(is_chronic, np.array([number[c] for c in CHRONIC])[of_member], diagnosis)
    usual = np.array([SPECIALTIES[name][0] for name in names])[specialty]
    amount = np.round(usual * random.lognormal(0, 0.45, count) * 100).astype(np.int64) + 1
    amount += amount % 500 == 0  # only planted claims are round
    day = _days(random, count)
    covered, ends = members.extra["covered"][member], members.extra["ends"][member]
    since, until = np.maximum(covered, 0), np.minimum(ends, DAYS_BACK - 1)
    inside = since + (random.random(count) * (until - since)).astype(np.int64)
    day = np.where((day < since) | (day > until), inside, day)
    sent_at = day * DAY + random.integers(8 * 3600, 3 * DAY, count)
    lag = random.gamma(2.2, 8, count) * DAY
    decided_at = sent_at + lag.astype(np.int64) + 3600
    decision = random.choice([PAID, DENIED, REJECTED], count, p=[0.84, 0.12, 0.04])
    rate = random.uniform(0.55, 0.95, count)
    paid = np.where(decision == PAID, np.round(amount * rate), 0).astype(np.int64)
    again = random.random(count) < 0.05
    again_at = np.where(again, decided_at + random.integers(600, 40 * DAY, count), NEVER)
    is_sent_again = again & (decision != PAID)
    settled_at = np.where(is_sent_again, again_at + random.integers(3600, 30 * DAY, count), NEVER)
    claims = _Claims(
        member, provider, diagnosis, day, amount, decision, decided_at,
        np.zeros(count, np.int8), sent_at, paid, again_at, settled_at,
    )  # fmt: skip
    _plant(random, claims, members)
    return claims


def _plant(random: np.random.Generator, claims: _Claims, members: _People) -> None:
    """Make a few claims wrong in known ways; each claim in one way only."""
    count = len(claims.member)
    few = max(3, count // 1000)
    # decided for good and not near the end, so that the newest version shows what was planted
    plain = (claims.again_at == NEVER) & (claims.decided_at < (DAYS_BACK - 20) * DAY)
    pool = random.permutation(np.flatnonzero(plain))

    def take(kind: str, number: int) -> np.ndarray:
        nonlocal pool
        taken, pool = pool[:number], pool[number:]
        claims.kind[taken] = NUMBER_OF[kind]
        return taken

    claims.member[take("unknown_member", few)] = -1
    claims.provider[take("unknown_provider", few)] = -1
    one = take("outside_coverage", few)
    members.extra["covered"][claims.member[one]] = DAYS_BACK - 10
    members.extra["ends"][claims.member[one]] = NEVER
    inside = np.isin(claims.member, claims.member[one]) & (claims.kind == 0)
    claims.kind[inside] = NUMBER_OF["outside_coverage"]  # all their claims are now
    pool = pool[claims.kind[pool] == 0]
    one = take("paid_more_than_claimed", few)
    claims.decision[one] = PAID
    claims.paid[one] = claims.amount[one] * 3 // 2
    one = take("denied_but_paid", few)
    claims.decision[one] = np.where(np.arange(len(one)) % 2, DENIED, REJECTED)
    claims.paid[one] = claims.amount[one] // 2 + 1
    one = take("adjudicated_before_claim", few)
    claims.decision[one] = PAID
    one = take("exact_duplicate", few)
    _copy_of(claims, one, take("", few), 0)
    one = take("near_duplicate", few)
    _copy_of(claims, one, take("", few), 1)
    one = take("far_outside_peers", few)
    claims.amount[one] *= 60
    claims.paid[one] *= 60
    providers = random.permutation(int(claims.provider.max()) + 1)
    crowd = max(90, few)
    for provider, kind, number in (
        (providers[0], "impossible_day", crowd),
        (providers[1], "round_amounts", 45),
        (providers[2], "just_under_threshold", 45),
    ):
        one = take(kind, number)
        claims.provider[one] = provider
        if kind == "impossible_day":
            claims.decided_at[one] += (500 - claims.day[one]) * DAY
            claims.sent_at[one] += (500 - claims.day[one]) * DAY
            claims.day[one] = 500
        elif kind == "round_amounts":
            claims.amount[one] = random.integers(1, 9, len(one)) * 100_000
        else:
            claims.amount[one] = random.integers(495_000, 499_999, len(one))
        claims.paid[one] = np.where(claims.decision[one] == PAID, claims.amount[one] * 4 // 5, 0)


def _copy_of(claims: _Claims, copies: np.ndarray, originals: np.ndarray, later: int) -> None:
    """Make claims copies of others under their own numbers, some days later or on the same day."""
    for name in ("member", "provider", "diagnosis", "day", "amount", "decision", "paid"):
        values = getattr(claims, name)
        values[copies] = values[originals]
    claims.sent_at[copies] = claims.sent_at[originals] + 7200
    claims.decided_at[copies] = claims.decided_at[originals] + 7200
    claims.day[copies] = np.minimum(claims.day[copies] + later, DAYS_BACK - 1)


def _prepare(
    connection: duckdb.DuckDBPyConnection,
    random: np.random.Generator,
    seed: int,
    claims: _Claims,
    first_day: date,
) -> None:
    """Name pools, codes and the claims as DuckDB tables."""
    from faker import Faker

    faker = Faker("en_US")
    faker.seed_instance(seed)
    firsts = [faker.first_name() for _ in range(200)]
    lasts = [faker.last_name() for _ in range(200)]
    codes = sorted({code for _, some in SPECIALTIES.values() for code in some} | set(CHRONIC))
    for name, texts in (
        ("firsts", firsts),
        ("lasts", lasts),
        ("codes", codes),
        ("places", PLACES),
        ("specialties", list(SPECIALTIES)),
        ("statuses", STATUSES),
        ("kinds", KINDS),
    ):
        texts_table = pa.table({"number": range(len(texts)), "text": list(texts)})
        connection.register("texts", texts_table)
        connection.execute(f"create table {name} as from texts")
    connection.execute(
        "create macro first_day() as "
        f"timestamp '{first_day} 00:00:00'; "
        "create macro moment_at(s) as first_day() + to_seconds(s)"
    )
    shape = pa.table(
        {
            "number": np.arange(1, len(claims.member) + 1),
            "member": claims.member,
            "provider": claims.provider,
            "diagnosis": claims.diagnosis,
            "day": claims.day,
            "amount": claims.amount,
            "kind": claims.kind,
        }
    )
    connection.register("shape", shape)
    connection.execute(
        """
        create table claim as
        select
            shape.number,
            'C' || lpad(shape.number::varchar, 8, '0') as claim_id,
            case when member < 0 then 'M9' || lpad(shape.number::varchar, 8, '0')
                else 'M' || lpad((member + 1)::varchar, 7, '0') end as member_id,
            case when provider < 0 then 'P9' || lpad(shape.number::varchar, 7, '0')
                else 'P' || lpad((provider + 1)::varchar, 6, '0') end as provider_id,
            codes.text as diagnosis,
            (first_day() + to_days(day::integer))::date as claim_date,
            (amount / 100.0)::decimal(12, 2) as amount,
            kinds.text as kind
        from shape
        inner join codes on shape.diagnosis = codes.number
        inner join kinds on shape.kind = kinds.number
        order by shape.number
        """
    )
    connection.unregister("shape")


def _version_table(
    connection: duckdb.DuckDBPyConnection,
    random: np.random.Generator,
    claims: _Claims,
    exports: list[int],
) -> None:
    """Every version of every claim, and the export (0 is the bulk) in which it comes."""
    number = np.arange(1, len(claims.member) + 1)
    early = claims.kind == NUMBER_OF["adjudicated_before_claim"]
    adjudicated = np.where(early, claims.day * DAY - 5 * DAY, claims.decided_at - 3000)
    was_paid = claims.decision == PAID
    sent_again = claims.settled_at != NEVER
    zero = np.zeros_like(claims.paid)
    none = np.full_like(claims.paid, -1)
    four = (
        (claims.sent_at, np.zeros_like(claims.decision), zero, none),
        (claims.decided_at, claims.decision, claims.paid, adjudicated),
        (  # a payment is taken back, a denied claim is sent again
            claims.again_at,
            np.where(was_paid, DENIED, PENDING),
            zero,
            np.where(was_paid, claims.again_at - 300, none),
        ),
        (
            claims.settled_at,
            np.full_like(claims.decision, PAID),
            claims.amount * 7 // 10,
            np.where(sent_again, claims.settled_at - 300, none),
        ),
    )
    last = exports[-1]
    bounds = np.array(exports)
    connection.execute(
        "create table version (number bigint, moment bigint, status tinyint, paid bigint, "
        "adjudicated bigint, export integer, is_repeated boolean)"
    )
    for moment, status, paid, adjudicated in four:
        keep = moment < last
        export = np.searchsorted(bounds, moment[keep], side="right")
        is_late = (random.random(len(export)) < 0.01) & (export > 0)
        export = np.minimum(export + is_late, len(exports) - 1)
        rows = pa.table(
            {
                "number": number[keep],
                "moment": moment[keep],
                "status": status[keep].astype(np.int8),
                "paid": paid[keep],
                "adjudicated": adjudicated[keep],
                "export": export,
                "is_repeated": random.random(len(export)) < 0.005,
            }
        )
        connection.register("rows_now", rows)
        connection.execute("insert into version from rows_now")
        connection.unregister("rows_now")
    # the bulk has the newest version of a claim, and of one claim in fifty the ones before too
    connection.execute(
        """
        create table newest_in_bulk as
        select number, max(moment) as moment from version where export = 0 group by number;
        create table row_out as
        select
            version.export, claim.claim_id, claim.member_id, claim.provider_id, claim.diagnosis,
            claim.claim_date, claim.amount,
            (version.paid / 100.0)::decimal(12, 2) as paid_amt,
            statuses.text as status,
            case when version.adjudicated >= 0 then moment_at(version.adjudicated) end
                as adjudicated_date,
            moment_at(version.moment) as ingestion_ts,
            year(claim.claim_date) as year, month(claim.claim_date) as month,
            version.number, version.moment, version.is_repeated
        from version
        inner join claim on version.number = claim.number
        inner join statuses on version.status = statuses.number
        left join newest_in_bulk on version.number = newest_in_bulk.number
        where
            version.export > 0
            or version.moment = newest_in_bulk.moment
            or version.number % 50 = 0
        """
    )


def _write_claims(
    connection: duckdb.DuckDBPyConnection, folder: Path, moments: list[datetime], parquet: bool
) -> None:
    for export, moment in enumerate(moments):
        rows = f"select {COLUMNS} from row_out where export = {export}"
        # a bulk that was put together from several has some rows twice
        rows = f"{rows} union all {rows} and is_repeated"
        ordered = f"select * from ({rows}) order by ingestion_ts, claim_id, status"
        if export == 0 and parquet:
            folder.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy ({ordered}) to {literal(folder / 'claims')} (format parquet, "
                "partition_by (year, month))"
            )
            continue
        target = folder / "claims.csv" if export == 0 else _folder(folder, moment) / "claims.csv"
        _copy_csv(connection, ordered, target)


def _folder(folder: Path, moment: datetime) -> Path:
    name = f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%dT%H%M}"
    return folder / "exports" / name


def _copy_csv(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"copy ({query}) to {literal(target)} (format csv, header, "
        "timestampformat '%Y-%m-%d %H:%M:%S', dateformat '%Y-%m-%d')"
    )


def _write_people(
    connection: duckdb.DuckDBPyConnection,
    random: np.random.Generator,
    out: Path,
    moments: list[datetime],
    members: _People,
    providers: _People,
) -> None:
    """A full export of both each time: some move, some change coverage, some leave and return."""
    connection.execute(
        "create table member_state (export integer, moment timestamp, number bigint, "
        "member_id varchar, name varchar, age bigint, gender varchar, location varchar, "
        "birth_date date, coverage_start date, coverage_end date);"
        "create table provider_state (export integer, moment timestamp, number bigint, "
        "provider_id varchar, name varchar, specialty varchar, city varchar)"
    )
    away = np.zeros(0, int)
    for export, moment in enumerate(moments):
        if export:
            away = _change(random, members, providers, away)
        _members_now(connection, export, moment, members)
        _providers_now(connection, export, moment, providers)
        folder = _folder(out / "claims", moment)
        _copy_csv(
            connection,
            "select member_id, name, age, gender, location, birth_date, coverage_start, "
            f"coverage_end from member_state where export = {export} order by number",
            folder / "members.csv",
        )
        _copy_csv(
            connection,
            "select provider_id, name, specialty, city from provider_state "
            f"where export = {export} order by number",
            folder / "providers.csv",
        )


def _change(
    random: np.random.Generator, members: _People, providers: _People, away: np.ndarray
) -> np.ndarray:
    """Move on to the next export; give who left in it."""
    count = len(members.place)
    few = max(2, count // 100)
    some = random.choice(count, few * 4, replace=False)
    members.place[some[:few]] = (members.place[some[:few]] + 7) % len(PLACES)
    members.extra["ends"][some[few : few + few // 2 + 1]] = DAYS_BACK + 180
    members.is_there[away] = True  # those who left in the export before return, moved
    members.place[away] = (members.place[away] + 3) % len(PLACES)
    leaving = some[few * 3 : few * 3 + max(1, few // 2)]
    members.is_there[leaving] = False
    some = random.choice(len(providers.place), max(2, len(providers.place) // 50), replace=False)
    half = len(some) // 2
    providers.place[some[:half]] = (providers.place[some[:half]] + 5) % len(PLACES)
    kinds = providers.extra["specialty"]
    kinds[some[half:]] = (kinds[some[half:]] + 1) % len(SPECIALTIES)
    return leaving


def _members_now(
    connection: duckdb.DuckDBPyConnection, export: int, moment: datetime, members: _People
) -> None:
    ends = members.extra["ends"]
    state = pa.table(
        {
            "number": np.arange(1, len(members.place) + 1),
            "first": members.first,
            "last": members.last,
            "place": members.place,
            "gender": members.extra["gender"],
            "born": members.extra["born"],
            "covered": members.extra["covered"],
            "ends": np.where(ends == NEVER, -1, ends),
            "has_end": ends != NEVER,
        }
    ).filter(pa.array(members.is_there))
    connection.register("state", state)
    connection.execute(
        """
        insert into member_state
        with dated as (
            select *, (first_day() + to_days(born::integer))::date as birth_date from state
        )
        select
            $1, $2, dated.number, 'M' || lpad(dated.number::varchar, 7, '0'),
            firsts.text || ' ' || lasts.text,
            datesub('year', birth_date, $2::date),
            case gender when 0 then 'F' else 'M' end,
            places.text,
            birth_date,
            (first_day() + to_days(covered::integer))::date,
            case when has_end then (first_day() + to_days(ends::integer))::date end
        from dated
        inner join firsts on dated.first = firsts.number
        inner join lasts on dated.last = lasts.number
        inner join places on dated.place = places.number
        """,
        [export, moment],
    )
    connection.unregister("state")


def _providers_now(
    connection: duckdb.DuckDBPyConnection, export: int, moment: datetime, providers: _People
) -> None:
    state = pa.table(
        {
            "number": np.arange(1, len(providers.place) + 1),
            "first": providers.first,
            "last": providers.last,
            "place": providers.place,
            "specialty": providers.extra["specialty"],
        }
    )
    connection.register("state", state)
    connection.execute(
        """
        insert into provider_state
        select
            $1, $2, state.number, 'P' || lpad(state.number::varchar, 6, '0'),
            'Dr. ' || firsts.text || ' ' || lasts.text,
            specialties.text, split_part(places.text, ',', 1)
        from state
        inner join firsts on state.first = firsts.number
        inner join lasts on state.last = lasts.number
        inner join places on state.place = places.number
        inner join specialties on state.specialty = specialties.number
        """,
        [export, moment],
    )
    connection.unregister("state")


def _write_truth(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Newest versions, what was planted, and every version of members and providers."""
    connection.execute(
        """
        create table newest as
        select row_out.* from row_out
        inner join (select number, max(moment) as moment from row_out group by number) as last
            on row_out.number = last.number and row_out.moment = last.moment
        """
    )
    connection.execute(
        f"copy (select {COLUMNS} from newest order by claim_id) "
        f"to {literal(folder / 'claims_newest.parquet')} (format parquet)"
    )
    _copy_csv(
        connection,
        "select status, count(*) as claims, sum(amount) as amount, sum(paid_amt) as paid_amount "
        "from newest group by status order by status",
        folder / "claims_totals.csv",
    )
    _copy_csv(
        connection,
        "select claim.claim_id, claim.kind from claim inner join newest "
        "on claim.number = newest.number where claim.kind <> '' order by claim.claim_id",
        folder / "claims_anomalies.csv",
    )
    _copy_csv(
        connection,
        "select claim_id, status, min(ingestion_ts) as ingestion_ts from row_out "
        "group by claim_id, status, moment order by claim_id, moment",
        folder / "claims_versions.csv",
    )
    people = (
        ("member", "name, gender, location, birth_date, coverage_start, coverage_end"),
        ("provider", "name, specialty, city"),
    )
    for thing, attributes in people:
        # a version is a run of neighbouring exports that say the same
        _copy_csv(
            connection,
            f"""
            with moments as (
                select export, min(moment) as moment from {thing}_state group by export
            ),
            runs as (
                select *, export - row_number() over (
                    partition by number, {attributes} order by export
                ) as run
                from {thing}_state
            ),
            versions as (
                select {thing}_id, {attributes}, min(export) as since, max(export) + 1 as until
                from runs group by {thing}_id, {attributes}, run
            )
            select
                {thing}_id, {attributes},
                case when row_number() over (partition by {thing}_id order by since) = 1
                    then timestamp '1900-01-01' else started.moment end as valid_from,
                coalesce(ended.moment, timestamp '9999-12-31') as valid_to
            from versions
            inner join moments as started on versions.since = started.export
            left join moments as ended on versions.until = ended.export
            order by {thing}_id, valid_from
            """,
            folder / f"claims_{thing}_versions.csv",
        )


def _write_broken(out: Path, moments: list[datetime]) -> None:
    """The last claims export cut off in a row, as a broken copy leaves it."""
    folder = _folder(out / "claims", moments[-1])
    data = (folder / "claims.csv").read_bytes()
    target = out / "claims_broken" / folder.relative_to(out / "claims") / "claims.csv"
    target.parent.mkdir(parents=True)
    target.write_bytes(data[: data.rindex(b",", 0, len(data) * 2 // 3)])
