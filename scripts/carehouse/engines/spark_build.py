"""Build the models on Spark with dbt, from raw tables that were written as Parquet."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from carehouse.build import GOOD, STEPS, Build, dbt_environment
from carehouse.engines.spark_cluster import Cluster
from carehouse.settings import PROJECT_DIR, Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def session(cluster: Cluster) -> Iterator["SparkSession"]:
    """A client of the cluster's Connect server; closed at the end, the server goes on."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.remote(cluster.remote).getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()


def build_on_spark(
    cluster: Cluster, settings: Settings, arguments: Sequence[str], log: Path
) -> Build:
    """Run dbt on the cluster, in a process of its own, since a process holds one Spark session.

    What dbt says is written to `log`.
    """
    target = cluster.folder / "dbt"
    environment = {
        **os.environ,
        **dbt_environment(settings),
        "CAREHOUSE_TARGET": "spark",
        "SPARK_REMOTE": cluster.remote,
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(cluster.folder / "logs"),
        "DBT_PARTIAL_PARSE": "true",
    }
    command = [sys.executable, "-m", "dbt.cli.main", *arguments]
    command += ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR / "profiles")]
    results = target / "run_results.json"
    results.unlink(missing_ok=True)
    with log.open("w") as output:
        ended = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    if not results.exists():
        return Build(False, error=f"dbt built nothing: {log}")
    told = json.loads(results.read_text())
    statuses = {
        one["unique_id"]: one["status"]
        for one in told["results"]
        if one["unique_id"].split(".")[0] in STEPS
    }
    bad = {name: status for name, status in statuses.items() if status not in GOOD}
    good = [name for name in statuses if name not in bad]
    return Build(ended.returncode == 0, bad, None, good, told["elapsed_time"])
