"""Objects grown from their cores: each pixel in one, each connected, numbered without a gap, however they are cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from morula.images import room
from morula.objects import growing, separation
from morula.objects.distances import edge_distances
from morula.objects.labels import connected_objects
from morula.objects.separation import Separation, separated
from morula.scores.matching import match_objects


def discs(seed: int, count: int = 30, space: tuple[int, ...] = (160, 170), radii=(8, 16)) -> np.ndarray:
    """Object numbers of balls that lie over each other, the later on top, as far as half of each is seen."""
    rng = np.random.default_rng(seed)
    places, labels = np.moveaxis(np.indices(space), 0, -1), np.zeros(space, np.uint16)
    for number in range(1, count + 1):
        centre, radius = rng.uniform(0, space), rng.uniform(*radii)
        own = np.linalg.norm(places - centre, axis=-1) < radius
        if own.any() and np.count_nonzero(labels[own]) < 0.25 * np.count_nonzero(own):
            labels[own & (labels == 0)] = number
    return labels


def maps(labels: np.ndarray, blur: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A mask, and distances as a network might see them."""
    distances = edge_distances(labels, (1,) * labels.ndim)
    return (labels > 0).astype(np.uint8), ndimage.gaussian_filter(distances, blur) if blur else distances


@pytest.mark.parametrize("space", [(160, 170), (40, 60, 62)])
def test_touching_balls_are_counted_right(space):
    labels = discs(1, space=space)
    mask, distances = maps(labels, blur=1)
    found = separated(mask, distances, Separation())
    assert match_objects(labels, connected_objects(mask)[0]).f1() < 0.7  # many run into each other
    assert match_objects(labels, found).f1(0.8) == 1


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([(50, 60), (16, 24, 20)]), st.floats(0.05, 0.95))
def test_every_pixel_belongs_to_one_connected_object(seed, space, core):
    """Whatever a network makes up."""
    rng = np.random.default_rng(seed)
    blurred = ndimage.gaussian_filter(rng.standard_normal((2, *space)), (0, *[2] * len(space)))
    mask = (blurred[0] > 0).astype(np.uint8)
    distances = np.clip(blurred[1] / blurred[1].std() * 80 + 100, 0, 255).astype(np.uint8)
    found = separated(mask, distances, Separation(core=core))
    np.testing.assert_array_equal(found > 0, mask > 0)
    numbers = np.unique(found[found > 0])
    assert numbers.tolist() == list(range(1, len(numbers) + 1))
    for number in numbers:
        assert ndimage.label(found == number, np.ones((3,) * len(space)))[1] == 1


def cut(patch: pytest.MonkeyPatch, side: int, band: int) -> None:
    """Frames are looked at in blocks of this side, and bands of so many pixels."""
    patch.setattr(separation, "AT_ONCE", 0)
    patch.setattr(growing, "SIDES", dict.fromkeys((2, 3), side))
    patch.setattr(growing, "REACHES", dict.fromkeys((2, 3), (8, 40, 400)))
    patch.setattr(room, "BAND", band)
    patch.setattr(room, "IN_MEMORY", 0)


@pytest.mark.parametrize(("space", "sides"), [((200, 150), (37, 64, 100)), ((50, 40, 42), (14, 20, 33))])
def test_masks_and_numbers_are_the_same_for_all_blocks(space, sides, monkeypatch):
    mask, distances = maps(discs(2, count=40, space=space), blur=1)
    found = []
    for side in (10**6, *sides):
        cut(monkeypatch, side, side * 100)
        found.append(np.asarray(separated(mask, distances, Separation(smallest=30))))
    for each in found[1:]:
        np.testing.assert_array_equal(each, found[0])
    monkeypatch.undo()
    whole = separated(mask, distances, Separation(smallest=30))
    assert whole.dtype == found[0].dtype
    assert whole.max() == found[0].max()
    assert (whole != found[0]).mean() < 0.001  # equally near pixels go to one or the other


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), space=st.sampled_from([(50, 60), (16, 24, 20)]), core=st.floats(0.05, 0.95),
       smallest=st.integers(1, 50), side=st.integers(5, 30))
def test_blocks_are_the_whole_whatever_a_network_makes_up(seed, space, core, smallest, side):
    rng = np.random.default_rng(seed)
    blurred = ndimage.gaussian_filter(rng.standard_normal((2, *space)), (0, *[2] * len(space)))
    mask = (blurred[0] > 0).astype(np.uint8)
    distances = np.clip(blurred[1] / blurred[1].std() * 80 + 100, 0, 255).astype(np.uint8)
    found = []
    for each in (10**6, side):
        with pytest.MonkeyPatch.context() as patch:
            cut(patch, each, each * 60)
            found.append(np.asarray(separated(mask, distances, Separation(core=core, smallest=smallest))))
    np.testing.assert_array_equal(*found)


def test_an_object_that_spans_nine_blocks_is_one(monkeypatch):
    """Its neighbours touch it along its whole outline."""
    labels = np.zeros((90, 90), np.uint16)
    labels[5:85, 5:85] = 1
    labels[np.hypot(*(np.indices((90, 90)) - 44.5)) < 36] = 2
    mask, distances = maps(labels, blur=1)
    found = []
    for side in (10**6, 30, 17, 41):
        cut(monkeypatch, side, side * 90)
        found.append(np.asarray(separated(mask, distances, Separation())))
    large = found[0] == found[0][45, 45]
    assert len({(row // 30, column // 30) for row, column in zip(*np.nonzero(large), strict=True)}) == 9
    assert np.count_nonzero(large != (labels == 2)) < 0.1 * large.sum()
    for each in found[1:]:
        np.testing.assert_array_equal(each, found[0])


def test_a_piece_without_a_core_is_an_object_as_it_is():
    labels = np.zeros((40, 80), np.uint16)
    labels[10:30, 5:35], labels[10:30, 35:65], labels[5:8, 70:75] = 1, 2, 3
    mask, distances = maps(labels)
    distances[labels == 3] = 0
    found = separated(mask, distances, Separation(core=0.7))
    assert match_objects(labels, found).f1(0.9) == 1


def test_what_is_too_small_is_left_out_or_joins_its_neighbour():
    labels = np.zeros((40, 60), np.uint16)
    labels[5:25, 5:25], labels[5:9, 25:29], labels[30:34, 40:44] = 1, 2, 3
    mask, distances = maps(labels)
    assert separated(mask, distances, Separation(smallest=16)).max() == 3
    found = separated(mask, distances, Separation(smallest=30))
    assert found.max() == 1
    np.testing.assert_array_equal(found > 0, (labels == 1) | (labels == 2))


def test_many_objects_have_wide_numbers():
    mask = np.zeros((600, 600), np.uint8)
    mask[::2, ::2] = 1
    found = separated(mask, mask * 255, Separation())
    assert (found.dtype, found.max()) == (np.uint32, 90_000)
    few = separated(mask[:400], mask[:400] * 255, Separation())
    assert (few.dtype, few.max()) == (np.uint16, 60_000)


def test_nothing_has_no_objects():
    nothing = np.zeros((5, 6), np.uint8)
    assert separated(nothing, nothing, Separation()).max() == 0
