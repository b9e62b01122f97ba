"""Mask files measured into tables."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

import morula
from morula.errors import DataError, OutputError, RequestError
from morula.exchange.geojson import read_written
from morula.images.write import write_mask
from morula.measures.contours import polygon_area
from morula.measures.intervals import Calibration, write_calibration
from morula.segmenting.frames import SegmentedFrame, table_columns, write_frames


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def disc(shape, *centre, radius):
    return sum((axis - place) ** 2 for axis, place in zip(np.ogrid[tuple(map(slice, shape))], centre, strict=True)) <= (
        radius**2
    )


@pytest.fixture
def movie(tmp_path):
    """Three frames of 2 µm pixels: a growing body with a shed cell, then nothing, then a body alone."""
    frames = np.zeros((3, 64, 72), np.uint8)
    frames[0][disc((64, 72), 30, 30, radius=15)] = 1
    frames[0][disc((64, 72), 55, 60, radius=4)] = 2
    frames[2][disc((64, 72), 30, 30, radius=20)] = 1
    write_mask(tmp_path / "masks" / "movie.tif", frames, pixel_size=(2.0, 2.0))
    image = np.where(frames > 0, 50, 10).astype(np.uint8)
    (tmp_path / "images").mkdir()
    tifffile.imwrite(tmp_path / "images" / "movie.tif", image, imagej=True, metadata={"axes": "TYX"})
    return tmp_path


def test_one_row_for_each_object_of_each_frame(movie):
    measured = morula.measure(movie / "masks", movie / "t.csv", images=movie / "images")
    table = rows(movie / "t.csv")
    assert [(row["file"], row["frame"], row["object"], row["class"]) for row in table] == [
        ("movie.tif", "0", "1", "1"), ("movie.tif", "0", "2", "2"), ("movie.tif", "1", "", ""),
        ("movie.tif", "2", "1", "1"),
    ]
    assert (measured.objects, measured.frames, measured.failed) == (3, 3, {})
    body, cell, nothing, grown = table
    assert float(body["area_um2"]) == pytest.approx(4 * np.pi * 15**2, rel=0.01)
    assert float(grown["equivalent_diameter_um"]) == pytest.approx(80, rel=0.01)
    assert float(cell["centroid_x_um"]) == 120
    assert float(cell["mean_grey"]) == 50
    assert float(cell["ring_grey"]) == 10
    assert nothing["note"] == "no object"
    assert {value for name, value in nothing.items() if name not in ("file", "frame", "note")} == {""}


def test_a_frame_of_which_nothing_is_annotated_is_not_one_without_objects(movie):
    mask = tifffile.imread(movie / "masks" / "movie.tif")
    mask[0] = 255
    mask[1, :5] = 255  # of this one, the rest is known to be background
    tifffile.imwrite(movie / "masks" / "movie.tif", mask, imagej=True, metadata={"axes": "TYX"})
    measured = morula.measure(movie / "masks", movie / "t.csv", read_masks_as="classes", not_annotated=255)
    assert [(row["frame"], row["note"]) for row in rows(movie / "t.csv")] == [("1", "no object"), ("2", "")]
    assert measured.objects == 1


def test_parquet_holds_the_same(movie):
    from pyarrow.parquet import read_table

    morula.measure(movie / "masks", movie / "t.csv")
    morula.measure(movie / "masks", movie / "t.parquet")
    table = read_table(movie / "t.parquet").to_pylist()
    for one, other in zip(rows(movie / "t.csv"), table, strict=True):
        for name, value in one.items():
            found = other[name]
            assert value == ("" if found is None else f"{found:.7g}" if isinstance(found, float) else str(found))


def test_the_background_is_taken_from_intensities(movie):
    morula.measure(movie / "masks", movie / "t.csv", images=movie / "images", background=10)
    body, *_ = rows(movie / "t.csv")
    assert float(body["mean_grey"]) == 40
    assert float(body["ring_grey"]) == 0


@pytest.mark.parametrize("named", ["m{}", "m{}_DAPI"])
def test_channels_in_files_of_their_own_are_all_measured(tmp_path, named):
    inside = disc((40, 40), 20, 20, radius=8)
    (tmp_path / "images").mkdir()
    for moment in range(2):
        write_mask(tmp_path / "masks" / f"{named.format(moment)}.tif", [inside.astype(np.uint8)], pixel_size=None)
        for channel, light in (("DAPI", 50 + moment), ("GFP", 70 + moment)):
            tifffile.imwrite(tmp_path / "images" / f"m{moment}_{channel}.tif", (inside * light).astype(np.uint8))
    measured = morula.measure(tmp_path / "masks", tmp_path / "t.csv", images=tmp_path / "images")
    assert not measured.failed
    assert [(row["mean_DAPI"], row["mean_GFP"]) for row in rows(tmp_path / "t.csv")] == [("50", "70"), ("51", "71")]


def test_main_objects_with_the_others_counted(movie):
    morula.measure(movie / "masks", movie / "t.csv", main_object=True)
    assert [(row["object"], row["others_class_1"], row["others_class_2"]) for row in rows(movie / "t.csv")] == [
        ("1", "0", "1"), ("", "", ""), ("1", "0", "0")
    ]


def test_without_a_pixel_size_lengths_are_in_pixels_and_files_that_differ_share_a_table(movie):
    write_mask(movie / "masks" / "other.tif", [disc((40, 40), 20, 20, radius=10).astype(np.uint8)], pixel_size=None)
    morula.measure(movie / "masks", movie / "t.csv")
    known, *_, unknown = rows(movie / "t.csv")
    assert known["area_px2"] == "" != known["area_um2"]
    assert unknown["area_um2"] == "" != unknown["area_px2"]
    names = list(known)
    assert abs(names.index("area_px2") - names.index("area_um2")) == 1
    assert names[-1] == "note"
    morula.measure(movie / "masks", movie / "t.csv", pixel_size=0.5)
    *_, told = rows(movie / "t.csv")
    assert "area_px2" not in told
    assert float(told["area_um2"]) == pytest.approx(np.pi * 25, rel=0.02)


def test_label_images_keep_their_numbers(tmp_path):
    labels = np.zeros((80, 90), np.uint32)
    for place, number in enumerate((3, 70_000, 4_000_000_000, 12)):
        labels[disc((80, 90), 15 + 18 * place, 20 + 15 * place, radius=7)] = number
    tifffile.imwrite(tmp_path / "labels.tif", labels)
    morula.measure(tmp_path / "labels.tif", tmp_path / "t.csv", read_masks_as="objects")
    assert [row["object"] for row in rows(tmp_path / "t.csv")] == ["3", "12", "70000", "4000000000"]
    assert {row["class"] for row in rows(tmp_path / "t.csv")} == {"1"}


@pytest.mark.parametrize(("background", "value"), [(100, 200), (254, 255)])
def test_a_background_other_than_0_is_not_measured(tmp_path, background, value):
    mask = np.where(disc((40, 50), 20, 25, radius=9), value, background).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", mask)
    assert morula.measure(tmp_path / "a.tif", tmp_path / "t.csv").objects == 1
    [row] = rows(tmp_path / "t.csv")
    assert (row["object"], float(row["area_px2"])) == ("1", (mask == value).sum())


def test_volumes(tmp_path):
    volume = disc((30, 40, 40), 14, 20, 20, radius=10).astype(np.uint8)
    tifffile.imwrite(tmp_path / "v.tif", volume, imagej=True, metadata={"axes": "ZYX"})
    morula.measure(tmp_path / "v.tif", tmp_path / "t.csv", pixel_size=(3, 1, 1))
    [row] = rows(tmp_path / "t.csv")
    assert float(row["volume_um3"]) == volume.sum() * 3
    assert float(row["longest_axis_um"]) == pytest.approx(60, rel=0.02)
    assert abs(float(row["long_axis_z"])) == pytest.approx(1, abs=0.01)
    assert "perimeter_um" not in row


def test_only_what_is_asked_for_is_in_the_table(movie):
    morula.measure(movie / "masks", movie / "t.csv", images=movie / "images", measures=["area", "mean"])
    assert list(rows(movie / "t.csv")[0]) == ["file", "frame", "object", "class", "area_um2", "mean_grey", "note"]
    with pytest.raises(RequestError, match="--measures 'height' is no measure"):
        morula.measure(movie / "masks", movie / "t.csv", measures=["height"])


def test_outlines_beside_the_table(movie):
    from roifile import roiread

    morula.measure(movie / "masks", movie / "t.csv", rois=movie / "rois", geojson=movie / "geo")
    assert [roi.name for roi in roiread(movie / "rois" / "movie.zip")] == ["0000_1", "0000_2", "0002_1"]
    features = json.loads((movie / "geo" / "movie.geojson").read_text())["features"]
    assert [feature["properties"]["class"] for feature in features] == [1, 2, 1]
    read = read_written(movie / "geo" / "movie.geojson")
    assert [(each.frame, each.number, each.pixel_size) for each in read] == [
        (0, 1, (2, 2)), (0, 2, (2, 2)), (2, 1, (2, 2))
    ]
    [ring] = read[2].rings
    assert -polygon_area(ring) == float(rows(movie / "t.csv")[3]["area_um2"]) / 4  # to the pixel


def test_volumes_have_no_outlines(tmp_path):
    tifffile.imwrite(tmp_path / "v.tif", np.ones((5, 6, 7), np.uint8), imagej=True, metadata={"axes": "ZYX"})
    with pytest.raises(RequestError, match="--rois"):
        morula.measure(tmp_path / "v.tif", tmp_path / "t.csv", rois=tmp_path / "rois")
    assert not (tmp_path / "t.csv").exists()


def test_what_does_not_fit_is_named_and_the_rest_goes_on(movie):
    write_mask(movie / "masks" / "alone.tif", [np.ones((5, 5), np.uint8)], pixel_size=None)
    write_mask(movie / "masks" / "small.tif", [np.ones((5, 5), np.uint8)], pixel_size=None)
    tifffile.imwrite(movie / "images" / "small.tif", np.ones((6, 5), np.uint8))
    measured = morula.measure(movie / "masks", movie / "t.csv", images=movie / "images")
    assert {path.name for path in measured.failed} == {"alone.tif", "small.tif"}
    assert "no image has this name" in measured.failed[movie / "masks" / "alone.tif"]
    assert "5 × 5, and its image 6 × 5" in measured.failed[movie / "masks" / "small.tif"]
    assert {row["file"] for row in rows(movie / "t.csv")} == {"movie.tif"}


def test_images_of_other_names_are_refused(movie):
    (movie / "others").mkdir()
    for name in ("x1.tif", "y2.tif"):
        tifffile.imwrite(movie / "others" / name, np.ones((5, 5), np.uint8))
    with pytest.raises(RequestError, match="by name"):
        morula.measure(movie / "masks", movie / "t.csv", images=movie / "others")


def test_only_damaged_masks_are_an_error(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"II*\0nothing")
    with pytest.raises(DataError, match=r"a\.tif"):
        morula.measure(tmp_path / "a.tif", tmp_path / "t.csv")
    assert not (tmp_path / "t.csv").exists()


def test_a_table_of_an_unknown_kind_or_place_is_refused_before_work(movie):
    with pytest.raises(RequestError, match=r"\.parquet"):
        morula.measure(movie / "masks", movie / "t.txt")
    (movie / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        morula.measure(movie / "masks", movie / "file" / "t.csv")


def test_real_nuclei_keep_their_numbers_and_sizes(tmp_path, real_data):
    path = real_data / "nuclei_movie" / "01_GT" / "TRA" / "man_track000.tif"
    if not path.exists():
        path = sorted(path.parent.glob("*.tif"))[0]
    labels = tifffile.imread(path)
    morula.measure(path, tmp_path / "t.csv", read_masks_as="objects", pixel_size=0.125)
    found = {int(row["object"]): float(row["area_um2"]) for row in rows(tmp_path / "t.csv")}
    numbers, counts = np.unique(labels[labels > 0], return_counts=True)
    assert found == pytest.approx(dict(zip(numbers.tolist(), (counts * 0.125**2).tolist(), strict=True)), rel=1e-6)


def test_an_object_in_pieces_far_apart_has_a_midline(tmp_path):
    """Nine pixels of one number, all over the frame: longer than it has pixels."""
    labels = np.zeros((60, 60), np.uint8)
    labels[4::25, 4::25] = 1
    tifffile.imwrite(tmp_path / "a.tif", labels)
    morula.measure(tmp_path / "a.tif", tmp_path / "t.csv", read_masks_as="objects")
    [row] = rows(tmp_path / "t.csv")
    assert float(row["midline_length_px"]) >= 50
    assert all(row[f"width_{part}_px"] for part in range(1, 11))


@pytest.fixture
def two_folders(tmp_path):
    """Masks of the same names in two folders, whose objects differ in size."""
    for folder, side in (("m1", 3), ("m2", 4)):
        for name in ("a", "b"):
            write_mask(tmp_path / folder / f"{name}.tif", [np.pad(np.ones((side, side), np.uint8), 2)], pixel_size=None)
    return tmp_path


def test_files_of_one_name_are_told_apart_by_their_folders(two_folders):
    morula.measure(str(two_folders / "m[12]" / "*.tif"), two_folders / "t.csv", measures=["size"])
    found = {row["file"]: float(row["area_px2"]) for row in rows(two_folders / "t.csv")}
    assert found == {"m1/a.tif": 9, "m1/b.tif": 9, "m2/a.tif": 16, "m2/b.tif": 16}
    morula.measure(two_folders / "m2", two_folders / "t.csv", measures=["size"])
    assert [row["file"] for row in rows(two_folders / "t.csv")] == ["a.tif", "b.tif"]


def test_images_and_doubt_are_never_those_of_another_folder(two_folders):
    masks = str(two_folders / "m[12]" / "*.tif")
    shutil.copytree(two_folders / "m1", two_folders / "images")
    with pytest.raises(RequestError, match=r"Several masks have the same name, such as .*m1.a\.tif and .*m2.a\.tif"):
        morula.measure(masks, two_folders / "t.csv", images=two_folders / "images")
    (two_folders / "doubt").mkdir()
    for name in ("a", "b"):
        shutil.copy(two_folders / "m1" / f"{name}.tif", two_folders / "doubt")
    write_calibration(two_folders / "doubt", Calibration())
    with pytest.raises(DataError, match="no doubt about it"):
        morula.measure(masks, two_folders / "t.csv", doubt=two_folders / "doubt")


def test_outlines_of_one_name_are_refused_and_nothing_is_written_over(two_folders):
    with pytest.raises(RequestError, match="would have the same name"):
        morula.measure(str(two_folders / "m[12]" / "*.tif"), two_folders / "t.csv", rois=two_folders / "rois")
    assert not (two_folders / "rois").exists()


def test_what_was_measured_is_said_shortly(movie):
    measured = morula.measure(movie / "masks", movie / "t.csv")
    lines = repr(measured).splitlines()
    assert lines[0] == "Measured"
    assert f"{measured.objects} objects in {measured.frames} frame" in repr(measured)
    assert len(lines) < 8


def test_classes_that_are_named_have_their_names_beside_their_numbers(movie):
    morula.measure(movie / "masks", movie / "t.csv", class_names=("body", "cell"))
    assert [(row["class"], row["class_name"]) for row in rows(movie / "t.csv")] == [
        ("1", "body"), ("2", "cell"), ("", ""), ("1", "body")
    ]
    mask = tifffile.imread(movie / "masks" / "movie.tif")
    table = morula.measure_array(mask, axes="TYX", class_names=("background", "body", "cell", "wall"))
    assert table["class_name"] == ["body", "cell", "body"]
    with pytest.raises(RequestError, match=r"names 1 \(body\), and the masks hold 2"):
        morula.measure_array(mask, axes="TYX", class_names=("body",))


def test_the_table_beside_masks_names_their_classes(movie):
    def told(*models):
        found = [SegmentedFrame("a.tif", frame, "movie.tif", model, 1, 1) for frame, model in enumerate(models)]
        write_frames(movie / "masks" / "frames.csv", found, table_columns(found, ("body", "cell")))
        morula.measure(movie / "masks", movie / "t.csv")
        return [row.get("class_name") for row in rows(movie / "t.csv")]

    assert told("one", "one") == ["body", "cell", "", "body"]
    assert told("one", "other") == [None] * 4
