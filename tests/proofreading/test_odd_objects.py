"""Discs that only one of both sides knows, beside outlines that are a little off."""

from __future__ import annotations

import numpy as np
import pytest

from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.odd_objects import odd_objects
from morula.proofreading.sights import Sight


def look(drawn: np.ndarray, seen: np.ndarray, sure: float = 0.9):
    return odd_objects(Sight(drawn, np.where(seen > 0, sure, 1 - sure).astype(np.float32)[None], 1, False))


def test_an_object_that_is_not_outlined_is_found_among_outlines_that_are_off(discs):
    found = look(discs((20, 20, 10), (60, 70, 9)), discs((20, 21, 11), (60, 70, 9), (24, 70, 8)))
    assert found.missed.centre == pytest.approx((24, 70), abs=1.5)
    assert found.missed.radius == pytest.approx(8 / np.sqrt(2), abs=2)  # a square within a disc
    assert found.missed.sure == pytest.approx(0.9)
    assert found.invented.radius == 0


def test_an_outline_around_nothing_is_found_and_what_nobody_annotated_is_not(discs):
    drawn = discs((20, 20, 10), (60, 30, 7))
    drawn[:, 60:] = NOT_ANNOTATED
    found = look(drawn, discs((20, 20, 10), (30, 80, 9)))
    assert found.invented.centre == pytest.approx((60, 30), abs=1.5)
    assert found.missed.radius == 0


def test_the_usual_object_is_the_middle_one(discs):
    drawn = discs((14, 14, 4), (14, 60, 8), (56, 40, 14))
    middle = look(discs((14, 60, 8)), discs((14, 60, 8))).usual
    assert look(drawn, drawn).usual == middle
    assert np.isnan(look(np.zeros_like(drawn), drawn).usual)
