"""Pixels are counted as a loop over all pixels counts them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from morula.objects.overlaps import Overlaps

SHAPES = st.sampled_from([(7,), (4, 5), (3, 4, 3)])
NUMBERS = st.sampled_from([0, 1, 2, 9, 70_000])


@given(SHAPES.flatmap(lambda shape: st.tuples(*[arrays.arrays(np.int32, shape, elements=NUMBERS)] * 2)))
def test_the_counts_are_those_of_a_loop(images):
    first, second = images
    found = Overlaps.count(first, second)
    pixels = Counter(zip(first.ravel().tolist(), second.ravel().tolist(), strict=True))
    came = {
        (int(found.first[a]), int(found.second[b])): int(shared)
        for (a, b), shared in zip(found.pairs, found.shared, strict=True)
    }
    assert came == {pair: count for pair, count in pixels.items() if 0 not in pair}
    for image, numbers, sizes in (first, found.first, found.first_sizes), (second, found.second, found.second_sizes):
        assert dict(zip(numbers.tolist(), sizes.tolist(), strict=True)) == Counter(image[image > 0].tolist())
    for (a, b), iou in zip(found.pairs, found.ious, strict=True):
        ours, theirs = first == found.first[a], second == found.second[b]
        assert iou == pytest.approx((ours & theirs).sum() / (ours | theirs).sum())


def test_images_of_different_size_are_refused():
    with pytest.raises(ValueError, match=r"\(3,\).*\(4,\)"):
        Overlaps.count(np.zeros(3, int), np.zeros(4, int))
