"""Patches look where there is something to learn from, however large a frame is and however little is annotated."""

from __future__ import annotations

import numpy as np
import pytest

from morula.examples.places import SOUGHT, PlaceFinder, Places, spots_of_a_class
from morula.pairs.masks import NOT_ANNOTATED


def disc(size: int = 120) -> np.ndarray:
    """A disc of class 1 with a small square of class 2 in it."""
    rows, columns = np.indices((size, size))
    mask = (np.hypot(rows - 40, columns - 70) < 20).astype(np.uint8)
    mask[34:46, 64:76] = 2
    return mask


def scribbled(mask: np.ndarray, share: float = 0.05) -> np.ndarray:
    """The same with only a few pixels annotated."""
    return np.where(np.random.default_rng(0).random(mask.shape) < share, mask, NOT_ANNOTATED).astype(np.uint8)


def found(mask: np.ndarray, classes: int = 2, rows: int | None = None) -> Places:
    finder = PlaceFinder(mask.shape, classes)
    for start in range(0, len(mask), rows or len(mask)):
        finder.look(mask[start : start + (rows or len(mask))])
    return finder.places()


@pytest.mark.parametrize("rows", [None, 7])
def test_each_class_but_the_background_has_as_many_spots(rows):
    mask = disc()
    places = found(mask, rows=rows)
    numbers, counts = np.unique(mask.ravel()[places.spots], return_counts=True)
    assert places.annotated == 1
    assert numbers.tolist() == [1, 2]
    assert counts.tolist() == [spots_of_a_class(mask.shape)] * 2


def test_spots_of_a_frame_in_parts_are_spread_as_over_the_whole():
    mask = np.zeros((600, 400), np.uint8)
    mask[:100] = 1
    mask[500:, :40] = 1
    places = found(mask, 1, rows=50)
    assert len(places.spots) == spots_of_a_class(mask.shape) == 468
    assert np.mean(places.spots // 400 < 100) == pytest.approx(10 / 11, abs=0.04)


def test_where_little_is_annotated_every_patch_looks_at_it_and_at_all_classes_alike():
    mask = scribbled(disc())
    places, rng = found(mask), np.random.default_rng(0)
    assert places.annotated == pytest.approx(0.05, abs=0.01)
    seen = [int(mask[places.draw(mask.shape, rng)]) for _ in range(900)]
    assert [seen.count(number) for number in range(3)] == pytest.approx([300] * 3, abs=60)


def test_where_all_is_annotated_one_patch_in_three_looks_at_foreground():
    mask, rng = np.zeros((100, 100), np.uint8), np.random.default_rng(0)
    mask[3:5, 3:5] = 1
    places = found(mask, 1)
    met = np.mean([mask[places.draw(mask.shape, rng)] for _ in range(2000)])
    assert met == pytest.approx(SOUGHT, abs=0.05)


@pytest.mark.parametrize("mask", [np.zeros((40, 50), np.uint8), np.full((4, 40, 50), NOT_ANNOTATED, np.uint8)])
def test_without_foreground_patches_look_anywhere(mask):
    places, rng = found(mask), np.random.default_rng(0)
    drawn = np.array([places.draw(mask.shape, rng) for _ in range(2000)])
    assert len(places.spots) == 0
    assert (drawn.min(0) == 0).all()
    assert (drawn.max(0) == np.array(mask.shape) - 1).all()


def test_a_part_of_a_huge_frame_lies_around_its_foreground():
    mask = np.zeros((400, 300), np.uint8)
    mask[350:370, 20:60] = 1
    window = found(mask, 1).window(mask.shape, 6400)
    assert mask[window].shape == (80, 80)
    assert mask[window].sum() == mask.sum()
    assert found(mask, 1).window(mask.shape, mask.size) == (slice(0, 400), slice(0, 300))
    empty = found(np.zeros_like(mask), 1).window(mask.shape, 6400)
    assert empty == (slice(160, 240), slice(110, 190))
