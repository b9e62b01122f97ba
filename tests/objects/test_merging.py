"""Pieces of bands joined, against those of the whole as SciPy numbers them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from morula.objects.merging import Merging

SHAPES = st.integers(1, 3).flatmap(lambda axes: st.tuples(*[st.integers(1, 9)] * axes))


@settings(max_examples=200)
@given(data=st.data(), shape=SHAPES, rows=st.integers(1, 4), corners=st.booleans())
def test_numbers_are_those_of_the_whole_however_it_is_cut(data, shape, rows, corners):
    mask = data.draw(arrays(bool, shape))
    touch = ndimage.generate_binary_structure(mask.ndim, mask.ndim if corners else 1)
    whole, count = ndimage.label(mask, touch)
    merging, bands = Merging(corners=corners), []
    for start in range(0, shape[0], rows):
        pieces, here = ndimage.label(mask[start : start + rows], touch)
        merging.add(pieces, here)
        bands.append(pieces)
    merged = merging.done()
    assert merged.count == count
    joined = np.concatenate([numbers[band] for numbers, band in zip(merged.numbers, bands, strict=True)])
    np.testing.assert_array_equal(joined, whole)
    sizes = merged.summed([np.bincount(band.ravel(), minlength=len(numbers))
                           for numbers, band in zip(merged.numbers, bands, strict=True)])
    np.testing.assert_array_equal(sizes, np.bincount(whole.ravel(), minlength=count + 1))
    last = [np.arange(len(numbers)) == len(numbers) - 1 for numbers in merged.numbers]
    expected = {int(numbers[-1]) for numbers in merged.numbers}
    assert set(np.flatnonzero(merged.any_of(last))) == expected
