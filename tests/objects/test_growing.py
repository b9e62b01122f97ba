"""Numbers that grow block by block, against a flood of the whole frame that is written here once more."""

from __future__ import annotations

import heapq
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from morula.images import room
from morula.objects import growing
from morula.objects.growing import grow, grow_in_blocks


def flooded(labels: np.ndarray, mask: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """A priority flood as in textbooks: deep pixels first, and of equally deep ones those that were reached first."""
    found = labels.copy()
    waiting = [(-int(distances[at]), 0, age, at) for age, at in enumerate(zip(*np.nonzero(labels), strict=True))]
    heapq.heapify(waiting)
    reached = 0
    while waiting:
        level, _, _, at = heapq.heappop(waiting)
        for step in product((-1, 0, 1), repeat=labels.ndim):
            beside = tuple(place + by for place, by in zip(at, step, strict=True))
            inside = all(0 <= place < length for place, length in zip(beside, labels.shape, strict=True))
            if inside and mask[beside] and not found[beside]:
                found[beside] = found[at]
                reached += 1
                heapq.heappush(waiting, (max(level, -int(distances[beside])), 1, reached, beside))
    return found


def fields(seed: int, space: tuple[int, ...], coarse: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cores, a mask and distances as no network would be so unkind to draw: many pixels are equally deep."""
    rng = np.random.default_rng(seed)
    blurred = ndimage.gaussian_filter(rng.standard_normal((2, *space)), (0, *[rng.uniform(1, 3)] * len(space)))
    mask = (blurred[0] > -0.3 * blurred[0].std()).astype(np.uint8)
    depth = np.clip(blurred[1] / blurred[1].std() * 80 + rng.uniform(60, 160), 0, 255).astype(np.uint8)
    distances = depth // coarse * coarse
    cores = ndimage.label((mask > 0) & (distances > 150), np.ones((3,) * len(space)))[0]
    return cores, mask, distances


def in_blocks(patch: pytest.MonkeyPatch, side: int, reaches: tuple[int, ...]) -> None:
    patch.setattr(growing, "SIDES", dict.fromkeys((1, 2, 3), side))
    patch.setattr(growing, "REACHES", dict.fromkeys((1, 2, 3), reaches))
    patch.setattr(room, "BAND", 20 * side)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), space=st.sampled_from([(31, 33), (9, 12, 10)]), coarse=st.sampled_from([1, 8, 40]),
       side=st.integers(4, 17), reach=st.integers(1, 5))
def test_blocks_are_the_whole_pixel_for_pixel(seed, space, coarse, side, reach):
    cores, mask, distances = fields(seed, space, coarse)
    with pytest.MonkeyPatch.context() as patch:
        in_blocks(patch, side, (reach, 4 * reach, 40))
        found = cores.copy()
        assert grow_in_blocks(found, mask, distances) == 0
    np.testing.assert_array_equal(found, flooded(cores, mask, distances))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), side=st.integers(4, 17))
def test_where_no_window_tells_all_is_filled_and_the_doubt_is_counted(seed, side):
    cores, mask, distances = fields(seed, (30, 31), 1)
    with pytest.MonkeyPatch.context() as patch:
        in_blocks(patch, side, (1,))
        found = cores.copy()
        doubtful = grow_in_blocks(found, mask, distances)
    whole = flooded(cores, mask, distances)
    np.testing.assert_array_equal(found > 0, whole > 0)
    assert np.count_nonzero(found != whole) <= doubtful


def test_a_frame_at_once_differs_in_ties_alone():
    """There the library says which of two equally near cores comes first, as it always has."""
    different = 0
    for seed in range(5):
        cores, mask, distances = fields(seed, (50, 60), 1)
        found = cores.copy()
        grow(found, mask > 0, distances)
        different += np.count_nonzero(found != flooded(cores, mask, distances))
    assert different < 0.002 * 5 * 50 * 60
