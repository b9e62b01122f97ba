from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from hypothesis import given
from PIL import Image

from annotated import LABELS, blank, circle, in_circle, iou, opened, painted, shape_of, write_json, write_labelme
from morula.errors import DataError
from morula.exchange.labelme import write_labelme as write
from morula.exchange.outlined import OutlinedMask, OutlinedObject


def picture(inside: np.ndarray) -> str:
    """A mask as labelme packs it."""
    file = io.BytesIO()
    Image.fromarray(inside.astype(np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_each_kind_of_shape_covers_what_it_should(tmp_path):
    inside = np.tri(5, 9, dtype=bool)
    write_labelme(tmp_path / "a.json", [
        shape_of("cell", circle(20, 20, 12)),
        shape_of("cell", [[50, 10], [60, 30]], "rectangle"),
        shape_of("cell", [[30, 45], [30, 55]], "circle"),
        shape_of("cell", [[60, 40], [68, 44]], "mask", mask=picture(inside)),
        shape_of("cell", [[70, 5], [75, 10], [70, 15], [65, 10]], "oriented_rectangle"),
    ])
    found = painted(tmp_path / "a.json")[0]
    assert iou(found == 1, in_circle(20, 20, 12, 60, 80)) > 0.99
    expected = np.zeros((60, 80), bool)
    expected[10:30, 50:60] = True
    assert ((found == 2) == expected).all()
    assert iou(found == 3, in_circle(30, 45, 10, 60, 80)) > 0.99
    assert (found[40:45, 60:69] == 4 * inside).all()
    assert np.count_nonzero(found == 5) == pytest.approx(50, abs=6)


def test_shapes_of_one_group_are_one_object_as_long_as_their_label_is_one(tmp_path):
    write_labelme(tmp_path / "a.json", [
        shape_of("cell", circle(20, 20, 8), group=1), shape_of("cell", circle(50, 20, 8), group=1),
        shape_of("cell", circle(20, 45, 8), group=2), shape_of("cell", circle(50, 45, 8)),
    ])
    found = painted(tmp_path / "a.json")[0]
    assert [found[y, x] for y, x in ((20, 20), (20, 50), (45, 20), (45, 50))] == [1, 1, 2, 3]


def test_background_drawn_later_makes_a_hole_and_ignore_is_not_annotated(tmp_path):
    write_labelme(tmp_path / "a.json", [
        shape_of("cell", circle(30, 30, 20)), shape_of("_background_", circle(30, 30, 8)),
        shape_of("__ignore__", [[60, 0], [80, 60]], "rectangle"),
    ])
    mask = opened(tmp_path / "a.json")
    found = mask.frame()[0]
    assert iou(found == 1, in_circle(30, 30, 20, 60, 80) & ~in_circle(30, 30, 8, 60, 80)) > 0.99
    assert mask.meaning is not None
    assert (found[:, 60:] == mask.meaning.unknown).all()
    assert mask.meaning.classes == ("cell",)


def test_an_outline_that_is_cut_open_to_its_hole_has_one(tmp_path):
    """As labelme advises it: in along a line, round the hole, and out again along the same line."""
    outer, inner = circle(30, 30, 20), circle(30, 30, 8)[::-1]
    keyhole = np.concatenate([outer, outer[:1], inner[-1:], inner])
    write_labelme(tmp_path / "a.json", [shape_of("cell", keyhole)])
    mask = opened(tmp_path / "a.json")
    assert iou(mask.frame()[0] > 0, in_circle(30, 30, 20, 60, 80) & ~in_circle(30, 30, 8, 60, 80)) > 0.98
    assert not mask.remarks


def test_a_file_that_does_not_know_its_size_takes_that_of_the_image(tmp_path):
    write_labelme(tmp_path / "a.json", [shape_of("cell", circle(20, 20, 8))], None, None)
    assert painted(tmp_path / "a.json", blank(40, 50)).shape == (1, 40, 50)
    with pytest.raises(Exception, match="does not say how large its image is"):
        painted(tmp_path / "a.json")


def test_points_and_lines_are_counted_and_passed_over(tmp_path):
    write_labelme(tmp_path / "a.json", [
        shape_of("cell", [[1, 1]], "point"), shape_of("cell", [[1, 1], [5, 5]], "line"),
        shape_of("cell", [[1, 1], [5, 5]]), shape_of("cell", circle(20, 20, 8)),
    ])
    [remark] = opened(tmp_path / "a.json").remarks
    assert remark.startswith("1 point and 1 line and 1 outline of fewer than three corners enclose nothing")


WRONG = {
    "points": (shape_of("cell", [["a", "b"]]), "'points' of shape 1 .cell. holds something else than the numbers"),
    "ragged": ({**shape_of("cell", [[1, 2]]), "points": [[1, 2], [3]]}, "'points' of shape 1 .cell. holds something"),
    "three": (shape_of("cell", [[1, 2, 3]] * 3), "holds 3 × 3 numbers, and should hold any × 2"),
    "far": (shape_of("cell", [[1, 2], [1e30, 2], [3, 4]]), "numbers that lie in no image"),
    "endless": (shape_of("cell", [[1, 2], [float("nan"), 2], [3, 4]]), "numbers that lie in no image"),
    "label": ({**shape_of("cell", circle(9, 9, 5)), "label": None}, "shape 1 should hold under 'label' a text"),
    "kind": (shape_of("cell", [[1, 2]] * 3, "cloud"), "of the type 'cloud', and polygon, rectangle"),
    "circle": (shape_of("cell", [[1, 2]] * 3, "circle"), "is a circle with 3 points, and should have 2"),
    "no mask": (shape_of("cell", [[1, 2], [3, 4]], "mask"), "should hold under 'mask' a text, and holds nothing"),
    "letters": (shape_of("cell", [[1, 2], [3, 4]], "mask", mask="?"), "is no PNG picture; it is damaged"),
    "no picture": (shape_of("cell", [[1, 2], [3, 4]], "mask", mask="AAAA"), "is no PNG picture; it is damaged"),
    "another size": (shape_of("cell", [[1, 2], [3, 4]], "mask", mask=picture(np.ones((4, 4)))), "has 4 × 4 pixels"),
}


@pytest.mark.parametrize(("shape", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_the_file(shape, said, tmp_path):
    write_labelme(tmp_path / "a.json", [shape])
    with pytest.raises(DataError, match=rf"(?s)a\.json: .*{said}"):
        painted(tmp_path / "a.json")


def test_sizes_that_are_none_are_refused_before_anything_is_made(tmp_path):
    for height, width in ((10**9, 10**9), (-3, 5), (True, 5), ("60", 80)):
        write_labelme(tmp_path / "a.json", [shape_of("cell", circle(20, 20, 8))], height, width)
        with pytest.raises(DataError, match="is no size of an image"):
            painted(tmp_path / "a.json")


@pytest.mark.parametrize("text", ['{"shapes": [', "[" * 100_000, "\x00", '{"shapes": [3], "imagePath": "a"}'])
def test_damaged_files_are_named(text, tmp_path):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DataError, match=r"a\.json"):
        painted(tmp_path / "a.json")


@given(labels=LABELS)
def test_what_is_written_is_read_as_the_same(labels, tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelme")
    numbers = np.unique(labels[labels > 0]).tolist()
    objects = [OutlinedObject(0, number, 1, labels == number, (0, 0)) for number in numbers]
    write(folder / "a.json", OutlinedMask("a", folder / "images" / "a.tif", labels.shape, ["cell"], objects))
    read = painted(folder / "a.json", blank(*labels.shape))[0]
    assert (read == np.searchsorted([0, *numbers], labels)).all()
    assert json.loads((folder / "a.json").read_text())["imagePath"] == "images/a.tif"


def test_json_of_something_else_is_refused_by_name_and_passed_over_in_a_folder(tmp_path):
    write_json(tmp_path / "notes.json", {"shapes": "many"})
    with pytest.raises(DataError, match=r"notes\.json holds no annotations that are known here. These are labelme"):
        painted(tmp_path / "notes.json")
    write_labelme(tmp_path / "a.json", [shape_of("cell", circle(20, 20, 8))])
    assert painted(tmp_path).any()
