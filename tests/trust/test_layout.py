"""How bodies lie in a frame: what tells few bodies and what they shed from many things, whatever the magnification."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.draw import disk

from morula.trust.layout import SELDOM, Layout, layout_of

SIDE = 192


def drawn(rng: np.random.Generator, bodies: int, radius: float, crumbs: int = 0) -> np.ndarray:
    """A mask of bodies somewhere, about so large, and of crumbs that they have shed."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for size, count, number in ((2, crumbs, 2), (radius, bodies, 1)):
        for centre in rng.uniform(0, SIDE, (count, 2)):
            mask[disk(centre, size * rng.uniform(0.8, 1.2), shape=mask.shape)] = number
    return mask


@pytest.fixture(scope="module")
def fields() -> list[np.ndarray]:
    """Few bodies of any size, most with crumbs about them; in some there is none."""
    rng = np.random.default_rng(0)
    return [drawn(rng, rng.integers(0, 6), rng.uniform(10, 50), rng.integers(0, 40)) for _ in range(200)]


@pytest.fixture(scope="module")
def layout(fields) -> Layout:
    rng = np.random.default_rng(1)
    return Layout.of(fields, [drawn(rng, rng.integers(1, 60), rng.uniform(4, 30)) for _ in range(200)])


def test_many_things_are_strange_and_few_with_what_they_shed_are_not(layout):
    rng = np.random.default_rng(2)
    assert all(layout.is_strange(drawn(rng, 60, 6)) for _ in range(20))
    assert not any(layout.is_strange(drawn(rng, 1, radius)) for radius in (8, 20, 60))
    assert not any(layout.is_strange(drawn(rng, 3, 20, crumbs=20)) for _ in range(20))


def test_few_of_those_that_it_is_for_are_strange(layout, fields):
    strange = sum(layout.is_strange(mask) for mask in fields)
    assert 0 < strange <= SELDOM * len(fields)


def test_where_nothing_lies_nothing_lies_strangely(layout):
    assert layout_of(np.zeros((50, 70), np.uint8)) is None
    assert layout_of(np.full((50, 70), 2, np.uint8)) is None
    assert not layout.is_strange(np.zeros((50, 70), np.uint8))


def test_numbers_are_what_they_say():
    """Two squares; neither the second class nor a single pixel is a body."""
    mask = np.zeros((100, 200), np.uint8)
    mask[10:30, 10:30] = mask[50:60, 50:60] = 1
    mask[80:90, 100:200] = 2
    mask[5, 150] = 1
    np.testing.assert_allclose(layout_of(mask), [np.sqrt(2), np.log(1000 / mask.size + 0.001)])


@pytest.mark.parametrize("times", [3, 20])
def test_the_magnification_does_not_matter(times):
    """However large a mask is: of one of 15 million pixels, not all are looked at."""
    mask = drawn(np.random.default_rng(3), 12, 8, crumbs=5)
    enlarged = np.kron(mask, np.ones((times, times), np.uint8))
    np.testing.assert_allclose(layout_of(enlarged), layout_of(mask), atol=0.02)
