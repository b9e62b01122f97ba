"""Bodies are what their curves say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from morula.worlds.aggregates import ANGLES, Body, Lobe, drawn

KINDS = ("compact", "tipped", "loose", "broken", "hollow", "budding")
Y, X = np.mgrid[:200, :200].astype(float)


def test_the_depth_in_a_disc_is_the_way_to_its_rim():
    disc = Lobe((90.0, 110.0), np.full(ANGLES.size, 40.0))
    assert np.allclose(disc.depth(Y, X), 40 - np.hypot(Y - 90, X - 110), atol=1e-3)


def test_the_depth_of_an_ellipse_is_right_near_its_rim():
    """Against distances to a fine polygon."""
    radii = 1 / np.hypot(np.cos(ANGLES) / 60, np.sin(ANGLES) / 35)
    lobe = Lobe((100.0, 100.0), radii)
    corners = 100 + radii[:, None] * np.stack([np.sin(ANGLES), np.cos(ANGLES)], axis=1)
    depth = lobe.depth(Y, X)
    near = np.abs(depth) < 3
    away = np.hypot(Y[near][:, None] - corners[:, 0], X[near][:, None] - corners[:, 1]).min(axis=1)
    assert np.abs(np.abs(depth[near]) - away).max() < 0.6


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_size_and_stays_within_its_reach(kind):
    for seed in range(20):
        body = drawn(kind, (100.0, 100.0), 40.0, np.random.default_rng(seed))
        inside = body.depth(Y, X) > 0
        assert inside.any()
        assert np.hypot(Y - body.centre[0], X - body.centre[1])[inside].max() <= body.reach + 1
        if kind not in ("broken", "budding"):
            assert inside.sum() == pytest.approx(np.pi * 40**2, rel=0.03)
            assert ndimage.label(inside)[1] == 1
        assert (body.wall > 0) == (kind == "hollow") or kind == "budding"
        if body.tip:
            assert inside[tuple(np.rint(body.tip).astype(int))]


def test_pieces_are_taken_together():
    body = Body((Lobe((50.0, 50.0), np.full(ANGLES.size, 20.0)), Lobe((120.0, 120.0), np.full(ANGLES.size, 30.0))), 40)
    discs = (np.hypot(Y - 50, X - 50) < 20) | (np.hypot(Y - 120, X - 120) < 30)
    assert np.array_equal(body.depth(Y, X) > 0, discs)
