"""Discs of known radii, drawn wider and narrower."""

from __future__ import annotations

import numpy as np
import pytest

from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.girth import RINGS, agreement_by_girth, drawn_wider, redrawn


@pytest.mark.parametrize("by", [-4, -2, 0, 3, 5])
def test_the_width_that_is_seen_agrees_best(discs, by):
    agreement = agreement_by_girth(discs((40, 48, 20)), discs((40, 48, 20 + by)).astype(np.float32))
    assert RINGS[agreement.argmax()] == pytest.approx(by, abs=0.5)
    assert agreement.max() > 0.98


@pytest.mark.parametrize("by", [-6, -2.5, 2, 6])
def test_a_disc_drawn_wider_is_a_larger_disc(discs, by):
    made = redrawn(discs((40, 48, 20)), by)
    assert np.sqrt(np.count_nonzero(made) / np.pi) == pytest.approx(20 + by, abs=0.6)


def test_what_is_new_is_of_the_class_beside_it_and_what_nobody_annotated_stays_so(discs):
    classes = discs((40, 30, 12)) + discs((40, 66, 12), number=2)
    classes[:, 90:] = NOT_ANNOTATED
    made = redrawn(classes, 4)
    assert (made[:, :42][made[:, :42] > 0] == 1).all()
    assert set(np.unique(made[:, 54:90])) == {0, 2}
    assert (made[:, 90:] == NOT_ANNOTATED).all()


def test_where_nothing_is_drawn_nothing_can_be_drawn_wider():
    nothing = np.zeros((20, 20), np.uint8)
    assert not redrawn(nothing, 5).any()
    assert not agreement_by_girth(nothing, np.ones((20, 20), np.float32)).any()


def soft(radius: float, edge: float = 1.0) -> np.ndarray:
    """What is seen of a disc whose edge is blurred, at the place of `disc`."""
    return 1 / (1 + np.exp((np.hypot(*(np.indices((72, 72)) - 35.5)) - radius) / edge))


def disc(radius: float) -> np.ndarray:
    return (np.hypot(*(np.indices((72, 72)) - 35.5)) < radius).astype(np.uint8)


@pytest.mark.parametrize("by", [-2, -1.25, 0, 0.75, 2, 3])
@pytest.mark.parametrize("radius", [9, 20])
def test_by_how_much_a_disc_is_drawn_wider_is_told_to_parts_of_a_pixel(radius, by):
    found = drawn_wider(disc(radius + by), soft(radius))
    assert found == pytest.approx(by, abs=0.25 + 0.1 * abs(by))


def test_what_nobody_annotated_says_nothing_of_widths_and_where_nothing_is_drawn_there_is_none():
    half = disc(21)
    half[:36] = NOT_ANNOTATED
    assert drawn_wider(half, soft(20)) == pytest.approx(drawn_wider(disc(21), soft(20)), abs=0.1)
    assert drawn_wider(disc(0), soft(20)) is None
    assert drawn_wider(np.full((72, 72), NOT_ANNOTATED, np.uint8), soft(20)) is None
