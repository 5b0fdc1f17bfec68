"""Spark on this machine: a master, two workers, a Connect server. `make spark` runs this."""

import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.request
from itertools import product
from pathlib import Path

import duckdb
import pytest
from compare_spark import bring_raw, compare_built
from jinja2 import Environment

from carehouse.contract import raw_table
from carehouse.engines.spark_build import build_on_spark, session
from carehouse.engines.spark_claims import land_claims_on_spark
from carehouse.engines.spark_cluster import spark_cluster
from carehouse.engines.spark_raw import map_raw
from carehouse.landing.claims import TABLES, land_claims
from carehouse.settings import PROJECT_DIR
from carehouse.sql import literal, quote
from claims_support import claim, settings_at, write_csv, write_inbox, write_parquet
from s3_support import AWS, client, s3_server, upload

BUCKET = "payer-exports"
TIMES = ("started_at", "finished_at", "looked_at")


@pytest.fixture(scope="module")
def endpoint():
    with s3_server() as url:
        yield url


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, endpoint):
    """The workers get the AWS variables when they start, as machines of a cluster have them."""
    before = dict(os.environ)
    os.environ.update({**AWS, "AWS_ENDPOINT_URL": endpoint})
    try:
        with spark_cluster(tmp_path_factory.mktemp("spark")) as cluster:
            yield cluster
    finally:
        os.environ.clear()
        os.environ.update(before)


def write_place(folder):
    """Good files of each kind, one of another kind, and some that must be refused."""
    write_inbox(folder)
    for month in range(1, 7):
        write_parquet(
            folder / "claims" / "year=2024" / f"month={month}" / "part.parquet",
            f"select * exclude (year, month) from read_csv('{folder / 'claims.csv'}')",
        )
    write_csv(folder / "bad" / "claims_dates.csv", [claim(7, day="2024-02-03", amount="lots")] * 3)
    write_csv(folder / "bad" / "claims_short.csv", [["C1"]], header=["claim_id"])
    (folder / "bad" / "claims_cut.parquet").write_bytes(b"PAR1 and no end")
    write_csv(folder / "late" / "claims_extra.csv", [[*claim(8), "x"]], header=_with("new_column"))
    (folder / "readme.pdf").write_bytes(b"%PDF")
    return folder


def _with(column):
    from claims_support import HEADERS

    return [*HEADERS["claims"], column]


def log_of(settings, object_table="load_log"):
    """The log without what the clock says, and the ids by name."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        cursor = connection.execute(f"select * from raw.{object_table} order by all")
        names = [one[0] for one in cursor.description]
        rows = [
            tuple(
                value
                for name, value in zip(names, row, strict=True)
                if name not in (*TIMES, "load_id", "location")
            )
            for row in cursor.fetchall()
        ]
        return sorted(rows, key=str)


def rows_of(relation, table):
    """Rows by file and row, without what differs by the clock and by the order of landing."""
    columns = [
        quote(name)
        for name in raw_table("raw_claims", table).columns
        if name not in ("_load_id", "_extracted_at")
    ]
    return duckdb.execute(
        f"select {', '.join(columns)} from {relation} order by _source_file, _source_row"
    ).fetchall()


def landed_rows(settings, table):
    duckdb.execute(f"attach or replace {literal(settings.warehouse)} as home (read_only)")
    try:
        return rows_of(f"home.raw_claims.{table}", table)
    finally:
        duckdb.execute("detach home")


def spark_rows(folder, table):
    return rows_of(f"read_parquet('{folder}/raw_claims/{table}/*/part.parquet')", table)


def test_a_bucket_lands_on_spark_as_it_does_on_one_machine(cluster, endpoint, tmp_path):
    place = write_place(tmp_path / "in")
    own = client(endpoint)
    own.create_bucket(Bucket=BUCKET)
    upload(own, BUCKET, place, "drop/")
    url = f"s3://{BUCKET}/drop"
    alone, spread = settings_at(tmp_path / "alone"), settings_at(tmp_path / "spread")
    expected = land_claims(alone, url)
    with session(cluster) as spark:
        before = dict(os.environ)  # pyspark has put a variable of its own there
        landing = land_claims_on_spark(spark, spread, url, tmp_path / "raw")
        assert landing.refused == expected.refused
        assert len(landing.refused) == 3
        assert landing.ignored == expected.ignored
        assert sorted(landing.landed) == sorted(expected.landed)
        assert landing.row_count == expected.row_count
        assert log_of(spread) == log_of(alone)
        assert log_of(spread, "drift_log") == log_of(alone, "drift_log")
        for table in TABLES:
            assert spark_rows(tmp_path / "raw", table) == landed_rows(alone, table)

        # the tables that the models read
        tables = [raw_table("raw_claims", table) for table in TABLES]
        map_raw(spark, tables, tmp_path / "raw")
        for table in TABLES:
            (found,) = spark.sql(
                f"select count(*), count(distinct _load_id) from raw_claims.{table}"
            ).collect()
            relation = f"read_parquet('{tmp_path}/raw/raw_claims/{table}/*/part.parquet')"
            told = duckdb.sql(f"select count(*), count(distinct _source_file) from {relation}")
            assert tuple(found) == told.fetchone()

        # the same again reads nothing; a corrected, a new and a vanished file change what they say
        land_claims(alone, url)
        again = land_claims_on_spark(spark, spread, url, tmp_path / "raw")
        assert (again.landed, len(again.unchanged)) == ([], len(expected.landed))
        write_csv(place / "claims.csv", [claim(1, amount="7.00")])
        write_csv(place / "bad" / "claims_dates.csv", [claim(9)])
        upload(own, BUCKET, place, "drop/")
        own.delete_object(Bucket=BUCKET, Key="drop/claims/year=2024/month=3/part.parquet")
        expected = land_claims(alone, url)
        landing = land_claims_on_spark(spark, spread, url, tmp_path / "raw")
        assert landing.retired == expected.retired
        assert sorted(landing.landed) == sorted(expected.landed)
        assert log_of(spread) == log_of(alone)
        for table in TABLES:
            assert spark_rows(tmp_path / "raw", table) == landed_rows(alone, table)
    assert before == dict(os.environ)


def test_a_history_of_four_extracts_is_the_one_that_duckdb_keeps(cluster, tmp_path):
    """Rows that are new, changed, gone, and back again; dbt snapshots them on either engine."""
    settings = settings_at(tmp_path / "home")
    extracts = [
        {1: 10.0, 2: 20.0, 3: None},
        {1: 10.0, 2: 25.5, 4: 40.0},
        {1: 10.0, 2: 25.5, 3: 30.0, 4: 41.25},
        {2: 20.0, 3: 30.0, 4: 41.25},
    ]
    choice = ["--select", "+history_opendental__fees", "--exclude-resource-type", "test"]
    carehouse = str(Path(sys.executable).with_name("carehouse"))
    for day, fees in enumerate(extracts, start=1):
        _look_at_fees(settings, day, fees)
        own = {**os.environ, "CAREHOUSE_HOME": str(settings.home), "CAREHOUSE_TARGET": "duckdb"}
        subprocess.run([carehouse, "build", *choice], env=own, check=True, capture_output=True)
        bring_raw(settings, cluster)
        log = tmp_path / f"day{day}.log"
        assert build_on_spark(cluster, settings, ["build", *choice], log).ok, log.read_text()
        name = "snapshot.carehouse.history_opendental__fees"
        (compared,) = compare_built(settings, cluster, [name])
        assert compared.is_equal, compared
    assert compared.expected_rows == 8


def _look_at_fees(settings, day, fees):
    """The fees of a day, as the mirror of the practice's database would hold them."""
    moment = f"timestamp '2025-03-0{day} 08:00:00.00000{day}'"
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("delete from raw_opendental.fee")
        for number, amount in fees.items():
            told = -1 if amount is None else amount
            connection.execute(
                "insert into raw_opendental.fee (FeeNum, Amount, FeeSched, CodeNum, _load_id, "
                f"_extracted_at) values ({number}, {told}, 1, {number}, {day}, {moment})"
            )
        connection.execute(
            f"insert into raw.scan_log (source, scanned_at) values ('opendental', {moment})"
        )


def test_likeness_of_texts_is_duckdbs(cluster):
    draw = random.Random(7)
    words = [
        "",
        "a",
        "martha",
        "marhta",
        "dixon",
        "dicksonx",
        "grwoth",
        "नमस्ते",
        "नमसते",
        "abcd",
        None,
    ]
    words += ["".join(draw.choices("abcd ", k=draw.randint(1, 14))) for _ in range(30)]
    pairs = [{"one": one, "other": other} for one, other in product(words, words)]
    template = Environment().from_string((PROJECT_DIR / "macros/text_similarity.sql").read_text())
    likeness = template.module.spark__text_similarity("one", "other")
    with session(cluster) as spark:
        rows = spark.createDataFrame(pairs, "one string, other string")
        actual = [row[2] for row in rows.selectExpr("one", "other", str(likeness)).collect()]
    for pair, found in zip(pairs, actual, strict=True):
        (expected,) = duckdb.execute(
            "select jaro_winkler_similarity($one::varchar, $other::varchar)", pair
        ).fetchone()
        assert (found is None) == (expected is None), pair
        assert found is None or found == pytest.approx(expected, abs=1e-12), pair


def test_the_tasks_of_one_job_run_on_both_workers(cluster):
    with session(cluster) as spark:
        slow = "sum(cast(sha2(cast(id as string), 512) > 'a' as int))"
        assert spark.range(0, 4_000_000, 1, 8).selectExpr(slow).collect()
    tasks = tasks_by_executor(cluster)
    assert len([one for one, count in tasks.items() if count >= 2]) >= 2, tasks


def test_a_worker_that_is_killed_in_the_middle_of_a_job_costs_only_time(cluster):
    slow = "sum(cast(length(sha2(repeat(cast(id as string), 40), 512)) as bigint)) as total"
    with session(cluster) as spark:
        answer = []
        job = threading.Thread(
            target=lambda: answer.extend(
                spark.range(0, 6_000_000, 1, 60).selectExpr(slow).collect()
            )
        )
        job.start()
        time.sleep(4)
        assert not answer, "the job was over before the worker was killed"
        victim = cluster.workers()[-1]
        victim.kill()
        job.join(timeout=300)
    assert answer[0]["total"] == 6_000_000 * 128
    assert victim.poll() is not None
    assert len(cluster.workers()) == 1


def tasks_by_executor(cluster):
    """Finished tasks by executor, as Spark's own REST interface tells them."""

    def ask(path):
        with urllib.request.urlopen(f"{cluster.monitor}/applications{path}", timeout=20) as answer:
            return json.load(answer)

    (application,) = ask("")
    executors = ask(f"/{application['id']}/executors")
    return {one["id"]: one["completedTasks"] for one in executors if one["id"] != "driver"}
