"""Some of many: no more than asked for, each once, and as far apart as they can be."""

from __future__ import annotations

from itertools import pairwise

import pytest

from morula.pairs.spread import evenly


@pytest.mark.parametrize("length", [0, 1, 2, 7, 100])
@pytest.mark.parametrize("count", [0, 1, 2, 5, 8])
def test_some_are_spread_from_first_to_last(length, count):
    chosen = evenly(range(length), count)
    assert len(chosen) == min(count, length)
    assert chosen[:1] == [0][: len(chosen)]
    assert len(chosen) < 2 or chosen[-1] == length - 1
    steps = [later - earlier for earlier, later in pairwise(chosen)]
    assert min(steps, default=1) >= 1
    assert max(steps, default=1) - min(steps, default=1) <= 1
