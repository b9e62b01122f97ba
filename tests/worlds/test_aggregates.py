"""Bodies are what their curves say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from morula.drawings.star_shapes import StarShape
from morula.worlds.aggregates import ANGLES, Body, drawn

KINDS = ("compact", "tipped", "loose", "broken", "lobed", "hollow", "budding")
Y, X = np.mgrid[:200, :200].astype(float)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_size_and_stays_within_its_reach(kind):
    for seed in range(20):
        body = drawn(kind, (100.0, 100.0), 40.0, np.random.default_rng(seed))
        inside = body.depth(Y, X) > 0
        assert inside.any()
        assert np.hypot(Y - body.centre[0], X - body.centre[1])[inside].max() <= body.reach + 1
        if kind not in ("broken", "budding", "lobed"):
            assert inside.sum() == pytest.approx(np.pi * 40**2, rel=0.03)
        if kind not in ("broken", "budding"):
            assert ndimage.label(inside)[1] == 1
        assert (body.wall > 0) == (kind == "hollow") or kind == "budding"
        if body.tip:
            assert inside[tuple(np.rint(body.tip).astype(int))]


def test_pieces_are_taken_together():
    one, other = (StarShape((at, at), np.full(ANGLES.size, radius)) for at, radius in ((50.0, 20.0), (120.0, 30.0)))
    body = Body((one, other), 40)
    discs = (np.hypot(Y - 50, X - 50) < 20) | (np.hypot(Y - 120, X - 120) < 30)
    assert np.array_equal(body.depth(Y, X) > 0, discs)
