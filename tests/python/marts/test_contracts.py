"""The project keeps its own rules: columns described, grains held, layers kept, no clock in SQL."""

import csv
import json
import re
from pathlib import Path

import pytest
import yaml

from carehouse.settings import PROJECT_DIR
from conftest import query

PHI = {"none", "pseudonym", "identifier"}
# One row per time a value was met, and a table of one row: neither has a key.
WITHOUT_KEY = {"int_care__unmapped_values", "stg_landing__newest_extract"}


@pytest.fixture(scope="module")
def manifest(parsed_home: Path) -> dict:
    return json.loads((parsed_home / "dbt" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def models(manifest: dict) -> list[dict]:
    found = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(found) > 30
    return found


@pytest.fixture(scope="module")
def marts(models: list[dict]) -> list[dict]:
    found = [model for model in models if model["fqn"][1] == "marts"]
    assert len(found) >= 14
    return found


def none(wrong: list[str]) -> None:
    assert not wrong, "\n".join([f"{len(wrong)}:", *sorted(wrong)[:40]])


def meta(column: dict) -> dict:
    return {**column.get("meta", {}), **column.get("config", {}).get("meta", {})}


def test_every_mart_column_is_described_typed_and_marked_for_phi(marts):
    wrong = []
    for model in marts:
        if not model["columns"]:
            wrong.append(f"{model['name']}: no columns")
        for name, column in model["columns"].items():
            for what, good in (
                ("description", bool(column["description"].strip())),
                ("data_type", bool(column["data_type"])),
                ("meta.phi", meta(column).get("phi") in PHI),
            ):
                if not good:
                    wrong.append(f"{model['name']}.{name}: {what}")
    none(wrong)


def test_the_described_columns_are_the_built_ones(marts, built_demo):
    wrong = []
    for model in marts:
        built = query(
            built_demo,
            "select column_name from duckdb_columns() where schema_name = ? and table_name = ?",
            [model["schema"], model["alias"]],
        )
        names = {name for (name,) in built}
        wrong += [
            f"{model['name']}.{name}: not described" for name in names - set(model["columns"])
        ]
        wrong += [f"{model['name']}.{name}: not built" for name in set(model["columns"]) - names]
    none(wrong)


def test_names_of_people_and_what_was_written_are_marked(marts):
    """A mistake here would leak: these can never be `none`."""
    telling = re.compile(
        r"^(participant_name|summary|case_worker_action|notes|text|details|worker|staff_member)$"
    )
    wrong = [
        f"{model['name']}.{name}"
        for model in marts
        for name, column in model["columns"].items()
        if telling.match(name) and meta(column).get("phi") != "identifier"
    ]
    wrong += [
        f"{model['name']}.{name}"
        for model in marts
        for name, column in model["columns"].items()
        if name in ("participant_id", "participant_key") and meta(column).get("phi") == "none"
    ]
    none(wrong)


def test_every_mart_enforces_its_contract_and_says_what_it_leaves_out(marts):
    wrong = []
    for model in marts:
        if not model["config"]["contract"]["enforced"]:
            wrong.append(f"{model['name']}: contract not enforced")
        wrong += [
            f"{model['name']}: no {heading}"
            for heading in ("**Grain**", "**Rules**", "**Leaves out**")
            if heading not in model["description"]
        ]
        if not model["raw_code"].lstrip().startswith("-- grain:"):
            wrong.append(f"{model['name']}: the first line is not its grain")
    none(wrong)


def test_every_model_has_a_yml_beside_it_and_a_description(models):
    wrong = []
    for model in models:
        sql = Path(model["original_file_path"])
        yml = (model["patch_path"] or "").removeprefix("carehouse://")
        if Path(yml) != sql.with_suffix(".yml"):
            wrong.append(f"{sql}: yml is {yml or 'missing'}")
        elif not model["description"].strip():
            wrong.append(f"{sql}: no description")
    none(wrong)


def test_every_model_from_staging_up_holds_its_grain(manifest, models):
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "unique_grain"
        and node["config"]["enabled"]
        and node["config"]["severity"].lower() == "error"
    }
    untested = {model["name"] for model in models if model["unique_id"] not in tested}
    none(list(untested - WITHOUT_KEY))


def test_every_snapshot_and_versioned_dimension_holds_no_overlap(manifest, marts):
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "no_overlap"
    }
    versioned = [
        node["unique_id"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "snapshot"
    ] + [model["unique_id"] for model in marts if "valid_to" in model["columns"]]
    assert versioned
    none([name for name in versioned if name not in tested])


def without_comments(sql: str) -> str:
    sql = re.sub(r"\{#.*?#\}|/\*.*?\*/", " ", sql, flags=re.DOTALL)
    return re.sub(r"--[^\n]*", " ", sql)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\bcurrent_(date|timestamp|time)\b", "use as_of()"),
        (r"\b(now|today|get_current_timestamp|getdate|random|uuid)\s*\(", "use as_of()"),
        (r"\bselect\s+distinct\b", "it hides a fan-out: group by the grain"),
        (r"\{\{\s*(run_started_at|modules\.datetime)", "use as_of()"),
    ],
)
def test_no_model_asks_the_clock_or_hides_a_fan_out(pattern, why):
    paths = [*PROJECT_DIR.glob("models/**/*.sql"), *PROJECT_DIR.glob("tests/**/*.sql")]
    assert len(paths) > 30
    wrong = [
        f"{path.relative_to(PROJECT_DIR)}: {why}"
        for path in paths
        if re.search(pattern, without_comments(path.read_text()), re.IGNORECASE)
    ]
    none(wrong)


def test_no_model_reads_past_its_layer(manifest, models):
    may_read = {
        "staging": {"source"},
        "intermediate": {"staging", "snapshot", "seed", "intermediate"},
        "marts": {"staging", "snapshot", "seed", "intermediate", "marts"},
    }
    wrong = []
    for model in models:
        layer = model["fqn"][1]
        for name in model["depends_on"]["nodes"]:
            node = manifest["nodes"].get(name) or manifest["sources"][name]
            kind = node["fqn"][1] if node["resource_type"] == "model" else node["resource_type"]
            if kind not in may_read[layer]:
                wrong.append(f"{model['name']} ({layer}) reads {node['name']} ({kind})")
    none(wrong)


def test_every_seed_column_is_typed(manifest):
    wrong = []
    for node in manifest["nodes"].values():
        if node["resource_type"] != "seed":
            continue
        with (PROJECT_DIR / node["original_file_path"]).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        typed = {name for name, column in node["columns"].items() if column["data_type"]}
        typed |= set(node["config"]["column_types"])
        wrong += [f"{node['name']}.{name}" for name in header if name not in typed]
    none(wrong)


def test_every_raw_column_is_typed_and_described(manifest):
    wrong = [
        f"{source['source_name']}.{source['name']}.{name}"
        for source in manifest["sources"].values()
        for name, column in source["columns"].items()
        if not column["data_type"] or not column["description"].strip()
    ]
    assert len(manifest["sources"]) >= 7
    none(wrong)


def test_every_macro_is_described_once():
    written = {
        name
        for path in (PROJECT_DIR / "macros").glob("*.sql")
        for name in re.findall(r"{%-? *macro (\w+)\(", path.read_text())
        if not re.match(r"(default|duckdb)__", name)
    }
    text = (PROJECT_DIR / "macros" / "_macros.yml").read_text()
    described = [macro["name"] for macro in yaml.safe_load(text)["macros"]]
    assert sorted(described) == sorted(written)
