"""The boundary between pixels: it encloses what the pixels cover, and lies where the shape ended."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.measures.boundaries import boundary_points, boundary_size, smooth_field
from morula.measures.contours import polygon_area, trace


def ball(radius: float, spacing: tuple[float, ...], shift: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """A ball in any number of dimensions, and the position of its centre."""
    counts = [int(2 * (radius + 4 * max(spacing)) / size) for size in spacing]
    centre = np.array([count / 2 + shift for count in counts]) * spacing
    position = np.stack(np.meshgrid(*[np.arange(n) * s for n, s in zip(counts, spacing, strict=True)], indexing="ij"))
    return np.linalg.norm(np.moveaxis(position, 0, -1) - centre, axis=-1) <= radius, centre


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 1.2), (1.0, 1.0, 1.0), (1.5, 0.6, 0.6)])
def test_the_boundary_of_a_ball_lies_at_its_radius(spacing):
    inside, centre = ball(20, spacing)
    field, level = smooth_field(inside, np.array(spacing), 20)
    distances = np.linalg.norm(boundary_points(field, level, np.array(spacing)) - centre, axis=1)
    assert distances.mean() == pytest.approx(20, abs=0.1 * max(spacing))
    assert np.abs(distances - 20).max() < 0.7 * max(spacing)
    size = 2 * np.pi * 20 if len(spacing) == 2 else 4 * np.pi * 20**2
    assert boundary_size(inside, field, np.array(spacing)) == pytest.approx(size, rel=0.02)


@given(st.integers(1, 12), st.integers(1, 30))
def test_outlines_enclose_the_area_of_their_pixels(height, width):
    inside = np.zeros((height + 8, width + 8), bool)
    inside[4:-4, 4:-4] = True
    outlines = trace(*smooth_field(inside, np.ones(2), (min(height, width) + 1) // 2), np.ones(2))
    area = sum(map(polygon_area, (*outlines.pieces, *outlines.holes)))
    assert area == pytest.approx(height * width, rel=0.03, abs=0.6)
