"""Parts of bodies differ from what they touch, and hollow ones have walls."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from morula.specimens import breadths
from morula.specimens.organs import organs

SHAPE, FLAT = (160, 160), (1.0, 1.0)


def test_neighbours_have_levels_of_their_own():
    for seed in range(30):
        parts, levels = organs(SHAPE, FLAT, np.random.default_rng(seed))
        assert levels.shape == (parts.count + 1,)
        assert levels[0] == 0
        for axis in (0, 1):
            one, other = (np.take(parts.labels, np.arange(*ends), axis) for ends in ((0, 159), (1, 160)))
            met = one != other
            gaps = np.abs(levels[one[met]] - levels[other[met]])
            assert np.quantile(gaps, 0.02) > 0.05 if gaps.size else True


def test_some_are_hollow(monkeypatch):
    monkeypatch.setattr(breadths, "MOSAIC", 0.0)
    holes = 0
    for seed in range(20):
        parts, _ = organs(SHAPE, FLAT, np.random.default_rng(seed))
        holes += (ndimage.binary_fill_holes(parts.inside) & ~parts.inside).sum() > 50
    assert holes > 6


def test_mosaics_leave_some_floor(monkeypatch):
    monkeypatch.setattr(breadths, "MOSAIC", 1.0)
    monkeypatch.setattr(breadths, "EMPTY", 0.0)
    for seed in range(20):
        parts, _ = organs(SHAPE, FLAT, np.random.default_rng(seed))
        assert (~parts.inside).mean() > 0
