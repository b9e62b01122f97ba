"""A supposition that is true makes annotation and sight agree."""

from __future__ import annotations

import numpy as np
import pytest

from morula.proofreading.displacement import Displacements
from morula.proofreading.sights import Sight
from morula.proofreading.suppositions import Evidence, evidence, exchange


def look(drawn: np.ndarray, truth: np.ndarray, classes: int = 1) -> Evidence:
    seen = np.stack([truth == number for number in range(1, classes + 1)]).astype(np.float32)
    return evidence(Sight(drawn, seen, 1, False), Displacements(seen))


@pytest.fixture
def two(discs) -> np.ndarray:
    return np.maximum(discs((30, 36, 14)), discs((30, 36, 6), number=2))


def test_what_is_right_agrees_as_it_is(two):
    found = look(two, two, 2)
    assert found.agreement == pytest.approx(1)
    assert found.displacement.move == (0, 0)
    assert max(found.turned, found.swapped) < 0.8


def test_what_is_mirrored_agrees_when_it_is_mirrored_back(two):
    drawn = two[:, ::-1].copy()
    found = look(drawn, two, 2)
    assert found.turned == pytest.approx(1)
    assert (found.orientation.apply(drawn) == two).all()


def test_exchanged_classes_agree_when_they_are_exchanged_back(two):
    drawn = exchange(two, (1, 2))
    found = look(drawn, two, 2)
    assert found.swapped == pytest.approx(1)
    assert (exchange(drawn, found.exchanged) == two).all()
    assert look(two > 0, two > 0).swapped == 0  # a single class has none to be taken for
