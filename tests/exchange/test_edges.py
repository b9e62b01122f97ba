from __future__ import annotations

import numpy as np
from hypothesis import given
from scipy import ndimage

from annotated import LABELS
from morula.exchange.areas import Rings
from morula.exchange.edges import parts_of


def area(ring: np.ndarray) -> float:
    """By Gauss's formula, above zero where it runs clockwise on a screen."""
    y, x = ring.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


@given(LABELS)
def test_filling_outlines_gives_back_the_pixels(labels):
    for number in np.unique(labels[labels > 0]):
        inside = labels == number
        found = np.zeros_like(inside)
        for part in parts_of(inside):
            rings = Rings(tuple(ring.astype(float) for ring in (part.outer, *part.holes)))
            filled, _ = rings.fill((slice(0, labels.shape[0]), slice(0, labels.shape[1])))
            assert not (found & filled).any()
            found |= filled
        assert (found == inside).all()


@given(LABELS)
def test_outlines_are_simple_run_along_edges_and_belong_to_their_part(labels):
    inside = labels > 0
    parts = parts_of(inside)
    pieces, count = ndimage.label(inside)
    assert len(parts) == count
    sizes = sorted(np.bincount(pieces.ravel())[1:].tolist(), reverse=True)
    assert sorted((area(part.outer) + sum(map(area, part.holes)) for part in parts), reverse=True) == sizes
    for part in parts:
        assert area(part.outer) > 0
        for ring in (part.outer, *part.holes):
            assert len({tuple(corner) for corner in ring.tolist()}) == len(ring)
            steps = np.roll(ring, -1, axis=0) - ring
            assert ((steps == 0).sum(axis=1) == 1).all()  # along one axis, and from corner to corner
            assert (np.abs(steps).argmax(axis=1) != np.roll(np.abs(steps).argmax(axis=1), 1)).all()
        assert all(area(hole) < 0 for hole in part.holes)


def test_a_ring_whose_hole_touches_the_outside_by_a_corner_has_a_hole():
    inside = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 0]], bool)
    [part] = parts_of(inside, (10, 20))
    assert area(part.outer) == 8
    [hole] = part.holes
    assert sorted(hole.tolist()) == [[11, 21], [11, 22], [12, 21], [12, 22]]


def test_an_object_beyond_what_16_bits_hold_lies_where_it_is():
    [part] = parts_of(np.ones((2, 3), bool), (5, 40_000))
    assert part.outer.tolist() == [[5, 40_000], [5, 40_003], [7, 40_003], [7, 40_000]]


def test_nothing_has_no_outline():
    assert parts_of(np.zeros((4, 5), bool)) == ()
