"""A new day on the made-up data: fewer steps, and every table as a full build makes it."""

import shutil
from datetime import timedelta

import duckdb
import pytest

from carehouse.daily import run
from carehouse.settings import Settings
from conftest import Lines, forget_settings

DAYS = 2


@pytest.fixture
def next_home(built_demo, tmp_path) -> Settings:
    """The built demo, some days later."""
    shutil.copytree(built_demo.home, tmp_path / "home")
    forget_settings()
    yield Settings(home=tmp_path / "home", as_of=built_demo.as_of + timedelta(days=DAYS))
    forget_settings()


def contents(settings: Settings) -> dict[str, tuple]:
    """Rows of every built table and view, but for the time of their newest look at the inputs."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        columns = connection.execute(
            """
            select schema_name || '.' || table_name, string_agg('"' || column_name || '"', ', ')
            from duckdb_columns()
            where not internal and schema_name not like 'raw%'
            and column_name not in ('_extracted_at', '_seen_at', 'extracted_at')
            group by all
            """
        ).fetchall()
        return {
            table: connection.execute(
                "select count(*), sum(hash(told)), bit_xor(hash(told)) "
                f"from (select {names} from {table}) as told"
            ).fetchone()
            for table, names in columns
        }


def test_a_new_day_leaves_each_table_as_a_full_build_makes_it(next_home, demo_inputs):
    old = contents(next_home)
    parsed = next_home.dbt_folder / "partial_parse.msgpack"
    read_before = parsed.stat().st_mtime_ns
    report = run(next_home, demo_inputs, Lines())
    assert report.ok, report.failed
    assert report.published.ok
    assert parsed.stat().st_mtime_ns == read_before, "dbt parsed models again for another day"
    steps = sum(report.built.values())
    assert 0 < report.day_differing < report.day_readers < report.built["model"]
    narrow = contents(next_home)
    full = run(next_home, demo_inputs, Lines(), full=True)
    assert full.ok, full.failed
    assert narrow == contents(next_home)
    assert steps < sum(full.built.values()) / 2
    moved = {table for table in old if old[table] != narrow[table]}
    assert {"clinic.reception_priorities", "dental.accounts_receivable_aging"} <= moved
