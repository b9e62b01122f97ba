"""What is counted in bands is what is counted at once, and what SciPy finds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from morula.images import room
from morula.pairs.census import Census
from morula.pairs.counting import KEPT, counted

SHAPES = st.integers(2, 3).flatmap(lambda axes: st.tuples(*[st.integers(1, 9)] * axes))
KINDS = {
    "few classes": (np.uint8, st.integers(0, 2)),
    "several classes": (np.uint8, st.integers(0, 5)),
    "many numbers": (np.int32, st.integers(-1, 70_000)),
    "halves": (np.float32, st.sampled_from([-1, 0, 0.5, 1, np.nan])),
    "yes or no": (bool, st.booleans()),
}


def in_bands(frame: np.ndarray, pixels: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "BAND", pixels)
        return counted(lambda rows: frame[:, rows], frame.shape[1:])


@settings(max_examples=200)
@given(data=st.data(), shape=SHAPES, kind=st.sampled_from([*KINDS]), channels=st.integers(1, 4),
       pixels=st.integers(1, 60))
def test_bands_of_any_size_give_the_same(data, shape, kind, channels, pixels):
    dtype, elements = KINDS[kind]
    frame = data.draw(arrays(dtype, (channels, *shape), elements=elements))
    frame = np.nan_to_num(frame) if channels > 1 else frame
    whole, banded = in_bands(frame, frame.size), in_bands(frame, pixels)
    for name in ("codes", "counts", "border", "between"):
        np.testing.assert_array_equal(getattr(banded, name), getattr(whole, name), err_msg=name)
    assert banded.pieces == whole.pieces


@settings(max_examples=100)
@given(data=st.data(), shape=SHAPES, pixels=st.integers(1, 60))
def test_pieces_are_those_that_scipy_finds_of_each_value(data, shape, pixels):
    frame = data.draw(arrays(np.int16, shape, elements=st.integers(-1, 3)))
    touch = np.ones((3,) * frame.ndim)
    expected = sum(ndimage.label(frame == value, touch)[1] for value in (1, 2, 3))
    assert in_bands(frame[None], pixels).pieces == expected


@settings(max_examples=60)
@given(data=st.data(), shape=SHAPES, pixels=st.integers(1, 60))
def test_values_between_others_are_seen_across_bands(data, shape, pixels):
    frame = data.draw(arrays(np.uint8, shape, elements=st.integers(0, 4)))
    found, expected = in_bands(frame[None], pixels), np.zeros(5, int)
    for place in product(*map(range, shape)):
        around = frame[tuple(slice(max(0, at - 1), at + 2) for at in place)]
        expected[frame[place]] += around.min() < frame[place] < around.max()
    if len(found.codes) > 3:
        assert found.between.tolist() == expected[found.codes[:, 0]].tolist()


def test_an_object_across_many_bands_is_one_and_its_neighbours_are_others():
    frame = np.zeros((1, 40, 12), np.uint16)
    frame[0, 2:38, 1:3] = 7
    frame[0, 2:38, 3:5] = 9  # beside it all the way
    frame[0, 20:, 8] = frame[0, :20, 9] = 7  # hangs together by a corner, just where a band may end
    frame[0, 36:, 10:] = 7
    frame[0, 39, 8:] = 7  # two that meet in the last row
    assert {in_bands(frame, 12 * rows).pieces for rows in (1, 2, 3, 5, 20, 40)} == {3}


def test_one_that_winds_through_all_bands_again_and_again_is_one():
    frame = np.ones((1, 31, 31), np.uint8)
    for column in range(1, 31, 2):
        frame[0, slice(0, 30) if column % 4 == 1 else slice(1, 31), column] = 0
    assert {in_bands(frame, 31 * rows).pieces for rows in (1, 2, 7, 31)} == {1}


def test_of_more_values_than_are_remembered_none_lie_between(monkeypatch):
    monkeypatch.setattr(room, "BAND", 600)
    frame = np.arange(KEPT + 76, dtype=np.uint16).reshape(1, 50, 22)
    census = Census.take(frame)
    assert (census.distinct, len(census.codes), census.forgotten) == (KEPT + 76, KEPT, 76)
    assert not census.between.any()
