"""A plate of OME-Zarr through everything that takes images or masks: out comes what the same pixels in files give."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

import morula
from morula.headers.zarr_groups import labels_of
from morula.images.read import open_image
from morula.names.endings import stem
from zarrs import write_labels, write_plate

FIELDS = ("A/01/0", "B/02/0", "B/02/1", "C/03/0")


@pytest.fixture
def plate(tmp_path, disc) -> Path:
    """A disc in each field, with its label; and both as files, in the folders images and masks."""
    rng = np.random.default_rng(0)
    masks = {field: disc(centre=(25 + 2 * number, 30 + 4 * number)).astype(np.uint8)
             for number, field in enumerate(FIELDS)}
    images = {field: (rng.normal(100, 8, mask.shape) + 80 * mask).astype(np.uint8) for field, mask in masks.items()}
    plate = write_plate(tmp_path / "p.ome.zarr", images, version="0.5", scale=[0.5, 0.5], chunks=(32, 32), levels=2)
    for folder, arrays in (("images", images), ("masks", masks)):
        (tmp_path / folder).mkdir()
        for field, array in arrays.items():
            path = tmp_path / folder / f"{stem(plate / field)}.tif"
            tifffile.imwrite(path, array, imagej=True, resolution=(2, 2), metadata={"unit": "um"})
    for field, mask in masks.items():
        write_labels(plate / field, "nuclei", mask, "yx", version="0.5", scale=[0.5, 0.5])
    return plate


def table(path: Path, *without: str) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: text for name, text in row.items() if name not in without} for row in csv.DictReader(file)]


def test_masks_measures_and_scores_are_those_of_files(plate, tmp_path):
    model = morula.load("gastruloid")
    for source, out in ((plate, "of zarr"), (tmp_path / "images", "of files")):
        assert not morula.segment(model, source, tmp_path / out).failed
    names = [f"{stem(plate / field)}.tif" for field in FIELDS]
    for name in names:
        assert (tifffile.imread(tmp_path / "of zarr" / name) == tifffile.imread(tmp_path / "of files" / name)).all()
        assert open_image(tmp_path / "of zarr" / name).pixel_size == (0.5, 0.5)
    ours, theirs = (table(tmp_path / out / "frames.csv", "source") for out in ("of zarr", "of files"))
    assert [row.pop("file") for row in ours] == [f"p.ome.zarr/{field}" for field in FIELDS]
    assert [row.pop("file") for row in theirs] == names
    assert ours == theirs
    again = morula.segment(model, plate, tmp_path / "of zarr")
    assert (again.written, again.skipped) == (0, len(FIELDS))
    labels = plate / "labels" / "nuclei"
    morula.measure(labels, tmp_path / "a.csv", images=plate)
    morula.measure(tmp_path / "masks", tmp_path / "b.csv", images=tmp_path / "images")
    assert table(tmp_path / "a.csv", "file") == table(tmp_path / "b.csv", "file")
    assert [row["file"] for row in table(tmp_path / "a.csv")] == [
        f"p.ome.zarr/{field}/labels/nuclei" for field in FIELDS]
    scores = morula.evaluate(tmp_path / "of zarr", labels).scores
    assert scores.foreground_iou == morula.evaluate(tmp_path / "of files", tmp_path / "masks").scores.foreground_iou


def test_a_field_that_changed_gets_a_new_mask_and_labels_change_none(plate, tmp_path):
    model = morula.load("gastruloid")
    morula.segment(model, plate, tmp_path / "out")
    write_labels(plate / "B/02/0", "later", np.zeros((60, 80), np.uint8), "yx", version="0.5")
    assert morula.segment(model, plate, tmp_path / "out").skipped == len(FIELDS)
    chunk = plate / "B/02/0/0/c/0/0"
    chunk.write_bytes((plate / "B/02/1/0/c/0/0").read_bytes())
    again = morula.segment(model, plate, tmp_path / "out", overwrite=True)
    assert (again.written, again.skipped) == (1, len(FIELDS) - 1)


def test_a_damaged_field_is_named_and_the_rest_is_segmented(plate, tmp_path, run):
    (plate / "B/02/0/0/c/0/0").write_bytes(b"damaged")
    (plate / "B/02/1/zarr.json").write_text("{")
    done = run("segment", "gastruloid", plate, "--out", tmp_path / "out")
    assert done.exit_code == 1, done.output
    assert f"{len(FIELDS) - 2} masks written" in done.stdout
    assert "B/02/0/0 holds a chunk that cannot be read" in " ".join(done.stderr.split())
    assert "B/02/1/zarr.json is damaged" in " ".join(done.stderr.split())


def test_masks_go_into_the_labels_of_their_images(plate, tmp_path, run):
    typed = ("segment", "gastruloid", plate, "--out", tmp_path / "out", "--labels", "body")
    assert run(*typed).exit_code == 0
    for field in FIELDS:
        labels = open_image(plate / field / "labels" / "body")
        mask = open_image(tmp_path / "out" / f"{stem(plate / field)}.tif")
        assert (labels.frame() == mask.frame()).all()
        assert labels.pixel_size == (0.5, 0.5)
        assert labels_of(plate / field) == ["nuclei", "body"]
    made = {path: path.stat().st_mtime_ns for path in plate.rglob("body/**/*")}
    shutil.rmtree(plate / FIELDS[0] / "labels" / "body")
    assert run(*typed).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in plate.rglob("body/**/*") if FIELDS[0] not in str(path)} == {
        path: time for path, time in made.items() if FIELDS[0] not in str(path)}
    assert open_image(plate / FIELDS[0] / "labels" / "body").frame().any()
    words = run("segment", "gastruloid", plate, "--out", tmp_path / "out", "--labels", "nuclei").output
    assert "labels/nuclei exists already, from another model or an older mask (4 such)" in " ".join(words.split())
    assert not run(*typed[:-1], "nuclei", "--overwrite").exit_code
    refused = run("segment", "gastruloid", tmp_path / "images", "--out", tmp_path / "files", "--labels", "a")
    assert "is in none. Leave it out" in " ".join(refused.output.split())


@pytest.mark.slow
def test_a_training_learns_from_it_what_it_learns_from_files(plate, tmp_path):
    told = {"steps": 6, "seed": 1}
    ours = morula.train(plate, plate / "labels" / "nuclei", out=tmp_path / "a.safetensors", **told)
    theirs = morula.train(tmp_path / "images", tmp_path / "masks", out=tmp_path / "b.safetensors", **told)
    assert ours.model.fingerprint == theirs.model.fingerprint
