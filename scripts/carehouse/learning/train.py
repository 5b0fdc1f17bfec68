"""Fit, calibrate, test and land the scorecards."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from carehouse.build import run_dbt
from carehouse.contract import raw_table
from carehouse.errors import CannotTrain
from carehouse.landing.frame import Landing, Look, local_now
from carehouse.learning import scorecard
from carehouse.learning.cards import write_pages
from carehouse.learning.definitions import Model, Rows, load_rows, models
from carehouse.learning.measures import (
    at_capacity,
    auc_interval,
    calibration_curve,
    lift,
    stability_index,
    summary,
)
from carehouse.progress import track
from carehouse.publish import Published, publish
from carehouse.settings import Settings
from carehouse.warehouse import open_warehouse, transaction

TRAIN_SHARE, TEST_SHARE = 0.65, 0.25  # by time; what lies between calibrates
LEAST_ROWS = 400
LEAST_OUTCOMES = (40, 5, 20)  # of each kind, in the rows to fit, to calibrate and to test
SEED = 7
RIGHT_SLOPE = (0.9, 1.1)  # of the outcome on the chance given, both in log odds


@dataclass(frozen=True)
class Trained:
    """One model's card and its terms; no terms where it has no skill."""

    model: Model
    card: dict
    terms: pd.DataFrame
    fitted: scorecard.Fitted | None = None


def train(
    settings: Settings,
    names: Sequence[str] = (),
    *,
    seed: int = SEED,
    echo: Callable[[str], None] = lambda text: None,
) -> tuple[list[Trained], Published]:
    """Fit the models named, or all, land them, score in SQL, and publish.

    Raises CannotTrain when the feature marts are not there or a name is not a model's.
    """
    with open_warehouse(settings, memory_limit="700MB") as connection:
        chosen = _chosen(connection, settings, names)
        done = []
        for model in track(chosen, len(chosen), "training"):
            trained = train_one(
                model, load_rows(connection, model), seed=seed, calls=settings.call_capacity
            )
            echo(f"{model.name}: {trained.card['verdict']}")
            done.append(trained)
        land(connection, settings, done)
    write_pages(done, settings.home / "exports" / "models")
    built = run_dbt(
        settings,
        ["build", "--select", "source:raw_ml+", "--exclude-resource-type", "unit_test"],
        quiet=True,
    )
    if not built.ok:
        failed = ", ".join(built.bad) or built.error
        raise CannotTrain(f"the models were landed, but scoring them failed: {failed}")
    return done, publish(settings)


def _chosen(connection, settings: Settings, names: Sequence[str]) -> list[Model]:
    try:
        known = models(connection, settings.protected_features)
    except duckdb.CatalogException as error:
        raise CannotTrain("the feature marts are not built yet: run `carehouse run`") from error
    unknown = sorted(set(names) - {model.name for model in known})
    if unknown:
        raise CannotTrain(
            f"no model is called {', '.join(unknown)}; there are "
            + ", ".join(model.name for model in known)
        )
    return [model for model in known if not names or model.name in names]


def split(rows: Rows) -> tuple[Rows, Rows, Rows]:
    """(train, calibrate, test) by time; no day is in two of them."""
    day = rows.known_at.dt.normalize()
    calibrate_from = day.iloc[int(TRAIN_SHARE * len(rows))]
    test_from = day.iloc[int((1 - TEST_SHARE) * len(rows))]
    return (
        rows.part((day < calibrate_from).to_numpy()),
        rows.part(((day >= calibrate_from) & (day < test_from)).to_numpy()),
        rows.part((day >= test_from).to_numpy()),
    )


def train_one(model: Model, rows: Rows, *, seed: int = SEED, calls: int = 20) -> Trained:
    """Fit one model and write its card; the verdict is `skill`, `no skill` or `too few rows`."""
    card: dict = {"model_name": model.name, "rows": len(rows), "seed": seed}
    parts = split(rows) if len(rows) >= LEAST_ROWS else None
    if parts is None or not all(map(_is_enough, parts, LEAST_OUTCOMES)):
        return _without_skill(model, card, "too few rows with a known outcome")
    fit_rows, calibrate, test = parts
    fitted = scorecard.fit(model, fit_rows, calibrate, seed)
    terms = scorecard.terms(model, fitted)
    probability = fitted.probability(test.x)
    outcome = test.y.to_numpy()
    card |= {
        "train_rows": len(fit_rows),
        "calibrate_rows": len(calibrate),
        "test_rows": len(test),
        "train_from": fit_rows.known_at.iloc[0],
        "calibrate_from": calibrate.known_at.iloc[0].normalize(),
        "test_from": test.known_at.iloc[0].normalize(),
        "test_until": test.known_at.iloc[-1],
        **{name: value for name, value in summary(outcome, probability).items() if name != "rows"},
        "calibration": {"slope": fitted.slope, "intercept": fitted.intercept},
        "calibration_curve": calibration_curve(outcome, probability),
        "calls_a_day": calls,
        "baselines": _baselines(model, fit_rows, test),
        "subgroups": _subgroups(test, probability),
        "drift": _drift(model, fitted, fit_rows, test),
    }
    days = test.known_at.dt.normalize()
    card["precision_at_capacity"], card["recall_at_capacity"] = at_capacity(
        days, outcome, probability, calls
    )
    card["auc_rule"] = card["baselines"].get("rule", {}).get("auc")
    card["auc_logistic"] = card["baselines"]["logistic"]["auc"]
    card["largest_drift"] = max((one["index"] for one in card["drift"]), default=None)
    card["model_version"] = _version(card["test_until"], terms)
    if fitted.slope <= 0 or not card["auc_low"] > 0.5 or not card["brier_skill"] > 0:
        why = (
            f"AUC {card['auc']:.3f} ({card['auc_low']:.3f} to {card['auc_high']:.3f}), "
            f"Brier skill {card['brier_skill']:.3f}"
        )
        return Trained(model, card | {"has_skill": False, "verdict": f"no skill: {why}"}, terms)
    if model.auc_at_most is not None and card["auc"] > model.auc_at_most:
        verdict = (
            f"suspected: AUC {card['auc']:.3f} is above {model.auc_at_most:g}, as if a feature "
            "told the outcome. It scores nothing. Look for a feature that is filled in after the "
            f"event (the largest is {_largest(terms)}); if there is none, raise the limit in seed "
            "ml_auc_limits"
        )
        return Trained(model, card | {"has_skill": True, "verdict": verdict}, terms, fitted)
    verdict = (
        f"skill: AUC {card['auc']:.3f} ({card['auc_low']:.3f} to {card['auc_high']:.3f}), "
        f"the highest fifth {card['top_fifth_lift']:.2f} times the base rate{_miscalibrated(card)}"
    )
    return Trained(model, card | {"has_skill": True, "verdict": verdict}, terms, fitted)


def _miscalibrated(card: dict) -> str:
    """What is wrong with the chances, where that is more than chance can explain."""
    low, high = card["calibration_slope_low"], card["calibration_slope_high"]
    told = f"(calibration slope {card['calibration_slope']:.2f}, {low:.2f} to {high:.2f})"
    if high < RIGHT_SLOPE[0]:
        return f"; its chances are too extreme, the truth is nearer the average {told}"
    if low > RIGHT_SLOPE[1]:
        return f"; its chances are too near the average, the truth is more extreme {told}"
    return ""


def _largest(terms: pd.DataFrame) -> str:
    """The feature that moves the log odds most, on average over the training rows."""
    weight = terms.contribution.abs() * terms.train_rows.fillna(0)
    return str(weight[terms.kind != "intercept"].groupby(terms.feature).sum().idxmax())


def _is_enough(part: Rows, least: int) -> bool:
    ones = int(part.y.sum())
    return min(ones, len(part) - ones) >= least


def _without_skill(model: Model, card: dict, verdict: str) -> Trained:
    nothing = pd.DataFrame(columns=list(scorecard.TERM_COLUMNS))
    more = {"has_skill": False, "verdict": verdict, "model_version": "none"}
    return Trained(model, card | more, nothing)


def _version(last, terms: pd.DataFrame) -> str:
    content = hashlib.sha256(terms.to_csv(index=False, float_format="%.12g").encode()).hexdigest()
    return f"{last:%Y%m%d}-{content[:8]}"


def _baselines(model: Model, fit_rows: Rows, test: Rows) -> dict:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    outcome = test.y.to_numpy()
    prevalence = float(fit_rows.y.mean())
    found = {
        "prevalence": {"rate": prevalence, "brier": float(np.mean((outcome - prevalence) ** 2))}
    }
    if test.rule is not None:
        auc, low, high = auc_interval(outcome, test.rule.fillna(0).to_numpy())
        found["rule"] = {
            "auc": auc,
            "auc_low": low,
            "auc_high": high,
            "top_fifth_lift": lift(outcome, test.rule.fillna(0).to_numpy()),
        }
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
    )
    texts = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing", missing_values=None),
        OneHotEncoder(handle_unknown="ignore", min_frequency=20),
    )
    line = make_pipeline(
        ColumnTransformer(
            [("numbers", numbers, list(model.numbers)), ("texts", texts, list(model.categories))]
        ),
        LogisticRegression(max_iter=500),
    ).fit(fit_rows.x, fit_rows.y)
    found["logistic"] = {
        name: value
        for name, value in summary(outcome, line.predict_proba(test.x)[:, 1]).items()
        if name in ("auc", "auc_low", "auc_high", "brier", "brier_skill", "top_fifth_lift")
    }
    return found


def _subgroups(test: Rows, probability: np.ndarray) -> list[dict]:
    found = []
    for name in test.groups.columns:
        values = test.groups[name].fillna("not known").astype(str)
        for value in sorted(values.unique()):
            chosen = (values == value).to_numpy()
            outcome = test.y.to_numpy()[chosen]
            found.append(
                {"group": name, "value": value, "predicted": float(probability[chosen].mean())}
                | summary(outcome, probability[chosen])
            )
    return found


def _drift(model: Model, fitted: scorecard.Fitted, fit_rows: Rows, test: Rows) -> list[dict]:
    found = []
    for number, name in enumerate(model.features):
        bins = fitted.machine.bins_[number][0]
        counts = []
        for part in (fit_rows, test):
            values = part.x[name]
            if isinstance(bins, dict):
                place = values.map(bins).fillna(0).to_numpy(dtype=int)
            else:
                place = np.searchsorted(bins, values.to_numpy(), side="right") + 1
                place[values.isna().to_numpy()] = 0
            edges = len(bins) + 2
            # tenths at most: with a hundred bins, noise alone would look like drift
            counts.append(np.bincount(place, minlength=edges)[:edges])
        groups = _tenths(counts[0])
        index = stability_index(*(np.bincount(groups, weights=one) for one in counts))
        found.append({"feature": name, "index": index})
    return sorted(found, key=lambda one: -one["index"])


def _tenths(counts: np.ndarray) -> np.ndarray:
    """A group number for each bin, so that groups hold about a tenth of the rows; missing alone."""
    running = np.cumsum(counts[1:]) / max(1, counts[1:].sum())
    return np.concatenate([[0], 1 + np.minimum(9, (running * 10 - 1e-9).astype(int))])


def land(connection, settings: Settings, done: Sequence[Trained]) -> None:
    """Write terms and cards into raw_ml in one transaction, as one load."""
    with transaction(connection):
        rows = sum(len(one.terms) for one in done)
        look = Look(connection, settings, Landing("ml", "train"))
        load_id = look.log("train", "landed", rows=rows)
        moment = local_now(settings)
        for one in done:
            key = {
                "model_name": one.card["model_name"],
                "model_version": one.card["model_version"],
                "_load_id": load_id,
                "_extracted_at": moment,
            }
            card = one.card | key | {"card": json.dumps(one.card, default=str)}
            _insert(connection, "model_cards", pd.DataFrame([card]))
            if len(one.terms):
                _insert(connection, "scorecard_terms", one.terms.assign(**key))


def _insert(connection, table: str, rows: pd.DataFrame) -> None:
    contract = raw_table("raw_ml", table)
    names = [name for name in contract.columns if name in rows.columns]
    connection.register("landing_rows", rows[names])
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f'cast("{name}" as {contract.columns[name]})' for name in names)
    connection.execute(
        f"insert into {contract.full_name} ({columns}) select {values} from landing_rows"
    )
    connection.unregister("landing_rows")
