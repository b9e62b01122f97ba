"""A table of measures is told along tracks, and refused where it is of other objects."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tifffile
from skimage.measure import regionprops

import morula
from morula.errors import RequestError
from morula.objects.tables import read_table

FRAMES = 5


@pytest.fixture
def movie(tmp_path) -> Path:
    """Two bars, one of which grows longer by 4 px a frame; their numbers change from frame to frame."""
    images = np.zeros((FRAMES, 40, 60), np.uint8)
    for moment, image in enumerate(images):
        image[5:11, 10 : 30 + 4 * moment] = 1 + moment % 2
        image[25:31, 10:30] = 2 - moment % 2
    tifffile.imwrite(tmp_path / "bars.tif", images, photometric="minisblack")
    return tmp_path / "bars.tif"


def measured(movie: Path, **changes: float) -> Path:
    """What another program measured, in an order of its own, with a frame that has no object."""
    columns = ("file", "frame", "object", "centroid_y_px", "centroid_x_px", "length")
    rows = [dict(zip(columns, (movie.name, 9, "", "", "", ""), strict=True))]
    for moment, image in reversed(list(enumerate(tifffile.imread(movie)))):
        for found in regionprops(image):
            length = found.bbox[3] - found.bbox[1]
            y, x = found.centroid
            values = movie.name, moment, found.label, y + changes.get("moved", 0), x, length
            rows.append(dict(zip(columns, values, strict=True)))
    path = movie.with_name("measures.csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_each_row_gets_its_track_and_its_rate(movie, tmp_path):
    table = measured(movie)
    morula.track(movie, tmp_path / "out", table=table, rates=["length"], minutes_per_frame=30)
    with (tmp_path / "out" / "measures.csv").open(newline="", encoding="utf-8") as file:
        nothing, *rows = csv.DictReader(file)
    assert (nothing["track"], nothing["length_per_h"], nothing["frame"]) == ("0", "", "9")
    assert len(rows) == 2 * FRAMES
    tracked = tifffile.imread(tmp_path / "out" / "bars.tif")
    before = tifffile.imread(movie)
    for row in rows:
        moment = int(row["frame"])
        [track] = np.unique(tracked[moment][before[moment] == int(row["object"])])
        assert int(row["track"]) == track
        grows = tracked[0][7, 15] == track
        assert float(row["length_per_h"]) == pytest.approx(8 if grows else 0, abs=1e-9)
        assert row["outline"] == "found"


def test_what_is_mended_does_not_bend_the_rate(tmp_path):
    images = np.zeros((9, 40, 80), np.uint8)
    for moment, image in enumerate(images):
        image[10:30, 10 : 40 + moment] = 1
    images[4, :, 30:] = 0
    tifffile.imwrite(tmp_path / "bar.tif", images, photometric="minisblack")
    table = measured(tmp_path / "bar.tif")
    morula.track(tmp_path / "bar.tif", tmp_path / "out", table=table, rates=["length"], mend=True)
    with (tmp_path / "out" / "measures.csv").open(newline="", encoding="utf-8") as file:
        _, *rows = csv.DictReader(file)
    assert [row["outline"] for row in rows].count("mended") == 1
    assert {float(row["length_per_frame"]) for row in rows} == {1.0}


def test_what_was_measured_is_the_same_that_is_tracked(movie, tmp_path):
    images = tifffile.imread(movie)
    images[2][images[2] == 1] = 0
    tifffile.imwrite(movie, images, photometric="minisblack")
    measures = tmp_path / "measures.csv"
    morula.measure(movie, measures, fill_holes=True)
    morula.track(movie, tmp_path / "out", table=measures, rates=["feret_max_px"])
    with (tmp_path / "out" / "measures.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tracked = tifffile.imread(tmp_path / "out" / "bars.tif")
    assert len(rows) == 2 * FRAMES - 1
    for row in rows:
        [track] = np.unique(tracked[int(row["frame"])][images[int(row["frame"])] == int(row["object"])])
        assert int(row["track"]) == track
    growth = {row["track"]: float(row["feret_max_px_per_frame"]) for row in rows}
    assert sorted(growth.values()) == pytest.approx([0, 4], abs=0.1)


@pytest.mark.parametrize(
    ("changes", "asked", "wrong"),
    [({"moved": 8}, ["length"], "lies elsewhere"), ({}, ["width"], "no column 'width'"), ({}, ["file"], "numbers")],
)
def test_what_does_not_fit_is_named(movie, tmp_path, changes, asked, wrong):
    with pytest.raises(RequestError, match=wrong):
        morula.track(movie, tmp_path / "out", table=measured(movie, **changes), rates=asked)


def test_a_table_of_another_movie_is_refused(movie, tmp_path):
    table = measured(movie)
    table.write_text(table.read_text().replace("bars.tif", "other.tif"))
    with pytest.raises(RequestError, match="No row of"):
        morula.track(movie, tmp_path / "out", table=table)
    with pytest.raises(RequestError, match="one of the files"):
        morula.track(movie, tmp_path, table=table, overwrite=True)


def test_a_table_in_parquet_is_told_as_one_in_csv(movie, tmp_path):
    for kind in ("csv", "parquet"):
        morula.measure(movie, tmp_path / f"m.{kind}", measures=["size", "feret_max"])
        morula.track(movie, tmp_path / kind, table=tmp_path / f"m.{kind}", rates=["feret_max_px"])
    one, other = (read_table(tmp_path / kind / f"m.{kind}") for kind in ("csv", "parquet"))
    assert list(one) == list(other)
    assert one["track"] == other["track"]
    for name in ("area_px2", "feret_max_px_per_frame"):
        assert one[name] == pytest.approx(other[name], rel=1e-6)


@pytest.fixture
def two_folders(tmp_path) -> Path:
    """The same file names in two folders: a bar that grows by 2 px a frame, and one that grows by 5."""
    for folder, growth in (("m1", 2), ("m2", 5)):
        (tmp_path / folder).mkdir()
        for moment in range(FRAMES):
            image = np.zeros((30, 60), np.uint8)
            image[10:16, 10 : 20 + growth * moment] = 1
            tifffile.imwrite(tmp_path / folder / f"t{moment}.tif", image)
    return tmp_path


def test_movies_of_the_same_file_names_stay_apart_all_the_way_to_their_rates(two_folders, tmp_path):
    masks, table = str(two_folders / "m[12]" / "t*.tif"), tmp_path / "measures.csv"
    morula.measure(masks, table, measures=["size"])
    tracked = morula.track(masks, tmp_path / "out", table=table, rates=["area_px2"])
    assert dict(tracked.summary)["movies"] == f"2 with {2 * FRAMES} frames"
    for folder in ("m1", "m2"):
        for moment in range(FRAMES):
            name = f"{folder}/t{moment}.tif"
            np.testing.assert_array_equal(tifffile.imread(tmp_path / "out" / name), tifffile.imread(two_folders / name))
    assert set(tracked.columns["movie"]) == {"m1/t", "m2/t"}
    rows = read_table(tmp_path / "out" / "measures.csv")
    assert len(set(rows["file"])) == 2 * FRAMES
    speed = {file[:2]: rate for file, rate in zip(rows["file"], rows["area_px2_per_frame"], strict=True)}
    assert speed == pytest.approx({"m1": 6 * 2, "m2": 6 * 5})


def test_movies_of_the_same_file_names_are_folders_in_the_layout_of_the_challenge(two_folders, tmp_path):
    morula.track(str(two_folders / "m[12]" / "*"), tmp_path / "out", challenge=True)
    for folder in ("m1", "m2"):
        images = [tifffile.imread(path) for path in sorted((tmp_path / "out" / folder / "t").glob("mask*.tif"))]
        wanted = [tifffile.imread(two_folders / folder / f"t{moment}.tif") for moment in range(FRAMES)]
        np.testing.assert_array_equal(images, wanted)


def test_a_table_in_which_two_files_have_one_name_is_refused(two_folders, tmp_path):
    table = tmp_path / "measures.csv"
    morula.measure(str(two_folders / "m[12]" / "t*.tif"), table, measures=["size"])
    table.write_text(table.read_text().replace("m1/", "").replace("m2/", ""))
    with pytest.raises(RequestError, match=r"object 1 of t0\.tif, frame 0, more than once"):
        morula.track(two_folders / "m1", tmp_path / "out", table=table)
