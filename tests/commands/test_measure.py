"""`morula measure`: a table of what can be measured, and words about what cannot."""

from __future__ import annotations

import csv

import numpy as np
import tifffile
from PIL import Image as Picture


def test_writes_a_table_and_says_how_the_masks_were_read(run, drawn, tmp_path):
    done = run("measure", drawn / "masks", "--images", drawn / "images", "--out", tmp_path / "t.csv")
    assert done.exit_code == 0, done.output
    assert f"6 frames measured into {tmp_path / 't.csv'}" in done.stdout
    assert "0 is background and 1 is class 1" in done.stdout
    header, *rows = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()
    assert {"file", "area_um2", "mean_grey", "polarisation_angle_grey_deg"} <= set(header.split(","))
    assert len(rows) >= 6


def test_lists_all_measures_without_masks(run):
    from morula.measures.catalogue import MEASURES

    done = run("measure", "--list")
    assert done.exit_code == 0
    for measure in MEASURES:
        assert f"  {measure.column}, " in done.stdout
        assert measure.formula in done.stdout


def test_a_damaged_mask_is_named_and_the_rest_is_measured(run, drawn, tmp_path):
    first, *_ = sorted((drawn / "masks").iterdir())
    first.write_bytes(first.read_bytes()[:100])
    done = run("measure", drawn / "masks", "--out", tmp_path / "t.csv")
    assert done.exit_code == 1
    assert first.name in done.stderr
    assert "5 frames measured" in done.stdout


def test_doubtful_masks_are_said_to_be_so(run, tmp_path):
    numbers = np.zeros((30, 40), np.uint8)
    for number in range(1, 6):
        numbers[4:9, 7 * number - 5 : 7 * number] = number
    tifffile.imwrite(tmp_path / "a.tif", numbers)
    done = run("measure", tmp_path / "a.tif", "--out", tmp_path / "t.csv")
    assert done.exit_code == 0
    assert "--read-masks-as objects" in done.stderr


def test_a_table_of_an_unknown_kind_is_refused(run, drawn, tmp_path):
    done = run("measure", drawn / "masks", "--out", tmp_path / "t.xlsx")
    assert done.exit_code == 2
    assert ".parquet" in done.stderr


def test_a_file_for_each_object_is_measured_with_its_image(run, tmp_path):
    rows, columns = np.indices((40, 60))
    for name in "a", "b":
        for number, column in enumerate((15, 45)):
            file = tmp_path / "masks" / name / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Picture.fromarray(np.hypot(rows - 20, columns - column) < 8 + number).save(file)
        (tmp_path / "images").mkdir(exist_ok=True)
        Picture.fromarray(np.full((40, 60), 70, np.uint8)).save(tmp_path / "images" / f"{name}.png")
    done = run("measure", tmp_path / "masks", "--images", tmp_path / "images", "--out", tmp_path / "t.csv")
    assert done.exit_code == 0, done.output
    with (tmp_path / "t.csv").open(encoding="utf-8") as table:
        measured = [(row["file"], row["class"], float(row["area_px2"])) for row in csv.DictReader(table)]
    areas = [float((np.hypot(rows - 20, columns - column) < radius).sum()) for column, radius in ((15, 8), (45, 9))]
    assert measured == [(name, "1", area) for name in ("a", "b") for area in areas]


def test_a_folder_as_cellpose_leaves_it_is_measured_with_its_images(run, tmp_path):
    folder, noise = tmp_path / "cells", np.random.default_rng(0)
    folder.mkdir()
    for name in "ab":
        mask = np.zeros((40, 50), np.uint16)
        mask[5:15, 5:15], mask[20:30, 20:40] = 1, 2
        tifffile.imwrite(folder / f"{name}.tif", np.where(mask == 1, 90, 30).astype(np.uint8))
        tifffile.imwrite(folder / f"{name}_cp_masks.tif", mask)
        tifffile.imwrite(folder / f"{name}_flows.tif", noise.integers(0, 255, (40, 50, 3), np.uint8))
        np.save(folder / f"{name}_seg.npy", np.array({"masks": mask}), allow_pickle=True)
    told = run("measure", folder, "--out", tmp_path / "table.csv")
    assert told.exit_code == 0, told.output
    with (tmp_path / "table.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["file"], row["area_px2"], row["mean_grey"]) for row in rows] == [
        (f"{name}_cp_masks.tif", area, grey) for name in "ab" for area, grey in (("100", "90"), ("200", "30"))]
