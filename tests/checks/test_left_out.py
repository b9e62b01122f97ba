"""Masks that leave objects out are known by their images, and honest ones are left alone."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tifffile
from scipy import ndimage
from skimage.measure import label

from morula.checks.data_settings import DataSettings
from morula.checks.inspection import Inspection, inspect
from morula.checks.left_out import find_left_out, may_leave_out
from morula.drawings.shapes import draw_shapes
from morula.errors import RequestError
from morula.images.image import Image
from morula.pairs.masks import NOT_ANNOTATED
from morula.pairs.pair import Frame, Pair
from morula.pairs.recognition import recognise

SIZE, RADIUS = 160, 7
COMPLETE = (2, 7, 11)


def cells(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Bright discs of several brightnesses in noise, and their label image; none touches another."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices((SIZE, SIZE))
    labels, light = np.zeros((SIZE, SIZE), np.uint16), np.full((SIZE, SIZE), 40.0)
    places = rng.permutation([(y, x) for y in range(14, SIZE - 10, 22) for x in range(14, SIZE - 10, 22)])[:count]
    for number, (y, x) in enumerate(places + rng.uniform(-2, 2, (count, 2)), start=1):
        disc = np.hypot(rows - y, columns - x) < RADIUS + rng.uniform(-1, 1)
        labels[disc] = number
        light[disc] += rng.uniform(40, 120)
    return rng.normal(ndimage.gaussian_filter(light, 1), 8).clip(0, 255).astype(np.uint8), labels


def thinned(labels: np.ndarray, kept: int) -> np.ndarray:
    return np.where(labels <= kept, labels, 0)


def movie(drawn: int = 24) -> list[tuple[np.ndarray, np.ndarray]]:
    """A movie of 14 moments, of which all masks but three show one to three of the objects that are drawn."""
    pairs = [cells(drawn, seed) for seed in range(14)]
    return [(image, labels if moment in COMPLETE else thinned(labels, 1 + moment % 3))
            for moment, (image, labels) in enumerate(pairs)]


def save(folder: Path, pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> Path:
    for moment, pair in enumerate(pairs):
        for kind, pixels in zip(("images", "masks"), pair, strict=True):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(folder / kind / f"t{moment:03}.tif", pixels)
    return folder


def look(folder: Path, **settings) -> Inspection:
    return inspect(folder / "images", folder / "masks", DataSettings(read_masks_as="objects", **settings))


def about_left_out(inspection: Inspection) -> list[str]:
    return [str(finding) for finding in inspection.warnings if "leave out" in finding.problem]


def ratios(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    images = [Pair(*(Image.from_array(each, "YX") for each in pair), "movie") for pair in pairs]
    reading = recognise([pair.mask for pair in images], read_as="objects")
    return find_left_out([Frame(pair, 0) for pair in images], [len(np.unique(mask)) - 1 for _, mask in pairs],
                         reading).ratios


def test_masks_that_leave_objects_out_are_told_with_the_complete_ones(tmp_path):
    [warning] = about_left_out(look(save(tmp_path, movie())))
    told = re.search(r"(\d+) of 14 masks outline 1 to 3 objects", warning)
    assert told
    assert 8 <= int(told[1]) <= 11  # a single object may be unlike the others
    assert "24 objects are outlined where none is left out: t002, t007, t011." in warning
    assert "--partly-annotated" in warning


def test_as_many_are_found_missing_as_were_left_out():
    pairs = movie()
    kept = np.array([mask.max() for _, mask in pairs])
    np.testing.assert_allclose(ratios(pairs)[kept == 3], 21 / 3, rtol=0.4)
    assert (ratios(pairs)[list(COMPLETE)] < 0.1).all()


def test_half_of_the_objects_are_missed_too(tmp_path):
    pairs = [(image, labels if moment in COMPLETE else thinned(labels, 9))
             for moment, (image, labels) in enumerate(cells(24, seed) for seed in range(14))]
    assert about_left_out(look(save(tmp_path, pairs)))


@pytest.mark.parametrize("counts", [
    [24, 24, 24, 24, 2, 3, 1, 2, 3, 2, 24, 2],
    [1, 2, 3, 4, 6, 8, 10, 12, 15, 18, 20, 24],
], ids=["sparse and dense", "a culture that grows"])
def test_few_objects_in_images_that_show_few_are_no_fault(tmp_path, counts):
    assert may_leave_out(counts)
    pairs = [cells(count, seed) for seed, count in enumerate(counts)]
    assert not about_left_out(look(save(tmp_path, pairs)))


def test_drawn_shapes_of_which_one_kind_is_annotated_are_no_fault(tmp_path):
    pairs = [(drawing.image[0], label(drawing.mask == 1).astype(np.uint16))
             for drawing in draw_shapes(12, classes=2, seed=3)]
    assert not about_left_out(look(save(tmp_path, pairs)))


def test_objects_that_nothing_tells_from_the_rest_are_not_judged():
    rng = np.random.default_rng(0)
    pairs = [(rng.normal(90, 15, (SIZE, SIZE)).astype(np.float32), mask) for _, mask in movie()]
    assert np.isnan(ratios(pairs)).all()


def test_partly_annotated_masks_say_what_nobody_annotated(tmp_path):
    pairs = movie()
    inspection = look(save(tmp_path, pairs), partly_annotated=True)
    assert not inspection.warnings
    assert ("annotated wholly", "3 of 14 frames: t002, t007, t011") in inspection.rows
    assert inspection.reading is not None
    assert "in 11 of 14 frames only the objects" in inspection.reading.sentence
    for frame, (_, labels) in zip(inspection.frames, pairs, strict=True):
        truth = inspection.reading.class_numbers(frame.pair.mask.frame(frame.index))
        assert ((truth == 1) == (labels > 0)).all()
        assert frame.partly_annotated == (frame.name not in ("t002", "t007", "t011"))
        assert ((truth == NOT_ANNOTATED).mean() > 0.9) == frame.partly_annotated
    assert [frame.name for frame in inspection.split.validation] == ["t011"]


def test_where_no_mask_is_complete_nothing_shows_the_background(tmp_path):
    pairs = [(image, thinned(labels, 3)) for image, labels in (cells(24, seed) for seed in range(8))]
    inspection = look(save(tmp_path, pairs), partly_annotated=True)
    assert any("no mask outlines all" in str(finding) for finding in inspection.warnings)


def test_two_ways_to_say_what_is_not_annotated_are_one_too_many(tmp_path):
    with pytest.raises(RequestError, match="--not-annotated"):
        look(save(tmp_path, movie()), partly_annotated=True, not_annotated=255)
