"""How frames shrink from stage to stage."""

from __future__ import annotations

import numpy as np
import pytest

from morula.planning.stages import plan_strides


def test_thick_slices_are_not_pooled_before_pixels_have_grown_as_long():
    strides = plan_strides(np.array([40, 256, 256]), np.array([4.0, 1.0, 1.0]), 5)
    assert strides == ((1, 2, 2), (1, 2, 2), (2, 2, 2), (2, 2, 2))
    even = plan_strides(np.array([64, 64, 64]), np.array([1.0, 1.0, 1.0]), 5)
    assert even == ((2, 2, 2),) * 4


@pytest.mark.parametrize("sides", [(35, 50, 35), (8, 512, 512), (100, 30), (3, 3), (5000,)])
def test_no_axis_shrinks_to_less_than_four_pixels_unless_it_has_fewer(sides):
    shrunk = np.array(sides, float)
    for stride in plan_strides(shrunk, np.ones(len(sides)), 5):
        assert max(stride) == 2
        shrunk = shrunk / stride
    assert (shrunk >= np.minimum(sides, 4)).all()
