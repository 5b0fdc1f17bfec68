"""Each promise of the yml is kept by something: a null, a double, a wrong value planted in each
table is caught, by the engine where the contract says so, else by the test that dbt compiled."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from carehouse.settings import Settings

WRONG = "no such value"


@pytest.fixture(scope="module")
def promised(built_demo, tmp_path_factory) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict]]:
    """A connection to a copy of the demo's warehouse, and dbt's manifest."""
    copy = tmp_path_factory.mktemp("promises") / "carehouse.duckdb"
    shutil.copy(built_demo.warehouse, copy)
    with duckdb.connect(str(copy)) as connection:
        yield connection, json.loads(built_demo.manifest.read_bytes())


def relation(node: dict) -> str:
    return node["relation_name"].split(".", 1)[1]


def compiled(settings: Settings, test: dict) -> str:
    """What dbt ran for a test."""
    folder = settings.home / "dbt" / "compiled" / "carehouse"
    (path,) = folder.rglob(Path(test["path"]).name)
    return path.read_text(encoding="utf-8")


def not_null_columns(node: dict) -> list[str]:
    return [
        name
        for name, column in node["columns"].items()
        if any(one["type"] == "not_null" for one in column["constraints"])
    ]


def test_the_engine_refuses_a_null_where_a_mart_promises_none(promised):
    connection, manifest = promised
    tried = 0
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or node["fqn"][1] != "marts":
            continue
        table = relation(node)
        (rows,) = connection.execute(f"select count(*) from {table}").fetchone()
        for column in not_null_columns(node) if rows else ():
            with pytest.raises(duckdb.ConstraintException, match=column):
                connection.execute(f"update {table} set {column} = null")
            tried += 1
    assert tried > 150


def planted(connection: duckdb.DuckDBPyConnection, kind: str, arguments: dict, column: str | None):
    """Spoil the rows of `spoilt` against one promise after the other."""
    match kind:
        case "unique_grain" | "unique":
            yield "a double", "insert into spoilt select * from spoilt limit 1"
            for name in arguments.get("never_null", ()):
                yield f"a null in {name}", f"update spoilt set {name} = null"
        case "never_null":
            for name in arguments["columns"]:
                yield f"a null in {name}", f"update spoilt set {name} = null"
        case "accepted_values" | "relationships":
            (type_,) = connection.execute(
                f"select column_type from (describe spoilt) where column_name = '{column}'"
            ).fetchone()
            wrong = f"'{WRONG}'" if type_ == "VARCHAR" else "-987654321"
            yield "a wrong value", f"update spoilt set {column} = {wrong}"
        case "no_overlap":
            yield "an overlap", "update spoilt set valid_from = valid_to + interval 1 day"


def test_each_test_finds_what_is_planted_against_it(promised, built_demo):
    connection, manifest = promised
    tried, missed = 0, []
    for test in manifest["nodes"].values():
        if test["resource_type"] != "test" or not test.get("attached_node"):
            continue
        kind = test["test_metadata"]["name"]
        arguments = test["test_metadata"]["kwargs"]
        arguments = arguments | arguments.get("arguments", {})
        table = relation(manifest["nodes"][test["attached_node"]])
        sql = compiled(built_demo, test)
        whole = f'"carehouse".{table}'
        assert whole in sql, test["name"]
        sql = sql.replace(whole, "spoilt")
        steps = list_of(connection, table, kind, arguments, test.get("column_name"))
        for what, statement in steps:
            connection.execute(f"create or replace temp table spoilt as select * from {table}")
            if not connection.execute("select count(*) from spoilt").fetchone()[0]:
                continue  # nothing to spoil
            connection.execute(statement)
            if not connection.execute(f"select * from ({sql}) limit 1").fetchone():
                missed.append((test["name"], what))
            tried += 1
    assert missed == []
    assert tried > 400


def list_of(connection, table, kind, arguments, column) -> list[tuple[str, str]]:
    connection.execute(f"create or replace temp table spoilt as select * from {table} limit 1")
    return list(planted(connection, kind, arguments, column))


def test_no_model_promises_less_than_its_grain(promised):
    """Every model from staging up has a test of its grain."""
    _, manifest = promised
    tested = {
        test["attached_node"]
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test"
        and test.get("test_metadata", {}).get("name") in ("unique_grain", "unique", "never_null")
    }
    models = {
        name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    assert sorted(models.keys() - tested) == []
