"""Landmarks stay where they are in the picture, whatever is done to it."""

import numpy as np
import pytest
from scipy import ndimage

from morula.checks.flattened import plane_of
from morula.checks.landmarks import SYMMETRIES, TURNED, equalised, landmarks_of
from morula.drawings.synthetic import draw_gastruloids
from morula.images.image import Image

IMAGE = next(draw_gastruloids(1, movies=1, seed=3)).image
TURNS = {
    "none": lambda a: a, "half": lambda a: a[::-1, ::-1], "down": np.flipud, "right": np.fliplr,
    "quarter": np.rot90, "back": lambda a: np.rot90(a, -1), "transposed": np.transpose,
    "other": lambda a: a[::-1, ::-1].T,
}


def landmarks(image: np.ndarray):
    return landmarks_of(plane_of(Image.from_array(np.ascontiguousarray(image), "YX")))


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
    plane = plane_of(Image.from_array(IMAGE, "YX"))
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


def test_an_even_picture_has_no_landmarks():
    assert len(landmarks(np.full((60, 60), 7, np.uint8))) == 0
