"""A made-up practice from nothing to tested marts: time, memory, and what dbt adds to its SQL.

`python tests/bench/bench_dental.py --scale 1370` is some ten million procedures; the default is a
hundred thousand. `--write docs/bench-dental.md` keeps the figures, as printed. What dbt adds is
the time of `carehouse build` without tests over that of the same compiled statements run one by
one in DuckDB, on the same inputs, into a file of their own; the same for the tests.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import psutil
from bench import measure

AS_OF = "2025-06-30"


@dataclass(frozen=True)
class Step:
    """What a step took: by the clock, of the processors (fair on a busy machine), of memory."""

    name: str
    seconds: float
    processor_seconds: float
    peak_mib: float


SELECTED = [
    "path:seeds/opendental",
    "path:seeds/dental",
    "path:models/staging/landing",
    "path:models/staging/opendental",
    "path:models/intermediate/dental",
    "path:models/marts/dental",
    "path:snapshots,resource_type:snapshot,history_opendental__*",
]


def statements(home: Path, kind: str) -> list[tuple[str, str]]:
    """Name and compiled SQL of what the last dbt run built or tested, in the order it ran."""
    nodes = json.loads((home / "dbt" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((home / "dbt" / "run_results.json").read_text(encoding="utf-8"))
    ran = [one for one in results["results"] if one["timing"] and one["unique_id"] in nodes]
    found = []
    for result in sorted(ran, key=lambda one: one["timing"][-1]["completed_at"]):
        node = nodes[result["unique_id"]]
        sql = result.get("compiled_code") or node.get("compiled_code") or node.get("raw_code")
        is_table = node["config"]["materialized"] in ("table", "snapshot")
        if (kind == "test") == (node["resource_type"] == "test") and (kind == "test" or is_table):
            found.append((node["unique_id"], sql))
    return [(name, sql) for name, sql in found if sql and not name.startswith("seed.")]


def run_bare(home: Path, kind: str) -> None:
    """Run those statements with nothing but DuckDB; print how many there were."""
    chosen = statements(home, kind)
    with duckdb.connect(str(home / "warehouse" / "carehouse.duckdb")) as connection:
        connection.execute("set threads = 2")
        target = home / f"bare-{kind}.duckdb"
        connection.execute(f"attach '{target.as_posix()}' as bare")
        for place, (_, sql) in enumerate(chosen):
            if kind == "test":
                connection.execute(f"select count(*) from ({sql}) as failures").fetchall()
            else:
                connection.execute(f"create table bare.table_{place} as {sql}")
    target.unlink()
    print(len(chosen))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=13.7)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--bare", nargs=2, metavar=("HOME", "KIND"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        run_bare(Path(options.bare[0]), options.bare[1])
        return
    with tempfile.TemporaryDirectory(prefix="carehouse-bench-") as temporary:
        text = report(Path(temporary), options.scale)
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")


def report(folder: Path, scale: float) -> str:
    """Run everything once; give the figures as Markdown."""
    home, made_up = folder / "home", folder / "made-up"
    os.environ |= {"CAREHOUSE_HOME": str(home), "CAREHOUSE_AS_OF": AS_OF}
    carehouse = [sys.executable, "-m", "carehouse.cli"]
    bare = [sys.executable, __file__, "--bare", str(home)]
    steps: list[Step] = []

    def step(name: str, command: list[str]) -> Step:
        print(f"{time.strftime('%H:%M:%S')} {name} ...", file=sys.stderr, flush=True)
        before = processor_seconds()
        cost = measure(command)
        steps.append(Step(name, cost.seconds, processor_seconds() - before, cost.peak_mib))
        return steps[-1]

    practice = ["--out", str(made_up), "--scale", str(scale)]
    step("carehouse generate", [*carehouse, "generate", "--source", "opendental", *practice])
    land = [*carehouse, "land", "opendental", str(made_up / "opendental")]
    step("carehouse land", land)
    step("carehouse land, nothing changed", land)
    quiet = ["--quiet", "--select", *SELECTED]
    untested = ["--exclude-resource-type", "test", "unit_test"]
    build = step("carehouse build, no tests", [*carehouse, "build", *quiet, *untested])
    build_count = len(statements(home, "build"))
    bare_build = step("the same tables, bare SQL", [*bare, "build"])
    tested = ["--resource-type", "test"]
    test = step("carehouse build, only tests", [*carehouse, "build", *quiet, *tested])
    test_count = len(statements(home, "test"))
    bare_test = step("the same tests, bare SQL", [*bare, "test"])
    counts = row_counts(home)
    size = (home / "warehouse" / "carehouse.duckdb").stat().st_size
    return page(scale, steps, counts, size, (build, bare_build, build_count),
                (test, bare_test, test_count))  # fmt: skip


def processor_seconds() -> float:
    """What all processes that this one has started and that have ended took of the processors."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def row_counts(home: Path) -> dict[str, int]:
    """Rows of the large raw tables, and of all."""
    with duckdb.connect(str(home / "warehouse" / "carehouse.duckdb"), read_only=True) as connection:
        counts = dict(
            connection.execute(
                "select table_name, estimated_size from duckdb_tables() "
                "where schema_name = 'raw_opendental'"
            ).fetchall()
        )
    large = ("procedurelog", "claimproc", "appointment", "paysplit", "patient")
    return {name: counts[name] for name in large} | {"all 72 tables": sum(counts.values())}


def page(
    scale: float,
    steps: list[Step],
    counts: dict[str, int],
    size: int,
    build: tuple[Step, Step, int],
    test: tuple[Step, Step, int],
) -> str:
    """The figures as a page of Markdown."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    memory = psutil.virtual_memory().total / 2**30
    lines = [
        "# A dental practice of this size, from nothing to tested marts",
        "",
        f"Printed by `python tests/bench/bench_dental.py --scale {scale:g}` on {date.today()}, "
        f"commit {commit}, {platform.machine()} with {os.cpu_count()} cores and {memory:.0f} GiB, "
        f"load average {os.getloadavg()[2]:.1f} over the last 15 minutes. One run; memory is the "
        "peak of resident memory, pages of the warehouse file that DuckDB keeps included.",
        "",
        "| rows | |",
        "|---|---|",
        *(f"| {name} | {count:,} |" for name, count in counts.items()),
        f"| warehouse file | {size / 2**30:.1f} GiB |",
        "",
        "| step | seconds | processor seconds | peak MiB |",
        "|---|---:|---:|---:|",
        *(
            f"| {step.name} | {step.seconds:,.1f} | {step.processor_seconds:,.1f} "
            f"| {step.peak_mib:,.0f} |"
            for step in steps
        ),
        "",
        "Processor seconds, since other programs may have run:",
        "",
        "| | with dbt | bare SQL | dbt adds | dbt's share |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, (whole, plain, count) in (("tables and snapshots", build), ("tests", test)):
        added = whole.processor_seconds - plain.processor_seconds
        lines.append(
            f"| {count} {name} | {whole.processor_seconds:,.1f} | {plain.processor_seconds:,.1f} "
            f"| {added:,.1f} | {added / whole.processor_seconds:.0%} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
