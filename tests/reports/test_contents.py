"""What is said about a model that was put together by hand, without any training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from morula.errors import ModelError
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.reports.contents import describe_model, model_report


def test_a_model_without_a_past_is_described_by_its_plan():
    architecture = Architecture(inputs=2, outputs=3, width=4, depth=2)
    plan = Plan(channels=("actin", "DNA"), classes=("cell", "nucleus"), pixel_size=(0.5, 0.5), binning=(1, 1),
                architecture=architecture, patch=(32, 32), batch=2, learning_rate=0.01, reasons=("It is small.",))
    model = Model(UNet(architecture).eval(), plan)
    rows = dict(describe_model(model))
    assert rows["model"] == model.fingerprint
    assert rows["channels"] == "actin, DNA"
    assert rows["classes"] == "cell, nucleus"
    assert rows["pixel size"] == "0.5 µm"
    assert rows["plan"] == "It is small."
    # Two 3×3 convolutions a stage without bias, a shift and a scale a feature, one transposed and one 1×1 convolution.
    stages = 9 * (2 * 4 + 4 * 4 + 4 * 8 + 8 * 8 + 8 * 4 + 4 * 4) + 2 * (4 + 4 + 8 + 8 + 4 + 4)
    assert rows["parameters"] == f"{stages + (4 * 8 * 4 + 4) + (4 * 3 + 3):,}"
    assert "training" not in rows
    with pytest.raises(ModelError, match=r"by_hand\.safetensors was put together by hand"):
        model_report(model, Path("by_hand.safetensors"))


def test_a_model_says_what_it_costs_and_how_far_it_sees():
    architecture = Architecture(axes=3, width=4, depth=2, strides=((1, 2, 2),), block="residual")
    plan = Plan(channels=("grey",), classes=("cell",), binning=(1, 1, 1), architecture=architecture, patch=(8, 16, 16),
                batch=2, learning_rate=0.01)
    rows = dict(describe_model(Model(UNet(architecture).eval(), plan)))
    assert rows["network"] == "3-D U-Net of residual blocks"
    # Four convolutions at full size, two at a quarter of it, the shortcuts, the way up, the head.
    fine = 27 * (1 * 4 + 4 * 4 + 8 * 4 + 4 * 4) + (1 * 4 + 8 * 4) + 8 * 4 + 4
    coarse = 27 * (4 * 8 + 8 * 8) + 4 * 8
    assert rows["multiply-adds"] == f"{(fine + coarse / 4) * 2048 / 1e6:.3g} million for a patch of 8 × 16 × 16 voxels"
    assert rows["receptive field"] == "13 × 18 × 18 voxels"


def test_what_a_training_began_with_is_said():
    """Of the model that comes along, which began with what was learned from drawings; of one that went on, its own."""
    model = Model.load("gastruloid")
    assert dict(describe_model(model))["begun with"] == f"what was learned from drawings ({model.record['begun_with']})"
    earlier = {"model": "d3c6aab3dfa9", "kept": [], "sentence": "As good as it was."}
    went_on = replace(model, record={**model.record, "earlier": earlier})
    assert "begun with" not in dict(describe_model(went_on))
