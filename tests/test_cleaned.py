"""Masks that `segment` cleans: in files, in `frames.csv`, and in Python."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import tifffile
import torch

import morula
from morula.errors import OutputError, RequestError
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.objects.cleaning import Cleaning, clean
from morula.objects.separation import Separation


def make(axes: Literal[2, 3] = 2, classes: tuple[str, ...] = ("body",), *, objects: bool = False) -> Model:
    torch.manual_seed(0)
    architecture = Architecture(axes=axes, width=4, depth=2, outputs=len(classes) + 1, distance=objects)
    plan = Plan(channels=("grey",), classes=classes, binning=(1,) * axes, architecture=architecture, patch=(32,) * axes,
                batch=2, learning_rate=0.01, separation=Separation() if objects else None)
    network = UNet(architecture).eval()
    with torch.no_grad():
        noise = torch.randn(1, 1, *[32] * axes)
        network.head.weight *= 2 / network(noise).std()
        network.head.bias -= network(noise)[0].flatten(1).median(1).values
    return Model(network, plan, flips=False, precision="float32")


def image(axes: int = 2) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 255, (48, 50, 52)[-axes:]).astype(np.uint8)


segment = partial(morula.segment, flips=False, precision="float32")


def row(out: Path) -> dict[str, str]:
    with (out / "frames.csv").open(newline="", encoding="utf-8") as file:
        [row] = csv.DictReader(file)
    return row


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("objects", [False, True])
def test_masks_and_label_images_are_cleaned_and_their_row_says_so(tmp_path, axes, objects):
    tifffile.imwrite(tmp_path / "a.tif", image(axes), metadata={"axes": "ZYX"[-axes:]})
    model, wanted = make(axes, objects=objects), {"fill_holes": 4, "min_size": 6, "drop_border": True}
    before = model.segment(image(axes), "ZYX"[-axes:])
    expected = clean(before, Cleaning(**wanted), numbered=objects)
    segmented = segment(model, tmp_path / "a.tif", tmp_path / "out", **wanted)
    assert (tifffile.imread(tmp_path / "out" / "a.tif") == expected.mask).all()
    assert (expected.mask != before).any()
    assert row(tmp_path / "out")["cleaned"] == "; ".join(expected.notes)
    assert int(row(tmp_path / "out")["area"]) == np.count_nonzero(expected.mask)
    assert (model.segment(image(axes), "ZYX"[-axes:], **wanted) == expected.mask).all()
    assert segmented.frames[0].model != model.fingerprint


def test_the_threshold_is_that_of_the_probability(tmp_path):
    model = make()
    [_, body] = model.probabilities(image())
    threshold = float(np.quantile(body, 0.8))
    assert (model.segment(image(), threshold=threshold) == (body >= threshold)).all()
    tifffile.imwrite(tmp_path / "a.tif", image())
    segment(model, tmp_path / "a.tif", tmp_path / "out", threshold=threshold)
    assert (tifffile.imread(tmp_path / "out" / "a.tif") == (body >= threshold)).all()
    assert row(tmp_path / "out")["cleaned"] == f"threshold {threshold:g}"


def test_sizes_are_areas_where_the_size_of_a_pixel_is_known(tmp_path):
    metadata = {"axes": "YX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
    tifffile.imwrite(tmp_path / "a.ome.tif", image(), metadata=metadata)
    model = make()
    segment(model, tmp_path / "a.ome.tif", tmp_path / "out", min_size=2.5)
    assert (tifffile.imread(tmp_path / "out" / "a.tif") == model.segment(image(), min_size=10)).all()
    assert "2.5 µm²" in row(tmp_path / "out")["cleaned"]


def test_a_threshold_of_several_classes_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", image())
    model = make(classes=("cell", "nucleus"))
    with pytest.raises(RequestError, match="--threshold means nothing for a model of 2 classes"):
        segment(model, tmp_path / "a.tif", tmp_path / "out", threshold=0.4)
    assert not (tmp_path / "out").exists()
    assert set(np.unique(model.segment(image(), min_size=5))) <= {0, 1, 2}


def test_masks_that_were_cleaned_otherwise_are_not_taken_for_done(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", image())
    model = make()
    segment(model, tmp_path / "a.tif", tmp_path / "out", min_size=10)
    assert segment(model, tmp_path / "a.tif", tmp_path / "out", min_size=10).skipped == 1
    with pytest.raises(OutputError, match="--overwrite"):
        segment(model, tmp_path / "a.tif", tmp_path / "out")
    assert segment(model, tmp_path / "a.tif", tmp_path / "out", overwrite=True).written == 1
    assert not row(tmp_path / "out")["cleaned"]


def test_a_model_that_is_cleaned_keeps_its_engine():
    model = make()
    model.segment(image())
    assert model.cleaned_by(Cleaning(min_size=3)).engine is model.engine
    assert replace(model, cleaning=Cleaning()).fingerprint == model.fingerprint
