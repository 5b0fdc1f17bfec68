"""The semantic layer: what MetricFlow answers is what the marts say."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from carehouse.build import dbt_environment
from carehouse.settings import PROJECT_DIR, Settings
from conftest import query

DAY, MONTH = "metric_time__day", "metric_time__month"
# name: (metrics, group by, the same from a mart in the same order)
QUESTIONS = {
    "care: contacts and money by participant": (
        ["interventions", "spent_amount", "medical_spent_amount"],
        ["participant"],
        """
        select participant_id, intervention_count, total_spend_amount, medical_spend_amount
        from care.participant_outcomes
        """,
    ),
    "care: money by month and category": (
        ["spent_amount"],
        [MONTH, "expense__program_category"],
        "select month, program_category, spent_amount from care.program_burn_rate_monthly",
    ),
    "care: participants and growth": (
        ["participants", "growth_change"],
        ["participant__risk_level"],
        """
        select risk_level, count(*), avg(growth_change) from care.participant_outcomes
        group by risk_level
        """,
    ),
    "clinic: the book by day": (
        ["bookings", "completed_visits", "no_shows", "cancellations", "show_rate", "revenue_paid",
         "cancellation_rate"],
        [DAY],
        """
        select
            day, bookings, completed, no_shows, cancellations, show_rate, revenue_paid,
            cancellations / nullif(bookings - unmapped, 0)  -- the mart waits for the day's end
        from clinic.daily_kpis where bookings > 0
        """,
    ),
    "clinic: collections by day": (
        ["collections"],
        [DAY],
        """
        select day, revenue_paid_by_payment_day from clinic.daily_kpis
        where day in (select payment_date from clinic.fact_payments)
        """,
    ),
    "clinic: utilization": (
        ["attended_hours", "available_hours", "utilization_rate"],
        ["physio"],
        """
        select
            physio_id, sum(attended_hours), sum(available_hours) filter (is_complete),
            sum(attended_hours - attended_outside_hours) filter (is_complete)
            / sum(available_hours) filter (is_complete)
        from clinic.physio_utilization_daily group by physio_id
        """,
    ),
    "dental: production by day and provider": (
        ["gross_production", "net_production", "patient_income", "insurance_income"],
        [DAY, "dental_provider"],
        """
        select
            day, provider_id, sum(gross_production), sum(net_production), sum(patient_income),
            sum(insurance_income)
        from dental.production_income_daily group by day, provider_id
        """,
    ),
    "dental: the practice by month": (
        ["net_production", "dental_income", "collection_rate"],
        [MONTH],
        """
        select month, net_production, total_income, collection_rate
        from dental.practice_overview_monthly
        union all  -- it ends with the as-of day's month
        select
            date_trunc('month', day), sum(net_production), sum(total_income),
            sum(total_income) / nullif(sum(net_production), 0)
        from dental.production_income_daily
        where day >= (select max(month) + interval 1 month from dental.practice_overview_monthly)
        group by all
        """,
    ),
    "dental: visits by month": (
        ["kept_appointments", "broken_appointments", "broken_rate"],
        [MONTH],
        """
        select month, kept_appointments, broken_appointments, broken_rate
        from dental.practice_overview_monthly
        """,
    ),
    "dental: receivables": (
        ["receivables", "receivables_over_90"],
        [],
        """
        select sum(balance_total), sum(balance_over_90) from dental.accounts_receivable_aging
        """,
    ),
    "claims: cost by month": (
        ["claims", "claimed_amount", "claims_paid_amount", "member_months", "pmpm_paid_amount"],
        [MONTH],
        """
        select
            month, nullif(claim_count, 0), case when claim_count > 0 then amount end,
            case when claim_count > 0 then paid_amount end, nullif(member_months, 0),
            pmpm_paid_amount
        from claims.pmpm_monthly
        """,
    ),
    "claims: rates by specialty": (
        ["claims", "open_claims", "denied_claims", "denial_rate", "pending_rate",
         "reimbursement_rate"],
        ["claim__specialty"],
        """
        select
            dimension_value, claim_count, open_count, denied_count, denial_rate, pending_rate,
            reimbursement_rate
        from claims.cost_and_denial where dimension = 'specialty'
        """,
    ),
    "claims: in all": (
        ["claims", "claimed_amount", "claims_paid_amount", "denial_rate", "high_value_claims"],
        [],
        """
        select
            claim_count, amount, paid_amount, denial_rate,
            (select count(*) from claims.fact_claims where is_high_value)
        from claims.cost_and_denial where dimension = 'all'
        """,
    ),
}  # fmt: skip
ASK = """
import json, sys
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest
configuration = CLIConfiguration()
configuration.setup()
answers = {}
for name, (metrics, groups) in json.load(sys.stdin).items():
    request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=groups)
    table = configuration.mf.query(request).result_df
    answers[name] = [[str(c) for c in table.column_names], [list(row) for row in table.rows]]
json.dump(answers, open(sys.argv[1], "w"), default=str)
"""


@pytest.fixture(scope="module")
def ask(built_demo: Settings, tmp_path_factory) -> Callable[..., None]:
    """Run a command where MetricFlow finds the project and the built warehouse."""
    folder = tmp_path_factory.mktemp("metrics")
    (folder / "target").mkdir()
    for path in (PROJECT_DIR / "dbt_project.yml", PROJECT_DIR / "profiles" / "profiles.yml"):
        shutil.copy(path, folder)
    shutil.copy(built_demo.home / "dbt" / "semantic_manifest.json", folder / "target")
    places = {name: str(folder / name) for name in ("target", "logs")}
    environment = {
        **os.environ,
        **dbt_environment(built_demo),
        "DBT_TARGET_PATH": places["target"],
        "DBT_LOG_PATH": places["logs"],
        "PYTHONWARNINGS": "ignore",
    }

    def run(*command: str, text: str = "") -> str:
        result = subprocess.run(
            command, cwd=folder, env=environment, input=text, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run


@pytest.fixture(scope="module")
def answers(ask, tmp_path_factory) -> dict[str, tuple[list[str], list[list]]]:
    """Every question asked of MetricFlow's engine, in one process."""
    out = tmp_path_factory.mktemp("answers") / "answers.json"
    questions = {name: question[:2] for name, question in QUESTIONS.items()}
    ask(sys.executable, "-c", ASK, str(out), text=json.dumps(questions))
    return json.loads(out.read_text())


def plain(value: object) -> object:
    """A text for a key, a float for a number; a moment at midnight is a day."""
    if value is None or value == "":
        return None
    try:
        return round(float(str(value)), 6)
    except ValueError:
        return str(value).replace("T", " ").removesuffix(" 00:00:00")


@pytest.mark.parametrize("name", QUESTIONS)
def test_metrics_equal_the_marts(built_demo, answers, name):
    metrics, groups, mart = QUESTIONS[name]
    names, rows = answers[name]
    order = [names.index(column) for column in (*groups, *metrics)]
    asked = {}
    for row in rows:
        key = tuple(plain(row[i]) for i in order[: len(groups)])
        asked[key] = [plain(row[i]) for i in order[len(groups) :]]
    said = {}
    for row in query(built_demo, mart):
        said[tuple(map(plain, row[: len(groups)]))] = [plain(v) for v in row[len(groups) :]]
    assert len(said) > 1 or not groups
    if "participant" in groups:  # the mart has no row for what is nobody's
        asked.pop((None,), None)
    assert any(any(values) for values in said.values())
    nothing = [None] * len(metrics)  # a report may list a month in which nothing happened
    for key in asked.keys() | said.keys():
        pairs = zip(metrics, asked.get(key, nothing), said.get(key, nothing), strict=True)
        for metric, one, other in pairs:
            rounding = 0.0051 if metric.startswith("pmpm") else 1e-5
            assert (one or 0) == pytest.approx(other or 0, abs=rounding), (key, metric)


def test_mf_query_answers_on_the_command_line(ask, built_demo, tmp_path):
    out = tmp_path / "answer.csv"
    mf = Path(sys.executable).with_name("mf")
    ask(
        str(mf), "query", "--metrics", "show_rate,denial_rate", "--group-by", MONTH,
        "--order", MONTH, "--csv", str(out),
    )  # fmt: skip
    with out.open(newline="") as file:
        asked = {row[MONTH][:10]: row for row in csv.DictReader(file)}
    said = query(
        built_demo,
        """
        select
            date_trunc('month', day)::date::varchar,
            sum(completed) / nullif(sum(completed) + sum(no_shows), 0)
        from clinic.daily_kpis where bookings > 0 group by all
        """,
    )
    for month, rate in said:
        assert plain(asked[month]["show_rate"] or None) == (rate and round(rate, 6)), month
    denied = query(
        built_demo,
        "select dimension_value, denial_rate from claims.cost_and_denial "
        "where dimension = 'claim_month'",
    )
    assert len(denied) > 12
    for month, rate in denied:
        assert plain(asked[month]["denial_rate"] or None) == (rate and round(rate, 6)), month


def test_every_metric_says_what_it_is(built_demo):
    manifest = json.loads((built_demo.home / "dbt" / "manifest.json").read_text())
    metrics = list(manifest["metrics"].values())
    assert len(metrics) > 30
    assert not [m["name"] for m in metrics if not m["description"].strip() or not m["label"]]
    folders = {Path(m["original_file_path"]).parent.name for m in metrics}
    assert folders >= {"care", "clinic", "dental", "claims"}
