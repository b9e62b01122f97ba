from __future__ import annotations

import numpy as np
import pytest

from annotated import blank, circle, coco_of, shape_of, write_json, write_labelme
from morula.errors import DataError
from morula.exchange.collection import Annotations, find_annotations


def found_in(place) -> Annotations:
    found = find_annotations(place)
    assert found is not None
    return found


def test_all_files_have_one_table_of_classes_in_the_order_of_the_alphabet(tmp_path):
    write_labelme(tmp_path / "a.json", [shape_of("wall", circle(30, 30, 12)), shape_of("kind 10", circle(60, 30, 9))])
    write_labelme(tmp_path / "b.json", [shape_of("Cell", circle(30, 30, 12)), shape_of("kind 9", circle(60, 30, 9))])
    write_labelme(tmp_path / "c.json", [shape_of("cell", circle(30, 30, 12))])
    found = found_in(tmp_path)
    assert found.classes == ("Cell", "kind 9", "kind 10", "wall")
    values = [np.unique(found.open(file, None).frame()).tolist() for file in found.files]
    assert values == [[0, 3, 4], [0, 1, 2], [0, 1]]


def test_a_pattern_and_a_list_may_be_given(tmp_path):
    for name in "abc":
        write_labelme(tmp_path / f"{name}.json", [shape_of("cell", circle(30, 30, 12))])
    assert [file.name for file in found_in(str(tmp_path / "[ab].json")).files] == ["a.json", "b.json"]
    both = found_in([tmp_path / "a.json", str(tmp_path / "c.json")])
    assert [file.name for file in both.files] == ["a.json", "c.json"]
    assert find_annotations(tmp_path / "nothing") is None


def test_exports_of_coco_have_their_files_in_a_folder_beneath(tmp_path):
    write_json(tmp_path / "annotations" / "instances_default.json", coco_of([{"segmentation": [[1, 1, 9, 1, 9, 9]]}]))
    assert [file.name for file in found_in(tmp_path).files] == ["a.png"]


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    (tmp_path / "a.json").write_text("{")
    write_labelme(tmp_path / "b.json", [shape_of("cell", [["x"]])])
    write_labelme(tmp_path / "c.json", [shape_of("cell", circle(30, 30, 12))])
    with pytest.raises(DataError) as caught:
        find_annotations(tmp_path)
    assert [problem.split(".json")[0][-1] for problem in caught.value.problems] == ["a", "b"]


def test_an_image_that_two_files_are_about_is_named(tmp_path):
    data = coco_of([{"segmentation": [[1, 1, 9, 1, 9, 9]]}, {"segmentation": [[1, 1, 9, 1, 9, 9]], "image_id": 2}],
                   names=["a.png", "a.png"])
    with pytest.raises(DataError, match=r"all\.json.a\.png is there 2 times\. Give each"):
        find_annotations(write_json(tmp_path / "all.json", data))


def test_names_that_would_be_numbers_or_columns_are_mended(tmp_path):
    write_labelme(tmp_path / "a.json", [shape_of(name, circle(30, 30, 12)) for name in ("1", "cell_low", "")])
    assert found_in(tmp_path).classes == ("cell low", "class 1", "unnamed")


def test_classes_in_an_order_that_a_person_wants(tmp_path):
    write_labelme(tmp_path / "a.json", [shape_of("wall", circle(30, 30, 12)), shape_of("cell", circle(60, 30, 9))])
    told = found_in(tmp_path).told(["Wall", "bud", "cell"], objects=False)
    mask = told.open(told.files[0], None)
    assert (mask.frame()[0, 30, 30], mask.frame()[0, 30, 60]) == (1, 3)
    assert mask.meaning is not None
    assert mask.meaning.classes == ("Wall", "bud", "cell")
    with pytest.raises(DataError, match=r"a\.json: 'wall' is drawn, and is not among the classes cell, bud"):
        found_in(tmp_path).told(["cell", "bud"], objects=False)


def test_objects_of_all_classes_have_numbers_of_their_own_where_that_is_wanted(tmp_path):
    write_labelme(tmp_path / "a.json", [shape_of("wall", circle(30, 30, 12)), shape_of("cell", circle(60, 30, 9))])
    told = found_in(tmp_path).told(None, objects=True)
    mask = told.open(told.files[0], blank(60, 80))
    assert np.unique(mask.frame()).tolist() == [0, 1, 2]
    assert mask.meaning is not None
    assert mask.meaning.objects
