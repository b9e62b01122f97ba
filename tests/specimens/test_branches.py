"""Tubes are as thick as is said, hang together under one number, and end thinner."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from skimage.morphology import skeletonize

from morula.specimens import breadths
from morula.specimens.branches import branches
from morula.specimens.things import seams
from morula.worlds.ranges import Range

SHAPE, FLAT = (200, 200), (1.0, 1.0)


@pytest.mark.parametrize("radius", [3.0, 8.0])
def test_tubes_are_as_thick_as_is_said(monkeypatch, radius):
    monkeypatch.setattr(breadths, "TUBES", Range(0.3, 0.3))
    thick = []
    for seed in range(8):
        inside = branches(SHAPE, FLAT, radius, np.random.default_rng(seed)).inside
        thick += ndimage.distance_transform_edt(np.pad(inside, 1))[np.pad(skeletonize(inside), 1)].tolist()
    assert 0.5 * radius < np.median(thick) < 1.3 * radius


def test_each_number_is_one_piece():
    for seed in range(5):
        tubes = branches(SHAPE, FLAT, 4.0, np.random.default_rng(seed))
        assert not seams(tubes.labels, FLAT).any()
        for number in range(1, tubes.count + 1):
            assert ndimage.label(tubes.labels == number, np.ones((3, 3)))[1] == 1


def test_in_volumes_they_are_round(monkeypatch):
    """As deep as wide, however far planes lie apart."""
    monkeypatch.setattr(breadths, "TUBES", Range(0.3, 0.3))
    tubes = branches((30, 90, 90), (2.0, 1.0, 1.0), 6.0, np.random.default_rng(1))
    share = tubes.inside.mean()
    assert 0.005 < share < 0.7
    assert 4 < tubes.thickness[1:].max() < 14
