"""`make spark`: build on a real cluster, test there, and compare every table with DuckDB's.

    python tests/engines/compare_spark.py [--home DIR] [--domains claims,clinic]
        [--select SELECTION...] [--no-unit-tests]

Inputs are made up and built with DuckDB first, unless the home has a warehouse. Ends with status 1
where a step failed or a table differs.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import debian
import duckdb

from carehouse.database import CATALOG, WAREHOUSE_PART, open_to_read
from carehouse.engines.compare import Compared, compare, comparison_lines
from carehouse.engines.spark_build import build_on_spark, session
from carehouse.engines.spark_cluster import Cluster, spark_cluster
from carehouse.engines.spark_raw import map_raw, write_raw
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.sql import literal, quote

DOMAINS = ("claims", "clinic", "care", "dental", "ml", "quality", "shared")
# which inputs a domain is built from; the others' raw tables are there, empty
INPUTS = {
    "claims": ("claims",),
    "clinic": ("clinic",),
    "care": ("workbooks", "notes"),
    "dental": ("opendental",),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; give the exit status."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # else the cluster would outlive us
    os.environ["CAREHOUSE_HOME"] = str(options.home)
    os.environ["CAREHOUSE_TARGET"] = "duckdb"
    settings = Settings()
    install_java()
    domains = options.domains.split(",")
    if not settings.warehouse.exists():
        _build_with_duckdb(settings, domains)
    chosen = options.select or [f"+path:models/marts/{domain}" for domain in domains]
    select = ["--select", *chosen]
    if options.no_unit_tests:
        select += ["--exclude-resource-type", "unit_test"]
    folder = options.home / "spark"
    shutil.rmtree(folder, ignore_errors=True)  # an earlier run's tables, which no catalog knows
    with spark_cluster(folder) as cluster:
        _say(f"a master, {len(cluster.workers())} workers and a Connect server run in {folder}")
        started = time.monotonic()
        bring_raw(settings, cluster)
        _say(f"raw tables: {time.monotonic() - started:.0f} s")
        log = folder / "logs" / "build.log"
        build = build_on_spark(cluster, settings, ["build", *select], log)
        _say(
            f"dbt on Spark: {len(build.good):,} steps are good, {len(build.bad):,} are not, "
            f"{build.seconds:.0f} s, log: {log}"
        )
        for name, status in build.bad.items():
            _say(f"  {status}: {name}")
        if build.error:
            _say(build.error)
        told = list(compare_built(settings, cluster, build.good))
        memory = cluster.memory_mb()
    for line in comparison_lines(told):
        _say(line)
    _say("memory: " + ", ".join(f"{name} {size:,.0f} MB" for name, size in memory.items()))
    return 0 if build.ok and told and all(one.is_equal for one in told) else 1


def install_java() -> None:
    """Install Debian's Java where none is here."""
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        debian.install("default-jre-headless")


def bring_raw(settings: Settings, cluster: Cluster) -> None:
    """Write the warehouse's raw tables as Parquet and map them in Spark."""
    folder = cluster.folder / "raw"
    with open_to_read(settings, settings.warehouse, CATALOG, WAREHOUSE_PART) as connection:
        tables = write_raw(connection, folder)
    with session(cluster) as spark:
        map_raw(spark, tables, folder)


def compare_built(settings: Settings, cluster: Cluster, good: Sequence[str]) -> Iterator[Compared]:
    """Compare each table that was built well with the warehouse's; views hold nothing."""
    nodes = json.loads((cluster.folder / "dbt" / "manifest.json").read_text())["nodes"]
    with open_to_read(settings, settings.warehouse, CATALOG, WAREHOUSE_PART) as connection:
        for node in sorted((nodes[name] for name in good if name in nodes), key=_full_name):
            kind = node["config"]["materialized"]
            if kind not in ("table", "snapshot", "incremental"):
                continue
            place = cluster.folder / "warehouse" / f"{node['schema']}.db" / node["alias"]
            expected = f"{CATALOG}.{quote(node['schema'])}.{quote(node['alias'])}"
            actual = f"read_parquet({literal(place / '*.parquet')})"
            try:
                yield compare(connection, _full_name(node), expected, actual)
            except duckdb.Error as error:
                told = str(error).splitlines()[0]
                yield Compared(_full_name(node), problem=f"cannot be read: {told}")


def _full_name(node: dict) -> str:
    return f"{node['schema']}.{node['alias']}"


def _build_with_duckdb(settings: Settings, domains: Sequence[str]) -> None:
    """Make up inputs, land them, and build what Spark's tables are compared with."""
    carehouse = str(Path(sys.executable).with_name("carehouse"))
    _call(carehouse, "generate")
    sources = [source for domain in domains for source in INPUTS.get(domain, ())]
    for source in sources or INPUTS["claims"]:
        _call(carehouse, "land", source, str(settings.demo_inputs / source))
    select = [f"+path:models/marts/{domain}" for domain in domains]
    _call(carehouse, "build", "--exclude-resource-type", "unit_test", "--select", *select)


def _call(*command: str) -> None:
    _say(" ".join(["$ carehouse", *command[1:]]))
    # a refused made-up file ends with status 1, and is part of what is compared
    ended = subprocess.run(command, cwd=PROJECT_DIR, stdout=subprocess.DEVNULL)
    if ended.returncode not in (0, 1):
        raise SystemExit(ended.returncode)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make spark", description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, default=PROJECT_DIR / "target" / "spark")
    parser.add_argument("--domains", default="claims,clinic,care", help=", ".join(DOMAINS))
    parser.add_argument("--select", nargs="+", help="what to build, as dbt takes it")
    parser.add_argument("--no-unit-tests", action="store_true")
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
