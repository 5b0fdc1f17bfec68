"""Files on their way into the raw tables: twice, corrected, removed, broken, drifted."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from docx import Document

from carehouse.cli import main
from carehouse.contract import RawTable, raw_tables
from carehouse.errors import NothingToLand
from carehouse.landing.frame import Landing
from carehouse.landing.insert import plan_insert
from carehouse.landing.sandboxed import land_files
from carehouse.landing.sources import NOTES, WORKBOOKS
from carehouse.publish import publish
from carehouse.settings import PROJECT_DIR, Settings
from carehouse.warehouse import open_warehouse
from conftest import CARE, SUPPORT, build, landed_rows, query, status_rows, write_workbook

VISIT = (date(2025, 3, 12), "Visited at home", 3)
CALL = (date(2025, 3, 20), "Called", "Level 2")


@pytest.fixture
def folder(home: Settings) -> Path:
    """Two workbooks, ready to land."""
    folder = home.inbox / "workbooks"
    write_workbook(folder / "PW001_Ravi.xlsx", status_rows(VISIT))
    write_workbook(folder / "PW002_Asha.xlsx", status_rows(VISIT, CALL))
    return folder


def land(home: Settings, folder: Path, **options) -> Landing:
    return land_files(WORKBOOKS, home, folder, **options)


def rows_of(home: Settings, name: str) -> list[tuple]:
    rows = landed_rows(home)
    return [row for table in rows.values() for row in table if row[0] == name]


def cells_of(home: Settings, name: str) -> list[tuple]:
    return query(
        home, "select * from raw_workbooks.cells where _source_file = ? order by all", [name]
    )


def retired_at(home: Settings) -> dict[str, datetime | None]:
    return dict(
        query(home, "select _source_file, max(_retired_at) from raw_workbooks.sheets group by 1")
    )


def load_log(home: Settings) -> list[tuple]:
    return query(home, "select * from raw.load_log order by load_id")


def outcomes(home: Settings) -> list[tuple]:
    return query(home, "select object, outcome from raw.load_log order by load_id")


# --- before anything has landed ----------------------------------------------------------------


def columns(home: Settings) -> dict[tuple[str, str], list[tuple[str, str]]]:
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, *column in query(
        home,
        "select schema_name, table_name, column_name, lower(data_type) from duckdb_columns() "
        "where schema_name like 'raw%' order by column_index",
    ):
        found.setdefault((schema, table), []).append(tuple(column))
    return found


def test_a_loader_makes_empty_typed_raw_tables_from_the_contract(home):
    with open_warehouse(home):
        pass
    expected = {(table.schema, table.name): list(table.columns.items()) for table in raw_tables()}
    assert columns(home) == expected
    assert not any(landed_rows(home).values())


def test_what_is_kept_of_the_contract_is_what_the_yml_says(tmp_path):
    models = tmp_path / "models"
    shutil.copytree(PROJECT_DIR / "models" / "staging", models / "staging")
    raw_tables.cache_clear()
    read = raw_tables(models)
    kept = tmp_path / "target" / "raw_contract.json"
    before = kept.stat().st_mtime_ns
    raw_tables.cache_clear()
    assert raw_tables(models) == read
    assert kept.stat().st_mtime_ns == before, "it was read from what was kept"
    notes = models / "staging" / "notes" / "_notes__sources.yml"
    notes.write_text(notes.read_text().replace("name: block_number", "name: block_place"))
    raw_tables.cache_clear()
    changed = raw_tables(models)
    assert changed != read
    assert any("block_place" in table.columns for table in changed)
    kept.write_text("cut sho")
    raw_tables.cache_clear()
    assert raw_tables(models) == changed


def test_dbt_builds_and_publishes_an_empty_warehouse_with_the_same_raw_tables(
    home, tmp_path, monkeypatch
):
    monkeypatch.delenv("DBT_EXCLUDE_RESOURCE_TYPES")
    built = build(home)
    assert built.ok, built.bad or built.error
    loaded = Settings(home=tmp_path / "loaded")
    with open_warehouse(loaded):
        pass
    assert columns(home) == columns(loaded)
    assert query(home, "select count(*) from care.fact_interventions") == [(0,)]
    assert publish(home).table_count > 10


def test_a_column_that_the_contract_gains_is_added(home):
    with open_warehouse(home) as connection:
        connection.execute("alter table raw_workbooks.cells drop column row_span")
    with open_warehouse(home) as connection:
        columns = [
            column[0] for column in connection.execute("describe raw_workbooks.cells").fetchall()
        ]
    assert "row_span" in columns


# --- the same, corrected, removed, broken -------------------------------------------------------


def test_the_same_folder_again_reads_nothing_and_changes_nothing(home, folder):
    first = land(home, folder)
    assert first.landed == ["PW001_Ravi.xlsx", "PW002_Asha.xlsx"]
    before, log = landed_rows(home), load_log(home)
    # a reader that does not exist cannot be started unnoticed
    again = land_files(replace(WORKBOOKS, read="no_such_module:read"), home, folder)
    assert again.unchanged == first.landed
    assert (again.landed, again.refused, again.retired, again.row_count) == ([], {}, [], 0)
    assert landed_rows(home) == before
    assert load_log(home) == log


def test_the_same_bytes_touched_or_copied_over_are_known(home, folder):
    land(home, folder)
    before = landed_rows(home)
    path = folder / "PW001_Ravi.xlsx"
    path.write_bytes(path.read_bytes())
    os.utime(path, (1, 1))
    assert land(home, folder).landed == []
    assert landed_rows(home) == before


def test_a_corrected_file_replaces_only_its_own_rows(home, folder):
    land(home, folder)
    other = rows_of(home, "PW002_Asha.xlsx")
    write_workbook(folder / "PW001_Ravi.xlsx", status_rows(CALL))
    landing = land(home, folder)
    assert (landing.landed, landing.unchanged) == (["PW001_Ravi.xlsx"], ["PW002_Asha.xlsx"])
    assert rows_of(home, "PW002_Asha.xlsx") == other
    texts = query(
        home,
        "select value_text, _load_id from raw_workbooks.cells where _source_file like 'PW001%'",
    )
    assert ("Called", 3) in texts
    assert not any(text == "Visited at home" for text, _ in texts)
    assert {load_id for _, load_id in texts} == {3}


def test_a_removed_file_is_retired_and_may_come_back(home, folder):
    land(home, folder)
    other = rows_of(home, "PW002_Asha.xlsx")
    path = folder / "PW001_Ravi.xlsx"
    data = path.read_bytes()
    path.unlink()
    before = cells_of(home, "PW001_Ravi.xlsx")
    assert land(home, folder).retired == ["PW001_Ravi.xlsx"]
    assert cells_of(home, "PW001_Ravi.xlsx") == before
    assert retired_at(home) == {"PW001_Ravi.xlsx": scans(home)[-1], "PW002_Asha.xlsx": None}
    assert rows_of(home, "PW002_Asha.xlsx") == other
    assert outcomes(home)[-1] == ("PW001_Ravi.xlsx", "retired")
    assert land(home, folder).retired == []
    path.write_bytes(data)
    assert land(home, folder).landed == ["PW001_Ravi.xlsx"]
    assert retired_at(home) == {"PW001_Ravi.xlsx": None, "PW002_Asha.xlsx": None}
    assert len(cells_of(home, "PW001_Ravi.xlsx")) == len(before)


@pytest.mark.parametrize("looks", [1, 2])
def test_the_same_bytes_under_a_new_name_are_a_move(home, folder, looks):
    """In one look, or after a look that found neither name."""
    land(home, folder)
    path = folder / "PW001_Ravi.xlsx"
    data = path.read_bytes()
    path.unlink()
    if looks == 2:
        assert land(home, folder).retired == [path.name]
    (folder / "archive").mkdir()
    (folder / "archive" / "Ravi 2025.xlsx").write_bytes(data)
    landing = land(home, folder)
    assert (landing.retired, landing.moved) == ([], {path.name: "archive/Ravi 2025.xlsx"})
    assert rows_of(home, path.name) == []
    assert retired_at(home) == {"PW002_Asha.xlsx": None, "archive/Ravi 2025.xlsx": None}
    assert land(home, folder).moved == {}


def test_a_withdrawn_file_leaves_and_its_bytes_stay_out(home, folder):
    land(home, folder)
    other = rows_of(home, "PW002_Asha.xlsx")
    result = carehouse(home, "withdraw", "workbooks", "PW001_Ravi.xlsx")
    assert result.exit_code == 0, result.output
    assert "raw rows left" in result.stdout
    assert rows_of(home, "PW001_Ravi.xlsx") == []
    assert rows_of(home, "PW002_Asha.xlsx") == other
    path = folder / "PW001_Ravi.xlsx"
    shutil.copy(path, folder / "renamed.xlsx")
    landing = land(home, folder, force=True)
    assert landing.withdrawn == ["PW001_Ravi.xlsx", "renamed.xlsx"]
    assert rows_of(home, "PW001_Ravi.xlsx") == rows_of(home, "renamed.xlsx") == []
    (folder / "renamed.xlsx").unlink()
    write_workbook(path, status_rows(CALL))
    assert land(home, folder).landed == ["PW001_Ravi.xlsx"]
    again = carehouse(home, "withdraw", "workbooks", "PW001_Ravi.xlsx")
    assert again.exit_code == 0
    assert land(home, path).landed == ["PW001_Ravi.xlsx"], "asked for by its own path"
    assert land(home, folder).unchanged == ["PW001_Ravi.xlsx", "PW002_Asha.xlsx"]


def test_what_is_not_there_cannot_be_withdrawn(home, folder):
    assert "nothing has landed yet" in carehouse(home, "withdraw", "workbooks", "x.xlsx").stderr
    land(home, folder)
    result = carehouse(home, "withdraw", "workbooks", "PW001 Ravi.xlsx")
    assert result.exit_code == 1
    assert "is one of these meant? PW001_Ravi.xlsx" in result.stderr


def test_an_emptied_folder_retires_nothing(home, folder):
    land(home, folder)
    before, log = landed_rows(home), load_log(home)
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(NothingToLand, match="2 files were landed before"):
        land(home, folder)
    assert landed_rows(home) == before
    assert load_log(home) == log


def test_a_folder_that_is_not_there_is_named(home):
    with pytest.raises(NothingToLand, match="no-such-folder does not exist"):
        land(home, home.home / "no-such-folder")


def test_a_file_that_broke_keeps_the_rows_it_last_landed(home, folder):
    land(home, folder)
    before = landed_rows(home)
    path = folder / "PW001_Ravi.xlsx"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    landing = land(home, folder)
    assert list(landing.refused) == ["PW001_Ravi.xlsx"]
    assert landed_rows(home) == before
    assert outcomes(home)[-1] == ("PW001_Ravi.xlsx", "refused")
    log = load_log(home)
    # known to be broken: named again, not read again
    assert land(home, folder).refused == landing.refused
    assert load_log(home) == log
    path.write_bytes(data)
    assert land(home, folder).landed == ["PW001_Ravi.xlsx"]
    assert outcomes(home)[-1] == ("PW001_Ravi.xlsx", "landed")


def test_again_reads_everything_and_gives_the_same_cells(home, folder):
    land(home, folder)
    cells = "select * exclude (_load_id, _extracted_at) from raw_workbooks.cells order by all"
    before = query(home, cells)
    assert len(land(home, folder, force=True).landed) == 2
    assert query(home, cells) == before
    assert query(home, "select distinct _load_id from raw_workbooks.cells order by 1") == [
        (3,),
        (4,),
    ]


def test_a_failure_while_landing_leaves_the_file_as_it_was(home, folder, monkeypatch):
    land(home, folder)
    before, log = landed_rows(home), load_log(home)
    write_workbook(folder / "PW001_Ravi.xlsx", status_rows(CALL))

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("carehouse.landing.insert.InsertPlan.insert", fail)
    with pytest.raises(OSError, match="disk full"):
        land(home, folder)
    monkeypatch.undo()
    assert landed_rows(home) == before
    assert load_log(home) == log
    assert land(home, folder).landed == ["PW001_Ravi.xlsx"]


# --- drift --------------------------------------------------------------------------------------


def test_a_new_a_missing_and_a_retyped_column_lose_nothing(home):
    table = RawTable(
        "raw_test",
        "raw_test",
        "things",
        {"name": "varchar", "count": "integer", "day": "date", "_load_id": "bigint"},
    )
    relation = (
        "(select * from (values ('a', '12', 1.5), ('b', 'twelve', null), ('c', null, 2.5)) "
        "as t(name, count, size))"
    )
    with open_warehouse(home) as connection:
        connection.execute("create schema raw_test")
        body = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
        connection.execute(f"create table raw_test.things ({body})")
        drift = plan_insert(connection, table, relation, ["_load_id"]).drift
        for load_id in (9, 10):  # the second time its columns are there
            plan = plan_insert(connection, table, relation, ["_load_id"])
            plan.insert(connection, relation, {"_load_id": load_id})
        rows = connection.execute(
            "select name, count, count__as_read, day, size, _load_id from raw_test.things "
            "order by _load_id, name"
        ).fetchall()
    assert rows[:3] == [
        ("a", 12, None, None, "1.5", 9),
        ("b", None, "twelve", None, None, 9),
        ("c", None, None, None, "2.5", 9),
    ]
    assert [row[:-1] for row in rows[3:]] == [row[:-1] for row in rows[:3]]
    assert {(name, kind) for name, kind, _ in drift} == {
        ("day", "missing"),
        ("size", "new"),
        ("count", "retyped"),
    }


def test_a_type_that_casts_is_no_drift(home):
    table = RawTable("t", "raw_test", "t", {"count": "integer", "name": "varchar"})
    with open_warehouse(home) as connection:
        connection.execute("create schema raw_test")
        connection.execute("create table raw_test.t (count integer, name varchar)")
        relation = "(select 3::bigint as count, 7 as name)"
        plan = plan_insert(connection, table, relation, [])
        plan.insert(connection, relation, {})
        assert plan.drift == []
        assert connection.execute("select * from raw_test.t").fetchall() == [(3, "7")]


def test_drift_is_logged_and_told(home, folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT), prepend=os.pathsep)
    (folder / "PW002_Asha.xlsx").unlink()
    landing = land_files(replace(WORKBOOKS, read="odd_readers:drifting"), home, folder)
    assert landing.refused == {}
    assert len(landing.drift) == 3
    assert all(line.startswith("PW001_Ravi.xlsx: ") for line in landing.drift)
    logged = query(
        home, "select load_id, object, table_name, column_name, drift from raw.drift_log"
    )
    assert set(logged) == {
        (1, "PW001_Ravi.xlsx", "cells", "colour", "new"),
        (1, "PW001_Ravi.xlsx", "cells", "row_span", "missing"),
        (1, "PW001_Ravi.xlsx", "cells", "column_number", "retyped"),
    }
    kept = query(
        home,
        "select column_number, column_number__as_read, colour, value_text "
        "from raw_workbooks.cells order by _source_row, column_number nulls first limit 2",
    )
    assert kept == [(None, "first", "red", "Participant ID"), (2, None, "red", "PW001")]


def test_a_file_whose_reader_finds_the_disk_full_is_not_refused_and_lands_the_next_time(
    home, folder, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT), prepend=os.pathsep)
    with pytest.raises(OSError, match="No space left"):
        land_files(replace(WORKBOOKS, read="odd_readers:without_room"), home, folder)
    assert query(home, "select count(*) from raw.load_log") == [(0,)]
    landing = land_files(WORKBOOKS, home, folder)
    assert landing.landed and not landing.refused


# --- moments, names -------------------------------------------------------------------------------


def scans(home: Settings) -> list[datetime]:
    return [
        moment for (moment,) in query(home, "select scanned_at from raw.scan_log order by rowid")
    ]


def test_each_look_is_later_than_the_one_before(home, folder):
    for _ in range(3):
        land(home, folder)
    moments = scans(home)
    assert moments == sorted(set(moments))
    assert abs(moments[0] - datetime.now(home.zone).replace(tzinfo=None)) < timedelta(minutes=1)


def test_each_look_is_later_also_as_of_one_day_or_a_day_before(folder, home):
    day = date(2025, 3, 12)
    for as_of in (day, day, day - timedelta(days=3)):
        land(home.model_copy(update={"as_of": as_of}), folder)
    moments = scans(home)
    assert moments[0] == datetime(2025, 3, 12)
    assert moments == sorted(set(moments))
    assert moments[-1] < datetime(2025, 3, 13)
    next_day = home.model_copy(update={"as_of": day + timedelta(days=1)})
    land(next_day, folder, force=True)
    assert scans(home)[-1] == datetime(2025, 3, 13)
    extracted = query(home, "select distinct _extracted_at from raw_workbooks.cells")
    assert extracted == [(datetime(2025, 3, 13),)]


def test_one_file_lands_alone_and_retires_nothing(home, folder):
    landing = land(home, folder / "PW001_Ravi.xlsx")
    assert landing.landed == ["PW001_Ravi.xlsx"]
    assert rows_of(home, "PW002_Asha.xlsx") == []
    landing = land(home, folder)
    assert (landing.landed, landing.unchanged) == (["PW002_Asha.xlsx"], ["PW001_Ravi.xlsx"])
    landing = land(home, folder / "PW001_Ravi.xlsx")
    assert (landing.unchanged, landing.retired) == (["PW001_Ravi.xlsx"], [])
    assert rows_of(home, "PW002_Asha.xlsx")


def test_a_file_is_named_by_its_path_below_the_folder(home, folder):
    write_workbook(folder / "south" / "2025 cases" / "PW001_Ravi.xlsx", status_rows(CALL))
    assert "south/2025 cases/PW001_Ravi.xlsx" in land(home, folder).landed
    names = {name for (name,) in query(home, "select _source_file from raw_workbooks.sheets")}
    assert names == {
        "PW001_Ravi.xlsx",
        "PW002_Asha.xlsx",
        "south/2025 cases/PW001_Ravi.xlsx",
    }


def test_other_files_are_named_and_left_alone(home, folder):
    for name in ("readme.txt", "scan.pdf", "~$PW001_Ravi.xlsx", ".DS_Store"):
        (folder / name).write_bytes(b"x")
    (folder / "PW003.XLSX").write_bytes((folder / "PW001_Ravi.xlsx").read_bytes())
    landing = land(home, folder)
    assert landing.ignored == ["readme.txt", "scan.pdf"]
    assert "PW003.XLSX" in landing.landed
    assert {name for name, _ in outcomes(home)} == set(landing.landed)


def test_a_file_that_cannot_be_opened_is_refused(home, folder):
    (folder / "PW003 dangling.xlsx").symlink_to(folder / "nowhere.xlsx")
    landing = land(home, folder)
    assert len(landing.landed) == 2


# --- the command line -----------------------------------------------------------------------------


def carehouse(home: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"CAREHOUSE_HOME": str(home.home)})


def test_exit_status_tells_done_refused_and_wrong_usage(home, folder):
    done = carehouse(home, "land", "workbooks")
    assert (done.exit_code, done.stderr) == (0, "")
    (folder / "PW009 broken.xlsx").write_bytes(b"not a workbook")
    refused = carehouse(home, "land", "workbooks", str(folder))
    assert refused.exit_code == 1
    assert "PW009 broken.xlsx" in refused.stderr
    assert "Traceback" not in refused.output
    assert carehouse(home, "land", "workbooks", "--force").exit_code == 1
    missing = carehouse(home, "land", "notes")
    assert missing.exit_code == 1
    assert "does not exist" in missing.stderr
    for wrong in (
        ["land", "nonsense"],
        ["land"],
        ["land", "workbooks", "--nonsense"],
        ["nonsense"],
    ):
        assert carehouse(home, *wrong).exit_code == 2, wrong


def test_a_setting_that_cannot_be_used_is_wrong_usage(home, folder):
    runner, env = CliRunner(), {"CAREHOUSE_HOME": str(home.home), "CAREHOUSE_AS_OF": "tomorrow"}
    result = runner.invoke(main, ["land", "workbooks"], env=env)
    assert result.exit_code == 2
    assert "CAREHOUSE_AS_OF" in result.stderr


def test_the_result_of_landing_comes_as_json(home, folder):
    (folder / "PW009 broken.xlsx").write_bytes(b"not a workbook")
    result = carehouse(home, "land", "workbooks", "--json")
    told = json.loads(result.stdout)
    assert told["landed"] == ["PW001_Ravi.xlsx", "PW002_Asha.xlsx"]
    assert list(told["refused"]) == ["PW009 broken.xlsx"]


def test_no_cell_value_reaches_the_output_or_a_log(home, folder):
    marker = "XSECRETX"
    write_workbook(
        folder / "PW001_Ravi.xlsx",
        [
            *status_rows((date(2025, 3, 12), f"{marker} at home", f"{marker}")),
            (f"{marker} 99/99", "Undated", f"Level {marker}"),
            (marker, f"{marker}", 4),
        ],
    )
    write_workbook(
        folder / "expenses.xlsx",
        [("Date", "Program Category", "Amount"), (date(2025, 3, 12), marker, marker)],
        sheet="Expense Log",
    )
    (folder / "page.xls").write_text(f"<html><td>{marker}</td></html>")
    (folder / "cut.xlsx").write_bytes(b"PK\x03\x04" + marker.encode() * 50)
    notes = home.inbox / NOTES.name
    notes.mkdir()
    document = Document()
    document.add_paragraph(f"Date: 12 March 2025 Worker: {marker}")
    document.add_paragraph(marker)
    document.save(notes / "PW001.docx")
    (notes / "cut.docx").write_bytes(b"PK\x03\x04" + marker.encode() * 50)
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("carehouse")), "run", *CARE],
        env={**os.environ, "CAREHOUSE_HOME": str(home.home)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ran.returncode == 1  # three files are refused
    for name in ("page.xls", "cut.xlsx", "cut.docx"):
        assert name in ran.stderr
    assert marker not in ran.stdout + ran.stderr
    told = query(
        home,
        "select cast(l as varchar) from raw.load_log as l union all "
        "select cast(d as varchar) from raw.drift_log as d union all "
        "select cast(b as varchar) from raw.build_log as b",
    )
    assert marker not in str(told)
    logs = [path for path in (home.home / "logs").rglob("*") if path.is_file()]
    for path in [*logs, home.home / "dbt" / "run_results.json"]:
        assert marker.encode() not in path.read_bytes(), path
    assert query(home, f"select * from raw_workbooks.cells where value_text like '%{marker}%'")
    ((kept,),) = query(home.published, "select count(*) from care.fact_interventions")
    assert kept >= 1
