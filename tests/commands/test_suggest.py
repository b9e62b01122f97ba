"""`morula suggest`: a list of what to annotate, and words about what could not be looked at."""

from __future__ import annotations

import json

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
