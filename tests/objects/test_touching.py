"""Where objects touch, and how many do."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.segmentation import find_boundaries

from morula.objects.touching import touching, touching_share

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("space", [(40, 50), (12, 14, 16)])
def test_objects_touch_where_their_boundaries_meet(space):
    """Where there is no background, these are all boundaries, as scikit-image finds them."""
    labels = np.kron(RNG.integers(1, 9, [length // 2 for length in space]), np.ones((2,) * len(space), int))
    np.testing.assert_array_equal(touching(labels), find_boundaries(labels, connectivity=1, mode="thick"))


def test_what_touches_is_counted():
    labels = np.zeros((9, 9), np.uint16)
    labels[0:3, 0:3], labels[0:3, 3:6], labels[5:7, 0:3] = 5, 9, 300
    labels[3, 6] = 77  # a corner is no touch
    assert touching_share(labels) == (2, 4)
    assert not touching(labels)[5:].any()
    assert touching_share(np.zeros((3, 3), np.uint8)) == (0, 0)
