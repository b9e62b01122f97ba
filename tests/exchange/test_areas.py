from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image, ImageDraw
from skimage.draw import polygon as skimage_polygon

from annotated import circle, in_circle, iou
from morula.exchange import areas
from morula.exchange.areas import Rings, Runs, ellipse, rectangle

WHOLE = slice(0, 90), slice(0, 110)
CORNERS = npst.arrays(float, st.tuples(st.integers(3, 9), st.just(2)), elements=st.floats(5, 85, width=32))


def rings(*corners: np.ndarray) -> Rings:
    return Rings(tuple(np.asarray(each, float)[:, ::-1] for each in corners))


@given(CORNERS)
def test_polygons_are_filled_as_scikit_image_fills_them(corners):
    """Which takes middles of pixels for whole numbers, and says nothing of middles on an edge."""
    near = corners.astype(np.float64) + np.array([0.013, 0.027])  # no corner on a middle
    expected = np.zeros((90, 110), bool)
    expected[skimage_polygon(near[:, 1] - 0.5, near[:, 0] - 0.5, expected.shape)] = True
    inside, _ = rings(near).fill(WHOLE)
    assert (inside != expected).sum() <= 2


def test_polygons_are_filled_as_pillow_fills_them_eight_times_as_fine():
    corners = circle(50.3, 41.2, 31.7, 37)
    canvas = Image.new("L", (880, 720))
    ImageDraw.Draw(canvas).polygon([(x * 8, y * 8) for x, y in corners], fill=1)
    inside, _ = rings(corners).fill(WHOLE)
    assert iou(inside, np.asarray(canvas)[4::8, 4::8] > 0) > 0.995


def test_an_outline_in_another_is_a_hole_whichever_way_it_runs():
    outer, inner = circle(50, 45, 30), circle(52, 44, 12)
    expected = in_circle(50, 45, 30, 90, 110) & ~in_circle(52, 44, 12, 90, 110)
    for hole in (inner, inner[::-1]):
        inside, twice = rings(outer, hole).fill(WHOLE)
        assert iou(inside, expected) > 0.999
        assert twice == 0


def test_neighbours_that_share_an_edge_share_no_pixel_and_leave_none():
    corners = np.random.default_rng(3).integers(0, 90, (4, 2)) / 2  # many of them on middles of pixels
    centre = np.array([22.5, 20.5])
    order = np.argsort(np.arctan2(*(corners - centre).T))
    fan = [np.stack([corners[order[place]], corners[order[place - 1]], centre]) for place in range(4)]
    counts = sum(rings(each).fill(WHOLE)[0].astype(int) for each in fan)
    assert counts.max() == 1


def test_what_an_outline_goes_round_twice_is_counted():
    loop = [[10, 10], [60, 10], [60, 40], [30, 40], [30, 5], [50, 5], [50, 60], [10, 60]]
    inside, twice = rings(np.array(loop)).fill(WHOLE)
    assert twice > 0
    assert rings(circle(40, 40, 20)).fill(WHOLE)[1] == 0
    assert not inside.all()


def test_a_part_of_an_image_is_filled_as_the_whole_is(monkeypatch):
    area = rings(circle(50, 45, 60), circle(40, 40, 7))
    whole, _ = area.fill(WHOLE)
    monkeypatch.setattr(areas, "AT_ONCE", 50)
    assert (area.fill((slice(31, 64), slice(20, 101)))[0] == whole[31:64, 20:101]).all()


@given(npst.arrays(bool, npst.array_shapes(min_dims=2, max_dims=2, max_side=9)), st.booleans(),
       st.tuples(st.integers(0, 5), st.integers(0, 5)))
def test_runs_are_the_pixels_they_were_made_of(inside, by_columns, corner):
    flat = (inside.T if by_columns else inside).ravel()
    edges = np.flatnonzero(np.diff(flat, prepend=False, append=False))
    runs = Runs(corner, inside.shape, edges[::2], edges[1::2], by_columns)
    found, _ = runs.fill((slice(2, 20), slice(1, 20)))
    expected = np.zeros((20, 20), bool)
    expected[corner[0] : corner[0] + inside.shape[0], corner[1] : corner[1] + inside.shape[1]] = inside
    assert (found == expected[2:, 1:]).all()
    top, left, bottom, right = runs.bounds
    rows, columns = np.nonzero(expected)
    assert all((top <= rows) & (rows < bottom) & (left <= columns) & (columns < right))


def test_ellipses_and_rectangles_are_turned_from_x_towards_y():
    y, x = np.mgrid[:90, :110] + 0.5
    angle = np.deg2rad(30)
    along, across = ((x - 50) * np.cos(angle) + (y - 45) * np.sin(angle),
                     -(x - 50) * np.sin(angle) + (y - 45) * np.cos(angle))
    assert iou(ellipse((45, 50), (10, 30), angle).fill(WHOLE)[0], (along / 30) ** 2 + (across / 10) ** 2 < 1) > 0.999
    assert iou(rectangle(35, 20, 55, 80, angle).fill(WHOLE)[0], (abs(along) < 30) & (abs(across) < 10)) > 0.999


def test_huge_numbers_neither_fail_nor_take_memory():
    inside, _ = rings(np.array([[-1e7, -1e7], [1e7, -1e7], [1e7, 1e7], [-1e7, 1e7]])).fill(WHOLE)
    assert inside.all()
