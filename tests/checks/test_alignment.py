"""Placements are found from landmarks, and planes compared where they lie on each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from morula.checks.alignment import Placement, Plane, likeness, place, shared_view
from morula.checks.landmarks import SYMMETRIES


def texture(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    return ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(shape), 1.0).astype(np.float32)


@given(st.integers(0, 7), st.floats(0.5, 2), st.floats(0.85, 1.15), st.integers(-50, 50), st.integers(0, 30),
       st.integers(0, 99))
def test_a_placement_is_found_among_wrong_pairs(symmetry, size, stretch, shift, wrong, seed):
    rng = np.random.default_rng(seed)
    size = 1.0 if abs(size - 1) < 0.2 else size
    scale = np.array([size, size * stretch]) if size != 1 else np.ones(2)
    ours, sizes = rng.uniform(0, 150, (30, 2)), rng.uniform(2, 6, 30)
    theirs = scale * (ours @ SYMMETRIES[symmetry].T) + shift + rng.normal(0, 0.3, (30, 2))
    symmetries = np.r_[np.full(30, symmetry), rng.integers(0, 8, wrong)]
    found = place(
        symmetries,
        np.r_[ours, rng.uniform(0, 150, (wrong, 2))],
        np.r_[theirs, rng.uniform(0, 150, (wrong, 2))],
        np.r_[sizes, rng.uniform(2, 6, wrong)],
        np.r_[sizes * size * rng.normal(1, 0.03, 30), rng.uniform(2, 6, wrong)],
    )
    assert found
    assert found.symmetry == symmetry
    assert found.resized == (size != 1)
    assert found.scale == pytest.approx(tuple(scale), rel=0.03)
    middle = ours.mean(axis=0) @ SYMMETRIES[symmetry].T
    assert found.scale * middle + found.shift == pytest.approx(scale * middle + shift, abs=1)


def test_too_few_landmarks_place_nothing():
    rng = np.random.default_rng(0)
    ours = rng.uniform(0, 150, (3, 2))
    assert place(np.zeros(3, int), ours, ours, np.ones(3), np.ones(3)) is None
    four_times_the_same = np.repeat(ours[:1], 4, axis=0)
    assert place(np.zeros(4, int), four_times_the_same, four_times_the_same, np.ones(4), np.ones(4)) is None


@pytest.mark.parametrize("symmetry", range(8))
def test_a_part_that_was_turned_is_the_same_where_it_lies(symmetry):
    whole = texture((90, 120))
    turns = SYMMETRIES[symmetry]
    turned = (whole.T if turns[0, 0] == 0 else whole)[:: turns[0].sum(), :: turns[1].sum()]
    part = turned[10:70, 20:75]
    last = np.array(turned.shape) - 1
    shift = np.where(turns.sum(axis=1) < 0, last, 0) - (10, 20)
    placement = Placement(symmetry, (1.0, 1.0), tuple(shift.astype(float)))
    assert likeness(Plane(whole), Plane(part), placement) > 0.9
    assert shared_view(Plane(whole), Plane(part), placement) == pytest.approx(part.size / whole.size)
    wrong = Placement(symmetry, (1.0, 1.0), tuple(shift + 5.0))
    assert likeness(Plane(whole), Plane(part), wrong) < 0.3


def test_a_resized_plane_is_the_same():
    whole = ndimage.gaussian_filter(texture((100, 120)), 1)
    large = ndimage.zoom(whole, 1.5, order=3, grid_mode=True, mode="nearest")
    placement = Placement(0, (1.5, 1.5), (0.25, 0.25))
    assert likeness(Plane(whole), Plane(large), placement) > 0.85
    back = Placement(0, (1 / 1.5, 1 / 1.5), (-0.25 / 1.5, -0.25 / 1.5))
    assert likeness(Plane(large), Plane(whole), back) > 0.85
    assert shared_view(Plane(whole), Plane(large), placement) > 0.95


def test_what_stands_still_does_not_make_frames_alike():
    still = 5 * texture((120, 120), 0)
    first, second = still.copy(), still.copy()
    first[20:100, 20:100], second[20:100, 20:100] = 5 * texture((80, 80), 1), 5 * texture((80, 80), 2)
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.5
    here = Placement(0, (1.0, 1.0), (0.0, 0.0))
    assert likeness(Plane(first), Plane(second), here) < 0.2
    assert likeness(Plane(first), Plane(3 * first + 7), here) > 0.9


def test_planes_that_hardly_touch_or_show_nothing_are_not_alike():
    plane = Plane(texture((60, 60)))
    assert likeness(plane, plane, Placement(0, (1.0, 1.0), (55.0, 0.0))) == 0
    assert likeness(plane, plane, Placement(0, (1.0, 1.0), (500.0, 0.0))) == 0
    assert likeness(plane, plane, Placement(0, (1.5, 1.5), (500.0, 0.0))) == 0
    even = Plane(np.ones((60, 60), np.float32))
    assert likeness(even, even, Placement(0, (1.0, 1.0), (0.0, 0.0))) == 0
