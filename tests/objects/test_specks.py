"""Specks taken out, against SciPy's numbering of pieces, and how small true pieces are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from skimage.draw import disk

from morula.images import room
from morula.objects.specks import speck_size, speck_sizes, without_specks
from morula.objects.tidying import tidied

MASKS = st.integers(1, 3).flatmap(lambda axes: arrays(np.uint8, st.tuples(*[st.integers(1, 7)] * axes),
                                                      elements=st.sampled_from([0, 1, 1, 2])))


def by_hand(mask: np.ndarray, least: tuple[float, ...]) -> np.ndarray:
    """The same with a loop over pieces, and over the pixels of each."""
    mask = mask.copy()
    for number, size in enumerate(least, start=1):
        touch = np.ones((3,) * mask.ndim)
        pieces, count = ndimage.label(mask == number, touch)
        changed = mask.copy()
        for piece in range(1, count + 1):
            inside = np.argwhere(pieces == piece)
            if size <= 1 or len(inside) >= size:
                continue
            sides = [mask[tuple(at)] for pixel in inside for axis in range(mask.ndim) for step in (-1, 1)
                     if 0 <= (at := pixel + step * np.eye(mask.ndim, dtype=int)[axis])[axis] < mask.shape[axis]]
            around = np.bincount([side for side in sides if side != number], minlength=1)
            if around.sum():
                changed[pieces == piece] = around.argmax()
        mask = changed
    return mask


@settings(max_examples=200)
@given(mask=MASKS, band=st.integers(1, 40), least=st.tuples(*[st.integers(0, 5)] * 2))
def test_specks_take_the_class_around_them_however_a_frame_is_cut(mask, band, least):
    kept = mask.copy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "BAND", band)
        found = without_specks(mask, least)
    np.testing.assert_array_equal(found, by_hand(kept, least))
    np.testing.assert_array_equal(mask, kept)


def test_a_class_without_a_size_keeps_its_specks():
    mask = np.array([[0, 1, 0, 2, 0], [0, 0, 0, 0, 0]], np.uint8)
    assert without_specks(mask, ()) is mask
    assert without_specks(mask, (0, 2)).tolist() == [[0, 1, 0, 0, 0], [0, 0, 0, 0, 0]]


def test_nineteen_of_twenty_true_pieces_have_twice_as_many_pixels():
    sizes = np.random.default_rng(0).lognormal(5, 1, 4000)
    assert np.mean(sizes >= 2 * speck_size(sizes)) == pytest.approx(0.95, abs=0.002)
    assert speck_size(np.zeros(0)) == 0


def test_true_pieces_are_counted_for_each_class_and_where_there_are_enough():
    masks = np.zeros((30, 80, 80), np.uint8)
    for number, mask in enumerate(masks):
        mask[disk((25, 25), 10 + number % 3)] = 1
        if number < 10:
            mask[disk((60, 60), 4)] = 2
    large, few = speck_sizes(masks, 2, 20)
    assert large == pytest.approx(np.count_nonzero(masks[0] == 1) / 2)
    assert few == 0


def test_the_largest_piece_is_chosen_when_specks_are_gone():
    mask = np.zeros((20, 20), np.uint8)
    mask[2:8, 2:8] = 1
    mask[4, 4] = 2
    mask[15, 15:18] = 1
    assert np.count_nonzero(tidied(mask, (0, 2), alone=True)) == 36
    assert np.count_nonzero(tidied(mask, (4, 2), alone=False)) == 36
    assert np.count_nonzero(tidied(mask, (4, 2), alone=False, unit=4)) == 39  # what is enlarged has smaller pixels
    assert tidied(mask, (), alone=False) is mask
