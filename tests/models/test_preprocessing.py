"""Binning and intensities against other implementations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.exposure import rescale_intensity
from skimage.measure import block_reduce

from morula.models.plan import Intensity
from morula.models.preprocessing import binned, measure_levels

RNG = np.random.default_rng(0)


def prepared(frame: np.ndarray, **intensity) -> np.ndarray:
    return measure_levels(frame, Intensity(**intensity)).apply(frame)


@pytest.mark.parametrize(("space", "binning"), [((24,), (3,)), ((12, 20), (2, 4)), ((4, 12, 9), (1, 2, 3))])
def test_binning_is_block_averaging(space, binning):
    planes = RNG.random((2, *space), np.float32)
    np.testing.assert_allclose(binned(planes, binning), block_reduce(planes, (1, *binning), np.mean), rtol=1e-5)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 4), st.integers(1, 4))
def test_a_side_that_is_no_multiple_is_mirrored_at_its_end(height, width, down, across):
    planes = np.arange(height * width, dtype=np.float32).reshape(1, height, width)
    padded = np.pad(planes, ((0, 0), (0, -height % down), (0, -width % across)), mode="symmetric")
    expected = block_reduce(padded, (1, down, across), np.mean)
    np.testing.assert_allclose(binned(planes, (down, across)), expected, rtol=1e-5)


def test_binning_planes_of_truths_gives_shares():
    planes = np.array([[[True, True], [False, True]]])
    assert binned(planes, (2, 2)).tolist() == [[[0.75]]]


def test_levels_are_percentiles_then_mean_and_deviation():
    frame = RNG.gamma(2, 500, (1, 80, 90)).astype(np.uint16)
    clipped = rescale_intensity(frame.astype(float), tuple(np.percentile(frame, (1, 99.5))), (0, 1))
    np.testing.assert_allclose(prepared(frame), (clipped - clipped.mean()) / clipped.std(), atol=1e-4)


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=40), st.floats(0, 40), st.floats(60, 100))
def test_counted_numbers_have_the_percentiles_of_sorted_ones(numbers, low, high):
    frame = np.array(numbers, np.int8)[None]
    levels = measure_levels(frame, Intensity(low=low, high=high))
    ends = np.percentile(frame.astype(float), (low, high))  # of int8 itself, numpy's differences overflow
    assert [levels.low.item(), levels.high.item()] == pytest.approx(ends, abs=1e-4)
    clipped = np.clip(frame, *ends)
    spread = clipped.std() or 1
    assert [levels.mean.item(), levels.deviation.item()] == pytest.approx([clipped.mean(), spread], abs=1e-4)


def test_channels_each_have_their_own_levels_or_share_them():
    frame = np.stack([RNG.normal(100, 5, (50, 50)), RNG.normal(180, 20, (50, 50))])
    for channel in prepared(frame, channels="each"):
        assert channel.mean() == pytest.approx(0, abs=1e-4)
        assert channel.std() == pytest.approx(1, abs=1e-4)
    first, second = prepared(frame, channels="together")
    assert first.mean() < -0.5 < 0.5 < second.mean()
    assert np.concatenate([first, second]).std() == pytest.approx(1, abs=1e-4)


@given(st.floats(0.01, 200), st.floats(0, 1000))
def test_gain_and_offset_do_not_matter(gain, offset):
    frame = np.random.default_rng(1).integers(0, 256, (1, 40, 40)).astype(float)
    np.testing.assert_allclose(prepared(frame * gain + offset), prepared(frame), atol=0.03)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
def test_every_type_of_number_is_prepared_alike(dtype):
    frame = RNG.integers(0, 2, (1, 30, 30))
    np.testing.assert_allclose(prepared(frame.astype(dtype)), prepared(frame.astype(float)), atol=1e-6)


@pytest.mark.parametrize("value", [0, 0.1, 255, 60000])
def test_a_frame_without_contrast_is_zero(value):
    assert np.abs(prepared(np.full((2, 33, 47), value, np.float32))).max() < 0.01


def test_a_frame_too_large_to_sort_is_sampled_fairly():
    frame = RNG.normal(50, 7, (1, 1500, 1501)).astype(np.float32)
    everything = prepared(frame)
    assert everything.mean() == pytest.approx(0, abs=0.01)
    assert everything.std() == pytest.approx(1, abs=0.01)
