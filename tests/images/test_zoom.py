"""Which magnifications are tried, and on which images."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from morula.images.zoom import DIFFER, LARGEST, TRIED, surest, zooms
from morula.pairs.spread import evenly

SPACES = st.lists(st.tuples(st.integers(20, 4000), st.integers(20, 4000)), min_size=1, max_size=9)


@given(st.lists(st.integers(32, 1024), min_size=1, max_size=5), SPACES)
def test_each_side_is_tried_but_for_what_would_be_enlarged_in_vain(sides, spaces):
    found = zooms(sides, spaces)
    assert found == sorted(set(found))
    assert max(found) <= LARGEST
    middle = sorted(min(space) for space in spaces)
    halves = {middle[(len(middle) - 1) // 2], middle[len(middle) // 2]}
    shorter = sum(halves) / len(halves)
    assert {round(min(side / shorter, LARGEST), 6) for side in sides} == {round(factor, 6) for factor in found}


@given(st.lists(st.integers(), min_size=1, max_size=50))
def test_few_of_many_are_tried_from_first_to_last(items):
    some = evenly(items, TRIED)
    assert len(some) == min(TRIED, len(items))
    assert (some[0], some[-1]) == (items[0], items[-1] if len(items) > 1 else items[0])


@given(st.integers(1, 9), st.integers(0, 2), st.integers(0, 2**32 - 1))
def test_chance_hardly_leads_away_from_what_was_learned_from(images, usual, seed):
    """Whatever the images, only a difference that is beyond its standard error counts; and one that is, always does."""
    rng, factors = np.random.default_rng(seed), (0.5, 1.0, 1.5)
    expected = rng.uniform(0.3, 0.9, images) + rng.normal(0, 0.02, (3, images)) * [[0.0 if each == usual else 1.0]
                                                                                  for each in range(3)]
    chosen = factors.index(surest(expected, factors, factors[usual]))
    better = (expected - expected[usual])[chosen]
    assert chosen == usual or better.mean() > max(better.std() / np.sqrt(images), DIFFER / images)
    other = (usual + 1) % 3
    expected[other] = expected.max(0) + 2 * DIFFER
    assert surest(expected, factors, factors[usual]) == factors[other]


def test_of_sets_that_are_equally_good_most_stay_as_they_are():
    rng = np.random.default_rng(0)
    stay = [surest(rng.normal(0.8, 0.07, (4, 8)).clip(0, 1), (0.5, 0.7, 1.0, 1.5), learned=1.04) == 1.0
            for _ in range(500)]
    assert np.mean(stay) > 0.6
