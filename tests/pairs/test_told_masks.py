"""What was drawn in other programs is checked, learned, compared and measured like any mask."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pytest
import tifffile
from typer.testing import Result

import morula
from annotated import circle, coco_of, in_circle, shape_of, write_json, write_labelme
from morula.errors import DataError, RequestError
from morula.images.read import open_image
from morula.images.write import write_mask


@pytest.fixture
def drawn(tmp_path):
    """Images of discs of two kinds in `images`, and what labelme keeps of them in `annotations`."""
    (tmp_path / "images").mkdir()
    random = np.random.default_rng(0)
    for number, name in enumerate("abcd"):
        first, second = (20.0 + number, 22.0, 11.0), (56.0, 30.0 + number, 14.0)
        pixels = 60 + 40 * in_circle(*first, 60, 80) + 90 * in_circle(*second, 60, 80)
        tifffile.imwrite(tmp_path / "images" / f"{name}{name}.tif",
                         (pixels + random.normal(0, 5, pixels.shape)).astype(np.uint8))
        write_labelme(tmp_path / "annotations" / f"{name}{name}.json",
                      [shape_of("wall", circle(*first)), shape_of("cell", circle(*second))])
    return tmp_path


def test_a_folder_of_annotations_is_read_under_the_names_in_it(drawn):
    inspection = morula.check(drawn / "images", drawn / "annotations")
    assert not inspection.warnings
    assert not inspection.errors
    assert inspection.class_names == ("cell", "wall")
    assert ("masks read as", "drawn by name: cell is 1, wall is 2") in inspection.rows
    assert ("masks", "4, drawn in 4 files") in inspection.rows
    assert len(inspection.pairing.pairs) == 4
    assert inspection.reading is not None
    first = inspection.reading.class_numbers(inspection.pairing.pairs[0].mask.frame())
    expected = np.where(in_circle(56, 30, 14, 60, 80), 1, np.where(in_circle(20, 22, 11, 60, 80), 2, 0))
    assert np.mean(first == expected) > 0.998


@pytest.mark.parametrize("beside", [True, False])
def test_one_folder_may_hold_images_and_what_was_drawn_on_them(drawn, beside):
    place = drawn
    if beside:  # as labelme does
        place = drawn / "images"
        for file in (drawn / "annotations").iterdir():
            shutil.move(file, place)
    inspection = morula.check(place)
    assert inspection.class_names == ("cell", "wall")
    assert not inspection.warnings
    assert not inspection.errors


def test_an_export_of_cvat_is_given_as_it_is_unpacked(drawn):
    points = ";".join(f"{x:.2f},{y:.2f}" for x, y in circle(56, 30, 14))
    images = "".join(f'<image id="{number}" name="{name}{name}.tif" width="80" height="60"><polygon label="cell" '
                     f'points="{points}" z_order="0"/></image>' for number, name in enumerate("abcd"))
    shutil.rmtree(drawn / "annotations")
    (drawn / "annotations.xml").write_text(f"<annotations><version>1.1</version>{images}</annotations>")
    inspection = morula.check(drawn)
    assert [pair.mask.path for pair in inspection.pairing.pairs] == [
        drawn / "annotations.xml" / f"{name}{name}.tif" for name in "abcd"]
    assert not inspection.errors


def test_a_pixel_size_that_is_told_counts_without_images_too(drawn):
    morula.measure(drawn / "annotations", drawn / "t.csv", pixel_size=0.5, measures=["area"])
    with (drawn / "t.csv").open() as file:
        wall, cell, *_ = csv.DictReader(file)
    assert float(wall["area_um2"]) == pytest.approx(np.pi * 11**2 / 4, rel=0.02)
    assert float(cell["area_um2"]) == pytest.approx(np.pi * 14**2 / 4, rel=0.02)


def test_images_with_masks_beside_them_are_read_as_ever_whatever_else_lies_there(drawn):
    for file in (drawn / "annotations").iterdir():
        write_mask(drawn / "images" / f"{file.stem}_mask.tif", [np.eye(60, 80, dtype=np.uint8)], pixel_size=None)
        shutil.move(file, drawn / "images")
    inspection = morula.check(drawn / "images")
    assert inspection.class_names is None
    assert len(inspection.pairing.pairs) == 4


def test_one_file_for_all_images_and_images_on_which_nothing_was_drawn(drawn):
    names = [f"photos\\{name}{name}.jpg" for name in "abcd"]
    write_json(drawn / "all.json", coco_of(
        [{"image_id": number, "segmentation": [circle(56, 29 + number, 14).ravel().tolist()]} for number in (1, 2, 3)],
        names=names))
    inspection = morula.check(drawn / "images", drawn / "all.json")
    assert [pair.image.name for pair in inspection.pairing.pairs] == ["aa", "bb", "cc"]
    assert inspection.class_names == ("cell",)
    [note] = inspection.findings
    assert "1 image without a mask, such as dd.tif" in str(note)


def test_what_fits_no_image_or_is_of_another_size_is_an_error(drawn):
    (drawn / "annotations" / "dd.json").rename(drawn / "annotations" / "ee.json")
    write_labelme(drawn / "annotations" / "aa.json", [shape_of("cell", circle(20, 20, 9))], 30, 40)
    said = [str(error) for error in morula.check(drawn / "images", drawn / "annotations").errors]
    assert any("ee.json: the mask has no image" in each for each in said)
    assert any("aa.json: it was drawn on an image of 30 × 40 px, and its image has 60 × 80 px" in each for each in said)


def test_what_did_not_fit_is_a_warning_with_its_file(drawn):
    write_labelme(drawn / "annotations" / "aa.json",
                  [shape_of("cell", circle(200, 20, 9)), shape_of("wall", circle(9, 9, 5))])
    [warning] = morula.check(drawn / "images", drawn / "annotations").warnings
    assert "aa.json: of 2 outlines, 1 outside of the image" in str(warning)


def test_ways_that_only_stored_values_can_be_read_in_are_refused(drawn):
    with pytest.raises(RequestError, match="cannot be read as colours"):
        morula.check(drawn / "images", drawn / "annotations", read_masks_as="colours")
    with pytest.raises(DataError, match="'wall' is drawn, and is not among the classes cell, bud"):
        morula.check(drawn / "images", drawn / "annotations", class_names=("cell", "bud"))
    with pytest.raises(RequestError, match=r"holds annotations, and .*aa\.tif is a mask. Give masks or annotations"):
        morula.check(drawn / "images", [drawn / "annotations" / "aa.json", drawn / "images" / "aa.tif"])


def test_what_nobody_annotated_does_not_count(drawn):
    ignored = shape_of("__ignore__", [[0, 40], [80, 60]], "rectangle")
    write_labelme(drawn / "annotations" / "aa.json", [shape_of("wall", circle(20, 22, 11)), ignored])
    rows = dict(morula.check(drawn / "images", drawn / "annotations").rows)
    assert rows["annotated"].startswith("91.67%")


def test_a_model_learns_from_annotations_and_is_compared_with_them(drawn):
    model = drawn / "model.safetensors"
    morula.train(drawn / "images", drawn / "annotations", model, steps=4, store=drawn / "store")
    assert morula.Model.load(model).classes == ("cell", "wall")
    morula.segment(model, drawn / "images", drawn / "predicted")
    for file in (drawn / "annotations").glob("[bcd]*.json"):  # which leaves one class in the truth: the second
        write_labelme(file, [shape_of("wall", circle(20, 22, 11))])
    write_labelme(drawn / "annotations" / "aa.json", [shape_of("wall", circle(20, 22, 11))])
    evaluation = morula.evaluate(drawn / "predicted", drawn / "annotations")
    assert evaluation.scores.names == ("background", "cell", "wall")
    assert evaluation.truth_reading.sentence == "drawn by name: cell is 1, wall is 2"
    assert evaluation.scores.confusion.sum(axis=1)[1] == 0
    assert evaluation.scores.confusion.sum(axis=1)[2] > 1000
    with pytest.raises(RequestError, match="Give predicted masks first, and annotations as the truth"):
        morula.evaluate(drawn / "annotations", drawn / "predicted")


def test_what_was_drawn_is_measured_and_written_for_each_program(drawn, run):
    places = {"rois": "rois", "geojson": "geojson", "labelme": "labelme", "coco": "coco.json"}
    told = [word for option, place in places.items() for word in (f"--{option}", drawn / place)]
    done: Result = run("measure", drawn / "annotations", "--images", drawn / "images", "--out", drawn / "t.csv", *told,
                       "--measures", "area")
    assert done.exit_code == 0, done.output
    with (drawn / "t.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["class_name"]) for row in rows[:2]] == [("aa.json", "wall"), ("aa.json", "cell")]
    asked = morula.check(drawn / "images", drawn / "annotations").pairing.pairs
    for place in places.values():
        found = morula.check(drawn / "images", drawn / place)
        assert found.class_names == ("cell", "wall")
        for one, other in zip(asked, found.pairing.pairs, strict=True):
            assert (one.mask.frame() == other.mask.frame()).all()
    [feature, *_] = json.loads((drawn / "geojson" / "aa.geojson").read_text())["features"]
    assert feature["properties"]["measurements"] == {"area_px2": float(rows[0]["area_px2"])}
    assert json.loads((drawn / "labelme" / "aa.json").read_text())["imagePath"] == "../images/aa.tif"


def test_movies_go_to_programs_that_know_time(tmp_path):
    write_mask(tmp_path / "masks" / "m.tif", [np.eye(20, dtype=np.uint8)] * 2, pixel_size=None)
    for option in ("labelme", "coco"):
        with pytest.raises(RequestError, match="has 2 frames, and labelme and COCO know single pictures"):
            morula.measure(tmp_path / "masks", tmp_path / "t.csv", **{option: tmp_path / "out"})
    morula.measure(tmp_path / "masks", tmp_path / "t.csv", rois=tmp_path / "rois")
    tifffile.imwrite(tmp_path / "m.tif", np.zeros((2, 20, 20), np.uint8))
    pair = morula.check(tmp_path / "m.tif", tmp_path / "rois").pairing.pairs[0]
    assert (pair.mask.array()[:, 0] > 0).tolist() == [np.eye(20, dtype=bool).tolist()] * 2
    assert open_image(tmp_path / "masks" / "m.tif").frames == 2


def test_objects_of_one_class_that_touch_are_told_apart_beside_others(drawn):
    """When they are measured, and when predictions are compared with them."""
    for name in "abcd":
        write_labelme(drawn / "annotations" / f"{name}{name}.json", [
            shape_of("cell", [[10, 10], [20, 30]], "rectangle"), shape_of("cell", [[20, 10], [35, 30]], "rectangle"),
            shape_of("wall", [[50, 10], [60, 30]], "rectangle")])
        mask = np.zeros((60, 80), np.uint8)
        mask[10:30, 10:20] = mask[10:30, 21:35] = 1
        mask[10:30, 50:60] = 2
        write_mask(drawn / "predicted" / f"{name}{name}.tif", [mask], pixel_size=None)
    morula.measure(drawn / "annotations", drawn / "t.csv", measures=["area"])
    with (drawn / "t.csv").open() as file:
        areas = [(row["object"], row["class_name"], float(row["area_px2"])) for row in csv.DictReader(file)]
    assert areas[:3] == [("1", "cell", 200), ("2", "cell", 300), ("3", "wall", 200)]
    scores = morula.evaluate(drawn / "predicted", drawn / "annotations", objects=True).objects
    assert scores is not None
    assert (scores.true, scores.predicted) == (12, 12)
