"""The estimate of unpaid claims against made-up claims whose end is known."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from carehouse.settings import Settings
from claims_pipeline import Pipeline
from conftest import clear

SYSTEMS = 120
MONTHS = 25  # that are over; ten days of the next are claimed, too
AS_OF = "2025-02-10"
FIRST = np.datetime64("2023-01-01")
MODELS = (
    "claims__lag_triangle",
    "claims__completion_factors",
    "claims__ibnr_monthly",
    "claims__ibnr_back_tests",
    "claims__ibnr",
)
VALUED = np.datetime64("2025-01-01")  # what is decided from here on is not known by the last month


@pytest.fixture(scope="module")
def pipeline(parsed_home) -> Pipeline:
    """The models on the claims of many systems, each a small insurer of its own, whose decisions
    take weeks and are made again for some; what is decided after the as-of day is still open."""
    clear(Settings(home=parsed_home))
    pipeline = Pipeline(parsed_home, MODELS, as_of=AS_OF)
    random = np.random.default_rng(20)
    count = SYSTEMS * MONTHS * 150
    system = random.integers(0, SYSTEMS, count)
    day = random.uniform(0, 365.25 * 2 + 40, count)
    wait = random.uniform(0.3, 3, count) + random.gamma(2.2, 8, count)
    wait += np.where(random.random(count) < 0.05, random.gamma(2.2, 12, count), 0)
    paid = np.round(random.lognormal(6, 0.6, count) * 80) * (random.random(count) < 0.87)
    made = FIRST.astype("datetime64[s]") + (day * 86400).astype("timedelta64[s]")
    decided = made + (wait * 86400).astype("timedelta64[s]")
    claims = pa.table(  # noqa: F841
        {
            "system": pa.array([f"s{number:03}" for number in range(SYSTEMS)]).take(
                pa.array(system)
            ),
            "claim_at": made,
            "decided_at": decided,
            "cents": paid.astype(np.int64),
        }
    )
    run = pipeline.connection.execute
    run(
        f"""
        create table made_up as select * from claims where claim_at < date '{AS_OF}';
        create or replace table intermediate.int_claims__claims as
        select system as source_system, 'Aetna' as payer, cast(claim_at as date) as claim_date,
            claim_at, decided_at >= date '{AS_OF}' as is_open,
            decided_at < date '{AS_OF}' as is_decided,
            case when decided_at < date '{AS_OF}' then decided_at end as adjudicated_at,
            date '{AS_OF}' as ingested_at,
            case when decided_at < date '{AS_OF}' then cast(cents / 100 as decimal(18, 2)) end
                as paid_amount
        from made_up
        """
    )
    wanted = [
        *(f"claims.{name.removeprefix('claims__')}" for name in MODELS),
        "intermediate.int_claims__months",
        "intermediate.int_claims__lag_triangle",
        "intermediate.int_claims__paid_triangle",
        "intermediate.int_claims__development",
        "intermediate.int_claims__completed_months",
    ]
    pipeline.build(only=wanted)
    return pipeline


def truth(pipeline: Pipeline) -> dict[str, float]:
    return dict(
        pipeline.query(
            "select system, sum(cents) / 100 from made_up "
            f"where claim_at < date '{VALUED}' + 31 and decided_at >= date '{VALUED}' + 31 "
            "group by 1"
        )
    )


def chain_ladder(cells: dict[tuple[int, int], float], now: int) -> float:
    """Unpaid at the end of a month from a square of what was paid so far, one cell at a time."""
    factors = []
    for lag in range(now):
        rows = range(now - lag)
        before = sum(cells[row, lag] for row in rows)
        factors.append(sum(cells[row, lag + 1] for row in rows) / before)
    unpaid = 0.0
    for row in range(now + 1):
        grown = cells[row, now - row]
        for lag in range(now - row, now):
            grown *= factors[lag]
        unpaid += grown - cells[row, now - row]
    return unpaid


def test_the_estimate_is_that_of_plain_python(pipeline):
    rows = pipeline.query(
        "select (year(claim_at) - 2023) * 12 + month(claim_at) - 1, "
        "(year(decided_at) - 2023) * 12 + month(decided_at) - 1, cents / 100 from made_up "
        f"where system = 's007' and claim_at < date '{VALUED}' + 31"
    )
    now = MONTHS - 1
    cells = dict.fromkeys(((row, lag) for row in range(MONTHS) for lag in range(MONTHS)), 0.0)
    for made, decided, paid in rows:
        for lag in range(decided - made, MONTHS):
            cells[made, lag] += paid
    ((found,),) = pipeline.query(
        "select ibnr_amount from claims.ibnr where source_system = 's007' and payer = 'Aetna'"
    )
    assert float(found) == pytest.approx(chain_ladder(cells, now), abs=1)
    past = pipeline.query(
        "select valuation_month, estimated_amount, actual_amount from claims.ibnr_back_tests "
        "where source_system = 's007' and payer = 'Aetna' order by 1"
    )
    assert [month for month, *_ in past] == [date(2024, month, 1) for month in range(1, 13)]
    ((_, estimated, actual),) = past[-1:]
    known = sum(cells[row, now - row] - cells[row, now - 1 - row] for row in range(now))
    assert float(actual) == pytest.approx(known)
    assert float(estimated) > 0


def test_the_interval_holds_the_truth_in_seven_to_nine_of_ten_cases(pipeline):
    true = truth(pipeline)
    found = pipeline.query(
        "select source_system, ibnr_amount, ibnr_low_amount, ibnr_high_amount, "
        "back_tested_months, mean_error from claims.ibnr where payer = 'All payers'"
    )
    assert len(found) == SYSTEMS
    assert {count for *_, count, _ in found} == {12}
    held = [float(low) <= true[who] <= float(high) for who, _, low, high, *_ in found]
    assert 0.7 <= np.mean(held) <= 0.9
    assert abs(np.mean([float(ibnr) / true[who] - 1 for who, ibnr, *_ in found])) < 0.1
    assert abs(np.mean([error for *_, error in found])) < 0.1
    print("held", np.mean(held), "error", np.mean([float(i) / true[w] - 1 for w, i, *_ in found]))


def test_a_completed_month_is_its_payments_times_the_factor_of_its_age(pipeline):
    ((wrong, months),) = pipeline.query(
        "select count(*) filter (completed_amount <> round(paid_amount * completion_factor, 2)), "
        "count(*) from claims.ibnr_monthly"
    )
    assert (wrong, months) == (0, SYSTEMS * 2 * MONTHS)
