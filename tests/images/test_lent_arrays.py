"""Images as arrays of dask and xarray: the same numbers, the same places, and nothing read too early."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.images.given_arrays import given_array
from morula.images.image import Image
from morula.images.lent_arrays import in_planes

SIZES = st.none() | st.floats(1e-3, 1e3).filter(lambda size: abs(size - 1) > 1e-6)


@given(st.sampled_from(["YX", "TYX", "CYX", "ZYX", "TCZYX"]), SIZES)
def test_an_image_comes_back_from_xarray(axes, size):
    shape = [dict(zip("TCZYX", (2, 3, 4, 5, 6), strict=True))[letter] for letter in axes]
    space = sum(letter in "ZYX" for letter in axes)
    image = Image.from_array(np.arange(np.prod(shape)).reshape(shape), axes, name="a",
                             pixel_size=(size,) * space if size else None)
    named = image.to_xarray()
    again = given_array(named).image(given_array(named).axes, name="?")
    assert (again.array() == image.array()).all()
    assert (again.channels, again.name, again.axes) == (image.channels, "a", image.axes)
    assert again.pixel_size == (pytest.approx(image.pixel_size) if size else None)


def test_places_are_in_micrometres():
    named = Image.from_array(np.zeros((2, 40, 50)), "CYX", channels=("A", "B"), pixel_size=(0.5, 0.25)).to_xarray()
    assert named.dims == ("t", "c", "y", "x")
    assert named.sel(c="B", y=1.5, x=slice(0, 1)).shape == (1, 5)
    assert named.y.attrs["units"] == "micrometer"


def test_dask_reads_a_plane_at_a_time():
    image = Image.from_array(np.random.default_rng(0).integers(0, 999, (3, 4, 30, 40)), "TZYX")
    read = []

    def region(frame, box):
        read.append((frame, box[0].start, box[0].stop))
        return image.region(frame, box)

    assert image.to_dask().chunksize == (1, 1, 1, 30, 40)
    assert (in_planes(region, image.shape, image.dtype)[1, 0, 2].compute() == image.array()[1, 0, 2]).all()
    assert read == [(1, 2, 3)]


@given(st.integers(1, 3), st.integers(1, 3), st.lists(st.integers(1, 9), min_size=2, max_size=3), st.data())
def test_any_part_is_the_same_as_of_the_array(frames, channels, space, data):
    array = np.arange(frames * channels * int(np.prod(space))).reshape(frames, channels, *space)
    image = Image.from_array(array, "TCZYX" if len(space) == 3 else "TCYX")
    lazy = in_planes(image.region, image.shape, image.dtype)
    where = tuple(slice(*sorted(data.draw(st.tuples(*[st.integers(0, length)] * 2)))) for length in image.shape)
    assert (lazy[where].compute() == array[where]).all()


def test_large_planes_are_read_in_squares():
    lazy = in_planes(lambda *_: np.zeros(0), (1, 3, 5000, 2000), np.dtype(np.uint8))
    assert lazy.chunksize == (1, 3, 1667, 2000)
