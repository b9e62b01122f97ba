"""`morula evaluate`: scores of known areas, and no true mask passed over in silence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

GROUND = np.zeros((40, 50), np.uint8)
BODY = np.zeros((40, 50), np.uint8)
BODY[10:30, 10:40] = 1


def picture(path: Path, array: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)
    return path


@pytest.fixture
def folders(tmp_path):
    """Three true masks of 0 and 255, and their predictions in class numbers: right, half, nothing."""
    half = BODY.copy()
    half[:, 25:] = 0
    for name, mask in {"a": BODY, "b": half, "ü 3": GROUND}.items():
        picture(tmp_path / "truth" / f"{name}.png", BODY * 255)
        (tmp_path / "predicted").mkdir(exist_ok=True)
        tifffile.imwrite(tmp_path / "predicted" / f"{name}.tif", mask, compression="deflate")
    return tmp_path / "predicted", tmp_path / "truth"


def test_scores_are_those_of_the_areas(run, folders, tmp_path):
    out = tmp_path / "deep" / "scores.json"
    done = run("evaluate", *folders, "--json", out)
    assert done.exit_code == 0, done.output
    scores = json.loads(out.read_text(encoding="utf-8"))
    area, whole = BODY.sum(), BODY.size
    assert scores["classes"]["1"]["iou"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert scores["classes"]["1"]["dice"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert scores["foreground_iou"] == pytest.approx(0.5)
    outside = whole - area
    ground = np.mean([1, outside / (whole - area / 2), outside / whole])
    assert scores["mean_iou"] == pytest.approx((ground + 0.5) / 2)
    assert scores["pixel_accuracy"] == pytest.approx(1 - 1.5 * area / (3 * whole))
    assert [image["name"] for image in scores["images"]] == ["a", "b", "ü 3"]
    assert [image["foreground_iou"] for image in scores["images"]] == pytest.approx([1, 0.5, 0])
    assert scores["missing"] == []


def test_the_table_says_the_same(run, folders):
    done = run("evaluate", *folders)
    assert "foreground IoU: 0.5000" in done.stdout


def test_a_prediction_of_nothing_at_all_is_scored(run, folders, tmp_path):
    predicted, truth = folders
    for path in sorted(predicted.iterdir()):
        tifffile.imwrite(path, GROUND)
    done = run("evaluate", predicted, truth, "--json", tmp_path / "scores.json")
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "scores.json").read_text())["foreground_iou"] == 0


def test_a_prediction_of_everything_is_not_taken_for_inverted(run, folders, tmp_path):
    predicted, truth = folders
    for path in sorted(predicted.iterdir()):
        tifffile.imwrite(path, np.ones_like(BODY))
    run("evaluate", predicted, truth, "--json", tmp_path / "scores.json")
    iou = json.loads((tmp_path / "scores.json").read_text())["foreground_iou"]
    assert iou == pytest.approx(BODY.sum() / BODY.size)


def test_classes_keep_their_numbers_whatever_the_truth_is_stored_as(run, tmp_path):
    classes = BODY.copy()
    classes[15:20, 15:20] = 2
    codes = np.array([0, 32, 255], np.uint8)[classes]
    picture(tmp_path / "truth" / "Mask 7.png", codes)
    picture(tmp_path / "predicted" / "image 7.png", np.where(classes == 2, 2, 0).astype(np.uint8))
    done = run("evaluate", tmp_path / "predicted", tmp_path / "truth", "--json", tmp_path / "scores.json")
    assert done.exit_code == 0, done.output
    scores = json.loads((tmp_path / "scores.json").read_text())["classes"]
    assert scores["1"]["iou"] == 0
    assert scores["2"]["iou"] == 1


def test_missing_and_damaged_predictions_are_named_and_the_rest_is_scored(run, folders, tmp_path):
    predicted, truth = folders
    (predicted / "a.tif").unlink()
    (predicted / "b.tif").write_bytes((predicted / "b.tif").read_bytes()[:60])
    tifffile.imwrite(predicted / "extra.tif", BODY)
    done = run("evaluate", predicted, truth, "--json", tmp_path / "scores.json")
    assert done.exit_code == 1
    errors = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    assert any("a.png" in line for line in errors)
    assert any("b.tif" in line for line in errors)
    assert any("extra.tif" in line for line in done.stdout.splitlines() if line.startswith("note: "))
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert sorted(Path(path).name for path in scores["missing"]) == ["a.png", "b.png"]
    assert [image["name"] for image in scores["images"]] == ["ü 3"]


def test_masks_of_another_size_are_refused_by_name(run, folders):
    predicted, truth = folders
    for path in sorted(predicted.iterdir()):
        tifffile.imwrite(path, BODY[:30])
    done = run("evaluate", predicted, truth)
    assert done.exit_code == 2
    for words in ("a.png", "40 × 50", "30 × 50"):
        assert words in done.stderr


def test_names_that_do_not_fit_are_refused(run, folders, tmp_path):
    shutil.copytree(folders[0], tmp_path / "other")
    for number, path in enumerate(sorted((tmp_path / "other").iterdir())):
        path.rename(path.with_name("xyz"[number] + ".tif"))
    done = run("evaluate", tmp_path / "other", folders[1])
    assert done.exit_code == 2
    assert "by name" in done.stderr


def test_a_movie_is_scored_frame_by_frame(run, tmp_path):
    truth, predicted = np.stack([BODY, BODY, GROUND]), np.stack([BODY, GROUND, GROUND])
    tifffile.imwrite(tmp_path / "truth.tif", truth, metadata={"axes": "TYX"}, imagej=True)
    tifffile.imwrite(tmp_path / "predicted.tif", predicted, metadata={"axes": "TYX"}, imagej=True)
    done = run("evaluate", *(tmp_path / f"{name}.tif" for name in ("predicted", "truth")),
               "--json", tmp_path / "scores.json")
    assert done.exit_code == 0, done.output
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert [image["foreground_iou"] for image in scores["images"]] == [1, 0, None]
    assert [image["name"] for image in scores["images"]] == [f"predicted[{index}]" for index in range(3)]
    assert scores["classes"]["1"]["images"] == 2


def test_what_is_not_annotated_does_not_count(run, tmp_path):
    truth = BODY.copy()
    truth[:, :25] = 7
    picture(tmp_path / "truth" / "a.png", truth)
    picture(tmp_path / "predicted" / "a.png", np.where(truth == 7, 1, truth).astype(np.uint8))
    out = tmp_path / "scores.json"
    run("evaluate", tmp_path / "predicted", tmp_path / "truth", "--not-annotated", 7, "--json", out)
    scores = json.loads(out.read_text())
    assert scores["pixel_accuracy"] == 1
    assert np.sum(scores["confusion"]) == truth[:, 25:].size


def test_the_report_shows_images_beneath_the_outlines(run, folders, tmp_path):
    predicted, truth = folders
    for path in sorted(predicted.iterdir()):
        picture(tmp_path / "images" / f"{path.stem}.png", BODY * 200)
    plain, shown = tmp_path / "plain.html", tmp_path / "shown.html"
    assert run("evaluate", predicted, truth, "--report", plain).exit_code == 0
    done = run("evaluate", predicted, truth, "--report", shown, "--images", tmp_path / "images")
    assert done.exit_code == 0, done.output
    pages = [path.read_text(encoding="utf-8") for path in (plain, shown)]
    assert all("ü 3" in page and "0.500" in page for page in pages)
    galleries = [[line for line in page.splitlines() if "data:image/png" in line] for page in pages]
    assert len(galleries[0]) == len(galleries[1]) > 0
    assert galleries[0] != galleries[1]


@pytest.mark.parametrize("shape", [(20, 25), (3, 40, 50)])
def test_images_that_do_not_lie_beneath_their_masks_are_refused(run, folders, tmp_path, shape):
    (tmp_path / "images").mkdir()
    tifffile.imwrite(tmp_path / "images" / "a.tif", np.zeros(shape, np.uint8), photometric="minisblack")
    done = run("evaluate", *folders, "--report", tmp_path / "page.html", "--images", tmp_path / "images")
    assert done.exit_code == 2
    assert "a.tif: the image has" in done.stderr
    assert "40 × 50" in done.stderr
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(("predicted_as", "true_as"), [
    ("{}_pred.tif", "{}_GT.png"), ("net-{} out.tif", "{} by Ann.png"), ("{}.tif", "Mask of {}.tif.png"),
])
def test_masks_are_paired_by_the_rules_of_check(run, folders, tmp_path, predicted_as, true_as):
    for folder, called in zip(folders, (predicted_as, true_as), strict=True):
        for path in sorted(folder.iterdir()):
            path.rename(path.with_name(called.format(path.stem)))
    out = tmp_path / "scores.json"
    done = run("evaluate", *folders, "--json", out)
    assert done.exit_code == 0, done.output
    ious = [image["foreground_iou"] for image in json.loads(out.read_text(encoding="utf-8"))["images"]]
    assert ious == [1, 0.5, 0]


def test_true_masks_may_have_a_file_for_each_object(run, folders, tmp_path):
    for name in "a", "b", "ü 3":
        for part, columns in ("left", slice(10, 25)), ("right", slice(25, 40)):
            half = GROUND.copy()
            half[10:30, columns] = 255
            picture(tmp_path / "objects" / name / f"{part}.png", half)
    out = tmp_path / "scores.json"
    done = run("evaluate", folders[0], tmp_path / "objects", "--json", out)
    assert done.exit_code == 0, done.output
    assert [image["foreground_iou"] for image in json.loads(out.read_text())["images"]] == [1, 0.5, 0]


def test_images_that_fit_no_mask_are_refused(run, folders, tmp_path):
    for name in "xy":
        picture(tmp_path / "images" / f"{name}.png", BODY)
    done = run("evaluate", *folders, "--report", tmp_path / "page.html", "--images", tmp_path / "images")
    assert done.exit_code == 2
    assert "None of the 2 images (x.png, …) fits one of the 3 predicted masks" in done.stderr


def test_what_is_no_mask_is_said(run, folders, tmp_path):
    shutil.copytree(folders[1], tmp_path / "probabilities")
    for path in sorted((tmp_path / "probabilities").iterdir()):
        path.rename(path.with_name(f"{path.stem}_Probabilities.png"))
    done = run("evaluate", folders[0], tmp_path / "probabilities")
    assert done.exit_code == 2
    assert "a_Probabilities.png fits none of the predicted masks" in done.stderr
