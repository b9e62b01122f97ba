"""Distances within closed curves are those of geometry."""

from __future__ import annotations

import numpy as np

from morula.drawings.star_shapes import StarShape, angles

AROUND = angles(360)
Y, X = np.mgrid[:200, :200].astype(float)


def test_the_depth_in_a_disc_is_the_way_to_its_rim():
    disc = StarShape((90.0, 110.0), np.full(AROUND.size, 40.0))
    assert np.allclose(disc.depth(Y, X), 40 - np.hypot(Y - 90, X - 110), atol=1e-3)


def test_the_depth_of_an_ellipse_is_right_near_its_rim():
    """Against distances to a fine polygon."""
    radii = 1 / np.hypot(np.cos(AROUND) / 60, np.sin(AROUND) / 35)
    lobe = StarShape((100.0, 100.0), radii)
    corners = 100 + radii[:, None] * np.stack([np.sin(AROUND), np.cos(AROUND)], axis=1)
    depth = lobe.depth(Y, X)
    near = np.abs(depth) < 3
    away = np.hypot(Y[near][:, None] - corners[:, 0], X[near][:, None] - corners[:, 1]).min(axis=1)
    assert np.abs(np.abs(depth[near]) - away).max() < 0.6
