"""How much of the outlines coarse pixels keep."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.draw import disk
from skimage.transform import resize

from morula.planning.binning import outlines_kept


@pytest.mark.parametrize("factor", [2, 4])
def test_outlines_kept_is_the_overlap_after_shrinking_and_enlarging(factor):
    mask = np.zeros((256, 256), np.uint8)
    mask[disk((128, 128), 64)] = 1
    coarse = mask.reshape(256 // factor, factor, 256 // factor, factor).mean((1, 3))
    back = resize(coarse, mask.shape, order=1, mode="edge") > 0.5
    overlaps = [np.sum((mask == n) & (back == n)) / np.sum((mask == n) | (back == n)) for n in (0, 1)]
    assert outlines_kept([mask], 1, (factor, factor)) == pytest.approx(np.mean(overlaps), abs=2e-3)
    assert outlines_kept([mask], 1, (1, 1)) == 1
