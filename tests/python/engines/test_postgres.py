"""Postgres as the engine: its functions say what DuckDB says; claims built, compared, published."""

import json
import sys
from datetime import datetime
from itertools import product

import duckdb
import pytest

from carehouse.cli import main as cli
from carehouse.domains import BuildLog, Domain
from carehouse.engines import postgres_publish
from carehouse.errors import NotPublished
from carehouse.registry import MART_SCHEMAS
from carehouse.settings import PROJECT_DIR, Settings
from conftest import forget_settings
from postgres_support import connected, function_statements, server  # noqa: F401

sys.path.append(str(PROJECT_DIR / "tests" / "engines"))

from compare_postgres import compare_days  # noqa: E402

DAYS = """2025-01-05|2025-1-5|25-01-05|20250105|2025/01/05|2025-01-05 10:00:00| 2025-01-05 |2025-01
2025-01-05x|2025-02-30|2024-02-29|2025-02-29|0001-01-01|12025-01-05|2025-01/05|2025 01 05|2025.01.05
2025-001-05||today|2025-13-01|9999-12-31|2025-01-05T10:00:00|2025-01-05 10:00:00.123456789
2025-01-05 24:00:00|2025-01-05 10:00:00+02|2025-01-05 10:00:00Z|2025-01-05 10:00:00 PM|2025-01-05 10
2025-01-05 10:00:60|2025-01-05  10:00:00| 2025-01-05 10:00:00 |2025-01-05 10:00:00 UTC
2025-01-05 10:00|2025-01-05 10:00 |2025-01-05 25:00:00|2025-01-05T|2025-01-05 10:00+02:30"""
NUMBERS = """12|12.7|12.5|13.5| 12 |1e3|+5|-5|--5|2147483648|1.|.5||12.49999|1e400|abc|1 2|-0.5
1,000|5e|-12.5|-2147483648|9999999999.99|9999999999.995|99999999999|.|nan|-0.005|1.2e1|+.5|-|12.5.1
12.345|12.355|12.005|$5|5%|1E5|00012|-.|1-|9223372036854775807|9223372036854775808"""
CLOCKS = "10:00|10:00:00|1:2:3|24:00:00|10:00:00.5|10:00 PM|10|25:00:00| 10:00:00 |10:60|"
CASTS = {
    "date": ("carehouse.to_date(v)", DAYS),
    "timestamp": ("carehouse.to_moment(v, false)", DAYS),
    "time": ("carehouse.to_time(v)", CLOCKS),
    "integer": ("cast(carehouse.to_whole(v, -2147483648, 2147483647) as integer)", NUMBERS),
    "decimal(12, 2)": ("cast(carehouse.to_numeric(v, 12, 2) as numeric(12, 2))", NUMBERS),
    "decimal(28, 10)": ("cast(carehouse.to_numeric(v, 28, 10) as numeric(28, 10))", NUMBERS),
    "boolean": ("carehouse.to_boolean(v)", "true|t|yes|1|TRUE|0|no|f|y|2| true |on||n"),
}
PATTERNS = {
    r"(?i)\bby(?: name)?[ \t]*[:–-]+[ \t]*([^,;|()\n\t]+)": "BY: X|seen by: Tom\nnext|xby: a",
    r"^[^\n]*\n((?s:.*))$": "a\nb\nc|a|\n",
    "a.c": "abc|a\nc|aéc",
    r"[^\p{L}\p{M}\p{N}]+": "नमस्ते दुनिया|Ünï-cödé|½ x|a_b",
    r"\btotals?$": "Grand totals|subtotal|totals",
    r"^[ .]+[\p{Lu}\p{Lo}]|(?i)^[ \t]+(case|by)": " CASE| by| was| राम|Case",
    r"[$€ \x{00A0}\x{2009}]": "€5|5\u20096|5",
    r"^[^:=]{2,40}? *(?:[:=]| [–-] )[ –-]*(.+)$": "Ravi = 3|a - b|ab – c d: e",
}
DAY_FORMS = """31/01/2025|1/2/2025|01/31/2025|20250131|31-Jan-2025|1-jan-2025|2025/01/31|31Jan2025
31. January 2025|Jan 31 2025|Jan. 31 2025|Fri Jan 31 2025|Friday 31 January 2025|31/1/25|31/02/2025
May 5 2025|Jann 3 2025|202501311530|20250131153045|Jan 31"""
TIME_FORMS = "| 15:05:06| 15:05| 3:05 PM| 3:05PM| 24:00| 12:05 AM| 15:05:06.5|:15:05:06| 3:05:06PM"


def parts(text: str) -> list[str]:
    return [one for line in text.split("\n") for one in line.split("|")]


@pytest.fixture(scope="module")
def functions(server):  # noqa: F811
    with connected(server) as cursor:
        for statement in function_statements():
            cursor.execute(statement)
        yield cursor


def told(cursor, expression: str, values: list[str]) -> list:
    cursor.execute(
        f"select cast({expression} as text) from unnest(%s::text[]) with ordinality as t (v, i) "
        "order by i",
        [values],
    )
    return [one for (one,) in cursor.fetchall()]


@pytest.mark.parametrize("kind", CASTS)
def test_a_cast_gives_what_duckdb_gives_or_null_too(functions, kind):
    expression, texts = CASTS[kind]
    values = parts(texts)
    expected = [
        duckdb.execute(f"select cast(try_cast(? as {kind}) as varchar)", [one]).fetchone()[0]
        for one in values
    ]
    assert sum(one is not None for one in expected) > 3
    assert list(zip(values, told(functions, expression, values), strict=True)) == list(
        zip(values, expected, strict=True)
    )


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_meets_what_it_meets_on_duckdb(functions, pattern):
    values = PATTERNS[pattern].split("|")
    for value in values:
        (meets, left) = duckdb.execute(
            "select regexp_matches(?, ?), regexp_replace(?, ?, '<>', 'g')", [value, pattern] * 2
        ).fetchone()
        functions.execute(
            "select %s ~ carehouse.pattern(%s), "
            "regexp_replace(%s, carehouse.pattern(%s), '<>', 'g')",
            [value, pattern] * 2,
        )
        actual = functions.fetchone()
        assert actual[0] == meets, value
        if "|(?i)" not in pattern:  # of two alternatives Postgres takes the longer, not the first
            assert actual[1] == left, value


@pytest.mark.parametrize("order", ["dmy", "mdy"])
def test_a_written_moment_reads_as_on_duckdb(functions, order):
    from carehouse.sql_macros import macro

    values = [day + time for day, time in product(parts(DAY_FORMS), TIME_FORMS.split("|"))]
    duckdb_sql = macro("moment_text", Settings())("v", f"'{order}'")
    expected = [
        duckdb.execute(f"select {duckdb_sql} from (select ? as v)", [one]).fetchone()[0]
        for one in values
    ]
    actual = told(functions, f"coalesce(carehouse.written_moment(v, '{order}'), v)", values)
    assert list(zip(values, actual, strict=True)) == list(zip(values, expected, strict=True))


def test_likeness_is_duckdbs(functions):
    words = ["", "a", "martha", "marhta", "dixon", "dicksonx", "growth", "grwoth", "नमस्ते", "नमसते"]
    for one, other in product(words, words):
        (expected,) = duckdb.execute(
            "select jaro_winkler_similarity(?, ?)", [one, other]
        ).fetchone()
        functions.execute("select carehouse.likeness(%s, %s)", [one, other])
        assert functions.fetchone()[0] == pytest.approx(expected, abs=1e-12), (one, other)


def test_a_server_that_cannot_be_reached_is_one_line_and_nothing_lands(
    tmp_path, monkeypatch, capsys
):
    from click.testing import CliRunner

    monkeypatch.setenv("CAREHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("CAREHOUSE_TARGET", "postgres")
    monkeypatch.setenv("CAREHOUSE_POSTGRES_URL", "postgresql://carehouse:secret@127.0.0.1:1/x")
    (tmp_path / "inbox" / "claims").mkdir(parents=True)
    (tmp_path / "inbox" / "claims" / "claims.csv").write_text("claim_id,amount\n1,2\n")
    done = CliRunner().invoke(cli, ["run"])
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "CAREHOUSE_POSTGRES_URL" in done.stderr and "secret" not in done.output
    assert not (tmp_path / "warehouse" / "carehouse.duckdb").exists()


def domains(**stale: str) -> dict[str, Domain]:
    at = datetime(2025, 6, 30)
    return {
        name: Domain(name, name not in stale, at, at.date(), stale.get(name), name in stale)
        for name in MART_SCHEMAS
    }


def log(build: str) -> BuildLog:
    nodes = [f"model.carehouse.{name}" for name in ("claims__a", "claims__c", "care__b")]
    at = datetime(2025, 6, 30)
    return BuildLog(
        dict.fromkeys(nodes, "success"), dict.fromkeys(nodes, build), dict.fromkeys(nodes, at)
    )


def test_a_publication_swaps_good_domains_whole_and_keeps_the_others(server, tmp_path):  # noqa: F811
    settings = Settings(home=tmp_path, target="postgres", postgres_url=server)

    def build(number: int) -> None:
        with connected(server) as cursor:
            for domain, table in (("claims", "a"), ("claims", "c"), ("care", "b")):
                cursor.execute(f"create schema if not exists build_{domain}")
                cursor.execute(f"drop table if exists build_{domain}.{table}")
                cursor.execute(f"create table build_{domain}.{table} as select {number} as x")

    def shown() -> tuple[int, int]:
        with connected(server) as cursor:
            cursor.execute("select (select x from claims.a), (select x from care.b)")
            return cursor.fetchone()

    reading = {"depends_on": {"nodes": ["source.carehouse.raw_claims.claims"]}, "config": {}}
    marts = {
        name: reading
        | {
            "resource_type": "model",
            "fqn": ["carehouse", "marts", domain, domain],
            "schema": f"build_{domain}",
            "alias": table,
            "columns": {"x": {"data_type": "integer", "config": {}}},
        }
        for name, domain, table in (
            ("model.carehouse.claims__a", "claims", "a"),
            ("model.carehouse.claims__c", "claims", "c"),
            ("model.carehouse.care__b", "care", "b"),
        )
    }
    grain = reading | {
        "resource_type": "test",
        "fqn": ["carehouse", "marts", "claims", "grain"],
        "schema": "failures",
        "name": "grain",
        "attached_node": "model.carehouse.claims__a",
        "test_metadata": {"name": "unique_grain", "kwargs": {"columns": ["x"]}},
    }
    settings.manifest.parent.mkdir(parents=True)
    settings.manifest.write_text(
        json.dumps(
            {
                "nodes": marts | {"test.carehouse.grain": grain},
                "unit_tests": {},
                "exposures": {},
                "macros": {},
                "metadata": {"project_name": "carehouse"},
            }
        )
    )
    try:
        build(1)
        postgres_publish.swap(settings, log("one"), domains())
        with connected(server) as cursor:
            cursor.execute("select * from quality.published_lineage order by domain")
            assert cursor.fetchall() == [
                ("care", "b", "raw table", "raw_claims.claims"),
                ("claims", "a", "raw table", "raw_claims.claims"),
                ("claims", "c", "raw table", "raw_claims.claims"),
            ]
        with connected(server) as cursor:
            cursor.execute("create role reader; grant usage on schema claims to reader")
            cursor.execute("create view public.mine as select x from claims.a")
        assert shown() == (1, 1)
        assert postgres_publish.is_swapped(settings, log("one"), domains())
        build(2)
        assert not postgres_publish.is_swapped(settings, log("two"), domains())
        with connected(server) as reading:
            # who reads in a transaction neither waits nor holds up the publication
            reading.connection.autocommit = False
            reading.execute("select x from claims.a")
            postgres_publish.swap(settings, log("two"), domains(care="a test failed"))
            reading.connection.rollback()
        assert shown() == (2, 1)
        with connected(server) as cursor:
            cursor.execute("select indexdef from pg_indexes where schemaname = 'claims'")
            ((index,),) = cursor.fetchall()
            assert index.startswith("CREATE UNIQUE INDEX") and index.endswith(
                "ON claims.a USING btree (x)"
            )
            cursor.execute("select x from public.mine")
            assert cursor.fetchone() == (2,)
            cursor.execute("select has_table_privilege('reader', 'claims.a', 'select')")
            assert cursor.fetchone() == (True,)
            cursor.execute(
                "select is_current, reason from quality.published_domains where domain = 'care'"
            )
            assert cursor.fetchone() == (False, "a test failed")
            cursor.execute("create materialized view public.kept as select x from claims.a")
        build(3)
        with pytest.raises(NotPublished, match="kept"):
            postgres_publish.swap(settings, log("three"), domains())
        assert shown() == (2, 1)
        with connected(server) as cursor:
            cursor.execute("drop materialized view public.kept")
            cursor.execute("drop table build_claims.c")
        with pytest.raises(NotPublished, match="claims__c: dropped"):
            postgres_publish.swap(settings, log("three"), domains())
        assert shown() == (2, 1)
        settings.manifest.unlink()  # as after dbt was run by itself
        with pytest.raises(NotPublished, match="to be indexed"):
            postgres_publish.swap(settings, log("three"), domains())
        assert shown() == (2, 1)
    finally:
        with connected(server) as cursor:
            for domain in ("claims", "care", "quality"):
                for prefix in ("", "build_", "next_", "old_"):
                    cursor.execute(f"drop schema if exists {prefix}{domain} cascade")
            cursor.execute("drop role if exists reader")
        forget_settings()


def test_claims_built_on_postgres_are_duckdbs_row_for_row(server, tmp_path):  # noqa: F811
    selected = ["+claims__fact_claims", "+claims__claim_status_history"]
    assert compare_days(tmp_path, server, 0.1, 1, selected, sources=["claims"])


@pytest.mark.thorough
def test_four_days_of_everything_are_duckdbs_row_for_row(server, tmp_path):  # noqa: F811
    assert compare_days(tmp_path, server, scale=1, days=4)
