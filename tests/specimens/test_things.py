"""Depths, rims and seams of discs whose geometry is known."""

from __future__ import annotations

import numpy as np
import pytest

from morula.specimens.things import SMALLEST, Things, rims, seams

Y, X = np.mgrid[:80, :80]
FLAT = (1.0, 1.0)


def halves() -> np.ndarray:
    """A disc of two halves that touch."""
    return np.where(np.hypot(Y - 40, X - 40) < 25, 1 + (X >= 40), 0).astype(np.int32)


def test_depth_is_the_distance_to_the_rim():
    disc = Things((np.hypot(Y - 40, X - 40) < 25).astype(np.int32), FLAT)
    assert disc.thickness[1] == pytest.approx(25, abs=1)
    assert disc.share.max() == 1
    assert np.allclose(disc.depth[disc.inside], (25 - np.hypot(Y - 40, X - 40))[disc.inside], atol=1.2)
    assert np.allclose(disc.away[40, 70:], np.arange(70, 80) - 64, atol=1)


def test_what_touches_has_a_rim_between():
    labels = halves()
    things = Things(labels, FLAT)
    assert things.depth[40, 39] == things.depth[40, 40] == 0.5
    seam = np.argwhere(seams(labels, FLAT))
    assert set(seam[:, 1]) == {39, 40}
    assert rims(labels, FLAT).sum() > len(seam)


def test_across_planes_far_apart_nothing_meets():
    labels = np.stack([np.full((6, 6), 1), np.full((6, 6), 2)]).astype(np.int32)
    assert seams(labels, (1.0, 1.0, 1.0)).all()
    assert not seams(labels, (4.0, 1.0, 1.0)).any()


def test_numbering_leaves_crumbs_out_and_keeps_the_order():
    labels = np.zeros((20, 20), np.int32)
    labels[:5, :5], labels[10, 10], labels[15:, 15:] = 9, 3, 4
    things = Things.numbered(labels, FLAT)
    assert things.count == 2
    assert things.labels[0, 0] == 2
    assert things.labels[19, 19] == 1
    assert things.labels[10, 10] == 0
    assert SMALLEST > 1
