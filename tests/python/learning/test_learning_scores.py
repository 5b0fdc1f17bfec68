"""The scorecard in SQL against its machine, and verdicts on books of known truth."""

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from carehouse.build import run_dbt
from carehouse.learning.definitions import load_rows, models
from carehouse.learning.train import land, split, train, train_one
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse
from learning_support import land_book, no_show_book

pytestmark = pytest.mark.thorough

FEATURES = "ml.appointment_risk_features"
SCORING = (
    "build",
    "--select",
    "stg_ml__model_cards",
    "stg_ml__scorecard_terms",
    "int_ml__current_models",
    "int_ml__current_terms",
    "int_ml__appointment_risk_scores",
)


def _built(home, book) -> Settings:
    settings = Settings(home=home)
    land_book(settings, book, home / "inputs")
    options = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
    wanted = ["path:seeds/ml", "+int_clinic__appointments", "+ml__appointment_risk_features"]
    built = run_dbt(
        settings,
        ["build", "--select", *wanted, "int_ml__features", *options],
        quiet=True,
    )
    assert built.ok, (built.error, built.bad)
    return settings


def _model_and_rows(settings: Settings):
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        (model,) = [one for one in models(connection) if one.name == "appointment_risk"]
        return model, load_rows(connection, model)


@pytest.fixture(scope="module")
def book() -> pd.DataFrame:
    return no_show_book(40_000, days=60, seed=3)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory, book) -> Settings:
    return _built(tmp_path_factory.mktemp("book"), book)


@pytest.fixture(scope="module")
def trained(clinic):
    model, rows = _model_and_rows(clinic)
    done = train_one(model, rows)
    assert done.fitted, done.card["verdict"]
    return model, rows, done


def test_sql_scores_equal_predict_proba(clinic, trained) -> None:
    """On 100,000 rows of every bin, with missing values and categories never seen."""
    model, rows, done = trained
    rng = np.random.default_rng(5)
    source = rows.x.iloc[rng.integers(0, len(rows), 100_000)].reset_index(drop=True)
    with duckdb.connect(str(clinic.warehouse), read_only=True) as connection:
        types = {row[0]: row[1] for row in connection.execute(f"describe {FEATURES}").fetchall()}
    for name in model.numbers:  # between the values that occur, beyond them, and none
        kind = rng.random(len(source))
        values = source[name].fillna(0) + np.where(kind < 0.2, rng.normal(0, 3, len(source)), 0)
        values = np.round(values, 0 if types[name] == "BIGINT" else 3)
        values = np.where(kind > 0.97, rng.choice([-1e5, 1e5], len(source)), values)
        source[name] = np.where((kind > 0.9) & (kind < 0.95), np.nan, values)
    for name in model.categories:
        kind = rng.random(len(source))
        source[name] = source[name].where(kind > 0.2, "never seen").where(kind < 0.9, None)
    expected = done.fitted.probability(source)
    with open_warehouse(clinic, memory_limit="1GB") as connection:
        connection.execute("create or replace table raw_ml.kept as select * from " + FEATURES)
        land(connection, clinic, [done])
        made = source.assign(entity_id=np.arange(len(source)).astype(str))
        connection.register("made", made)
        own = set(made.columns)
        chosen = ", ".join(
            f"cast(made.{name} as {kind}) as {name}" if name in own else f"kept.{name}"
            for name, kind in types.items()
        ).replace("kept.known_at", "timestamp '2100-01-01' as known_at")
        connection.execute(
            f"create or replace table {FEATURES} as select {chosen} from made "
            "cross join (select * from raw_ml.kept limit 1) as kept"
        )
    built = run_dbt(clinic, [*SCORING, "--exclude-resource-type", "unit_test"], quiet=True)
    assert built.ok, (built.error, built.bad)
    with open_warehouse(clinic) as connection:
        scores = connection.execute(
            "select cast(entity_id as integer) as place, probability "
            "from intermediate.int_ml__appointment_risk_scores order by place"
        ).df()
        connection.execute(f"create or replace table {FEATURES} as select * from raw_ml.kept")
        connection.execute("drop table raw_ml.kept")
    assert len(scores) == 100_000
    assert np.abs(scores.probability.to_numpy() - expected).max() <= 1e-9


def test_nearly_all_of_the_skill_that_can_be_had_is_found(book, trained) -> None:
    """At least 95 % of the AUC above 0.5 that the true probabilities reach, and calibrated."""
    _, rows, done = trained
    test = split(rows)[2]
    truth = book.set_index(book.appointment_id.astype(str))
    true = truth.probability[test.entity].to_numpy()
    reached = (done.card["auc"] - 0.5) / (roc_auc_score(test.y, true) - 0.5)
    assert reached >= 0.95
    assert 0.9 <= done.card["calibration_slope"] <= 1.1
    assert done.card["top_fifth_lift"] >= 1.6
    assert done.card["auc"] > done.card["auc_rule"]


def test_the_same_seed_gives_the_same_model(trained) -> None:
    model, rows, _ = trained
    few = rows.part(slice(0, 5000))
    first, second = (train_one(model, few) for _ in range(2))
    assert first.card["model_version"] == second.card["model_version"]
    assert first.terms.equals(second.terms)


def test_a_book_of_coin_tosses_has_no_skill(tmp_path) -> None:
    """57,654 visits, 20 % missed at random: no skill, no scores, and the list goes by the rule."""
    book = no_show_book(57_654, days=200, seed=9, random_share=0.2)
    to_come = book.appt_start > sorted(book.appt_start.unique())[-3]
    book["status"] = book.status.where(~to_come, "booked")
    settings = Settings(home=tmp_path)
    land_book(settings, book, tmp_path / "inputs")
    options = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
    built = run_dbt(settings, ["build", *options], quiet=True)
    assert built.ok, (built.error, built.bad)
    done, published = train(settings, ["appointment_risk", "booking_risk"])
    assert [one.card["has_skill"] for one in done] == [False, False]
    with duckdb.connect(str(published.path), read_only=True) as connection:
        assert connection.execute("select count(*) from ml.scores").fetchone() == (0,)
        cards = connection.execute(
            "select model_name, has_skill, verdict from ml.model_cards order by 1"
        ).fetchall()
        sources = connection.execute(
            "select risk_source, count(*) from clinic.reception_priorities group by 1"
        ).fetchall()
    assert [card[:2] for card in cards] == [("appointment_risk", False), ("booking_risk", False)]
    assert all(card[2].startswith("no skill") for card in cards)
    assert len(sources) == 1 and sources[0][0] == "rule" and sources[0][1] > 100


def test_a_model_that_was_told_the_outcome_is_suspected_and_scores_nothing(clinic, trained) -> None:
    """A price that is set to nothing after a missed visit: AUC above 0.78, until acknowledged."""
    model, rows, _ = trained
    few = rows.part(slice(0, 12_000))
    told = few.x.assign(price_estimate=few.x.price_estimate.where(few.y == 0, 0))
    done = train_one(model, replace(few, x=told))
    assert done.card["auc"] > 0.95
    assert done.card["verdict"].startswith("suspected: AUC")
    assert "price_estimate" in done.card["verdict"]
    believed = train_one(replace(model, auc_at_most=None), replace(few, x=told))
    assert believed.card["verdict"].startswith("skill")
    with open_warehouse(clinic) as connection:
        land(connection, clinic, [done])
    wanted = [
        *SCORING,
        "reporting_rules",
        "ml__model_cards",
        "--exclude-resource-type",
        "unit_test",
    ]
    try:
        assert run_dbt(clinic, wanted, quiet=True).ok
        with duckdb.connect(str(clinic.warehouse), read_only=True) as connection:
            assert connection.execute(
                "select count(*) from intermediate.int_ml__appointment_risk_scores"
            ).fetchone() == (0,)
            assert connection.execute(
                "select is_suspect, has_skill from ml.model_cards where is_current"
            ).fetchall() == [(True, False)]
    finally:
        with open_warehouse(clinic) as connection:
            connection.execute("delete from raw_ml.model_cards")
            connection.execute("delete from raw_ml.scorecard_terms")


def test_too_few_visits_are_said_to_be_too_few(trained) -> None:
    model, rows, _ = trained
    done = train_one(model, rows.part(slice(0, 300)))
    assert done.card["verdict"] == "too few rows with a known outcome"
    assert not len(done.terms)
