"""`morula train` finds masks as `morula check` does."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def objects(drawn, tmp_path):
    """The same images in a folder each, and beside each the left and the right half of its body, a file each."""
    for path in sorted((drawn / "images").iterdir()):
        folder = tmp_path / "objects" / path.stem
        for part in "images", "masks":
            (folder / part).mkdir(parents=True)
        shutil.copy(path, folder / "images")
        mask = np.asarray(Image.open(drawn / "masks" / path.name)) > 0
        for name, half in ("left", slice(0, 32)), ("right", slice(32, 64)):
            picture = np.zeros(mask.shape, np.uint8)
            picture[:, half] = mask[:, half] * 255
            Image.fromarray(picture).save(folder / "masks" / f"{name}.png")
    return tmp_path / "objects"


def test_a_folder_that_holds_both_is_enough(run, drawn, tmp_path):
    done = run("train", drawn, "--out", tmp_path / "m.safetensors", "--steps", 1, "--quick")
    assert done.exit_code == 0, done.output
    assert "On the validation frames" in done.output


def test_a_file_for_each_object_is_learned_from(run, objects, tmp_path):
    done = run("train", objects, "--out", tmp_path / "m.safetensors", "--steps", 1, "--quick", "--store",
               tmp_path / "store")
    assert done.exit_code == 0, done.output
    assert "On the validation frames" in done.output


def test_a_training_outlives_a_full_disk(run, drawn, small_disk, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    (small_disk / "full").write_bytes(bytes(150_000))
    done = run("train", drawn, "--out", small_disk / "m.safetensors", "--steps", 2, "--quick")
    assert done.exit_code == 0, done.output
    [kept] = tmp_path.glob("m of *.safetensors")
    assert f"The model is {kept} now" in done.stderr.replace("\n", "")
    assert run("info", kept).exit_code == 0
    assert not list(small_disk.glob(".part-*"))
