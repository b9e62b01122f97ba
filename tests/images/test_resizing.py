"""Pictures of another size against scikit-image, and what is known of them without it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.transform import resize

from morula.images.resizing import resized


@pytest.mark.parametrize(("before", "after"), [
    ((45,), (90,)), ((28, 40), (57, 80)), ((15, 20, 11), (31, 40, 22)), ((90,), (41,)), ((160, 120), (57, 80)),
    ((31, 40, 42), (20, 31, 19)), ((60, 80), (90, 33)), ((30, 40, 50), (45, 40, 25))])
def test_it_is_what_scikit_image_makes_of_it(before, after):
    """But at the ends, beyond which each supposes something else: as far as the smoothing of what shrinks reaches."""
    planes = np.random.default_rng(0).random((2, *before)).astype(np.float32)
    found = resized(planes, after)
    inside = tuple(slice(6, -6) if new < old else slice(2, -2) for old, new in zip(before, after, strict=True))
    for plane, other in zip(planes, found, strict=True):
        expected = resize(plane, after, order=1, anti_aliasing=True)
        np.testing.assert_allclose(other[inside], expected[inside], atol=1e-5)
    assert (found.shape, found.dtype) == ((2, *after), np.float32)
    assert planes.min() - 1e-6 <= found.min() <= found.max() <= planes.max() + 1e-6


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=3), st.integers(-5, 250))
def test_even_brightness_stays_and_mirrored_pictures_are_mirrored(sides, value):
    before, after = zip(*sides, strict=True)
    even = resized(np.full((1, *before), value, np.int16), after)
    np.testing.assert_allclose(even, np.full((1, *after), value), rtol=1e-5, atol=1e-4)
    planes = np.random.default_rng(1).random((2, *before)).astype(np.float32)
    axes = tuple(range(1, 1 + len(before)))
    np.testing.assert_allclose(resized(np.flip(planes, axes), after), np.flip(resized(planes, after), axes), atol=1e-5)


def test_a_slope_stays_a_slope():
    """Pixels are squares, not points: their middles lie where those of the others would."""
    slope = np.linspace(0, 1, 50, dtype=np.float32)[None]
    for count in (20, 77, 100):
        middles = ((np.arange(count) + 0.5) * 50 / count - 0.5) / 49
        inside = slice(count // 10, -count // 10)
        np.testing.assert_allclose(resized(slope, (count,))[0][inside], middles[inside], atol=1e-5)


def test_the_same_size_is_the_same_picture():
    planes = np.random.default_rng(2).integers(0, 60_000, (3, 9, 14)).astype(np.uint16)
    np.testing.assert_array_equal(resized(planes, (9, 14)), planes)
