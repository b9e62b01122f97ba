"""Which magnifications are tried, and on which images."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from morula.images.zoom import LARGEST, TRIED, zooms
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
