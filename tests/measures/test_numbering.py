"""The object of a row is found again, where it is, under the number that the table gives it."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import morula
from morula.images.write import write_mask
from morula.measures.measure_settings import MeasureSettings
from morula.measures.numbering import number_at, objects_again, outlines_in

CLASSES = MeasureSettings(read_masks_as="classes", not_annotated=255)
OBJECTS = MeasureSettings(read_masks_as="objects", not_annotated=65535)


def of_table(tmp_path, mask: np.ndarray, settings: MeasureSettings) -> list[dict[str, str]]:
    write_mask(tmp_path / "mask.tif", [mask], pixel_size=None)
    morula.measure(tmp_path / "mask.tif", tmp_path / "t.csv", settings)
    with (tmp_path / "t.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("settings", "dtype"), [(CLASSES, np.uint8), (OBJECTS, np.uint16)])
def test_the_centre_of_each_row_lies_in_the_object_of_its_number(tmp_path, disc, settings, dtype):
    mask = np.zeros((60, 80), dtype)
    for number, centre in ((2, (15, 20)), (1, (15, 60)), (1 if dtype is np.uint8 else 7, (45, 40))):
        mask[disc(centre=centre, radius=8)] = number
    mask[:3] = settings.not_annotated
    rows = of_table(tmp_path, mask, settings)
    objects = objects_again(mask[None], settings)
    assert len(rows) == 3
    for row in rows:
        middle = round(float(row["centroid_y_px"])), round(float(row["centroid_x_px"]))
        assert number_at(objects, middle) == int(row["object"])
    assert number_at(objects, (59, 79)) is None
    assert number_at(objects, (0, 0)) is None


def test_an_outline_goes_around_its_object_from_edge_to_edge_of_its_pixels():
    mask = np.zeros((1, 20, 30), np.uint8)
    mask[0, 5:9, 10:16] = 1
    mask[0, :2, :2] = 1  # at the border
    objects = objects_again(mask, CLASSES)
    shown, found = outlines_in(objects, 2)
    assert shown == 0
    assert [found.outer.min(0).tolist(), found.outer.max(0).tolist()] == [[5, 10], [9, 16]]
    corner = outlines_in(objects, 1)[1].outer
    assert [corner.min(0).tolist(), corner.max(0).tolist()] == [[0, 0], [2, 2]]
    assert outlines_in(objects, 3) is None


def test_in_a_volume_the_slice_asked_for_is_shown_where_the_object_is():
    mask = np.zeros((1, 9, 20, 20), np.uint16)
    mask[0, 3:8, 5:12, 5:12] = 4
    objects = objects_again(mask, OBJECTS)
    assert number_at(objects, (3, 5, 5)) == 4
    assert number_at(objects, (2, 5, 5)) is None
    assert [outlines_in(objects, 4, level)[0] for level in (None, 0, 3, 7, 8)] == [5, 5, 3, 7, 5]


@pytest.mark.parametrize(("settings", "value"), [(CLASSES, 0), (CLASSES, 255), (OBJECTS, 65535)])
def test_a_frame_without_objects_has_none(settings, value):
    objects = objects_again(np.full((1, 8, 8), value, np.uint16), settings)
    assert objects.numbers == ()
    assert number_at(objects, (4, 4)) is None
