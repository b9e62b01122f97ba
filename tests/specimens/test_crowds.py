"""Crowds are as large, as long and as close as they are said to be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from skimage.measure import regionprops

from morula.specimens.crowds import Manner, crowd
from morula.specimens.things import seams

PLAIN = Manner(radius=12.0, spread=0.0, elongation=1.0, bend=0.0, square=2.0, cover=0.3, closeness=1.1, heaps=0,
               aligned=False, over=False)
SHAPE, FLAT = (200, 220), (1.0, 1.0)


def whole(labels: np.ndarray):
    """What does not stick out of the frame."""
    return [part for part in regionprops(labels)
            if min(part.bbox[:2]) > 0 and part.bbox[2] < SHAPE[0] and part.bbox[3] < SHAPE[1]]


def test_round_ones_are_discs_apart():
    for seed in range(5):
        things = crowd(SHAPE, FLAT, PLAIN, np.random.default_rng(seed))
        assert not seams(things.labels, FLAT).any()
        for part in whole(things.labels):
            assert part.area == pytest.approx(np.pi * 12**2, rel=0.03)
            assert part.eccentricity < 0.3


def test_long_ones_keep_their_area_and_lie_the_same_way_round_if_aligned():
    long = replace(PLAIN, elongation=3.0, aligned=True, closeness=2.0)
    angles, ratios = [], []
    parts = whole(crowd(SHAPE, FLAT, long, np.random.default_rng(2)).labels)
    for part in parts:
        assert part.area == pytest.approx(np.pi * 12**2, rel=0.05)
        ratios.append(part.axis_major_length / part.axis_minor_length)
        angles.append(part.orientation)
    assert 2 < np.median(ratios) < 3.1
    assert abs(np.exp(2j * np.array(angles)).mean()) > 0.8


def test_close_ones_touch_or_hide_each_other():
    close = replace(PLAIN, closeness=0.6, cover=1.2)
    met = crowd(SHAPE, FLAT, close, np.random.default_rng(0))
    assert seams(met.labels, FLAT).sum() > 50
    over = crowd(SHAPE, FLAT, replace(close, over=True), np.random.default_rng(0))
    full = [np.isclose(part.area, np.pi * 12**2, rtol=0.04) for part in whole(over.labels)]
    seam = [np.isclose(part.area, np.pi * 12**2, rtol=0.04) for part in whole(met.labels)]
    assert np.mean(full) > np.mean(seam)  # of two that overlap one stays whole


def test_bent_ones_are_less_like_ellipses():
    solid = []
    for bend in (0.0, 0.4):
        crowds = (crowd(SHAPE, FLAT, replace(PLAIN, bend=bend), np.random.default_rng(seed)) for seed in range(5))
        solid.append(np.mean([part.solidity for things in crowds for part in whole(things.labels)]))
    assert solid[1] < solid[0] - 0.03


def test_bent_ones_stay_in_one_piece():
    for seed in range(10):
        things = crowd(SHAPE, FLAT, replace(PLAIN, bend=0.4, closeness=2.0), np.random.default_rng(seed))
        for number in range(1, things.count + 1):
            assert ndimage.label(things.labels == number)[1] == 1
