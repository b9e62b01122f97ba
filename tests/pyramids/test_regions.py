"""Regions cover an array once, and smaller levels are what numpy makes of the larger."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.images.image import Image
from morula.pyramids import regions as module
from morula.pyramids.regions import averaged, halved, nearest, part_of, regions

SHAPES = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4)), min_size=1, max_size=4)


@given(sides=SHAPES, largest=st.integers(1, 400))
def test_each_number_is_in_one_region_of_whole_chunks(sides, largest):
    shape, chunk = zip(*sides, strict=True)
    seen = np.zeros(shape, int)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LARGEST", largest)
        for box in regions(shape, chunk):
            seen[box] += 1
            assert all(piece.start % side == 0 and (piece.stop % side == 0 or piece.stop == length)
                       for piece, side, length in zip(box, chunk, shape, strict=True))
            assert math.prod(piece.stop - piece.start for piece in box) <= max(largest, math.prod(chunk))
    assert (seen == 1).all()


@given(height=st.integers(1, 7), width=st.integers(1, 7), dtype=st.sampled_from([np.uint8, np.int16, np.float32, bool]))
def test_means_of_squares(height, width, dtype):
    array = (np.arange(2 * height * width) * 37 % 100).astype(dtype).reshape(2, height, width)
    means = averaged(array)
    assert (means.shape, means.dtype) == ((2, halved(height), halved(width)), dtype)
    for row, column in np.ndindex(means.shape[1:]):
        square = array[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2].astype(float)
        assert np.allclose(means[:, row, column], square.mean(axis=(1, 2)), atol=0.5 if dtype != np.float32 else 1e-4)


@given(length=st.integers(1, 50), smaller=st.integers(1, 50))
def test_the_nearest_lie_within_and_in_order(length, smaller):
    picked = nearest(length, smaller, slice(0, smaller))
    assert 0 <= picked.min() <= picked.max() < length
    middles = (np.arange(smaller) + 0.5) * length / smaller
    assert (np.abs(picked + 0.5 - middles) <= 0.5).all()
    part = slice(smaller // 3, smaller)
    assert (nearest(length, smaller, part) == picked[part]).all()


@pytest.mark.parametrize("letters", ["TCZYX", "XYZCT", "TYX", "CYX", "YXZ", "YX"])
def test_parts_in_any_order_of_axes(letters):
    lengths = dict(zip("TCZYX", (2, 3, 4, 5, 6), strict=True))
    array = np.random.default_rng(0).random([lengths[letter] for letter in letters])
    image = Image.from_array(array, letters)
    box = tuple(slice(1, length) for length in array.shape)
    assert (part_of(image, letters, box) == array[box]).all()
    longer = "TCZYX"
    ones = tuple(slice(0, lengths[letter] if letter in letters else 1) for letter in longer)
    if "Z" in letters or len(image.space) == 2:
        assert part_of(image, longer, ones).shape == tuple(piece.stop for piece in ones)
