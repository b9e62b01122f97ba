"""Noise has the width that is asked for, also across planes that lie apart."""

from __future__ import annotations

import numpy as np
import pytest

from morula.specimens.mottles import mottle


def correlation(noise: np.ndarray, step: int, axis: int) -> float:
    one, other = np.split(np.moveaxis(noise, axis, 0), [step])[1], np.moveaxis(noise, axis, 0)[:-step]
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize("width", [2.0, 4.0, 8.0, 16.0])
@pytest.mark.parametrize("axis", [0, 1])
def test_it_is_alike_within_its_width_and_not_beyond(width, axis):
    """White noise blurred by σ correlates as exp(−(d / 2σ)²), and σ is half of the width."""
    noise = mottle((400, 500), width, np.random.default_rng(0))
    assert noise.shape == (400, 500)
    assert abs(noise.mean()) < 1e-4
    assert noise.std() == pytest.approx(1, abs=1e-3)
    assert correlation(noise, round(width), axis) == pytest.approx(np.exp(-1), abs=0.12)
    assert abs(correlation(noise, round(4 * width), axis)) < 0.15


def test_planes_that_lie_apart_are_less_alike():
    noise = mottle((60, 120, 120), 8.0, np.random.default_rng(1), (4.0, 1.0, 1.0))
    assert correlation(noise, 2, 0) == pytest.approx(correlation(noise, 8, 1), abs=0.12)
