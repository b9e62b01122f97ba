"""Whether classes tell which way is up."""

from __future__ import annotations

import numpy as np
from skimage.draw import disk

from morula.planning.directions import steady_axes


def test_an_axis_is_steady_where_one_class_always_lies_before_the_other():
    rng, masks = np.random.default_rng(0), np.zeros((24, 48, 40), np.uint8)
    for mask in masks:
        y, x = rng.uniform(10, 14), rng.uniform(16, 24)
        mask[disk((y, x), 4)] = 1
        mask[disk((y + rng.uniform(10, 20), x + rng.uniform(-9, 9)), 4)] = 2
    assert steady_axes(masks, 2) == (0,)
    assert steady_axes([mask.T for mask in masks], 2) == (1,)
    assert steady_axes([mask[::-1] for mask in masks], 2) == (0,)
    turned = [mask[::-1] if number % 2 else mask for number, mask in enumerate(masks)]
    assert steady_axes(turned, 2) == ()
    assert steady_axes(masks[:19], 2) == (), "too few to tell a rule from chance"
