"""COCO, against strings of pycocotools, as in `test_run_lengths.py`."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given

from annotated import LABELS, blank, circle, coco_of, in_circle, iou, painted, write_json
from morula.errors import DataError
from morula.exchange.coco import described, write_coco
from morula.exchange.collection import find_annotations
from morula.exchange.outlined import OutlinedMask, OutlinedObject
from morula.exchange.run_lengths import lengths_of, packed


def test_polygons_and_both_run_lengths_are_read_whatever_is_said_of_crowds(tmp_path):
    discs = [in_circle(20, 20, 10, 60, 80), in_circle(50, 20, 10, 60, 80), in_circle(30, 45, 10, 60, 80)]
    write_json(tmp_path / "a.json", coco_of([
        {"segmentation": [circle(20, 20, 10).ravel().tolist()]},
        {"segmentation": {"size": [60, 80], "counts": lengths_of(discs[1])}, "iscrowd": 1},
        {"segmentation": {"size": [60, 80], "counts": packed(lengths_of(discs[2]))}, "iscrowd": 1},
    ]))
    found = painted(tmp_path / "a.json")[0]
    assert iou(found == 1, discs[0]) > 0.99
    assert all(((found == number) == disc).all() for number, disc in enumerate(discs[1:], start=2))


def test_parts_of_an_annotation_are_one_object_and_may_overlap(tmp_path):
    parts = [circle(20, 20, 10), circle(30, 20, 10), circle(60, 40, 5)]
    write_json(tmp_path / "a.json", coco_of([{"segmentation": [part.ravel().tolist() for part in parts]}]))
    expected = np.any([in_circle(20, 20, 10, 60, 80), in_circle(30, 20, 10, 60, 80), in_circle(60, 40, 5, 60, 80)], 0)
    assert iou(painted(tmp_path / "a.json")[0] == 1, expected) > 0.99


def test_each_image_has_a_mask_of_its_own_and_those_without_objects_have_none(tmp_path):
    outline = [circle(20, 20, 10).ravel().tolist()]
    write_json(tmp_path / "all.json", coco_of(
        [{"segmentation": outline}, {"segmentation": outline, "image_id": 3, "category_id": 2}],
        names=["a.png", "b.png", "plate 1\\c.png"]))
    found = find_annotations(tmp_path)
    assert found is not None
    names = [file.relative_to(tmp_path).as_posix() for file in found.files]
    assert names == ["all.json/a.png", "all.json/plate 1/c.png"]
    assert found.classes == ("cell", "wall")
    assert [int(found.open(file, None).frame().max()) for file in found.files] == [1, 2]


def test_boxes_without_an_outline_are_counted(tmp_path):
    write_json(tmp_path / "a.json", coco_of([{"segmentation": []}, {"segmentation": [[1, 1, 9, 1, 9, 9]]}]))
    found = find_annotations(tmp_path)
    assert found is not None
    [remark] = found.open(found.files[0], None).remarks
    assert remark.startswith("1 box without an outline enclose")


WRONG = {
    "category": ({"category_id": 9}, r"annotation 1 is of the category 9, and 'categories' names 1 \(cell\), 2"),
    "image": ({"image_id": 7}, "annotation 1 is of the image 7, and 'images' names none"),
    "size": ({"segmentation": {"size": [6, 8], "counts": [48]}}, "for 6 × 8 pixels, and its image has 60 × 80"),
    "no size": ({"segmentation": {"counts": [48]}}, "for no number of pixels"),
    "sum": ({"segmentation": {"size": [60, 80], "counts": [48]}}, "add up to 48, and 60 × 80 pixels are 4,800"),
    "string": ({"segmentation": {"size": [60, 80], "counts": "oooooooooooo"}}, "packed run lengths are damaged"),
    "none": ({"segmentation": {"size": [60, 80], "counts": None}}, "neither a list nor a string"),
    "odd": ({"segmentation": [[1, 2, 3, 4, 5, 6, 7]]}, "holds 7 numbers, and x and y come in pairs"),
    "words": ({"segmentation": [["a"]]}, "something else than the numbers"),
    "text": ({"segmentation": "many"}, "neither polygons nor run lengths"),
}


@pytest.mark.parametrize(("change", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_the_file(change, said, tmp_path):
    write_json(tmp_path / "a.json", coco_of([{"segmentation": [[1, 1, 9, 1, 9, 9]], **change}]))
    with pytest.raises(DataError, match=rf"(?s)a\.json: .*{said}"):
        find_annotations(tmp_path)


def test_images_of_endless_size_are_refused(tmp_path):
    write_json(tmp_path / "a.json", coco_of([], size=(10**7, 10**7)))
    with pytest.raises(DataError, match="no size of an image"):
        find_annotations(tmp_path)


@given(labels=LABELS)
def test_what_is_written_is_read_as_the_same(labels, tmp_path_factory):
    file = tmp_path_factory.mktemp("coco") / "a.json"
    numbers = np.unique(labels[labels > 0]).tolist()
    objects = [OutlinedObject(0, number, 1, labels == number, (0, 0)) for number in numbers]
    write_coco(file, [described(OutlinedMask("a", file.with_name("a.tif"), labels.shape, ["cell"], objects))], ["cell"])
    if numbers:
        assert (painted(file, blank(*labels.shape))[0] == np.searchsorted([0, *numbers], labels)).all()
    for each, number in zip(json.loads(file.read_text())["annotations"], numbers, strict=True):
        assert each["segmentation"]["counts"] == packed(lengths_of(labels == number))
        left, top, width, height = each["bbox"]
        assert each["area"] == (labels == number).sum()
        assert (labels[top : top + height, left : left + width] == number).sum() == each["area"]


def test_an_object_in_a_box_far_to_the_right_lies_there(tmp_path):
    inside = np.array([[1, 0, 1], [1, 1, 1]], bool)
    mask = OutlinedMask("a", tmp_path / "a.tif", (50, 40_000), ["cell"],
                        [OutlinedObject(0, 1, 1, inside, (40, 39_990))])
    write_coco(tmp_path / "a.json", [described(mask)], ["cell"])
    found = painted(tmp_path / "a.json")[0]
    assert (found[40:42, 39_990:39_993] == inside).all()
    assert np.count_nonzero(found) == 5
