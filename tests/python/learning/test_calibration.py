"""The slope of a calibration: how it is found, how sure it is, and what the card says of it."""

import numpy as np
import pytest

from carehouse.learning.measures import calibration_line, slope_error, summary
from carehouse.learning.scorecard import _calibration
from carehouse.learning.train import _miscalibrated
from learning_support import logistic


def _judged(rng, rows: int, slope: float, intercept: float) -> tuple[np.ndarray, np.ndarray]:
    score = rng.normal(-1, 0.8, rows)
    return (rng.random(rows) < logistic(slope * score + intercept)).astype(int), score


def test_the_error_of_a_slope_is_the_spread_of_the_slopes_of_many_books() -> None:
    rng = np.random.default_rng(2)
    books = [_judged(rng, 800, 1, 0) for _ in range(150)]
    slopes = [calibration_line(outcome, logistic(score))[0] for outcome, score in books]
    told = np.mean([slope_error(*book) for book in books])
    assert told == pytest.approx(np.std(slopes), rel=0.2)
    assert slope_error(np.zeros(9, dtype=int), np.arange(9.0)) == np.inf


def test_earlier_rows_sharpen_the_slope_and_leave_the_intercept_to_the_later() -> None:
    rng = np.random.default_rng(3)
    later, earlier = _judged(rng, 1_500, 1.2, -0.5), _judged(rng, 60_000, 1.2, 0.8)
    slope, intercept = _calibration([later, earlier])
    assert slope == pytest.approx(1.2, abs=0.04)
    assert intercept == pytest.approx(-0.5, abs=0.15)


def test_a_handful_of_outcomes_does_not_decide_the_slope() -> None:
    outcome, score = np.array([0, 0, 0, 1, 1]), np.array([-3.0, -2.0, -1.5, -1.0, 0.0])
    slope, _ = _calibration([(outcome, score)])
    assert 0.9 < slope < 1.2


@pytest.mark.parametrize(
    ("stretched", "said"), [(0.5, "too near the average"), (1, ""), (2, "too extreme")]
)
def test_the_card_says_in_words_that_chances_are_off(stretched, said) -> None:
    outcome, score = _judged(np.random.default_rng(4), 20_000, 1, 0)
    found = summary(outcome, logistic(stretched * score))
    assert found["calibration_slope"] == pytest.approx(1 / stretched, rel=0.1)
    told = _miscalibrated(found)
    assert said in told and bool(told) == bool(said)
