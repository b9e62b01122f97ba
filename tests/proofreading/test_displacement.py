"""The move that an annotation needs is found, whatever part of the frame is annotated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.displacement import Displacements


@given(st.tuples(st.integers(-10, 10), st.integers(-10, 10)))
@settings(max_examples=25)
def test_what_was_moved_is_moved_back(move):
    rng = np.random.default_rng(0)
    truth = np.zeros((72, 64), np.uint8)
    for y, x in rng.integers(16, 48, (5, 2)):
        truth[y : y + 6, x : x + 4] = 1
    found = Displacements((np.roll(truth, move, (0, 1)) == 1).astype(np.float32)[None]).best(truth)
    assert found.move == move
    assert found.agreement == pytest.approx(1, abs=1e-4)


def test_of_several_classes_each_must_lie_on_its_own():
    """The outer outline alone says nothing: it is the inner class that lies 3 px off."""
    classes = np.zeros((60, 60), np.uint8)
    classes[10:50, 10:50], classes[20:30, 20:30] = 1, 2
    seen = np.stack([classes == 1, classes == 2]).astype(np.float32)
    drawn = classes.copy()
    drawn[20:30, 20:30] = 1
    drawn[20:30, 23:33] = 2
    found = Displacements(seen[1:]).best((drawn == 2).astype(np.uint8))
    assert found.move == (0, -3)


def test_what_nobody_annotated_neither_draws_nor_repels():
    truth = np.zeros((64, 64), np.uint8)
    truth[20:30, 20:34] = 1
    seen = np.roll(truth, 4, 1).astype(np.float32)
    seen[:, 48:] = 1  # seen where nobody looked
    truth[:, 44:] = NOT_ANNOTATED
    found = Displacements(seen[None]).best(truth)
    assert found.move == (0, 4)
    assert found.agreement == pytest.approx(1, abs=1e-4)


def test_a_volume_is_moved_along_all_its_axes():
    truth = np.zeros((16, 32, 32), np.uint8)
    truth[5:9, 10:18, 12:20] = 1
    seen = np.roll(truth, (2, -3, 4), (0, 1, 2)).astype(np.float32)
    assert Displacements(seen[None]).best(truth).move == (2, -3, 4)
