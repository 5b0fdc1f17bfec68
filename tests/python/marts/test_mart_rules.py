"""What every mart promises: periods know if they are over, unknown is null, rates show their parts.

A mart declares it in its columns' meta (see CONTRIBUTING), and the generic dbt tests
`periods_hold`, `rates_hold` and `unknown_is_null` check its rows in every build. Here: no mart goes
without, nothing declared points nowhere, and each of those tests fails on a planted violation.
"""

import json
import re
from pathlib import Path

import duckdb
import pytest

from clinic_support import made_up_clinic, query

PERIOD_NAME = re.compile(r"day|month|week|\w+_month|week_start_date|claim_date")
RATE_NAME = re.compile(r"\w*_(rate|share)(_\w+)?")
MONEY_NAME = re.compile(r"\w*(amount|revenue|balance|income|paid_total|spend)\w*")
WORDS = re.compile(r"'[^']*'|[a-z_][a-z_0-9]*")
SQL_WORDS = {"case", "when", "then", "end", "and", "or", "not", "is", "null", "true", "false"} | {
    "least",
    "coalesce",
}
# Marts that do not yet declare their periods; take one out with the change that adopts it.
PERIODS_TO_COME = {
    "claims__lag_triangle",
    "claims__member_claims_daily",
    "claims__member_months",
    "claims__payer_member_months",
    "claims__pmpm_by_payer_monthly",
    "claims__pmpm_monthly",
}
# Marts whose rates do not yet carry their parts.
RATES_TO_COME = {
    "claims__cost_and_denial",
    "claims__lag_triangle",
    "claims__payer_performance",
    "claims__provider_performance",
    "ml__appointment_booking_features",
    "ml__appointment_risk_features",
    "ml__attendance_features",
    "ml__future_need_features",
    "ml__payment_compliance_features",
    "ml__procedure_acceptance_features",
    "ml__treatment_journey",
}
# A calendar has no figures that could be over or not.
WITHOUT_PERIOD = {"shared__time_spine"}


@pytest.fixture(scope="module")
def manifest(parsed_home: Path) -> dict:
    return json.loads((parsed_home / "dbt" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def marts(manifest) -> dict[str, dict]:
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and "marts" in node["fqn"]
    }


@pytest.fixture(scope="module")
def tests(manifest) -> dict[str, dict[str, dict]]:
    """{mart: {generic test: its arguments}}"""
    found: dict[str, dict[str, dict]] = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("attached_node"):
            mart = node["attached_node"].rpartition(".")[2]
            metadata = node["test_metadata"]
            found.setdefault(mart, {})[metadata["name"]] = metadata["kwargs"]
    return found


def meta(column: dict) -> dict:
    return column["config"]["meta"]


def declared(mart: dict, key: str) -> dict[str, str]:
    """{column: what its meta says under the key}"""
    return {
        name: meta(column)[key] for name, column in mart["columns"].items() if key in meta(column)
    }


def names_in(expression: str) -> set[str]:
    return {word for word in WORDS.findall(str(expression)) if word[0] != "'"} - SQL_WORDS


def periods_missing(marts: dict, tests: dict) -> dict[str, str]:
    """{mart: what is missing} of rule 1."""
    missing = {}
    for name, mart in marts.items():
        grain = tests[name]["unique_grain"]["columns"]
        dated = {column for column in grain if PERIOD_NAME.fullmatch(column)}
        period = declared(mart, "period")
        if name in WITHOUT_PERIOD or not (dated or period):
            continue
        if len(period) != 1:
            missing[name] = f"meta period on one of {sorted(dated)}"
        elif "periods_hold" not in tests[name]:
            missing[name] = "the test periods_hold"
        elif set(period.values()) != {"coming"} and "is_complete" not in mart["columns"]:
            missing[name] = "is_complete"
    return missing


def rates_missing(marts: dict, tests: dict) -> dict[str, str]:
    """{mart: what is missing} of rule 3."""
    missing = {}
    for name, mart in marts.items():
        columns = mart["columns"]
        parts = declared(mart, "numerator")
        ends = {f"{rate}_{end}" for rate in parts for end in ("low", "high")}
        changes = set(declared(mart, "change_of"))
        rates = {
            column
            for column, told in columns.items()
            if RATE_NAME.fullmatch(column) and told["data_type"].startswith(("double", "decimal"))
        } - ends
        bare = rates - parts.keys() - changes
        shares = {rate for rate in parts if meta(columns[rate]).get("interval") != "none"}
        without_ends = {
            rate for rate in shares if not {f"{rate}_low", f"{rate}_high"} <= set(columns)
        }
        if bare:
            missing[name] = f"meta numerator and denominator of {sorted(bare)}"
        elif parts and "rates_hold" not in tests[name]:
            missing[name] = "the test rates_hold"
        elif without_ends:
            missing[name] = f"the interval of {sorted(without_ends)}"
        elif shares and not declared(mart, "sample"):
            missing[name] = "is_small_sample with meta sample"
    return missing


def test_every_mart_by_day_week_or_month_says_whether_the_period_is_over(marts, tests):
    missing = periods_missing(marts, tests)
    assert missing.keys() == PERIODS_TO_COME, missing


def test_every_rate_carries_its_parts_its_interval_and_whether_they_are_few(marts, tests):
    missing = rates_missing(marts, tests)
    assert missing.keys() == RATES_TO_COME, missing


def test_what_is_declared_stands_in_the_mart(marts, tests):
    keys = [
        "numerator",
        "denominator",
        "known_when",
        "unknown_when",
        "sample",
        "change_of",
        "ripens",
    ]
    wrong = []
    for name, mart in marts.items():
        for key in keys:
            for column, expression in declared(mart, key).items():
                wrong += [
                    f"{name}.{column}: {key} names {word}, which is no column"
                    for word in names_in(expression) - mart["columns"].keys()
                ]
        if declared(mart, "unknown_when") and "unknown_is_null" not in tests[name]:
            wrong.append(f"{name}: meta unknown_when without the test unknown_is_null")
        wrong += [
            f"{name}.{column}: ripens with {flag}, which is no boolean"
            for column, flag in declared(mart, "ripens").items()
            if mart["columns"][flag]["data_type"] != "boolean"
        ]
    assert not wrong, "\n".join(wrong)


def test_money_is_decimal_to_the_end(marts):
    doubles = [
        f"{name}.{column}"
        for name, mart in marts.items()
        if mart["fqn"][2] in ("care", "clinic")
        for column, told in mart["columns"].items()
        if MONEY_NAME.fullmatch(column) and told["data_type"] == "double"
    ]
    assert not doubles


def test_a_formula_beside_parts_says_the_same(marts):
    """kpi_definitions makes a rate's formula of its parts; none may be typed beside them."""
    assert not [
        f"{name}.{column}"
        for name, mart in marts.items()
        for column in declared(mart, "numerator")
        if "formula" in meta(mart["columns"][column])
    ]


def test_the_coverage_checks_see_a_mart_that_goes_without(marts, tests):
    """Planted: each piece of one good mart taken away is missed."""
    name = "clinic__daily_kpis"

    def without(change) -> tuple[dict, dict]:
        mart = json.loads(json.dumps(marts[name]))
        attached = dict(tests[name])
        change(mart["columns"], attached)
        return {name: mart}, {name: attached}

    periods = [
        lambda columns, attached: meta(columns["day"]).pop("period"),
        lambda columns, attached: attached.pop("periods_hold"),
        lambda columns, attached: columns.pop("is_complete"),
    ]
    rates = [
        lambda columns, attached: meta(columns["show_rate"]).pop("numerator"),
        lambda columns, attached: attached.pop("rates_hold"),
        lambda columns, attached: columns.pop("show_rate_low"),
        lambda columns, attached: meta(columns["is_small_sample"]).pop("sample"),
    ]
    nothing = without(lambda columns, attached: None)
    assert not periods_missing(*nothing)
    assert not rates_missing(*nothing)
    assert all(periods_missing(*without(change)) for change in periods)
    assert all(rates_missing(*without(change)) for change in rates)


PLANTED = {
    "periods_hold": [
        ("kpi_trend_weekly", "is_complete = true", "not is_complete"),
        ("daily_kpis", "is_complete = false", "day = '2025-03-03'"),
        ("kpi_trend_weekly", "show_rate_change = 0.1", "not is_complete"),
        ("coming_capacity", "day = '2025-06-02'", "true"),
    ],
    "rates_hold": [
        ("daily_kpis", "utilization_rate = 0", "not is_complete"),
        ("daily_kpis", "show_rate = 0", "show_rate is null"),
        ("daily_kpis", "show_rate_low = show_rate - 0.01", "show_rate > 0.1"),
        ("kpis_by_weekday", "completed = completed + 1", "weekday = 1"),
        ("kpis_by_weekday", "is_small_sample = true", "weekday = 1"),
    ],
    "unknown_is_null": [
        ("daily_kpis", "late_cancellations = 0", "late_cancellations is null"),
    ],
}


@pytest.mark.parametrize("test_name", PLANTED)
def test_a_planted_violation_fails_the_test_of_its_rule(test_name):
    """dbt's own SQL of the test, on the built mart, with a violation that is rolled back."""
    settings, _ = made_up_clinic()
    compiled = settings.home / "dbt" / "compiled"
    with duckdb.connect(str(settings.warehouse)) as connection:
        for mart, change, condition in PLANTED[test_name]:
            (path,) = compiled.rglob(f"{test_name}_clinic__{mart}*.sql")
            failures = path.read_text()
            assert connection.execute(failures).fetchall() == [], (mart, "as built")
            connection.execute("begin")
            (count,) = connection.execute(
                f"update clinic.{mart} set {change} where {condition}"
            ).fetchone()
            assert count, (mart, condition)
            assert connection.execute(failures).fetchall(), (mart, change)
            connection.execute("rollback")


def test_kpi_definitions_tell_each_formula_the_yml_states(marts):
    settings, _ = made_up_clinic()
    told = {
        (f"{domain}__{mart}", column): formula
        for domain, mart, column, formula in query(
            settings, "select domain, mart_name, kpi_name, formula from clinic.kpi_definitions"
        )
    }
    stated = {
        (name, column)
        for name, mart in marts.items()
        for key in ("formula", "numerator")
        for column in declared(mart, key)
    }
    assert told.keys() == stated
    assert told["clinic__daily_kpis", "show_rate"] == "completed / (completed + no_shows)"
