"""Polygons: their size, their pieces and holes, and how they bend."""

from __future__ import annotations

import numpy as np
import pytest

from morula.measures.contours import curvature, evenly, harmonic_axes, polygon_area, polygon_length, protrusions, trace

CIRCLE = np.linspace(0, 2 * np.pi, 4000, endpoint=False)


def star(waves: int, height: float) -> np.ndarray:
    """A circle of radius 50 with waves, `(points, 2)`, counted so that its area is positive."""
    radius = 50 * (1 + height * np.cos(waves * CIRCLE))
    return np.stack([radius * np.cos(CIRCLE), radius * np.sin(CIRCLE)], axis=1)


def test_a_triangle():
    corners = np.array([[0.0, 0.0], [0.0, 3.0], [4.0, 0.0]])
    assert polygon_length(corners) == 12
    assert polygon_area(corners) == -6
    assert polygon_area(corners[::-1]) == 6
    points = evenly(corners, 12)
    assert np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1) == pytest.approx(np.ones(12))


def test_pieces_and_holes_are_told_apart():
    y, x = np.mgrid[:60, :90]
    ring = (np.hypot(y - 30, x - 30) <= 20) & (np.hypot(y - 30, x - 30) >= 8)
    field = (ring | (np.hypot(y - 30, x - 70) <= 6)).astype(float)
    outlines = trace(field, 0.5, np.array([2.0, 1.0]))
    assert (len(outlines.pieces), len(outlines.holes)) == (2, 1)
    assert polygon_area(outlines.outer) == pytest.approx(2 * np.pi * 20**2, rel=0.02)
    assert polygon_area(outlines.pieces[1]) == pytest.approx(2 * np.pi * 6**2, rel=0.05)
    assert polygon_area(outlines.holes[0]) == pytest.approx(-2 * np.pi * 8**2, rel=0.08)


@pytest.mark.parametrize("waves", [3, 5])
def test_each_wave_of_a_star_is_a_protrusion_at_its_tip(waves):
    points = evenly(star(waves, 0.2))
    bends = curvature(points, 0.1)
    found = protrusions(bends, polygon_length(points))
    assert len(found) == waves
    angles = np.sort(np.arctan2(points[found, 1], points[found, 0]) % (2 * np.pi / waves))
    assert np.minimum(angles, 2 * np.pi / waves - angles).max() < 0.05
    assert bends.min() < 0
    assert bends.mean() == pytest.approx(2 * np.pi / polygon_length(points), rel=1e-6)


def test_curvature_becomes_that_of_the_curve_where_pixels_are_small():
    a, b = 60.0, 30.0
    ellipse = np.stack([b * np.sin(CIRCLE), a * np.cos(CIRCLE)], axis=1)[::-1]
    bends = [curvature(evenly(ellipse), pixel) for pixel in (1.0, 0.1, 0.01)]
    off = [abs(bend.max() - a / b**2) / (a / b**2) for bend in bends]
    assert off[0] > off[1] > off[2]
    assert off[2] < 0.02
    assert bends[2].min() == pytest.approx(b / a**2, rel=0.02)


def test_harmonics_neither_turn_nor_begin_anywhere():
    points = evenly(star(3, 0.1))
    turn = np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])
    axes = harmonic_axes(points)
    assert harmonic_axes(np.roll(points, 57, axis=0) @ turn) == pytest.approx(axes, abs=1e-6)
    circle = harmonic_axes(evenly(star(1, 0.0)))
    assert circle[0] == pytest.approx([50, 50], rel=0.001)
    assert circle[1:] == pytest.approx(0, abs=0.02)
