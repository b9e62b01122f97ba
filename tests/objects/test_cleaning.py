"""Cleaned masks against scikit-image and SciPy, and against shapes whose areas are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from skimage.measure import label
from skimage.segmentation import clear_border, relabel_sequential

from morula.errors import RequestError
from morula.images import room
from morula.objects.cleaning import Cleaning, clean
from morula.settings import read_settings

SHAPES = [(60, 70), (12, 30, 31)]


def blobs(shape: tuple[int, ...], seed: int = 0, background: float = 0.5) -> np.ndarray:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), 1.2)
    return (noise > np.quantile(noise, background)).astype(np.uint8)


def without_small(labels: np.ndarray, least: float) -> np.ndarray:
    """The long way: each object by itself."""
    kept = labels.copy()
    for number in np.unique(labels):
        if (labels == number).sum() < least:
            kept[labels == number] = 0
    return kept


@pytest.mark.parametrize("shape", SHAPES)
class TestAgainstOthers:
    def test_all_holes(self, shape):
        mask = blobs(shape, background=0.2)
        found = clean(mask, Cleaning(fill_holes="all"))
        assert (found.mask == ndimage.binary_fill_holes(mask)).all()
        assert (found.mask != mask).any()

    def test_small_holes(self, shape):
        mask = blobs(shape, background=0.2)
        holes = label(ndimage.binary_fill_holes(mask) & (mask == 0), connectivity=1)
        sizes = np.bincount(holes.ravel())
        least = int(np.median(sizes[1:]))
        small = (sizes <= least) & (np.arange(len(sizes)) > 0)
        found = clean(mask, Cleaning(fill_holes=least))
        assert (found.mask == (mask | small[holes])).all()
        pixels = int(sizes[small].sum())
        assert found.notes == (f"holes up to {least} px: {small.sum()} filled ({pixels} pixel{'s' * (pixels != 1)})",)

    def test_small_objects(self, shape):
        mask = blobs(shape, 3) & blobs(shape, 4)
        labels = label(mask, connectivity=mask.ndim)
        assert (clean(mask, Cleaning(min_size=9)).mask == (without_small(labels, 9) > 0)).all()
        found = clean(np.asarray(labels, np.uint16), Cleaning(min_size=9), numbered=True)
        assert (found.mask == relabel_sequential(without_small(labels, 9))[0]).all()
        assert found.mask.dtype == np.uint16

    def test_objects_at_the_border(self, shape):
        mask = blobs(shape, 3) & blobs(shape, 4)
        labels = label(mask, connectivity=mask.ndim)
        assert (clean(mask, Cleaning(drop_border=True)).mask == (clear_border(labels) > 0)).all()
        found = clean(np.asarray(labels, np.uint16), Cleaning(drop_border=True), numbered=True)
        assert (found.mask == relabel_sequential(clear_border(labels))[0]).all()


def scene() -> np.ndarray:
    """A square of 10 × 10 with a hole of 2 × 2, one of 3 × 3, and one of 4 × 4 at the border."""
    mask = np.zeros((30, 30), np.uint8)
    mask[2:12, 2:12] = 1
    mask[5:7, 5:7] = 0
    mask[20:23, 5:8] = 1
    mask[26:30, 20:24] = 1
    return mask


@pytest.mark.parametrize(("pixel_size", "hole", "size", "unit"), [(None, 4, 10, "px"), ((0.5, 0.5), 1, 2.5, "µm²")])
def test_what_was_done_is_counted_in_the_unit_it_was_asked_in(pixel_size, hole, size, unit):
    found = clean(scene(), Cleaning(fill_holes=hole, min_size=size, drop_border=True), pixel_size)
    assert found.mask.sum() == 100
    assert found.notes == (
        f"holes up to {hole:g} {unit}: 1 filled (4 pixels)", f"smaller than {size:g} {unit}: 1 removed (9 pixels)",
        "at the border: 1 removed (16 pixels)")
    less = clean(scene(), Cleaning(fill_holes=hole * 0.9, min_size=size * 0.9), pixel_size)
    assert (less.mask == scene()).all()


def test_classes_keep_their_numbers_and_a_hole_between_two_objects_is_none():
    mask = np.zeros((12, 20), np.uint8)
    mask[1:8, 1:8], mask[1:8, 8:15] = 1, 2
    mask[3, 3] = mask[5, 10] = 0
    mask[4, 7:9] = 0  # between both
    expected = mask.copy()
    expected[3, 3], expected[5, 10] = 1, 2
    assert (clean(mask, Cleaning(fill_holes="all")).mask == expected).all()
    assert (clean(mask, Cleaning(fill_holes="all"), numbered=True).mask == expected).all()


def test_nothing_asked_for_changes_nothing():
    assert clean(scene(), Cleaning()).notes == ()
    assert (clean(scene(), Cleaning()).mask == scene()).all()
    assert not clean(np.zeros((5, 5), np.uint8), Cleaning(fill_holes="all", min_size=3, drop_border=True)).mask.any()


def test_settings_at_the_door():
    assert Cleaning(fill_holes=True).fill_holes == "all"
    assert Cleaning(fill_holes=False).fill_holes is None
    assert read_settings(Cleaning, {"fill_holes": "20"}).fill_holes == 20
    for field, value in (("fill_holes", "some"), ("fill_holes", 0), ("threshold", 1), ("min_size", -1)):
        with pytest.raises(RequestError, match=f"--{field}".replace("_", "-")):
            read_settings(Cleaning, {field: value})


@pytest.mark.parametrize("shape", [(40, 50), (9, 14, 16)])
@pytest.mark.parametrize("numbered", [False, True])
def test_a_large_frame_is_cleaned_as_a_small_one(shape, numbered, monkeypatch):
    mask = blobs(shape, 3) + blobs(shape, 4)
    if numbered:
        mask = np.asarray(label(mask, connectivity=mask.ndim), np.uint16)
    cleaning = Cleaning(fill_holes=3, min_size=9, drop_border=True)
    whole = clean(mask, cleaning, numbered=numbered)
    assert (whole.mask != mask).any()
    monkeypatch.setattr(room, "IN_MEMORY", 0)
    for band in (1, 70, 700):
        monkeypatch.setattr(room, "BAND", band)
        parts = clean(mask, cleaning, numbered=numbered)
        assert parts.notes == whole.notes
        np.testing.assert_array_equal(np.asarray(parts.mask), whole.mask)
