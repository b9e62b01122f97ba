"""Temperatures and calibration errors of probabilities whose truth was drawn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from morula.judging.calibration import Reliability
from morula.trust.signals import BINS


def drawn(temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are too sure by a temperature, and whether each was right."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, 200_000)
    return 1 / (1 + np.exp(-logits)), rng.random(200_000) < 1 / (1 + np.exp(-logits / temperature))


def reliability(said: np.ndarray, true: np.ndarray) -> Reliability:
    step = (said * (BINS - 0.01)).astype(int)
    return Reliability(np.stack([np.bincount(step[true == each], minlength=BINS) for each in (False, True)]))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_temperature_that_spoiled_probabilities_mends_them(temperature):
    known = reliability(*drawn(temperature))
    found = known.best_temperature()
    assert found == pytest.approx(temperature, rel=0.05)
    assert known.error(found) < 0.005
    assert (known.error() > 0.03) == (temperature != 1)


def test_the_curve_is_that_of_another_library():
    said, true = drawn(2.0)
    ours = np.array(reliability(said, true).curve())
    fraction, mean = calibration_curve(true, said, n_bins=10)
    np.testing.assert_allclose(ours[:, 0], mean, atol=0.005)
    np.testing.assert_allclose(ours[:, 1], fraction, atol=0.01)
    assert ours[:, 2].sum() == len(said)


def test_nothing_seen_changes_nothing():
    nothing = Reliability(np.zeros((2, BINS)))
    assert (nothing.best_temperature(), nothing.curve(), nothing.error()) == (1.0, [], 0.0)
