"""Numbers drawn from known populations, some of which are mistaken."""

from __future__ import annotations

import numpy as np
import pytest

from morula.proofreading.suspicion import LISTED, Suspicion, suspect

FAR = np.array([[6.0, 0, 0], [0, 6, 0]])


def suspicion(wrong: int, right: int, seed: int) -> tuple[Suspicion, np.ndarray]:
    """Of annotations of which the first are wrong in one of two ways, and mistakes that were made on purpose."""
    rng = np.random.default_rng(seed)
    kinds = np.arange(240) % 2
    really = np.arange(wrong) % 2
    bearings = rng.standard_normal((wrong + right, 3))
    bearings[:wrong] += FAR[really]
    mistaken = rng.standard_normal((240, 3)) + FAR[kinds]
    return suspect(bearings, mistaken, kinds, np.arange(240) % len(bearings)), really


@pytest.mark.parametrize("seed", range(3))
def test_what_is_wrong_is_listed_with_its_kind_and_as_many_are_said_to_be(seed):
    found, really = suspicion(12, 108, seed)
    listed = found.wrong >= LISTED
    assert listed[:12].mean() > 0.9
    assert listed[12:].mean() < 0.05
    assert (found.kinds[:12].argmax(1) == really).mean() > 0.9
    assert found.wrong[listed].sum() == pytest.approx(12, abs=4)
    assert found.found.mean() > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_of_annotations_that_are_all_right_hardly_one_is_listed(seed):
    found, _ = suspicion(0, 100, seed)
    assert np.count_nonzero(found.wrong >= LISTED) <= 2
    assert found.wrong.sum() < 2.5
