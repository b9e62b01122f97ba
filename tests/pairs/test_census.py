"""Counting values, against numpy on the same pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from morula.pairs.census import Census, is_photograph, modes_of
from morula.pairs.counting import KEPT
from stored_masks import STORED


@given(STORED)
def test_a_census_counts_each_pixel_once_and_the_border_apart(stored):
    census = Census.take(stored)
    inner = np.ones(stored.shape[1:], bool)
    inner[1:-1, 1:-1] = False
    assert census.pixels == census.counts.sum() == inner.size
    assert census.border.sum() == inner.sum()
    for code, count, border in zip(census.codes, census.counts, census.border, strict=True):
        same = (stored == code[:, None, None]).all(axis=0)
        assert count == same.sum()
        assert border == (same & inner).sum()


@given(st.lists(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=2), elements=st.integers(0, 4)),
                min_size=1, max_size=4))
def test_pooled_censuses_count_as_the_pixels_together(frames):
    pool = Census.pool([Census.take(frame[None]) for frame in frames])
    values, counts = np.unique(np.concatenate([frame.ravel() for frame in frames]), return_counts=True)
    assert pool.codes[:, 0].tolist() == values.tolist()
    assert pool.counts.tolist() == counts.tolist()


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=3, min_side=2, max_side=6), elements=st.integers(0, 5)))
def test_values_between_others_are_counted(frame):
    census = Census.take(frame[None])
    expected = dict.fromkeys(census.codes[:, 0].tolist(), 0)
    for place in np.ndindex(frame.shape):
        around = frame[tuple(slice(max(0, at - 1), at + 2) for at in place)]
        expected[int(frame[place])] += around.min() < frame[place] < around.max()
    if len(expected) > 3:
        assert census.between.tolist() == list(expected.values())


def test_pieces_are_connected_regions_of_one_value():
    frame = np.zeros((1, 10, 10), np.uint8)
    frame[0, 1:3, 1:3] = 1
    frame[0, 3, 3] = 1  # touches by a corner
    frame[0, 6:8, 1:3] = 1
    frame[0, 6:8, 3:5] = 2  # touches another value
    assert Census.take(frame).pieces == 3


def test_a_census_stays_small_and_knows_what_it_forgot():
    frame = np.arange(64 * 64, dtype=np.uint16).reshape(1, 64, 64)
    census = Census.take(frame)
    assert len(census.codes) == KEPT
    assert census.distinct == frame.size
    assert census.pixels == frame.size


def test_photographs_are_told_from_labels_and_from_codes():
    from skimage import data

    rows, columns = np.indices((120, 120)) // 12
    labels = (rows * 10 + columns + 1).astype(np.uint16)
    for name in ("camera", "coins", "text", "astronaut", "moon", "cell", "hubble_deep_field"):
        picture = getattr(data, name)()
        frame = np.moveaxis(picture, -1, 0) if picture.ndim == 3 else picture[None]
        assert is_photograph(Census.take(frame)), name
    assert not is_photograph(Census.take(labels[None]))
    assert not is_photograph(Census.take((labels % 3)[None]))


@pytest.mark.parametrize("sizes", [(0, 1, 2, 255), (0, 10, 20, 250), (0, 255), (7,)])
def test_exact_codes_do_not_scatter(sizes):
    frame = np.repeat(np.array(sizes, np.uint8), 400).reshape(1, len(sizes) * 20, 20)
    assert modes_of(Census.take(frame)) == []
