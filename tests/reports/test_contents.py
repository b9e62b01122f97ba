"""What is said about a model that was put together by hand, without any training."""

from __future__ import annotations

from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.reports.contents import describe_model


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
