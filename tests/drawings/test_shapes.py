"""Drawn shapes against formulas, their noise against its distribution, and what makes them hard."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, stats
from skimage.draw import disk, polygon2mask
from skimage.filters import threshold_otsu

from morula.drawings.shapes import GAP, LEVELS, NOISE, SHAPES, SIZES, Ball, Box, draw_shapes, kinds_of, rician
from morula.errors import RequestError


def places(space: tuple[int, ...]) -> np.ndarray:
    return np.moveaxis(np.indices(space), 0, -1)


def volume(shape: Box | Ball, side: float, axes: int) -> float:
    """The share of points scattered over a square or cube that lie within, times its volume."""
    scattered = np.random.default_rng(0).uniform(0, side, (200_000, axes))
    return float((shape.depth(scattered) > 0).mean() * side**axes)


def turned(angle: float, axes: int) -> np.ndarray:
    """A turn by an angle in the plane of the last two axes, after a turn in that of the first and last."""
    turn = np.eye(axes)
    turn[-2:, -2:] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    if axes == 3:
        other = np.eye(3)
        other[::2, ::2] = turn[-2:, -2:]
        turn = other @ turn
    return turn


class TestForms:
    @settings(max_examples=30)
    @given(st.integers(2, 3), st.floats(0, math.pi), st.floats(8, 14), st.floats(5, 12), st.floats(-0.5, 0.5))
    def test_a_box_has_its_volume_at_any_angle(self, axes, angle, long, short, offset):
        half = np.array([long, short, 7.0][:axes])
        box = Box(np.full(axes, 24 + offset), half, turned(angle, axes))
        assert volume(box, 48, axes) == pytest.approx(np.prod(2 * half), rel=0.07)

    @settings(max_examples=30)
    @given(st.integers(1, 3), st.floats(8, 20), st.floats(-0.5, 0.5))
    def test_a_ball_has_its_volume(self, axes, radius, offset):
        ball = Ball(np.full(axes, 24 + offset), radius)
        formula = {1: 2 * radius, 2: math.pi * radius**2, 3: 4 / 3 * math.pi * radius**3}[axes]
        assert volume(ball, 48, axes) == pytest.approx(formula, rel=0.07)

    @pytest.mark.parametrize("axes", [1, 2, 3])
    @pytest.mark.parametrize("form", [Box, Ball])
    def test_what_is_drawn_has_the_volume_asked_for(self, form, axes):
        side = {1: 2001, 2: 201, 3: 61}[axes]
        wanted = 0.1 * side**axes
        for seed in range(5):
            shape = form.drawn(np.full(axes, side / 2), wanted, np.random.default_rng(seed))
            assert (shape.depth(places((side,) * axes)) > 0).sum() == pytest.approx(wanted, rel=0.02)

    def test_a_turned_rectangle_is_the_polygon_of_its_corners(self):
        turn = turned(0.6, 2)
        box = Box(np.array([40.2, 37.7]), np.array([22.0, 9.0]), turn)
        corners = np.array([[22, 9], [22, -9], [-22, -9], [-22, 9]]) @ turn.T + box.centre
        differs = (box.depth(places((80, 80))) > 0) != polygon2mask((80, 80), corners)
        assert differs.sum() <= 2

    def test_a_disc_is_the_disc_of_another_library(self):
        drawn = Ball(np.array([30.3, 28.9]), 17.4).depth(places((60, 60))) > 0
        expected = np.zeros((60, 60), bool)
        expected[disk((30.3, 28.9), 17.4)] = True
        np.testing.assert_array_equal(drawn, expected)

    @pytest.mark.parametrize("axes", [2, 3])
    def test_depth_is_the_distance_from_the_surface(self, axes):
        space = (49,) * axes
        middle = np.full(axes, 24.0)
        for shape in (Box(middle, np.array([12.0, 9.0, 8.0][:axes]), turned(0.4, axes)), Ball(middle, 13.0)):
            depth = shape.depth(places(space))
            within, without = (ndimage.distance_transform_edt(side) for side in (depth > 0, depth <= 0))
            measured = np.where(depth > 0, within - 0.5, 0.5 - without)
            near = np.abs(depth) < 6
            assert np.abs(depth - measured)[near].max() < 0.9
            assert np.abs(depth - measured)[near].mean() < 0.25

    @pytest.mark.parametrize("axes", [2, 3])
    def test_boxes_lie_at_all_angles(self, axes):
        rng = np.random.default_rng(0)
        first = np.stack([Box.drawn(np.zeros(axes), 100.0, rng).turn[:, 0] for _ in range(2000)])
        # A direction without preference has the same mean square along every axis.
        np.testing.assert_allclose((first**2).mean(axis=0), 1 / axes, atol=0.03)


class TestNoise:
    def test_the_background_is_rayleigh(self):
        noise = rician(np.zeros((400, 400)), NOISE, np.random.default_rng(0))
        assert noise.mean() == pytest.approx(NOISE * math.sqrt(math.pi / 2), rel=0.01)
        assert noise.var() == pytest.approx((2 - math.pi / 2) * NOISE**2, rel=0.02)
        assert stats.kstest(noise[::4, ::4].ravel(), stats.rayleigh(scale=NOISE).cdf).pvalue > 0.001

    def test_a_signal_is_rice(self):
        noisy = rician(np.full((100, 100), 60.0), NOISE, np.random.default_rng(0))
        assert stats.kstest(noisy.ravel(), stats.rice(b=3, scale=NOISE).cdf).pvalue > 0.001

    @pytest.mark.parametrize("axes", [2, 3])
    def test_drawn_pixels_have_it(self, axes):
        ground, shapes = [], []
        for drawing in draw_shapes(6, axes=axes, seed=4):
            image = drawing.image[0].astype(float)
            ground.append(image[ndimage.distance_transform_edt(drawing.mask == 0) > 2])
            shapes.append(image[ndimage.distance_transform_edt(drawing.mask > 0) > 2])
        background, inside = np.concatenate(ground), np.concatenate(shapes)
        assert background.mean() == pytest.approx(NOISE * math.sqrt(math.pi / 2), rel=0.01)
        assert background.var() == pytest.approx((2 - math.pi / 2) * NOISE**2, rel=0.02)
        assert inside.mean() == pytest.approx(stats.rice(b=LEVELS[0], scale=NOISE).mean(), rel=0.04)


class TestImages:
    @pytest.mark.parametrize("axes", [2, 3])
    def test_shapes_cover_a_fair_part_and_do_not_touch(self, axes):
        for drawing in draw_shapes(4, axes=axes, seed=2):
            assert drawing.image.shape == (1, *drawing.mask.shape) == (1, *[SIZES[axes]] * axes)
            assert drawing.image.dtype == drawing.mask.dtype == np.uint8
            assert 0.08 < drawing.mask.mean() < 0.4
            apart, count = ndimage.label(drawing.mask, np.ones((3,) * axes))
            assert SHAPES[0] - 2 <= count <= SHAPES[1]
            for label in range(1, count + 1):
                away = ndimage.distance_transform_edt(apart != label)
                assert away[(apart > 0) & (apart != label)].min() > GAP

    @pytest.mark.parametrize("axes", [2, 3])
    def test_two_classes_are_boxes_and_discs_in_the_same_places(self, axes):
        for one, two in zip(draw_shapes(4, axes=axes), draw_shapes(4, axes=axes, classes=2), strict=True):
            np.testing.assert_array_equal(one.image, two.image)
            np.testing.assert_array_equal(one.mask, two.mask > 0)
            assert set(np.unique(two.mask)) == {0, 1, 2}
            for number, low, high in ((1, 0, 0.93), (2, 0.93, 1.1)):
                labels, count = ndimage.label(two.mask == number)
                for label in range(1, count + 1):
                    where = np.argwhere(labels == label)
                    if where.min() > 0 and where.max() < SIZES[axes] - 1:  # whole
                        assert low < roundness(where) < high

    @pytest.mark.parametrize(("channels", "classes"), [(1, 1), (1, 2), (1, 5), (1, 6), (2, 3), (3, 5), (3, 7)])
    def test_every_class_is_in_nearly_every_image(self, channels, classes):
        for axes, count, least in ((2, 10, 9), (3, 5, 3)):
            drawings = draw_shapes(count, axes=axes, channels=channels, classes=classes)
            seen = [set(np.unique(each.mask)) for each in drawings]
            assert set.union(*seen) == set(range(classes + 1))
            assert sum(values == set(range(classes + 1)) for values in seen) >= least

    @pytest.mark.parametrize(("channels", "classes"), [(1, 6), (3, 7)])
    def test_each_class_is_as_bright_as_its_kind_in_each_channel(self, channels, classes):
        drawings = list(draw_shapes(12, channels=channels, classes=classes, seed=1))
        for number, kind in enumerate(kinds_of(channels)[:classes], start=1):
            deep = [ndimage.distance_transform_edt(each.mask == number) > 2 for each in drawings]
            for channel, level in enumerate(kind.levels):
                values = np.concatenate([each.image[channel][at] for each, at in zip(drawings, deep, strict=True)])
                expected = stats.rice(b=level, scale=NOISE) if level else stats.rayleigh(scale=NOISE)
                assert values.mean() == pytest.approx(expected.mean(), rel=0.07)

    @pytest.mark.parametrize("channels", [2, 3, 4])
    def test_only_channels_together_tell_classes_apart(self, channels):
        kinds = kinds_of(channels)
        assert len({kind.levels for kind in kinds}) == len(kinds) > 2
        for channel in range(channels):
            assert len({kind.levels[channel] for kind in kinds}) == 2

    def test_no_threshold_is_enough(self):
        """A network reaches an IoU of 0.9 and more; see the gallery."""
        found = []
        for drawing in draw_shapes(10, seed=5):
            bright = drawing.image[0] > threshold_otsu(drawing.image[0])
            found.append((bright & (drawing.mask > 0)).sum() / (bright | (drawing.mask > 0)).sum())
        assert np.mean(found) < 0.75

    def test_shapes_scale_with_the_image(self):
        small, large = ([each.mask.mean() for each in draw_shapes(20, size=size)] for size in (64, 192))
        assert np.mean(small) == pytest.approx(np.mean(large), rel=0.15)

    def test_an_image_follows_from_the_seed_and_its_number_alone(self):
        few, many = list(draw_shapes(2, channels=2, seed=3)), list(draw_shapes(4, channels=2, seed=3))
        for one, other in zip(few, many, strict=False):
            np.testing.assert_array_equal(one.image, other.image)
            np.testing.assert_array_equal(one.mask, other.mask)
        masks = [each.mask for each in (*many, *draw_shapes(4, channels=2, seed=4))]
        for number, one in enumerate(masks):
            assert all((one != other).mean() > 0.05 for other in masks[number + 1 :])

    @pytest.mark.parametrize(
        "wrong",
        [{"axes": 4}, {"count": 0}, {"channels": 0}, {"classes": 0}, {"seed": -1}, {"size": 31},
         {"classes": 7}, {"classes": 4, "channels": 2}],
        ids=str,
    )
    def test_what_cannot_be_drawn_is_refused_at_once(self, wrong):
        with pytest.raises(RequestError, match=next(iter(wrong))):
            draw_shapes(**{"count": 1, **wrong})


def roundness(where: np.ndarray) -> float:
    """The volume of pixels `(n, axes)` over that of the ball that reaches their farthest."""
    axes = where.shape[1]
    radius = np.linalg.norm(where - where.mean(axis=0), axis=1).max()
    return len(where) / (math.pi ** (axes / 2) / math.gamma(axes / 2 + 1) * radius**axes)
