"""Drawn hearts against formulas of circles and rings, and what every heart has."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import euler_number, label

from morula.drawings.hearts import AROUND, CLASSES, Heart
from morula.drawings.magnetic_resonance import pixel_places
from morula.drawings.star_shapes import StarShape

SIZE = 400


def disc(radius: float, y: float = 0.5, x: float = 0.5) -> StarShape:
    return StarShape((y, x), np.full(AROUND.size, radius))


def shared(one: float, other: float, apart: float) -> float:
    """The area that two discs share, for centres farther apart than the difference of their radii."""
    angles = [2 * math.acos((apart**2 + a**2 - b**2) / (2 * apart * a)) for a, b in ((one, other), (other, one))]
    return sum(r**2 / 2 * (angle - math.sin(angle)) for r, angle in zip((one, other), angles, strict=True))


def areas(heart: Heart) -> list[float]:
    mask = heart.mask(*pixel_places(SIZE))
    return [float((mask == number).mean()) for number in range(1, len(CLASSES) + 1)]


def test_of_circles_the_wall_is_a_ring_and_the_right_ventricle_a_crescent():
    heart = Heart(disc(0.15), disc(0.22), disc(0.2, x=0.25), muscles=((0.55, 0.55, 0.04),))
    crescent = math.pi * 0.2**2 - shared(0.2, 0.22, 0.25)
    assert areas(heart) == pytest.approx([math.pi * (0.22**2 - 0.15**2), math.pi * 0.15**2, crescent], rel=0.01)


@given(st.floats(0.1, 0.2), st.floats(0.03, 0.08), st.floats(0, 0.4))
@settings(max_examples=20)
def test_a_wall_of_varying_thickness_has_the_area_of_the_integral(radius, thickness, more):
    """The thickness is t (1 + a cos φ); its mean is t, and that of its square t² (1 + a²/2)."""
    outer = StarShape((0.5, 0.5), radius + thickness * (1 + more * np.cos(AROUND)))
    wall, cavity, _ = areas(Heart(disc(radius), outer, disc(0.01, x=0.02)))
    assert wall == pytest.approx(math.pi * (2 * radius * thickness + thickness**2 * (1 + more**2 / 2)), rel=0.02)
    assert cavity == pytest.approx(math.pi * radius**2, rel=0.02)


@given(st.floats(-3, 3), st.floats(0.5, 3), st.floats(0.3, 1))
@settings(max_examples=20)
def test_scar_is_its_part_of_the_ring(begin, length, share):
    heart = Heart(disc(0.15), disc(0.25), disc(0.01, x=0.02), scar=(begin, length, share))
    y, x = pixel_places(SIZE)
    scar = heart.scarred(y, x) & (heart.mask(y, x) == 1)
    assert scar.mean() == pytest.approx(length / 2 * ((0.15 + share * 0.1) ** 2 - 0.15**2), rel=0.03)


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_every_heart_is_whole(seed):
    heart = Heart.drawn(np.random.default_rng(seed))
    mask = heart.mask(*pixel_places(160))
    assert euler_number(mask == 1, connectivity=1) == 0  # a ring: one piece with one hole
    assert label(mask == 2, connectivity=1).max() == 1
    assert 0.01 < (mask == 1).mean() < 0.2
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert not border.any()
    right = mask == 3
    assert right.mean() > 0.005
    for y, x, radius in heart.muscles:
        assert heart.inner.depth(np.array(y), np.array(x)) > 0
        assert radius < float(heart.inner.radii.min()) / 2


def test_walls_differ_in_thickness_within_a_heart_and_between_hearts():
    hearts = [Heart.drawn(np.random.default_rng(seed)) for seed in range(60)]
    thickness = np.array([heart.outer.radii - heart.inner.radii for heart in hearts])
    assert thickness.min() > 0.01
    assert np.median(thickness.max(axis=1) / thickness.min(axis=1)) > 1.3
    assert thickness.mean(axis=1).max() > 1.5 * thickness.mean(axis=1).min()
