"""Whatever a network is made of, ONNX Runtime computes the same; and what it cannot hold is refused by name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from morula.errors import ModelError
from morula.exports.onnx_graph import onnx_model
from morula.networks.architecture import Activation, Block, Normalisation

PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
[LIST] = re.findall(r"<!-- operators -->\n(.*?)\n<!-- end of operators -->", PAGE, re.DOTALL)
OPERATORS = set(re.findall(r"`(\w+)`", LIST))

CHOICES = [
    *({"block": block} for block in get_args(Block)),
    *({"normalisation": normalisation} for normalisation in get_args(Normalisation)),
    *({"activation": activation} for activation in get_args(Activation)),
    {"block": "convnext", "order": "conv-act-norm"},
    {"order": "conv-act-norm"},
    {"skips": "unet+", "join": "sum"},
    {"skips": "unet++", "attention": True},
    {"down": "convolution", "up": "resize"},
    {"dropout": 0.3, "deep_supervision": True},
    {"stem": 2, "outputs": 4, "inputs": 3},
    {"stem": 3, "outputs": 3, "distance": True},
    {"stem": 2, "detail": 3, "outputs": 3, "inputs": 2},
    {"distance": True},
    {"binning": 2, "outputs": 3},
    {"binning": 3},
]


def run(model: onnx.ModelProto, image: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"image": image})[0]


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_each_choice_computes_the_same_at_any_size(made, requested, axes, choice):
    factor = choice.get("binning", 1)
    request = requested(made(**choice | {"axes": axes, "binning": (factor,) * axes}))
    usage = request.usage
    model = onnx_model(request.network, len(usage.channels), len(usage.maps), usage.axes)
    for places in ((1,) * axes, (2, 3, 1)[:axes], (3, 1, 2)[:axes]):
        space = [2 * step * place for step, place in zip(usage.step, places, strict=True)]
        image = np.random.default_rng(0).normal(size=(2, len(usage.channels), *space)).astype(np.float32)
        found, expected = run(model, image), request.network(torch.from_numpy(image)).numpy()
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() < 1e-5


def test_the_page_names_the_operators_that_there_are(made, requested):
    used = set()
    for choice in CHOICES:
        request = requested(made(**choice | {"binning": (choice.get("binning", 1),) * 2}))
        model = onnx_model(request.network, len(request.usage.channels), len(request.usage.maps), "yx")
        used |= {node.op_type for node in model.graph.node}
    assert used == OPERATORS


def test_it_is_of_the_standard_alone_and_of_its_opset(made, requested):
    request = requested(made())
    model = onnx_model(request.network, 1, 1, request.usage.axes)
    assert [(each.domain, each.version) for each in model.opset_import] == [("", 18)]
    assert {node.domain for node in model.graph.node} == {""}
    assert model.ir_version == 8  # ONNX Runtime before 1.18 takes no 10, which PyTorch writes
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}
    assert [each.dim_param or each.dim_value for each in model.graph.input[0].type.tensor_type.shape.dim] == [
        "batch", 1, "y", "x"]


def test_of_a_fixed_size_it_takes_no_other(made, requested):
    model = onnx_model(requested(made()).network, 1, 1, (64, 48))
    assert run(model, np.zeros((1, 1, 64, 48), np.float32)).shape == (1, 1, 64, 48)
    with pytest.raises(onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument):
        run(model, np.zeros((1, 1, 64, 64), np.float32))


class Odd(nn.Module):
    def forward(self, x):
        return torch.cumsum(x, dim=2)


@pytest.mark.parametrize(("network", "named"), [
    (nn.Sequential(nn.Conv2d(1, 1, 3), nn.Fold(4, 2)), r"Fold \(1\)"),
    (nn.Sequential(nn.Upsample(scale_factor=2)), "Upsample"),
    (Odd(), "'cumsum'"),
])
def test_what_it_has_no_words_for_is_refused_by_name(network, named):
    with pytest.raises(ModelError, match=named):
        onnx_model(network, 1, 1, "yx")
