"""How good a probability is on rows it has not seen."""

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss


def auc_interval(outcome: np.ndarray, score: np.ndarray, level: float = 0.95) -> tuple:
    """(AUC, lower, upper) by DeLong's variance; all nan where there is only one outcome."""
    ones, zeros = score[outcome == 1], score[outcome == 0]
    m, n = len(ones), len(zeros)
    if not m or not n:
        return np.nan, np.nan, np.nan
    together = rankdata(np.concatenate([ones, zeros]))
    above = (together[:m] - rankdata(ones)) / n
    below = 1 - (together[m:] - rankdata(zeros)) / m
    auc = float(above.mean())
    if m < 2 or n < 2:
        return auc, 0.0, 1.0
    spread = norm.ppf(0.5 + level / 2) * np.sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n)
    return auc, max(0.0, auc - spread), min(1.0, auc + spread)


def log_odds(probability: np.ndarray) -> np.ndarray:
    """The logit, with the ends kept finite."""
    kept = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.log(kept / (1 - kept))


def calibration_line(outcome: np.ndarray, probability: np.ndarray) -> tuple[float, float]:
    """(slope, intercept) of the outcome on the log odds: 1 and 0 when calibrated."""
    if outcome.min() == outcome.max() or np.ptp(probability) < 1e-12:
        return np.nan, np.nan
    line = LogisticRegression(C=1e6).fit(log_odds(probability).reshape(-1, 1), outcome)
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def slope_error(outcome: np.ndarray, score: np.ndarray) -> float:
    """The standard error of the slope of the outcome on a score in log odds; inf without any."""
    if len(outcome) < 2 or outcome.min() == outcome.max() or np.ptp(score) < 1e-12:
        return np.inf
    line = LogisticRegression(C=1e6).fit(score.reshape(-1, 1), outcome)
    chance = line.predict_proba(score.reshape(-1, 1))[:, 1]
    weight = chance * (1 - chance)
    spread = score - np.average(score, weights=weight)
    return float(1 / np.sqrt((weight * spread**2).sum()))


def calibration_curve(outcome: np.ndarray, probability: np.ndarray, bins: int = 10) -> list[dict]:
    """Mean probability and share with the outcome, by tenths of the rows as ranked."""
    order = np.argsort(probability, kind="stable")
    return [
        {
            "rows": len(part),
            "predicted": float(probability[part].mean()),
            "observed": float(outcome[part].mean()),
        }
        for part in np.array_split(order, bins)
        if len(part)
    ]


def lift(outcome: np.ndarray, score: np.ndarray, share: float = 0.2) -> float:
    """The rate among the highest `share` of the scores, over the rate of all."""
    if not len(outcome) or not outcome.mean():
        return np.nan
    top = np.argsort(-score, kind="stable")[: max(1, round(share * len(score)))]
    return float(outcome[top].mean() / outcome.mean())


def at_capacity(
    days: pd.Series, outcome: np.ndarray, score: np.ndarray, calls: int
) -> tuple[float, float]:
    """(precision, recall) when the `calls` highest scores of each day are called."""
    frame = pd.DataFrame({"day": days.to_numpy(), "outcome": outcome, "score": score})
    frame = frame.sort_values(["day", "score"], ascending=[True, False], kind="stable")
    called = frame[frame.groupby("day").cumcount() < calls]
    hits = called.outcome.sum()
    return (
        float(hits / len(called)) if len(called) else np.nan,
        float(hits / outcome.sum()) if outcome.sum() else np.nan,
    )


def summary(outcome: np.ndarray, probability: np.ndarray) -> dict:
    """AUC with interval, average precision, Brier and its skill, calibration, lift."""
    auc, low, high = auc_interval(outcome, probability)
    base = float(outcome.mean())
    brier = float(brier_score_loss(outcome, probability))
    slope, intercept = calibration_line(outcome, probability)
    off = norm.ppf(0.975) * slope_error(outcome, log_odds(probability))
    both = 0 < base < 1
    return {
        "rows": len(outcome),
        "base_rate": base,
        "auc": auc,
        "auc_low": low,
        "auc_high": high,
        "average_precision": float(average_precision_score(outcome, probability)) if both else None,
        "brier": brier,
        "brier_skill": 1 - brier / (base * (1 - base)) if both else None,
        "calibration_slope": slope,
        "calibration_slope_low": slope - off,
        "calibration_slope_high": slope + off,
        "calibration_intercept": intercept,
        "top_fifth_lift": lift(outcome, probability),
    }


def stability_index(expected: np.ndarray, actual: np.ndarray) -> float:
    """Population stability index of two counts by bin: below 0.1 stable, above 0.25 drifted."""
    e = (expected + 0.5) / (expected + 0.5).sum()
    a = (actual + 0.5) / (actual + 0.5).sum()
    return float(((a - e) * np.log(a / e)).sum())
