"""The published file: only after a good build, swapped in whole, never in a reader's way."""

import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from carehouse import publish as publishing
from carehouse.build import run_dbt
from carehouse.cli import main
from carehouse.errors import NotPublished
from carehouse.publish import publish
from carehouse.registry import MART_SCHEMAS
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse
from conftest import build, query


@pytest.fixture
def ready(built_demo: Settings, home: Settings) -> Settings:
    """A home of one's own with the demo's warehouse and published file."""
    for path, source in (
        (home.warehouse, built_demo.warehouse),
        (home.published, built_demo.published),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, path)
    return home


def change(settings: Settings, *statements: str) -> None:
    with open_warehouse(settings) as connection:
        for statement in statements:
            connection.execute(statement)


def files(settings: Settings) -> list[str]:
    return [path.name for path in settings.published.parent.iterdir()]


def python(code: str, *arguments: object) -> subprocess.CompletedProcess:
    """Run code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )


def read_elsewhere(path: Path, sql: str) -> str:
    """A query's first value, read by another process: in one process files are shared by name."""
    code = """
        import sys, duckdb
        print(duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2]).fetchone()[0])
    """
    done = python(code, path, sql)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


RENAME = "update care.dim_participants set participant_name = 'Somebody'"
RENAMED = "select count(*) from care.dim_participants where participant_name = 'Somebody'"


# --- what is in it -------------------------------------------------------------------------------


def test_the_file_holds_every_mart_and_nothing_else(built_demo):
    tables = "select schema_name, table_name, estimated_size from duckdb_tables() order by all"
    published = query(built_demo.published, tables)
    built = [row for row in query(built_demo, tables) if row[0] in MART_SCHEMAS]
    assert published == built
    assert {schema for schema, *_ in published} == {
        "care",
        "claims",
        "clinic",
        "dental",
        "ml",
        "quality",
        "shared",
    }
    for kind in ("duckdb_views()", "duckdb_sequences()"):
        rows = query(
            built_demo.published,
            f"select * from {kind} where database_name = 'carehouse' "
            + ("and not internal" if "views" in kind else ""),
        )
        assert rows == []


def test_no_rejected_value_is_in_it(built_demo):
    """What stands in the cells of a rejected row is in no column of the tables that list it."""
    typed = {
        text
        for (text,) in query(
            built_demo,
            "select cells.value_text from quality.rejected_rows as rejected "
            "join raw_workbooks.cells as cells using (_source_file, _source_sheet, _source_row) "
            "where length(cells.value_text) > 6",
        )
    }
    assert len(typed) > 40
    for table in ("rejected_rows", "row_outcomes", "row_accounting"):
        rows = query(built_demo.published, f"select * from quality.{table}")
        shown = {value for row in rows for value in row if isinstance(value, str)}
        assert shown
        assert not [text for text in shown if any(value in text for value in typed)], table


# --- when it is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("delete from raw.build_log", "nothing has been built"),
        (
            "update raw.build_log set status = 'started' where unique_id = 'invocation'",
            "did not end",
        ),
        *(
            (
                "insert into raw.build_log (unique_id, status) "
                f"values ('model.carehouse.some_model', '{status}')",
                "1 failed or skipped steps, first model.carehouse.some_model",
            )
            for status in ("error", "fail", "runtime error", "skipped", "partial success")
        ),
    ],
)
def test_it_is_refused_unless_the_last_build_was_good(ready, statement, words):
    before = ready.published.read_bytes()
    change(ready, RENAME, statement)
    with pytest.raises(NotPublished, match=words):
        publish(ready)
    assert ready.published.read_bytes() == before
    assert files(ready) == ["carehouse.duckdb"]


def test_a_failed_step_that_the_project_no_longer_has_is_forgotten_by_the_next_build(ready):
    change(
        ready,
        "insert into raw.build_log (unique_id, status) values "
        "('test.carehouse.renamed_since', 'fail'), ('unit_test.carehouse.some_case', 'pass')",
    )
    with pytest.raises(NotPublished, match="renamed_since"):
        publish(ready)
    assert run_dbt(ready, ["build", "--select", "care__dim_participants"], quiet=True).ok
    assert publish(ready).table_count
    kept = "select count(*) from raw.build_log where unique_id like 'unit_test.%some_case'"
    assert query(ready, kept) == [(1,)]


def test_it_is_refused_when_nothing_was_ever_landed_or_built(home):
    result = CliRunner().invoke(main, ["publish"], env={"CAREHOUSE_HOME": str(home.home)})
    assert result.exit_code == 1
    assert "nothing has been built yet" in result.stderr
    assert not home.published.exists()


def test_a_failing_test_keeps_the_old_file_until_a_build_is_good_again(ready):
    before = ready.published.read_bytes()
    change(ready, "insert into care.dim_participants select * from care.dim_participants limit 1")
    built = run_dbt(ready, ["test", "--select", "care__dim_participants"], quiet=True)
    assert not built.ok
    assert "fail" in built.bad.values()
    result = CliRunner().invoke(main, ["publish"], env={"CAREHOUSE_HOME": str(ready.home)})
    assert result.exit_code == 1
    assert "fix the cause" in result.stderr
    assert ready.published.read_bytes() == before
    assert build(ready, "--select", "care__dim_participants").ok
    change(ready, RENAME)
    publish(ready)
    assert query(ready.published, RENAMED)[0][0] > 0


def test_it_says_who_holds_the_warehouse(ready):
    code = """
        import sys, time, duckdb
        connection = duckdb.connect(sys.argv[1])
        print("open", flush=True)
        time.sleep(60)
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(ready.warehouse)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "open\n"
        result = CliRunner().invoke(main, ["publish"], env={"CAREHOUSE_HOME": str(ready.home)})
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    assert result.exit_code == 1
    assert "in use by another program" in result.stderr


# --- the swap ------------------------------------------------------------------------------------


def test_an_open_reader_keeps_its_copy_and_a_new_one_sees_the_new(ready):
    with duckdb.connect(str(ready.published), read_only=True) as reader:
        assert reader.execute(RENAMED).fetchone() == (0,)
        change(ready, RENAME)
        published = publish(ready)
        assert read_elsewhere(ready.published, RENAMED) == "24"
        assert reader.execute(RENAMED).fetchone() == (0,)
        rows = reader.execute("select count(*) from care.fact_interventions").fetchone()
        assert rows[0] > 1000
    tables = query(ready, "select schema_name from duckdb_tables()")
    assert published.table_count == sum(schema in MART_SCHEMAS for (schema,) in tables)
    assert published.path == ready.published


def test_leftovers_of_an_earlier_publish_are_removed(ready):
    for name in (".carehouse.duckdb.999", ".carehouse.duckdb.999.wal"):
        (ready.published.parent / name).write_bytes(b"half")
    publish(ready)
    assert files(ready) == ["carehouse.duckdb"]


def test_a_failure_in_the_middle_leaves_the_old_file_alone(ready, monkeypatch):
    before = ready.published.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(publishing, "_copy_comments", fail)
    with pytest.raises(OSError, match="disk full"):
        publish(ready)
    assert ready.published.read_bytes() == before
    assert files(ready) == ["carehouse.duckdb"]


@pytest.mark.parametrize("moment", ["_copy_comments", "_sync"])
def test_a_kill_in_the_middle_leaves_a_whole_file(ready, moment):
    before = ready.published.read_bytes()
    change(ready, RENAME)
    code = """
        import os, signal, sys
        from pathlib import Path
        from carehouse import publish
        from carehouse.settings import Settings
        setattr(publish, sys.argv[2], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        publish.publish(Settings(home=Path(sys.argv[1])))
    """
    killed = python(code, ready.home, moment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert ready.published.read_bytes() == before
    assert len(files(ready)) > 1  # what it was writing
    publish(ready)
    assert files(ready) == ["carehouse.duckdb"]
    assert read_elsewhere(ready.published, RENAMED) == "24"
