"""An explainable boosting machine without interactions, and the table of terms that it is."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingClassifier
from scipy.optimize import minimize

from carehouse.learning.definitions import Model, Rows
from carehouse.learning.measures import slope_error

MAX_BINS = 64
BAGS, HELD_BACK = 6, 0.15
# With fewer rows to calibrate by than make the slope sure to so much (its standard error), the
# training rows help, each judged by a machine that has not seen its patient; more rows than
# MOST_FOLDED take minutes, and are unsure only where there is next to nothing to learn.
SLOPE_SURE, FOLDS, MOST_FOLDED = 0.03, 5, 200_000
# A bin is worth a split of its own from one row in 200 on, 20 to 100: with fewer, what is learned
# is the noise of the bin (20 always: 94 % of the AUC to be had on 26,000 rows, 100: 99 %).
LEAST_LEAF, MOST_LEAF, LEAF_SHARE = 20, 100, 200
TERM_COLUMNS = (
    "term",
    "feature",
    "kind",
    "lower",
    "upper",
    "category",
    "contribution",
    "train_rows",
)


@dataclass(frozen=True)
class Fitted:
    """A fitted and calibrated machine; its own `predict_proba` is calibrated too."""

    machine: ExplainableBoostingClassifier
    slope: float
    intercept: float

    def probability(self, x: pd.DataFrame) -> np.ndarray:
        """The chance of the outcome, one number a row."""
        return self.machine.predict_proba(x)[:, 1]


def fit(model: Model, train: Rows, calibrate: Rows, seed: int, jobs: int = 1) -> Fitted:
    """Fit on the training rows, then fold the calibration of the later rows into the terms.

    Deterministic by seed. A slope that is not positive is kept: it says that what was learned
    does not hold on later rows.
    """
    machine = _machine(model, train, seed, jobs)
    judged = [(calibrate.y.to_numpy(), machine.decision_function(calibrate.x))]
    if len(train) <= MOST_FOLDED and slope_error(*judged[0]) > SLOPE_SURE:
        judged.append((train.y.to_numpy(), _unseen_log_odds(model, train, seed, jobs)))
    slope, intercept = _calibration(judged)
    for scores in (machine.term_scores_, machine.bagged_scores_, machine.standard_deviations_):
        for number, one in enumerate(scores):
            scores[number] = one * slope
    machine.intercept_ = machine.intercept_ * slope + intercept
    return Fitted(machine, slope, intercept)


def _machine(model: Model, train: Rows, seed: int, jobs: int) -> ExplainableBoostingClassifier:
    machine = ExplainableBoostingClassifier(
        feature_names=list(model.features),
        feature_types=["continuous"] * len(model.numbers) + ["nominal"] * len(model.categories),
        interactions=0,
        max_bins=MAX_BINS,
        outer_bags=BAGS,
        learning_rate=0.04,
        max_rounds=2000,
        early_stopping_rounds=50,
        min_samples_leaf=int(np.clip(len(train) // LEAF_SHARE, LEAST_LEAF, MOST_LEAF)),
        random_state=seed,
        n_jobs=jobs,
    )
    with warnings.catch_warnings():
        # missing values have a bin of their own, drawn in the card; a column may be all missing
        warnings.simplefilter("ignore")
        return machine.fit(train.x, train.y.to_numpy(), bags=_bags(train.subject, seed))


def _unseen_log_odds(model: Model, train: Rows, seed: int, jobs: int) -> np.ndarray:
    """The log odds of each training row by a machine fitted without its patient."""
    code, subjects = pd.factorize(train.subject)
    fold = np.random.default_rng(seed).integers(0, FOLDS, len(subjects))[code]
    found = np.empty(len(train))
    for one in range(FOLDS):
        machine = _machine(model, train.part(fold != one), seed, jobs)
        found[fold == one] = machine.decision_function(train.x[fold == one])
    return found


def _bags(subject: pd.Series, seed: int) -> np.ndarray:
    """Which rows each bag learns from (1) and stops by (-1): a patient is on one side only.

    Rows of one visit share their outcome more often than not; were some held back and others
    learned from, stopping would come too late.
    """
    rng = np.random.default_rng(seed)
    code, subjects = pd.factorize(subject)
    held_back = rng.random((BAGS, len(subjects))) < HELD_BACK
    return np.where(held_back[:, code].T, -1, 1).astype(np.int8)


def _calibration(judged: list[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float]:
    """(slope, intercept) of the outcome on the log odds, the slope drawn toward 1 when few.

    The parts share the slope; the intercept is that of the first, the latest rows, since the base
    rate moves with time. Without the pull a handful of outcomes would decide the slope; with
    thousands it does not matter.
    """

    def loss(line: np.ndarray) -> float:
        total = 50 * (line[0] - 1) ** 2
        for intercept, (outcome, log_odds) in zip(line[1:], judged, strict=True):
            z = line[0] * log_odds + intercept
            total += np.logaddexp(0, z).sum() - (outcome * z).sum()
        return float(total)

    found = minimize(loss, np.array([1.0] + [0.0] * len(judged)), method="BFGS")
    return float(found.x[0]), float(found.x[1])


def terms(model: Model, fitted: Fitted) -> pd.DataFrame:
    """The machine as rows of TERM_COLUMNS: what a value in a bin, or a category, adds."""
    machine = fitted.machine
    rows = [("intercept", None, "intercept", None, None, None, float(machine.intercept_[0]), None)]
    for number, (feature,) in enumerate(machine.term_features_):
        name = machine.feature_names_in_[feature]
        bins = machine.bins_[feature][0]
        scores = machine.term_scores_[number]
        counts = machine.bin_weights_[number]
        rows.append(_row(name, "missing", scores[0], counts[0]))
        if isinstance(bins, dict):
            for category, place in bins.items():
                rows.append(_row(name, "category", scores[place], counts[place], category=category))
        else:
            edges = [None, *map(float, bins), None]
            for place in range(1, len(edges)):
                rows.append(
                    _row(
                        name,
                        "bin",
                        scores[place],
                        counts[place],
                        lower=edges[place - 1],
                        upper=edges[place],
                    )
                )
        rows.append(_row(name, "unseen", scores[-1], counts[-1]))
    return pd.DataFrame(rows, columns=list(TERM_COLUMNS))


def _row(name, kind, contribution, count, lower=None, upper=None, category=None) -> tuple:
    return (name, name, kind, lower, upper, category, float(contribution), int(round(count)))
