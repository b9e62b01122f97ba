"""Whether classes tell which way is up."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.stats import ttest_1samp
from skimage.draw import disk

from morula.planning.directions import CHANCE, STEADY, steady_axes


def test_an_axis_is_steady_where_one_class_always_lies_before_the_other():
    rng, masks = np.random.default_rng(0), np.zeros((24, 48, 40), np.uint8)
    for mask in masks:
        y, x = rng.uniform(10, 14), rng.uniform(16, 24)
        mask[disk((y, x), 4)] = 1
        mask[disk((y + rng.uniform(10, 20), x + rng.uniform(-9, 9)), 4)] = 2
    assert steady_axes(masks, 2) == (0,)
    assert steady_axes([mask.T for mask in masks], 2) == (1,)
    assert steady_axes([mask[::-1] for mask in masks], 2) == (0,)
    turned = [mask[::-1] if number % 2 else mask for number, mask in enumerate(masks)]
    assert steady_axes(turned, 2) == ()


def test_few_frames_must_show_it_the_more_clearly():
    """As scipy's test of a mean says, and never less clearly than many frames must."""
    rng = np.random.default_rng(0)
    found = {}
    for count, spread in product((2, 3, 4, 6, 10), (0.5, 2, 5)):
        apart = np.clip(np.round(rng.normal(20, spread, (60, count))), 10, 36).astype(int)
        for distances in apart:
            masks = np.zeros((count, 64, 24), np.uint8)
            masks[:, 8:12, 4:8] = 1
            for mask, distance in zip(masks, distances, strict=True):
                mask[8 + distance : 12 + distance, 4 + (aside := rng.integers(0, 12)) : 8 + aside] = 2
            if distances.std() < 0.3:
                continue
            rule = ttest_1samp(distances, 0).pvalue < CHANCE and distances.mean() > STEADY * distances.std()
            assert (0 in steady_axes(masks, 2)) == rule, distances
            found.setdefault(count, []).append(rule)
    assert not any(found[2])
    assert 0.5 < np.mean(found[4]) < np.mean(found[6])
    assert all(found[10])


def test_chance_is_hardly_ever_taken_for_a_rule():
    rng, wrong = np.random.default_rng(1), 0
    for _ in range(300):
        masks = np.zeros((5, 32, 32), np.uint8)
        for mask in masks:
            for number, (y, x) in enumerate(rng.integers(0, 28, (2, 2)), start=1):
                mask[y : y + 4, x : x + 4] = number
        wrong += bool(steady_axes(masks, 2))
    assert wrong <= 3


def test_one_frame_twice_shows_nothing():
    mask = np.zeros((240, 8), np.uint8)
    mask[2:6], mask[220:224] = 1, 2
    assert steady_axes([mask, mask], 2) == ()
    assert steady_axes([mask] * 3, 2) == (0,)
