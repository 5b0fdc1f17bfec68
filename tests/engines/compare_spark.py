"""`make spark`: build on a real cluster, test there, and compare every table with DuckDB's.

    python tests/engines/compare_spark.py [--home DIR] [--domains claims,clinic] [--days 4]
        [--select SELECTION...] [--no-unit-tests]

Made-up inputs of up to four days, a first extract and later ones with changes and deletions: each
lands once, both engines build and test the same raw tables, each with its own history. What an
earlier run left below the folder is removed. Ends with status 1 where a step failed or a table
differs.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import debian
import duckdb
from four_days import DAYS, four_days

from carehouse.build import Build, run_dbt
from carehouse.database import CATALOG, WAREHOUSE_PART, open_to_read
from carehouse.engines.compare import Compared, compare, comparison_lines
from carehouse.engines.spark_build import build_on_spark, session
from carehouse.engines.spark_cluster import Cluster, spark_cluster
from carehouse.engines.spark_raw import map_raw, write_raw
from carehouse.landing.sources import land_source
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.sql import literal, quote

DOMAINS = ("claims", "clinic", "care", "dental", "ml", "quality", "shared")
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
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
    install_java()
    domains = options.domains.split(",")
    sources = {source for domain in domains for source in INPUTS.get(domain, ())} or {"claims"}
    chosen = options.select or [f"+path:models/marts/{domain}" for domain in domains]
    folder, days = options.home / "spark", options.home / "days"
    for one in (folder, days):  # an earlier run's
        shutil.rmtree(one, ignore_errors=True)
    ok = True
    with spark_cluster(folder) as cluster:
        _say(f"a master, {len(cluster.workers())} workers and a Connect server run in {folder}")
        inboxes = four_days(days, 1, options.days, sorted(sources))
        for number, (today, inbox) in enumerate(inboxes):
            _say(f"\n{today}")
            settings = Settings(home=days / "duckdb", target="duckdb", as_of=today)
            _build_with_duckdb(settings, inbox, sorted(sources), chosen)
            ok = _compare_day(settings, cluster, chosen) and ok
            if number == 0 and not options.no_unit_tests:
                ok = _unit_tests_hold(settings, cluster, chosen) and ok
        memory = cluster.memory_mb()
    _say("memory: " + ", ".join(f"{name} {size:,.0f} MB" for name, size in memory.items()))
    return 0 if ok else 1


def _compare_day(settings: Settings, cluster: Cluster, chosen: Sequence[str]) -> bool:
    """Build on Spark what DuckDB has built; whether it is good and each table equal."""
    started = time.monotonic()
    bring_raw(settings, cluster)
    _say(f"raw tables: {time.monotonic() - started:.0f} s")
    build = _on_spark(cluster, settings, ["build", *NO_UNIT_TESTS, "--select", *chosen])
    told = list(compare_built(settings, cluster, build.good))
    for line in comparison_lines(told):
        _say(line)
    return build.ok and bool(told) and all(one.is_equal for one in told)


def _unit_tests_hold(settings: Settings, cluster: Cluster, chosen: Sequence[str]) -> bool:
    """Run dbt's unit tests on Spark: of no day, as everywhere else."""
    timeless = settings.model_copy(update={"as_of": None})
    select = [f"{one},test_type:unit" for one in chosen]
    return _on_spark(cluster, timeless, ["test", "--select", *select]).ok


def _on_spark(cluster: Cluster, settings: Settings, arguments: Sequence[str]) -> Build:
    log = cluster.folder / "logs" / f"{arguments[0]}.log"
    build = build_on_spark(cluster, settings, arguments, log)
    _say(
        f"dbt {arguments[0]} on Spark: {len(build.good):,} steps are good, {len(build.bad):,} are "
        f"not, {build.seconds:.0f} s, log: {log}"
    )
    for name, status in build.bad.items():
        _say(f"  {status}: {name}")
    if build.error:
        _say(build.error)
    return build


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


def _build_with_duckdb(
    settings: Settings, inbox: Path, sources: Sequence[str], chosen: Sequence[str]
) -> None:
    """Land a day's inputs, and build what Spark's tables are compared with."""
    for source in sources:
        land_source(source, settings, inbox / source)  # what it refuses is compared, too
    built = run_dbt(settings, ["build", *NO_UNIT_TESTS, "--select", *chosen], quiet=True)
    if not built.has_results:
        raise SystemExit(f"DuckDB built nothing: {built.error}")
    _say(f"dbt build on DuckDB: {len(built.good):,} steps are good, {built.seconds:.0f} s")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make spark", description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, default=PROJECT_DIR / "target" / "spark")
    parser.add_argument("--domains", default="claims,clinic,care,dental", help=", ".join(DOMAINS))
    parser.add_argument("--days", type=int, default=1, choices=range(1, DAYS + 1))
    parser.add_argument("--select", nargs="+", help="what to build, as dbt takes it")
    parser.add_argument("--no-unit-tests", action="store_true")
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
