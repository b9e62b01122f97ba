"""`morula check`: every problem by name, and nothing written."""

from __future__ import annotations

import re

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image as Picture

from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet


def test_says_what_it_found(run, drawn):
    done = run("check", drawn / "images", drawn / "masks")
    assert done.exit_code == 0, done.output
    rows = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert (rows["images"], rows["masks"], rows["size"]) == ("6 files", "6 files", "64 × 64 px")
    assert rows["groups"] == "3: movie00, movie01, movie02"
    assert "split at random" not in rows


def test_what_a_split_at_random_would_have_let_through_is_said_if_asked_for(run, drawn):
    done = run("check", drawn / "images", drawn / "masks", "--leakage")
    assert done.exit_code == 0, done.output
    assert re.search(r"^split at random: [012] of 2 validation frames would have one of their group in the training$",
                     done.stdout, re.MULTILINE)


def test_names_every_problem_and_what_to_do(run, drawn):
    first, second, *_ = sorted((drawn / "masks").iterdir())
    tifffile.imwrite(first, np.zeros((10, 10), np.uint8))
    second.write_bytes(second.read_bytes()[:100])
    done = run("check", drawn / "images", drawn / "masks")
    assert done.exit_code == 2
    lines = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    for path in (first, second):
        assert any(path.name in line for line in lines), done.stdout
    assert "Traceback" not in done.output


def test_writes_nothing(run, drawn):
    before = sorted(drawn.rglob("*"))
    run("check", drawn / "images", drawn / "masks")
    assert sorted(drawn.rglob("*")) == before


def disc(row: int, column: int, radius: float = 5) -> np.ndarray:
    rows, columns = np.indices((48, 48))
    return np.hypot(rows - row, columns - column) < radius


def photograph(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(90, 15, (48, 48)).clip(0, 255).astype(np.uint8)


def pairs_of(done) -> str:
    return next(line for line in done.stdout.splitlines() if line.startswith("pairs: "))


def test_a_folder_as_cellpose_leaves_it(run, tmp_path):
    for number in range(3):
        labels = disc(12, 12) * 1 + disc(30, 12) * 2 + disc(24, 36) * 3
        tifffile.imwrite(tmp_path / f"cell {number}.tif", photograph(number))
        Picture.fromarray(labels.astype(np.uint16)).save(tmp_path / f"cell {number}_cp_masks.png")
        tifffile.imwrite(tmp_path / f"cell {number}_flows.tif", photograph(number + 9))
        np.save(tmp_path / f"cell {number}_seg.npy", {"masks": labels}, allow_pickle=True)  # type: ignore[arg-type]
    for places in (tmp_path,), (tmp_path, tmp_path):
        done = run("check", *places)
        assert done.exit_code == 0, done.output
        assert pairs_of(done) == "pairs: 3, matched by the same name beside a word such as mask"
        assert "3 files set aside, such as cell 0_flows.tif" in done.stdout
        assert "3 files of Cellpose's own kind passed over, such as cell 0_seg.npy" in done.stdout


def test_a_mask_for_each_object_and_what_lies_on_what(run, tmp_path):
    for number in range(3):
        folder = tmp_path / f"id{number}"
        for part in "images", "masks":
            (folder / part).mkdir(parents=True)
        Picture.fromarray(photograph(number)).save(folder / "images" / f"id{number}.png")
        for place in range(2):
            Picture.fromarray(disc(24, 12 + 20 * place)).save(folder / "masks" / f"{place}f.png")
    Picture.fromarray(disc(24, 14)).save(folder / "masks" / "3f.png")
    done = run("check", tmp_path)
    assert done.exit_code == 0, done.output
    assert pairs_of(done) == "pairs: 3, matched by a folder with a mask of each object"
    assert "masks read as: numbered objects" in done.stdout
    both = int((disc(24, 12) & disc(24, 14)).sum())
    assert f"id2/masks: {both} pixels of the mask belong to several of its objects" in done.stdout
    assert done.stdout.count("belong to several") == 1


def test_what_is_advised_about_a_folder_without_masks_helps(run, tmp_path):
    for name in "a", "b":
        tifffile.imwrite(tmp_path / f"{name}.tif", photograph(ord(name)))
        tifffile.imwrite(tmp_path / f"{name} drawn.tif", disc(24, 24).astype(np.uint8))
    for places, problem in (((tmp_path,), "no file here is the mask of another"),
                            ((tmp_path, tmp_path), "given for the images and for the masks alike")):
        done = run("check", *places)
        assert done.exit_code == 2
        assert problem in done.stdout
        assert "a word such as mask (a_mask.tif)" in done.stdout
    for name in "a", "b":
        (tmp_path / f"{name} drawn.tif").rename(tmp_path / f"{name}_mask.tif")
    assert run("check", tmp_path).exit_code == 0
    masks = tmp_path / "masks"
    masks.mkdir()
    for name in "a", "b":
        (tmp_path / f"{name}_mask.tif").rename(masks / f"{name} drawn.tif")
    assert run("check", tmp_path, masks).exit_code == 0  # the folder of the images first, and then that of the masks


def test_what_is_advised_about_names_that_do_not_fit_helps(run, tmp_path):
    for part in "images", "masks":
        (tmp_path / part).mkdir()
    for name, drawn in ("a", "one"), ("b", "two"):
        tifffile.imwrite(tmp_path / "images" / f"{name}.tif", photograph(ord(name)))
        tifffile.imwrite(tmp_path / "masks" / f"{drawn}.tif", disc(24, 24).astype(np.uint8))
    done = run("check", tmp_path)
    assert done.exit_code == 2
    assert "no image and mask belong together by their names. Give each mask the name of its image" in done.stdout
    assert "masks/one.tif: the mask has no image" in done.stdout.replace("\\", "/")
    (tmp_path / "masks" / "one.tif").rename(tmp_path / "masks" / "a.tif")
    (tmp_path / "masks" / "two.tif").rename(tmp_path / "masks" / "b_mask.tif")
    done = run("check", tmp_path)
    assert done.exit_code == 0, done.output
    assert pairs_of(done).startswith("pairs: 2, ")


def test_what_is_advised_about_masks_numbered_beside_their_images_helps(run, tmp_path):
    for name in "h0e", "h1e":
        Picture.fromarray(photograph(int(name[1]))).save(tmp_path / f"{name}.png")
        for place in 1, 2:
            Picture.fromarray(disc(24, 20 * place - 6)).save(tmp_path / f"{name}_mask_0{place}.png")
    done = run("check", tmp_path)
    assert done.exit_code == 2
    assert "put those of each image into a folder of its name (masks" in done.stdout
    for file in [*tmp_path.glob("*_mask_*")]:
        folder = tmp_path / "masks" / file.name[:3]
        folder.mkdir(parents=True, exist_ok=True)
        file.rename(folder / file.name)
    for places in (tmp_path,), (tmp_path, tmp_path / "masks"):
        done = run("check", *places)
        assert done.exit_code == 0, done.output
        assert pairs_of(done) == "pairs: 2, matched by a folder with a mask of each object"


def test_what_is_advised_about_masks_of_the_frames_of_a_stack_helps(run, tmp_path):
    frames, masks = np.stack([photograph(number) for number in range(4)]), tmp_path / "masks"
    tifffile.imwrite(tmp_path / "movie.tif", frames, imagej=True, metadata={"axes": "TYX"})
    masks.mkdir()
    drawn = np.stack([disc(24, 12 + 6 * number) for number in range(4)]).astype(np.uint8)
    for number, mask in enumerate(drawn):
        tifffile.imwrite(masks / f"movie_{number:04d}.tif", mask)
    done = run("check", tmp_path / "movie.tif", masks)
    assert done.exit_code == 2
    assert "if they are masks of single frames, save them as one stack (masks" in done.stdout
    for file in masks.iterdir():
        file.unlink()
    tifffile.imwrite(masks / "movie.tif", drawn, imagej=True, metadata={"axes": "TYX"})
    done = run("check", tmp_path / "movie.tif", masks)
    assert done.exit_code == 0, done.output
    assert "frames: 4" in done.stdout


class TestSecondLook:
    """Which masks a model takes for wrong; what it is worth is tested in `tests/workflows/test_proofreading.py`."""

    @pytest.fixture
    def model(self, tmp_path):
        """The file of a model that has learned nothing yet."""
        torch.manual_seed(0)
        architecture = Architecture(width=4, depth=2)
        plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=architecture, patch=(32, 32),
                    batch=2, learning_rate=0.01)
        path = tmp_path / "m.safetensors"
        Model(UNet(architecture).eval(), plan).save(path)
        return path

    def test_is_said_below_the_rest_with_what_it_is_worth(self, run, model, tmp_path):
        run("synth", "gastruloids", "--out", tmp_path / "more", "--count", 12, "--movies", 12, "--size", 48)
        done = run("check", tmp_path / "more/images", tmp_path / "more/masks", "--model", model,
                   "--table", tmp_path / "all.csv")
        assert done.exit_code == 0, done.output
        rows, _, said = done.stdout.partition("\n\n")
        assert "images: 12 files" in rows
        assert re.search(r"(of 12 annotations deserves? a second look|None of 12 annotations looks wrong)", said)
        assert "Of mistakes made on purpose it would have listed: shifted " in said
        assert "12 annotations had been learned from" in said  # as far as a model without a memory can tell
        assert len((tmp_path / "all.csv").read_text().splitlines()) == 13

    def test_needs_more_masks_than_a_few(self, run, drawn, model):
        done = run("check", drawn / "images", drawn / "masks", "--model", model)
        assert done.exit_code == 2
        assert "There are 6 annotations" in " ".join(done.stderr.split())

    @pytest.mark.parametrize("asked", [("--sheet", "sheet.png"), ("--annotators", "{what}_{annotator}")])
    def test_needs_a_model(self, run, drawn, tmp_path, monkeypatch, asked):
        monkeypatch.chdir(tmp_path)
        done = run("check", drawn / "images", drawn / "masks", *asked)
        assert done.exit_code == 2
        assert "Say which model with --model" in " ".join(done.stderr.split())
        assert not (tmp_path / "sheet.png").exists()
