"""What lies around is seen, in its place, and in many forms."""

from __future__ import annotations

import numpy as np
import pytest

from morula.worlds import surroundings
from morula.worlds.surroundings import soil, surround

SHAPE = (150, 170)


def drawn(ink, seed: int) -> np.ndarray:
    light = np.zeros(SHAPE)
    ink(light, np.random.default_rng(seed))
    return light


@pytest.mark.parametrize("ink", [surround, soil])
def test_something_is_added_and_it_differs(ink):
    seen = [drawn(ink, seed) for seed in range(40)]
    assert all(np.isfinite(light).all() for light in seen)
    assert np.mean([np.ptp(light) > 0.01 for light in seen]) > 0.85
    assert len({light.tobytes() for light in seen}) == len(seen)


@pytest.mark.parametrize("name", ["_dust", "_fibres", "_scratches", "_bubbles"])
def test_dirt_covers_little(name):
    for seed in range(20):
        light = drawn(getattr(surroundings, name), seed)
        assert (np.abs(light) > 0.05).mean() < 0.3


def test_a_bubble_is_dark_at_its_rim_and_clear_in_its_middle(monkeypatch):
    """Or the other way round."""
    monkeypatch.setattr(surroundings.ranges, "BUBBLE", surroundings.ranges.Range(0.12, 0.12))
    rims = 0
    for seed in range(20):
        light = drawn(surroundings._bubbles, seed)
        rows, columns = np.unravel_index(np.abs(light).argmax(), SHAPE)
        rims += np.abs(light[rows, columns]) > 0.15
        assert np.median(np.abs(light)) < 0.01
    assert rims == 20


def test_microwells_come_again_and_again():
    """A shift by some pitch makes the picture fit itself far better than most shifts do."""
    fits = []
    for seed in range(10):
        light = drawn(surroundings._microwells, seed)
        around = np.fft.ifft2(np.abs(np.fft.fft2(light - light.mean())) ** 2).real
        around /= around[0, 0]
        around[:12, :], around[-12:, :], around[:, :12], around[:, -12:] = 0, 0, 0, 0
        fits.append(around.max() - np.median(around))
    assert np.median(fits) > 0.2
