"""A frame has as many orientations as its symmetry group has elements, without the one it has."""

from __future__ import annotations

import numpy as np
import pytest

from morula.proofreading.orientations import orientations


@pytest.mark.parametrize(("space", "count"), [((6, 6), 7), ((4, 6), 3), ((3, 6, 6), 15), ((3, 4, 6), 7)])
def test_each_is_another_and_none_changes_the_shape(space, count):
    frame = np.arange(np.prod(space)).reshape(space)
    laid = [each.apply(frame) for each in orientations(space)]
    assert len({each.tobytes() for each in laid} | {frame.tobytes()}) == count + 1 == len(laid) + 1
    assert all(each.shape == space for each in laid)
    assert all((np.sort(each, None) == np.arange(frame.size)).all() for each in laid)
