"""Views come one after the other, none of them is kept, and their mean is that of all."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from morula.trust.signals import Tally
from morula.trust.views import Views

RNG = np.random.default_rng(4)


def answers(count: int) -> list[np.ndarray]:
    """Probabilities of two classes, and a map more."""
    planes = [RNG.random((3, 20, 30)).astype(np.float32) for _ in range(count)]
    return [plane / [[[1]], [[1]], [[2]]] for plane in planes]


@pytest.mark.parametrize("count", [1, 2, 8])
@pytest.mark.parametrize("seen", [0, 1, 8])
def test_the_mean_is_that_of_all_views_however_many_were_looked_at(count, seen):
    several = answers(count)
    before = [view.copy() for view in several]
    views = Views(several, classes=2)
    for view, came in zip(before, islice(views, seen), strict=False):
        assert np.array_equal(came, view[:2])
    np.testing.assert_allclose(views.mean, np.mean(before, axis=0), rtol=1e-6)
    np.testing.assert_array_equal(views.mean, views.mean)
    assert all(np.array_equal(*pair) for pair in zip(several, before, strict=True))


def test_none_is_kept_while_the_next_one_is_made():
    """But for the first, with which the others are compared."""
    living: list[int] = []

    def made() -> Iterator[np.ndarray]:
        former: list[weakref.ref] = []
        for _ in range(8):
            living.append(sum(view() is not None for view in former))
            view = RNG.random((2, 20, 30)).astype(np.float32)
            former.append(weakref.ref(view))
            yield view
            del view

    Tally.empty(1, 1).look(np.zeros((1, 20, 30), np.float32), Views(made()), (slice(20), slice(30)))
    assert living == [0, 1, 1, 1, 1, 1, 1, 1]
