"""`morula suggest`: a list of what to annotate, and words about what could not be looked at."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet


@pytest.fixture
def model(tmp_path):
    """The file of a model that has learned nothing yet."""
    torch.manual_seed(0)
    architecture = Architecture(width=4, depth=2)
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=architecture, patch=(32, 32),
                batch=2, learning_rate=0.01)
    path = tmp_path / "m.safetensors"
    Model(UNet(architecture).eval(), plan).save(path)
    return path


def test_a_damaged_image_is_named_and_others_are_suggested(run, drawn, model, tmp_path):
    first, *others = sorted((drawn / "images").iterdir())
    first.write_bytes(first.read_bytes()[:100])
    done = run("suggest", model, drawn / "images", "--count", 2, "--copy", tmp_path / "next",
               "--json", tmp_path / "next.json")
    assert done.exit_code == 1, done.output
    assert first.name in done.stderr
    assert "2 of 5 frames suggested" in done.stdout
    chosen = [row["file"] for row in json.loads((tmp_path / "next.json").read_text(encoding="utf-8"))]
    assert set(chosen) < {path.name for path in others}
    assert all(name in done.stdout for name in chosen)
    assert sorted(path.name for path in (tmp_path / "next").iterdir()) == sorted(chosen)


def test_images_of_one_name_are_told_apart_and_not_copied_over_each_other(run, drawn, model, tmp_path):
    for folder, image in zip(("m1", "m2"), sorted((drawn / "images").iterdir())[:2], strict=True):
        (tmp_path / folder).mkdir()
        shutil.copy(image, tmp_path / folder / f"a{image.suffix}")
    images = str(tmp_path / "m[12]" / "*")
    done = run("suggest", model, images, "--json", tmp_path / "next.json")
    assert done.exit_code == 0, done.output
    names = {"m1/a.tif", "m2/a.tif"}
    assert {row["file"] for row in json.loads((tmp_path / "next.json").read_text(encoding="utf-8"))} == names
    assert all(name in done.stdout for name in names)
    done = run("suggest", model, images, "--copy", tmp_path / "next")
    assert done.exit_code != 0
    assert "would both be copied to a.tif" in " ".join(done.stderr.split())
    assert not (tmp_path / "next").exists()
