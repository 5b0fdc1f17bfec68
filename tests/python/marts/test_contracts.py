"""The project keeps its own rules: columns described, grains held, layers kept, no clock in SQL."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from carehouse.settings import PROJECT_DIR
from conftest import query

PHI = {"none", "pseudonym", "identifier"}
# One row per time a value was met, and a table of one row: neither has a key.
WITHOUT_KEY = {"int_care__unmapped_values", "stg_landing__newest_extract"}
# What a column's name tells of a person: who it is, how to reach them, when they were born, and
# free text, in which anything may be written.
PERSONAL = re.compile(
    r"[._](name|first|last|worker|staff_member|guarantor|phone|mobile|fax|e?mail|address\d?"
    r"|street|city|county|zip|zip_?code|postal_code|birth_?date|birth_?day|dob|date_of_birth|ssn"
    r"|text|summary|notes?|details?|comments?|remarks?|action|message|additional_values)$"
)
# Columns that such a name does not make personal, and why.
NOT_PERSONAL = {
    # the words of a code set or of our own seeds
    "adjustment_type_name",
    "band_name",
    "category_name",
    "claim_procedure_status_name",
    "claim_status_name",
    "claim_type_name",
    "fee_schedule_name",
    "last_tracking_name",
    "payment_type_name",
    "procedure_name",
    "procedure_status_name",
    "rule_name",
    "state_name",
    "unearned_type_name",
    # organisations and rooms: an insurer, an employer's plan, a clinic, a chair
    "carrier_name",
    "clinic_name",
    "group_name",
    "plan_name",
    "operatory_name",
    # where a practice stands, which it publishes itself
    "dental__dim_clinics.city",
    "dental__dim_clinics.postal_code",
    "claims__dim_providers.city",
    "claims__provider_performance.city",
    # files of claims, as in _source_file
    "file_name",
    # names of tables, checks and measures; texts that our own SQL writes
    "check_name",
    "kpi_name",
    "mart_name",
    "model_name",
    "score_name",
    "seed_name",
    "filter_text",
    "grain_text",
    "appt_start_text",
    "appt_end_text",
    "booked_at_text",
    "clinic__validation_findings.detail",
}


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
    wrong, built = [], {}
    for schema, table, name in query(
        built_demo, "select schema_name, table_name, column_name from duckdb_columns()"
    ):
        built.setdefault((schema, table), set()).add(name)
    for model in marts:
        names = built[model["schema"], model["alias"]]
        wrong += [
            f"{model['name']}.{name}: not described" for name in names - set(model["columns"])
        ]
        wrong += [f"{model['name']}.{name}: not built" for name in set(model["columns"]) - names]
    none(wrong)


def phi_columns(marts: list[dict]) -> list[tuple[str, str, dict]]:
    """(model.column, its PHI mark, the column) of every mart column that is no flag."""
    return [
        (f"{model['name']}.{name}", meta(column).get("phi"), column)
        for model in marts
        for name, column in model["columns"].items()
        if column["data_type"] != "boolean"
    ]


def test_a_column_whose_name_tells_of_a_person_is_an_identifier(marts):
    """A mistake here would leak: these can never be `none` or `pseudonym`."""
    columns = [(full, phi) for full, phi, _ in phi_columns(marts) if PERSONAL.search(full)]
    allowed = {full for full, _ in columns if NOT_PERSONAL & {full, full.rpartition(".")[2]}}
    none([f"{full}: {phi}" for full, phi in columns if phi != "identifier" and full not in allowed])
    for domain in ("care", "claims", "clinic", "dental"):
        assert {full for full, phi in columns if full.startswith(domain) and phi == "identifier"}
    unused = {full for full in NOT_PERSONAL if "." in full} - allowed
    unused |= {name for name in NOT_PERSONAL if "." not in name} - {
        full.rpartition(".")[2] for full in allowed
    }
    assert not unused, f"allowed, but no mart has it: {sorted(unused)}"


def test_the_number_of_a_person_is_at_least_a_pseudonym(marts):
    person = re.compile(r"\.(participant|patient|member|guarantor|subscriber)_(id|key)$")
    found = [(full, phi) for full, phi, _ in phi_columns(marts) if person.search(full)]
    assert len(found) > 20
    none([full for full, phi in found if phi not in ("pseudonym", "identifier")])


@pytest.fixture(scope="module")
def warehouse(built_demo) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opened once: a test asks a few hundred times."""
    with duckdb.connect(str(built_demo.warehouse), read_only=True) as connection:
        yield connection


def test_no_name_phone_or_address_stands_in_a_column_that_is_said_to_hold_none(marts, warehouse):
    """By what is in the columns: names in the made-up marts are looked for in all other texts."""

    def values(model: dict, name: str) -> list[str]:
        table = f'"{model["schema"]}"."{model["alias"]}"'
        found = warehouse.execute(
            f'select "{name}" from {table} where "{name}" <> \'\' group by 1'
        ).fetchall()
        return [value for (value,) in found]

    def pairs(text: str) -> set[tuple[str, str]]:
        words = re.findall(r"[^\W\d_]+", text.lower())
        return set(zip(words, words[1:], strict=False))

    texts = [
        (model, name, meta(column).get("phi"))
        for model in marts
        for name, column in model["columns"].items()
        if column["data_type"].startswith("varchar")
    ]
    names, reach = set(), set()
    for model, name, phi in texts:
        if phi == "identifier" and name in ("participant_name", "patient_name", "member_name"):
            names |= set().union(*map(pairs, values(model, name)))
        if phi == "identifier" and name in ("phone", "email"):
            reach |= set(values(model, name))
    for schema in ("clinic", "dental"):
        full = f"select first_name || ' ' || last_name from {schema}.dim_patients"
        names |= set().union(*(pairs(text or "") for (text,) in warehouse.execute(full).fetchall()))
    assert len(names) > 500 and len(reach) > 500
    none(
        [
            f"{model['name']}.{name} ({phi}) holds a name, a phone number or an e-mail address"
            for model, name, phi in texts
            if phi != "identifier"
            and any(
                reach & {value, *value.split()} or pairs(value) & names
                for value in values(model, name)
            )
        ]
    )


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
    """Staging also takes from seeds how a file writes days and amounts; a model is scored from the
    facts that people see, so steps of `ml` read marts."""
    may_read = {
        "staging": {"source", "seed", "file formats"},
        "intermediate": {"staging", "snapshot", "seed", "intermediate"},
        "marts": {"staging", "snapshot", "seed", "intermediate", "marts"},
    }
    wrong = []
    for model in models:
        layer = model["fqn"][1]
        for name in model["depends_on"]["nodes"]:
            node = manifest["nodes"].get(name) or manifest["sources"][name]
            kind = node["fqn"][1] if node["resource_type"] == "model" else node["resource_type"]
            kind = "file formats" if name.endswith("__file_formats") else kind
            may = (
                may_read["marts"]
                if model["fqn"][1:3] == ["intermediate", "ml"]
                else may_read[layer]
            )
            if kind not in may:
                wrong.append(f"{model['name']} ({layer}) reads {node['name']} ({kind})")
    none(wrong)


def test_every_seed_column_is_typed(manifest):
    wrong = []
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    assert len(seeds) > 20
    for node in seeds:
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
        if not re.match(r"(default|duckdb|postgres|spark|snowflake)__", name)
    }
    text = (PROJECT_DIR / "macros" / "_macros.yml").read_text()
    described = [macro["name"] for macro in yaml.safe_load(text)["macros"]]
    assert len(written) > 10
    assert sorted(described) == sorted(written)


def test_a_singular_test_is_configured_in_its_own_file():
    """Of a test that is read again dbt forgets what a yml configures, its domains too."""
    for path in (PROJECT_DIR / "tests" / "singular").glob("*.yml"):
        for told in yaml.safe_load(path.read_text())["data_tests"]:
            assert "config" not in told, f"{path.name}: {told['name']}"
