"""The published file: only after a good build, swapped in whole, never in a reader's way."""

import signal
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from carehouse import publish as publishing
from carehouse.apps.api import create_app
from carehouse.build import run_dbt
from carehouse.cli import main
from carehouse.domains import BuildLog, judge, read_build_log
from carehouse.errors import NotPublished
from carehouse.graph import read_graph
from carehouse.publish import publish
from carehouse.registry import MART_SCHEMAS as DOMAINS
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse
from conftest import build, copy_built, query, records


@pytest.fixture
def ready(built_demo: Settings, home: Settings) -> Settings:
    """A home of one's own with the demo's warehouse and published file."""
    return copy_built(built_demo, home)


def change(settings: Settings, *statements: str) -> None:
    """Change the warehouse behind dbt's back, as if a build had made every mart again."""
    with open_warehouse(settings) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.execute("update raw.build_log set invocation_id = uuid()")


def domains(settings: Settings) -> dict[str, dict]:
    rows = records(settings.published, "from quality.published_domains")
    return {row["domain"]: row for row in rows}


def stale(settings: Settings) -> set[str]:
    return {name for name, row in domains(settings).items() if not row["is_current"]}


def files(settings: Settings) -> list[str]:
    return [path.name for path in settings.published.parent.iterdir()]


def python(code: str, *arguments: object) -> subprocess.CompletedProcess:
    """Run code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
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
    built = [row for row in query(built_demo, tables) if row[0] in DOMAINS]
    views = query(
        built_demo, "select schema_name, view_name from duckdb_views() where not internal"
    )
    for schema, view in views:
        if schema in DOMAINS:
            built.append(
                (schema, view, *query(built_demo, f"select count(*) from {schema}.{view}")[0])
            )
    own = [row for row in published if row[0] == "quality" and row[1].startswith("published_")]
    assert [table for _, table, _ in own] == [
        "published_domains",
        "published_lineage",
        "published_tables",
    ]
    assert [row for row in published if row not in own] == sorted(built)
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


def test_it_says_how_fresh_each_domain_and_table_is(built_demo):
    found = domains(built_demo)
    assert list(found) == list(DOMAINS)
    for row in found.values():
        assert row["is_current"] and row["reason"] is None and row["built_at"]
        assert str(row["as_of_date"]) == "2025-07-01"
    for row in records(built_demo.published, "from quality.published_tables"):
        name = f"{row['domain']}.{row['table_name']}"
        assert [(row["row_count"],)] == query(built_demo.published, f"select count(*) from {name}")
        assert row["built_at"] and row["build_id"]


def test_it_says_what_each_table_is_made_of(built_demo):
    rows = query(
        built_demo.published,
        "select domain || '.' || table_name, made_of_kind, made_of from quality.published_lineage",
    )
    assert len(rows) == len(set(rows))
    made_of = {row[1:] for row in rows if row[0] == "clinic.fact_appointments"}
    assert ("raw table", "raw_clinic.appointments") in made_of
    assert ("seed", "clinic_appointment_statuses") in made_of
    marts = {
        f"{row['domain']}.{row['table_name']}"
        for row in records(built_demo.published, "from quality.published_tables")
    }
    written_out = {"clinic.kpi_definitions", "shared.time_spine"}  # made of nothing
    assert {row[0] for row in rows} == marts - written_out
    assert {name for _, kind, name in rows if kind == "mart"} <= marts


def test_of_a_past_day_every_gate_holds(built_demo, tmp_path):
    """What was landed after the as-of day is in the accounting, not missing from it."""
    settings = copy_built(built_demo, Settings(home=tmp_path, as_of=date(2025, 5, 15)))
    gates = ["path:tests/singular", "+path:tests/singular"]
    built = build(settings, "--select", *gates, "--exclude", "test_type:generic", "test_type:unit")
    assert built.ok, (built.error, built.bad)
    accounts = query(
        settings,
        "select source, sum(kept_amount) > 0, sum(set_aside_amount) <> 0 "
        "from quality.amount_accounting where source <> 'claims' group by source order by source",
    )
    assert accounts == [
        ("clinic", True, True),
        ("opendental", True, True),
        ("workbooks", True, True),
    ]


# --- by domain -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["error", "fail", "runtime error", "skipped", "started"])
@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("model.carehouse.care__fact_interventions", {"care"}),
        ("model.carehouse.stg_clinic__payments", {"clinic", "ml", "quality"}),
        ("seed.carehouse.clinic_priority_weights", {"clinic"}),
        ("model.carehouse.stg_opendental__procedures", {"dental", "ml", "quality"}),
        ("test.carehouse.clinic_rejected_share", {"clinic"}),
        ("test.carehouse.clinic_unmapped_share", {"clinic"}),
        ("test.carehouse.claims_unmapped_share", {"claims"}),
        ("test.carehouse.claims_totals_hold", {"claims"}),
        ("test.carehouse.workbooks_nothing_lost", {"care", "quality"}),
        ("test.carehouse.clinic_nothing_lost", {"clinic", "quality"}),
        ("test.carehouse.opendental_amounts_kept", {"dental", "quality"}),
        ("model.carehouse.of_another_project", set(DOMAINS)),
    ],
)
def test_a_failure_stales_the_domains_that_descend_from_it_and_no_other(
    ready, node, expected, status
):
    with open_warehouse(ready) as connection:
        connection.execute("delete from raw.build_log where unique_id = ?", [node])
        connection.execute(
            f"insert into raw.build_log (unique_id, status) values ('{node}', '{status}')"
        )
        found = judge(read_build_log(connection), read_graph(ready.manifest), None)
    assert {name for name, one in found.items() if one.has_failed} == expected
    for name in expected:
        assert found[name].reason


def test_what_dbt_skips_for_a_failure_stales_no_other_domain(ready):
    """For every seed, model and singular test that may fail, with all that dbt then skips."""
    graph = read_graph(ready.manifest)
    above = {name: graph.ancestors([name]) - {name} for name in graph.nodes}
    wrong = []
    for node in graph.nodes.values():
        if node.kind == "test" and node.attached_to or node.kind == "unit_test":
            continue
        roots = [node.unique_id]
        if node.kind == "test":  # what reads all that a test reads waits for the test
            read = set(node.parents) & graph.nodes.keys()
            roots += [
                name for name in above if graph.nodes[name].kind != "test" and read <= above[name]
            ]
        status = dict.fromkeys(graph.descendants(roots), "skipped") | {node.unique_id: "error"}
        log = BuildLog(status, dict.fromkeys(status, ""), dict.fromkeys(status))
        stale = {name for name, one in judge(log, graph, None).items() if one.has_failed}
        if stale != graph.concerned(node.unique_id):
            wrong.append((node.name, stale))
    assert not wrong


def test_a_broken_domain_keeps_its_tables_and_the_others_are_new(ready):
    before = domains(ready)["care"]
    change(
        ready,
        RENAME,
        "update clinic.dim_patients set phone = 'changed'",
        "insert into care.dim_participants select * from care.dim_participants limit 1",
    )
    assert not run_dbt(ready, ["test", "--select", "care__dim_participants"], quiet=True).ok
    result = CliRunner().invoke(main, ["publish"], env={"CAREHOUSE_HOME": str(ready.home)})
    assert result.exit_code == 1, result.output
    assert "care keeps its tables of" in result.stderr
    assert "test no_overlap_care__dim_participants_participant_id failed" in result.stderr
    assert stale(ready) == {"care"}
    after = domains(ready)["care"]
    assert "failed" in after["reason"]
    assert (after["built_at"], after["as_of_date"]) == (before["built_at"], before["as_of_date"])
    assert query(ready.published, RENAMED) == [(0,)]
    changed = "select count(*) from clinic.dim_patients where phone = 'changed'"
    assert query(ready.published, changed)[0][0] > 0
    status = CliRunner().invoke(main, ["status"], env={"CAREHOUSE_HOME": str(ready.home)})
    assert "care keeps its tables of" in status.output
    health = TestClient(create_app(ready)).get("/health").json()
    assert health["status"] == "ok"
    assert [one["domain"] for one in health["domains"] if not one["is_current"]] == ["care"]


def test_a_domain_that_is_good_again_is_published_again(ready):
    change(ready, "insert into care.dim_participants from care.dim_participants limit 1")
    assert not run_dbt(ready, ["test", "--select", "care__dim_participants"], quiet=True).ok
    assert [one.domain for one in publish(ready).stale] == ["care"]
    assert build(ready, "--select", "care__dim_participants").ok
    published = publish(ready)
    assert (published.stale, stale(ready)) == ([], set())
    care = "select count(*) from duckdb_tables() where schema_name = 'care'"
    assert [(published.copied_count,)] == query(ready.published, care)  # and no other domain's


def test_a_stale_domain_that_was_never_published_is_left_out(ready):
    ready.published.unlink()
    change(
        ready,
        "update raw.build_log set status = 'error' "
        "where unique_id = 'model.carehouse.clinic__dim_patients'",
    )
    publish(ready)
    tables = query(ready.published, "select distinct schema_name from duckdb_tables()")
    assert {schema for (schema,) in tables} == set(DOMAINS) - {"clinic"}
    assert domains(ready)["clinic"]["built_at"] is None


# --- only what changed ---------------------------------------------------------------------------


def test_only_what_was_built_since_is_copied(ready):
    assert publish(ready).copied_count == 0
    assert build(ready, "--select", "care__dim_participants", "clinic__daily_kpis").ok
    assert publish(ready).copied_count == 2


def test_a_file_with_much_dead_space_is_written_afresh(ready):
    publish(ready)
    size = ready.published.stat().st_size
    for _ in range(4):
        change(
            ready,
            "update raw.build_log set invocation_id = 'again' where split_part(unique_id, '.', 3) "
            "in ('claims__fact_claim_lines', 'claims__fact_claims')",
        )
        publish(ready)
    assert ready.published.stat().st_size < 2.5 * size


def test_a_mart_that_the_project_no_longer_has_is_gone(ready):
    gone = "model.carehouse.care__retention_by_risk"
    change(ready, f"delete from raw.build_log where unique_id = '{gone}'")
    with open_warehouse(ready) as connection:
        log = read_build_log(connection)
    assert gone not in log.status
    ready.manifest.unlink()  # the graph of a project without it
    publish(ready)
    tables = query(ready.published, "select table_name from duckdb_tables()")
    assert ("retention_by_risk",) not in tables
    assert ("retention_by_risk",) in query(ready, "select table_name from duckdb_tables()")


# --- when it is refused --------------------------------------------------------------------------


def test_it_is_refused_when_no_domain_is_good_and_there_is_nothing_to_keep(ready):
    ready.published.unlink()
    change(ready, "update raw.build_log set status = 'error'")
    with pytest.raises(NotPublished, match="no domain could be built, care: "):
        publish(ready)
    assert files(ready) == []


def test_a_failed_step_that_the_project_no_longer_has_is_forgotten_by_the_next_build(ready):
    change(
        ready,
        "insert into raw.build_log (unique_id, status) values "
        "('test.carehouse.renamed_since', 'fail'), ('unit_test.carehouse.some_case', 'pass')",
    )
    assert len(publish(ready).stale) == len(DOMAINS)
    assert run_dbt(ready, ["build", "--select", "care__dim_participants"], quiet=True).ok
    assert publish(ready).stale == []
    kept = "select count(*) from raw.build_log where unique_id like 'unit_test.%some_case'"
    assert query(ready, kept) == [(1,)]


def test_it_is_refused_when_nothing_was_ever_landed_or_built(home):
    result = CliRunner().invoke(main, ["publish"], env={"CAREHOUSE_HOME": str(home.home)})
    assert result.exit_code == 1
    assert "nothing has been built yet" in result.stderr
    assert not home.published.exists()


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
    views = "select schema_name from duckdb_views() where not internal"
    tables = query(ready, f"select schema_name from duckdb_tables() union all {views}")
    assert published.table_count == sum(schema in DOMAINS for (schema,) in tables)
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

    monkeypatch.setattr(publishing, "_write_own", fail)
    with pytest.raises(OSError, match="disk full"):
        publish(ready)
    assert ready.published.read_bytes() == before
    assert files(ready) == ["carehouse.duckdb"]


@pytest.mark.parametrize("moment", ["_copy", "_write_own", "sync"])
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
