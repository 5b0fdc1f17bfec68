"""The dental models on a made-up practice whose true chances are known."""

from datetime import date

import duckdb
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from carehouse.build import run_dbt
from carehouse.learning.definitions import load_rows, models
from carehouse.learning.train import split, train_one
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse
from made_up_chances import AS_OF, Practice

pytestmark = pytest.mark.thorough

LABELS = {
    "attendance": "is_missed",
    "procedure_acceptance": "is_accepted",
    "payment_compliance": "paid_30d",
    "future_need": "has_need",
}
MARTS = [f"+ml__{name}_features" for name in LABELS]
WITHOUT_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


def _build(settings: Settings, as_of: date) -> None:
    dated = settings.model_copy(update={"as_of": as_of})
    selected = [*MARTS, "int_ml__features", "path:seeds/ml"]
    built = run_dbt(dated, ["build", "--select", *selected, *WITHOUT_TESTS], quiet=True)
    assert built.ok, (built.error, built.bad)


def _features(settings: Settings, name: str) -> pd.DataFrame:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(f"select * from ml.{name}_features").df().set_index("entity_id")


@pytest.fixture(scope="module")
def practice(tmp_path_factory) -> tuple[Settings, Practice]:
    settings = Settings(home=tmp_path_factory.mktemp("practice"))
    practice = Practice(seed=4, patients=1500)
    with open_warehouse(settings, memory_limit="1GB") as connection:
        practice.write(connection)
    _build(settings, AS_OF)
    return settings, practice


@pytest.mark.parametrize("name", LABELS)
def test_nearly_all_of_the_skill_that_can_be_had_is_found(practice, name) -> None:
    """At least 95 % of the AUC above 0.5 that the true chances reach, of those drawn for it."""
    settings, made_up = practice
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        (model,) = [one for one in models(connection) if one.name == name]
        rows = load_rows(connection, model)
    rows = rows.part(rows.entity.isin(list(made_up.chances[name])).to_numpy())
    done = train_one(model, rows)
    assert done.fitted, done.card["verdict"]
    test = split(rows)[2]
    true = test.entity.map(made_up.chances[name])
    reached = (done.card["auc"] - 0.5) / (roc_auc_score(test.y, true) - 0.5)
    assert reached >= 0.95
    told = {(one["group"], one["value"]) for one in done.card["subgroups"]}
    assert {("sex", "female"), ("sex", "male"), ("is_insured", "false")} <= told
    assert {("age_band", "0 to 17"), ("age_band", "75 or more")} <= told
    assert "patient_group" in {group for group, _ in told}
