"""Holes filled, against SciPy's way of filling them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from morula.images import room
from morula.objects.holes import filled

MASKS = st.integers(1, 3).flatmap(lambda axes: arrays(np.uint8, st.tuples(*[st.integers(1, 7)] * axes),
                                                      elements=st.sampled_from([0, 1, 1, 2])))


@settings(max_examples=150)
@given(mask=MASKS, band=st.integers(1, 40), most=st.integers(1, 5))
def test_holes_within_one_number_are_filled_however_a_frame_is_cut(mask, band, most):
    expected, holes = mask.copy(), 0
    regions, count = ndimage.label(mask == 0)
    inner, _ = ndimage.label(ndimage.binary_fill_holes(mask > 0) & (mask == 0))
    for number in range(1, count + 1):
        own = regions == number
        around = np.unique(mask[ndimage.binary_dilation(own) & (mask > 0)])
        if inner[own].all() and own.sum() <= most and len(around) == 1:
            expected[own] = around[0]
            holes += 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "BAND", band)
        found, count, pixels = filled(mask, most)
    np.testing.assert_array_equal(found, expected)
    assert (count, pixels) == (holes, np.count_nonzero(found != mask))
