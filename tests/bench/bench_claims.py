"""Claims: landing and building against a script written by hand, over the same files, in one run.

`python tests/bench/bench_claims.py [--scale 250]` prints the table; scale 250 is a million claims.
Both sides end in DuckDB files with the same facts, which is checked. The script does less: it
keeps no lineage, refuses no file, tests nothing, and cannot be run a second time.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import duckdb
from bench import Cost, measure
from claims_by_hand import SQL

RUN_SQL = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], config={"memory_limit": sys.argv[4]})
connection.execute(sys.argv[2].replace("$folder", sys.argv[3]))
"""
SELECTED = [
    "--select",
    "path:seeds/claims",
    "path:seeds/shared",
    "path:models/staging/landing",
    *(f"path:models/{layer}/claims" for layer in ("staging", "intermediate", "marts")),
]
FACTS = {  # the same question to both
    "claims": ("count(*)", "fact_claims"),
    "claimed": ("sum(amount)", "fact_claims"),
    "paid": ("sum(paid_amount)", "fact_claims"),
    "keys of members": ("count(member_key)", "fact_claims"),
    "keys of providers": ("count(provider_key)", "fact_claims"),
    "versions of members": ("count(*)", "dim_members"),
    "versions of providers": ("count(*)", "dim_providers"),
    "member days": ("count(*)", "member_claims_daily"),
    "stretches of status": ("count(*)", "claim_status_history"),
}


def bench(folder: Path, scale: float, memory: str) -> None:
    """Generate, run both, check, print."""
    carehouse = [sys.executable, "-m", "carehouse.cli"]
    made = measure(
        [*carehouse, "generate", "--source", "claims", "--out", str(folder), "--scale", str(scale)]
    )
    environment = {"CAREHOUSE_HOME": str(folder / "home"), "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"}
    inputs = str(folder / "claims")
    by_hand = folder / "by_hand.duckdb"
    hand = measure([sys.executable, "-c", RUN_SQL, str(by_hand), SQL, inputs, memory])
    land = measure([*carehouse, "land", "claims", inputs], environment)
    again = measure([*carehouse, "land", "claims", inputs], environment)
    models = [*carehouse, "build", "--quiet", *SELECTED]
    without = ["--exclude-resource-type", "unit_test", "--exclude-resource-type"]
    build = measure([*models, *without, "test"], environment)
    tests = measure(
        [*models, "--exclude-resource-type", "unit_test", "--resource-type", "test"], environment
    )
    warehouse = folder / "home" / "warehouse" / "carehouse.duckdb"
    rows = same_facts(by_hand, warehouse)
    both = Cost(land.seconds + build.seconds, max(land.peak_mib, build.peak_mib))
    print(f"{rows:,} claims, one run")
    print(f"{'':46}{'seconds':>9}{'peak MiB':>10}{'ratio':>8}{'claims/s':>10}")
    for name, cost in (
        ("a DuckDB script by hand", hand),
        ("carehouse land + build", both),
        ("  carehouse land claims", land),
        ("  carehouse build, claims' models", build),
        ("carehouse build, claims' tests", tests),
        ("carehouse land claims, nothing changed", again),
        ("carehouse generate", made),
    ):
        speed = rows / cost.seconds
        ratio = cost.seconds / hand.seconds
        print(f"{name:46}{cost.seconds:9.1f}{cost.peak_mib:10.0f}{ratio:8.2f}{speed:10,.0f}")


def same_facts(by_hand: Path, warehouse: Path) -> int:
    """Ask both for the same; end with what differs. Gives the number of claims."""
    answers = {}
    with (
        duckdb.connect(str(by_hand), read_only=True) as one,
        duckdb.connect(str(warehouse), read_only=True) as other,
    ):
        for name, (what, table) in FACTS.items():
            (said,) = one.execute(f"select {what} from {table}").fetchone()
            (built,) = other.execute(f"select {what} from claims.{table}").fetchone()
            answers[name] = (said, built)
    differing = {name: pair for name, pair in answers.items() if pair[0] != pair[1]}
    if differing:
        raise SystemExit(f"by hand and by carehouse differ: {differing}")
    return answers["claims"][0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=250, help="250 is a million claims")
    parser.add_argument("--memory", default="4GB", help="limit of the script by hand")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="carehouse-bench-") as temporary:
        bench(Path(temporary), options.scale, options.memory)
