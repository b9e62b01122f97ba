"""Landmarks stay where they are in the picture, whatever is done to it."""

import numpy as np
import pytest
from scipy import ndimage

from morula.checks.landmarks import LARGEST, SYMMETRIES, TURNED, equalised, landmarks_of, plane_of
from morula.drawings.synthetic import draw_gastruloids

IMAGE = next(draw_gastruloids(1, movies=1, seed=3)).image
TURNS = {
    "none": lambda a: a, "half": lambda a: a[::-1, ::-1], "down": np.flipud, "right": np.fliplr,
    "quarter": np.rot90, "back": lambda a: np.rot90(a, -1), "transposed": np.transpose,
    "other": lambda a: a[::-1, ::-1].T,
}


def landmarks(image: np.ndarray):
    return landmarks_of(plane_of(np.ascontiguousarray(image)[None]))


def test_the_eight_symmetries_are_all_there_are():
    assert len(np.unique(SYMMETRIES, axis=0)) == 8
    for symmetry in SYMMETRIES:
        assert np.array_equal(symmetry @ symmetry.T, np.eye(2))
    patch = np.arange(TURNED.shape[1]).reshape(10, 10)
    ours = {tuple(patch.ravel()[order]) for order in TURNED}
    assert ours == {tuple(turn(patch).ravel()) for turn in TURNS.values()}


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS)
def test_a_turned_picture_has_the_same_patches_at_the_turned_places(turn):
    ours, theirs = landmarks(IMAGE), landmarks(turn(IMAGE))
    places = np.zeros(IMAGE.shape)
    places[tuple(ours.places.round().astype(int).T)] = 1
    there = np.zeros(IMAGE.shape)
    there[tuple(theirs.places.round().astype(int).T)] = 1
    grown = ndimage.maximum_filter(there, 3)  # halves are rounded up or down
    assert (grown[turn(places) > 0] > 0).all()
    alike = ours.patches.astype(np.float32) @ theirs.patches.astype(np.float32).T
    assert np.mean(alike.max(axis=1) > 0.995) > 0.95


def test_no_change_of_contrast_alters_what_is_equalised():
    plane = plane_of(IMAGE[None])
    changed = np.exp(plane / 3) * 40 + 7  # monotone, far from linear
    assert np.abs(equalised(plane) - equalised(changed.astype(np.float32))).mean() < 0.01


def test_in_a_picture_of_twice_the_size_landmarks_are_twice_as_large():
    small = ndimage.zoom(IMAGE.astype(np.float32), 0.75, order=1)
    large = ndimage.zoom(small, 2, order=3)
    ours, theirs = landmarks(small), landmarks(large)
    alike = ours.patches.astype(np.float32) @ theirs.patches.astype(np.float32).T
    one, other = np.nonzero(alike > 0.98)
    assert len(one) > 10
    assert np.median(theirs.sizes[other] / ours.sizes[one]) == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("shape", [(1, 3, 40, 50), (3, 40, 50), (1, 1, 700), (2, 900, 3), (1, 1, 1)])
def test_planes_of_every_shape(shape):
    plane = plane_of(np.random.default_rng(0).random(shape, np.float32))
    assert plane.ndim == 2
    assert max(plane.shape) <= LARGEST
    assert min(plane.shape) >= 1
    assert landmarks_of(plane).patches.shape[1] == 100


def test_channels_count_alike_and_volumes_are_averaged():
    rng = np.random.default_rng(0)
    channels = rng.random((2, 30, 40), np.float32)
    bright = channels * np.array([1, 1000], np.float32)[:, None, None]
    assert plane_of(bright) == pytest.approx(plane_of(channels), abs=1e-4)
    volume = rng.random((1, 5, 30, 40), np.float32)
    assert plane_of(volume) == pytest.approx(plane_of(volume.mean(axis=1)), abs=1e-5)


def test_an_even_picture_has_no_landmarks():
    assert len(landmarks(np.full((60, 60), 7, np.uint8))) == 0
