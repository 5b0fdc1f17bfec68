"""From a refusal to numbers, with `carehouse inspect` and lines of seeds alone, for two hospitals:
one writes other headers, days first, decimal commas and a word nobody knows; the other sends lines,
takes some back later and uses the same ids. What comes out is what pandas reads from the files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from carehouse.inspect_file import inspect
from carehouse.landing import headers
from carehouse.landing.claims import land_claims
from carehouse.settings import PROJECT_DIR, Settings
from claims_pipeline import Pipeline
from conftest import clear

AS_OF = pd.Timestamp("2025-06-30")
NORTH = {
    "number": "Claim Ref Nbr",
    "member": "Membr Number",
    "provider": "Prov Nmbr",
    "day": "Date of Servce",
    "amount": "Billed Amnt",
    "paid": "Paid Amnt",
    "status": "Claim Outcme",
}
SOUTH = {
    "number": "claim_id",
    "member": "member_id",
    "provider": "provider_id",
    "day": "claim_date",
    "amount": "amount",
    "paid": "paid_amt",
    "status": "status",
}
WORDS = {"Zorked": "PAID", "PAID": "PAID", "Denied": "DENIED", "Pending": "PENDING"}


def comma(amounts: pd.Series) -> pd.Series:
    """1.234,50"""
    plain = amounts.map(lambda amount: "" if pd.isna(amount) else f"{amount:,.2f}")
    return plain.str.translate(str.maketrans(",.", ".,"))


def one_row_a_claim(random: np.random.Generator, paid_word: str, count: int) -> pd.DataFrame:
    status = random.choice([paid_word, "Denied", "Pending"], count, p=[0.7, 0.2, 0.1])
    amount = (random.lognormal(5, 1.5, count) * 100).round() / 100
    return pd.DataFrame(
        {
            "number": [f"A{number}" for number in range(count)],
            "member": random.integers(1, 41, count),
            "provider": random.choice(["P1", "P2"], count),
            "day": pd.Timestamp("2025-01-01")
            + pd.to_timedelta(random.integers(0, 170, count), "D"),
            "amount": amount,
            "paid": np.where(status == paid_word, (amount * 80).round() / 100, np.nan),
            "status": status,
        }
    )


def members(random: np.random.Generator, who: str, born: int) -> pd.DataFrame:
    """Several spans of some, with a gap, an overlap, or no end."""
    rows = []
    for number in range(1, 41):
        start = pd.Timestamp("2024-11-01") + pd.Timedelta(days=int(random.integers(0, 120)))
        for _ in range(random.integers(1, 4)):
            end = start + pd.Timedelta(days=int(random.integers(5, 90)))
            rows.append((number, f"{who} {number}", f"{born + number}-05-01", start, end))
            start = end + pd.Timedelta(days=int(random.integers(-3, 40)))
        if number % 3 == 0:
            rows[-1] = (*rows[-1][:4], pd.NaT)
    columns = ["member_id", "name", "birth_date", "coverage_start", "coverage_end"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The files as sent, and what they mean as frames."""
    folder = tmp_path_factory.mktemp("journey") / "claims"
    random = np.random.default_rng(5)
    found: dict = {"folder": folder, "claims": {}, "members": {}}
    for who, born in (("north", 1930), ("south", 1980)):
        (folder / who).mkdir(parents=True)
        people = members(random, who, born)
        people.to_csv(folder / who / "members_2025-06-30.csv", index=False)
        found["members"][who] = people
    north = one_row_a_claim(random, "Zorked", 400)
    sent = north.assign(
        day=north["day"].dt.strftime("%d/%m/%Y"),
        amount=comma(north["amount"]),
        paid=comma(north["paid"]),
    )
    sent.rename(columns=NORTH).to_csv(
        folder / "north" / "claims_2025-06-30.csv", index=False, sep=";"
    )
    south = one_row_a_claim(random, "PAID", 300)
    lines = south.loc[south.index.repeat(random.integers(1, 4, len(south)))].reset_index(drop=True)
    lines["amount"] += np.arange(len(lines)) / 100  # so that no two lines are the same row
    lines["paid"] = lines["paid"].where(lines["paid"].isna(), lines["amount"] - 0.005)
    lines["paid"] = lines["paid"].round(2)
    taken = lines.sample(40, random_state=1).drop_duplicates("number")
    back = taken.assign(amount=-taken["amount"], paid=-taken["paid"])
    for day, part in (("2025-06-20", lines), ("2025-06-30", back)):
        part.rename(columns=SOUTH).to_csv(folder / "south" / f"claims_{day}.csv", index=False)
    found["claims"] = {"north": north, "south": pd.concat([lines, back])}
    return found


@pytest.fixture(scope="module")
def journey(told: dict, tmp_path_factory, parsed_home: Path) -> tuple[Pipeline, list[str]]:
    """Inspect, add the lines, land, build; then the line for the word, and build again."""
    settings = clear(Settings(home=parsed_home))
    pipeline = Pipeline(parsed_home, as_of=AS_OF.date().isoformat())
    project = tmp_path_factory.mktemp("project")
    for part in ("seeds/claims", "seeds/clinic", "seeds/workbooks"):
        (project / part).mkdir(parents=True)
        for file in (PROJECT_DIR / part).glob("*.csv"):
            (project / part / file.name).write_bytes(file.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("carehouse.landing.headers.PROJECT_DIR", project)
        patch.setattr("carehouse.landing.values.PROJECT_DIR", project)
        headers._aliases.cache_clear()
        first = land_claims(settings, told["folder"])
        assert list(first.refused) == ["north/claims_2025-06-30.csv"]
        added: list[str] = []
        for _ in range(4):
            headers._aliases.cache_clear()
            refused = [one for one in inspect(settings, told["folder"]) if one.refusal]
            if not refused:
                break
            assert [one.file for one in refused] == ["north/claims_2025-06-30.csv"]
            for seed, lines in refused[0].seed_lines.items():
                lines = [line.replace("NAME OF ITS COLUMN", NORTH["provider"]) for line in lines]
                with (project / seed).open("a", encoding="utf-8") as file:
                    file.writelines(f"{line}\n" for line in lines)
                added += lines
        landing = land_claims(settings, told["folder"])
        headers._aliases.cache_clear()
    assert landing.landed == ["north/claims_2025-06-30.csv"], landing.refused
    pipeline.seed(project)
    pipeline.take(settings.warehouse)
    pipeline.build()
    unmapped = pipeline.query(
        "select value_text, value_count from intermediate.int_claims__unmapped_statuses"
    )
    north = told["claims"]["north"]
    assert unmapped == [("Zorked", int((north["status"] == "Zorked").sum()))]
    with (project / "seeds/claims/claim_status_words.csv").open("a", encoding="utf-8") as file:
        file.write("zorked,PAID\n")
    pipeline.seed(project)
    pipeline.build()
    return pipeline, added


def by_claim(rows: pd.DataFrame) -> pd.DataFrame:
    cents = rows.assign(
        amount=(rows["amount"] * 100).round().astype("int64"),
        paid=(rows["paid"].fillna(0) * 100).round().astype("int64"),
        status=rows["status"].map(WORDS),
    )
    return cents.groupby("number").agg(
        amount=("amount", "sum"),
        paid=("paid", "sum"),
        day=("day", "min"),
        status=("status", "first"),
        lines=("amount", "size"),
    )


def test_inspect_gives_the_lines_of_that_hospital_alone(journey):
    _, added = journey
    aliases = [line.split(",") for line in added if ",claims," in line]
    assert {alias: column for alias, _, column, *_ in aliases} == {
        header: SOUTH[key] for key, header in NORTH.items()
    }
    assert {feed for *_, feed in aliases} == {"north"}
    others = [line for line in added if ",claims," not in line]
    assert all(line.startswith("north,") for line in others)  # how it writes dates and amounts


def test_claimed_paid_and_denied_are_those_that_pandas_reads(journey, told):
    pipeline, _ = journey
    found = pipeline.query(
        "select source_system, count(*), sum(line_count), sum(amount) * 100, "
        "coalesce(sum(paid_amount), 0) * 100, count(*) filter (status = 'DENIED'), "
        "sum(case when status = 'DENIED' then amount else 0 end) * 100 "
        "from claims.fact_claims group by 1 order by 1"
    )
    expected = []
    for who, rows in sorted(told["claims"].items()):
        claims = by_claim(rows)
        denied = claims[claims["status"] == "DENIED"]
        expected.append(
            (
                who,
                len(claims),
                int(claims["lines"].sum()),
                int(claims["amount"].sum()),
                int(claims["paid"].sum()),
                len(denied),
                int(denied["amount"].sum()),
            )
        )
    assert [tuple(row) for row in found] == expected
    rates = pipeline.query(
        "select source_system, denied_count, decided_count, denied_amount * 100, open_count "
        "from claims.cost_and_denial where dimension = 'all' order by 1"
    )
    assert rates == [
        (
            who,
            int((claims["status"] == "DENIED").sum()),
            int((claims["status"] != "PENDING").sum()),
            int(claims.loc[claims["status"] == "DENIED", "amount"].sum()),
            int((claims["status"] == "PENDING").sum()),
        )
        for who, claims in ((who, by_claim(rows)) for who, rows in sorted(told["claims"].items()))
    ]


def test_member_months_and_cost_per_member_are_those_that_pandas_reads(journey, told):
    pipeline, _ = journey
    first = min(rows["day"].min() for rows in told["claims"].values()).replace(day=1)
    expected = {}
    for who, people in told["members"].items():
        days = [
            (row.member_id, day)
            for row in people.itertuples()
            for day in pd.date_range(
                max(row.coverage_start, first),
                min(AS_OF if pd.isna(row.coverage_end) else row.coverage_end, AS_OF),
            )
        ]
        frame = pd.DataFrame(days, columns=["member", "day"]).drop_duplicates()
        months = frame["day"].dt.to_period("M")
        covered = frame.groupby(months)["member"].nunique()
        claims = by_claim(told["claims"][who])
        paid = claims.groupby(claims["day"].dt.to_period("M"))["paid"].sum()
        for month in covered.index.union(paid.index):
            count, cents = int(covered.get(month, 0)), int(paid.get(month, 0))
            cost = (2 * cents + count) // (2 * count) if count else None  # half a cent goes up
            expected[who, month.start_time.date()] = count, cents, cost
    found = pipeline.query(
        "select source_system, month, member_months, cast(paid_amount * 100 as bigint), "
        "cast(pmpm_paid_amount * 100 as bigint) from claims.pmpm_monthly"
    )
    assert {(who, month): tuple(rest) for who, month, *rest in found} == expected
