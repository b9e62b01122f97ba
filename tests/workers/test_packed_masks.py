"""What was packed is unpacked as it was, wherever frames are and however many bands they have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from morula.images import room
from morula.images.room import OnDisk
from morula.workers.packed_masks import PackedArray


@given(arrays(np.uint16, array_shapes(min_dims=2, max_dims=3, max_side=9), elements=st.integers(0, 2**16 - 1)))
def test_frames_in_memory(numbers):
    found = PackedArray.of(numbers).unpacked
    assert found.dtype == numbers.dtype
    np.testing.assert_array_equal(found, numbers)


@pytest.mark.parametrize("shape", [(60, 70), (9, 20, 30)])
def test_frames_larger_than_memory_stay_on_disk(monkeypatch, shape):
    monkeypatch.setattr(room, "BAND", 700)
    monkeypatch.setattr(room, "IN_MEMORY", 700)
    numbers = OnDisk(shape, np.uint32)
    numbers[:] = np.random.default_rng(0).integers(0, 2**32, shape, np.uint32)
    found = PackedArray.of(numbers).unpacked
    assert isinstance(found, OnDisk)
    np.testing.assert_array_equal(np.asarray(found), np.asarray(numbers))
