"""Textures have the width that is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from morula.worlds.textures import grain, packed


def correlation(texture: np.ndarray, step: int) -> float:
    return float(np.corrcoef(texture[:, step:].ravel(), texture[:, :-step].ravel())[0, 1])


@pytest.mark.parametrize("make", [grain, packed])
@pytest.mark.parametrize("width", [0.5, 3.0, 12.0])
def test_they_are_even(make, width):
    texture = make((150, 170), width, np.random.default_rng(0))
    assert texture.shape == (150, 170)
    assert abs(texture.mean()) < 1e-4
    assert texture.std() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("width", [2.0, 4.0, 8.0, 16.0])
def test_grain_is_alike_within_its_width_and_not_beyond(width):
    """White noise blurred by σ correlates as exp(−(d / 2σ)²), and σ is half of the width."""
    texture = grain((500, 500), width, np.random.default_rng(0))
    assert correlation(texture, round(width)) == pytest.approx(np.exp(-1), abs=0.12)
    assert abs(correlation(texture, round(4 * width))) < 0.12
