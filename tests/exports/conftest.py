"""Models as trainings make them, but for what they have learned: that is drawn at random."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from morula.exports.export_request import ExportRequest
from morula.exports.export_settings import ExportSettings
from morula.models.model import Model
from morula.models.plan import Intensity, Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.objects.separation import Separation


def random_model(*, binning: tuple[int, ...] | None = None, intensity: str = "each", **architecture) -> Model:
    """A network of three stages with eight features, whose normalisations have seen something."""
    torch.manual_seed(0)
    chosen = Architecture(**{"width": 8, "depth": 3, "block": "residual"} | architecture)
    network = UNet(chosen)
    for layer in network.modules():
        if getattr(layer, "running_var", None) is not None:
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
    if chosen.detail:
        torch.nn.init.normal_(network.detail[1].weight, std=0.3)
    plan = Plan(
        channels=tuple(f"channel {place + 1}" for place in range(chosen.inputs)),
        classes=("cell", "cell wall", "debris")[: max(1, chosen.outputs - 1)],
        pixel_size=(2.0, 0.5, 0.5)[-chosen.axes :], binning=binning or (1,) * chosen.axes,
        intensity=Intensity(channels=intensity), architecture=chosen,
        separation=Separation() if chosen.distance else None,
        patch=tuple(4 * side for side in chosen.multiple), batch=1, learning_rate=0.01,
    )
    return Model(network.requires_grad_(False).eval(), plan, precision="float32", flips=False)


@pytest.fixture
def made() -> Callable[..., Model]:
    """Models of any architecture, by its fields."""
    return random_model


@pytest.fixture
def requested() -> Callable[..., ExportRequest]:
    """Requests to export a model, by fields of the settings, with noise for its self-test."""

    def request(model: Model, **settings) -> ExportRequest:
        sides = [max(32, side) for side in model.plan.architecture.multiple]
        noise = np.random.default_rng(0).normal(size=(len(model.channels), *sides)).astype(np.float32)
        return ExportRequest(model, noise, ExportSettings(**settings), "network.onnx")

    return request
