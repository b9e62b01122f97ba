"""Where planes lie: checked voxel by voxel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.plots import palette
from morula.plots.planes import MARGIN, Planes, point_of_interest


def box(space: tuple[int, ...], *sides: slice) -> np.ndarray:
    mask = np.zeros(space, np.uint8)
    mask[sides] = 1
    return mask


def test_an_image_is_its_own_plane():
    image = np.arange(12).reshape(1, 3, 4)
    planes = Planes((3, 4), (1, 1), None, 8)
    np.testing.assert_array_equal(planes.cut(image), [image])
    assert planes.sizes == [(6, 8)]
    picture = np.zeros((6, 8, 3), np.uint8)
    assert planes.mounted([picture]) is picture


@given(st.tuples(*[st.integers(2, 7)] * 3), st.data())
def test_the_planes_of_a_volume_pass_through_the_point(space, data):
    point = tuple(data.draw(st.integers(0, length - 1)) for length in space)
    volume = np.arange(np.prod(space)).reshape(space)
    z, y, x = point
    xy, xz, yz = Planes(space, point, None, 100).cut(volume)
    np.testing.assert_array_equal(xy, volume[z])
    np.testing.assert_array_equal(xz, volume[:, y])
    np.testing.assert_array_equal(yz, volume[:, :, x].T)


def test_thick_voxels_are_shown_thick():
    planes = Planes((10, 40, 30), (0, 0, 0), (2.0, 0.5, 0.5), 800)
    z, y, x = planes.sides
    assert (z, y, x) == (400, 400, 300)
    assert planes.sizes == [(y, x), (z, x), (y, z)]


def test_ticks_say_where_the_planes_cut_each_other():
    planes = Planes((4, 20, 10), (3, 15, 2), None, 24)
    assert planes.sides == [4, 20, 10]
    sheet = planes.mounted([np.full((*size, 3), 7, np.uint8) for size in planes.sizes])
    ticks = (sheet == (*palette.rgb(palette.MUTED), 255)).all(-1)
    assert not (ticks & (sheet[..., 0] == 7)).any()
    x, z = MARGIN + 2, 3 * MARGIN + 10 + 3
    assert np.flatnonzero(ticks[2]).tolist() == [x, x + 1, z, z + 1]  # above the upper planes
    y, z = MARGIN + 15, 3 * MARGIN + 20 + 3
    assert np.flatnonzero(ticks[:, 2]).tolist() == [y, y + 1, z, z + 1]  # left of the left ones


def test_a_volume_is_cut_where_most_foreground_lies():
    truth = box((20, 30, 40), slice(4, 9), slice(10, 13), slice(20, 39))
    assert point_of_interest(truth, truth) == (6, 11, 29)
    assert point_of_interest(truth * 0, truth * 0) == (10, 15, 20)


def test_a_volume_is_cut_where_most_mistakes_lie():
    truth = box((20, 30, 40), slice(0, 2), slice(0, 3), slice(0, 4))
    missed = truth | box((20, 30, 40), slice(15, 18), slice(20, 23), slice(30, 33))
    assert point_of_interest(missed, truth) == (16, 21, 31)


@pytest.mark.parametrize("number", [0, 1])
def test_what_nobody_annotated_draws_no_plane(number):
    truth = box((20, 30, 40), slice(4, 9), slice(10, 13), slice(20, 39))
    predicted = truth.copy()
    truth[12:] = 255
    predicted[12:] = number
    assert point_of_interest(truth, predicted) == (6, 11, 29)
