"""Claims at several sizes: the first run, a day on top of it, and where the time goes.

`python tests/bench/bench_scale.py [--scales 25,250]` prints the tables that docs/scale.md reasons
from; scale 250 is a million claims, 2,500 ten. Runs are `carehouse run`, tests and publication
included, in a home that has nothing but claims.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
from bench import Cost, measure

LAST_DAY = "2025-06-30"
LAYERS = ("staging", "intermediate", "marts", "snapshots", "tests")
SLOWEST = 8


@dataclass(frozen=True)
class Size:
    """What one size cost."""

    claims: int
    new_claims: int
    first: Cost
    day: Cost
    published_mib: float
    warehouse_mib: float
    layers: Counter[str]  # seconds of threads, of the first run
    slowest: list[tuple[str, float]]


def run_size(folder: Path, scale: float) -> Size:
    """A first run of all exports but the last, then the last one's day."""
    carehouse = [sys.executable, "-m", "carehouse.cli"]
    home, inbox = folder / "home", folder / "home" / "inbox"
    environment = {"CAREHOUSE_HOME": str(home), "CAREHOUSE_AS_OF": LAST_DAY}
    made = ["--source", "claims", "--out", str(inbox), "--scale", str(scale)]
    measure([*carehouse, "generate", *made], environment)
    for name in ("claims_broken", "truth"):
        shutil.rmtree(inbox / name)
    export = inbox / "claims" / "exports" / LAST_DAY
    kept = shutil.move(export, folder / "held_back")
    first = measure([*carehouse, "run"], environment)
    layers, slowest = seconds_by_node(home)
    before = count_claims(home)
    shutil.move(kept, export)
    day = measure([*carehouse, "run"], environment)
    claims = count_claims(home)
    return Size(
        claims,
        claims - before,
        first,
        day,
        mib(home / "published" / "carehouse.duckdb"),
        mib(home / "warehouse" / "carehouse.duckdb"),
        layers,
        slowest,
    )


def seconds_by_node(home: Path) -> tuple[Counter[str], list[tuple[str, float]]]:
    """dbt's own times of the last build, by layer, and its slowest models."""
    results = json.loads((home / "dbt" / "run_results.json").read_text())["results"]
    manifest = json.loads((home / "dbt" / "manifest.json").read_text())["nodes"]
    layers: Counter[str] = Counter()
    models: Counter[str] = Counter()
    for one in results:
        node = manifest.get(one["unique_id"])
        if node is None:  # an exposure costs nothing
            continue
        layer = node["fqn"][1] if node["resource_type"] == "model" else f"{node['resource_type']}s"
        layers[layer] += one["execution_time"]
        if node["resource_type"] == "model":
            models[node["name"]] += one["execution_time"]
    return layers, models.most_common(SLOWEST)


def count_claims(home: Path) -> int:
    """The claims that are published."""
    with duckdb.connect(str(home / "published" / "carehouse.duckdb"), read_only=True) as published:
        return published.execute("select count(*) from claims.fact_claims").fetchone()[0]


def mib(path: Path) -> float:
    """The size of a file in MiB."""
    return path.stat().st_size / 2**20


def show(sizes: list[Size]) -> None:
    """Print the tables."""
    print(f"{'claims':>11}{'first run s':>13}{'peak MiB':>10}{'claims/s':>10}", end="")
    print(f"{'new':>8}{'day s':>8}{'peak MiB':>10}{'of first':>10}{'warehouse MiB':>15}", end="")
    print(f"{'published MiB':>15}")
    for one in sizes:
        print(f"{one.claims:11,}{one.first.seconds:13.1f}{one.first.peak_mib:10,.0f}", end="")
        print(f"{one.claims / one.first.seconds:10,.0f}{one.new_claims:8,}", end="")
        print(f"{one.day.seconds:8.1f}{one.day.peak_mib:10,.0f}", end="")
        print(f"{one.day.seconds / one.first.seconds:10.2f}{one.warehouse_mib:15,.0f}", end="")
        print(f"{one.published_mib:15,.0f}")
    print(f"\n{'seconds of two threads by layer':>36}", *(f"{name:>13}" for name in LAYERS), sep="")
    for one in sizes:
        print(f"{one.claims:36,}", *(f"{one.layers[name]:13.1f}" for name in LAYERS), sep="")
    for one in sizes:
        print(f"\nslowest models at {one.claims:,}")
        for name, seconds in one.slowest:
            print(f"  {name:44}{seconds:8.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scales", default="25,250", help="sizes; 250 is a million claims")
    options = parser.parse_args()
    sizes = []
    for scale in re.split(r",\s*", options.scales):
        with tempfile.TemporaryDirectory(prefix="carehouse-bench-") as temporary:
            sizes.append(run_size(Path(temporary), float(scale)))
    show(sizes)
