"""What each layer is in ONNX: standard operators of opset 18 alone, as few as will do."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from morula.exports.graph_writer import GraphWriter

OPSET = 18


def _convolution(kind: str) -> Callable[[GraphWriter, Any, str], str]:
    def written(graph: GraphWriter, layer: Any, x: str) -> str:
        weights = [layer.weight] if layer.bias is None else [layer.weight, layer.bias]
        return graph.add(kind, x, *weights, kernel_shape=layer.kernel_size, strides=layer.stride,
                         pads=2 * layer.padding, dilations=layer.dilation, group=layer.groups)

    return written


def _pool(kind: str) -> Callable[[GraphWriter, Any, str], str]:
    def written(graph: GraphWriter, layer: Any, x: str) -> str:
        axes = int(type(layer).__name__[-2])
        kernel, strides, padding = (each if isinstance(each, tuple) else (each,) * axes
                                    for each in (layer.kernel_size, layer.stride, layer.padding))
        return graph.add(kind, x, kernel_shape=kernel, strides=strides, pads=2 * padding)

    return written


def _repeated_edges(graph: GraphWriter, layer: Any, x: str) -> str:
    before = [0, 0, *reversed(layer.padding[::2])]
    after = [0, 0, *reversed(layer.padding[1::2])]
    return graph.add("Pad", x, torch.tensor(before + after), mode="edge")


def _batch_norm(graph: GraphWriter, layer: Any, x: str) -> str:
    """One that stands after an activation, and so was no part of a convolution."""
    parts = layer.weight, layer.bias, layer.running_mean, layer.running_var
    return graph.add("BatchNormalization", x, *parts, epsilon=layer.eps)


def _instance_norm(graph: GraphWriter, layer: Any, x: str) -> str:
    return graph.add("InstanceNormalization", x, layer.weight, layer.bias, epsilon=layer.eps)


def _group_norm(graph: GraphWriter, layer: Any, x: str) -> str:
    """Groups as features of one axis; GroupNormalization itself changed its meaning after opset 18."""
    groups = layer.num_groups
    rows = graph.add("Reshape", x, torch.tensor([0, groups, -1]))
    rows = graph.add("InstanceNormalization", rows, torch.ones(groups), torch.zeros(groups), epsilon=layer.eps)
    same = graph.add("Reshape", rows, graph.add("Shape", x))
    spread = (-1, *[1] * graph.axes)
    scaled = graph.add("Mul", same, layer.weight.reshape(spread))
    return graph.add("Add", scaled, layer.bias.reshape(spread))


def _gelu(graph: GraphWriter, layer: nn.GELU, x: str) -> str:
    """x / 2 · (1 + erf(x / √2)); an operator of its own came with opset 20."""
    bent = graph.add("Erf", graph.add("Mul", x, torch.tensor(1 / math.sqrt(2))))
    return graph.add("Mul", graph.add("Mul", x, torch.tensor(0.5)), graph.add("Add", bent, torch.tensor(1.0)))


def _mish(graph: GraphWriter, layer: nn.Mish, x: str) -> str:
    return graph.add("Mul", x, graph.add("Tanh", graph.add("Softplus", x)))


LAYERS: dict[type[nn.Module], Callable[[GraphWriter, Any, str], str]] = {
    nn.Conv1d: _convolution("Conv"),
    nn.Conv2d: _convolution("Conv"),
    nn.Conv3d: _convolution("Conv"),
    nn.ConvTranspose1d: _convolution("ConvTranspose"),
    nn.ConvTranspose2d: _convolution("ConvTranspose"),
    nn.ConvTranspose3d: _convolution("ConvTranspose"),
    nn.MaxPool1d: _pool("MaxPool"),
    nn.MaxPool2d: _pool("MaxPool"),
    nn.MaxPool3d: _pool("MaxPool"),
    nn.AvgPool1d: _pool("AveragePool"),
    nn.AvgPool2d: _pool("AveragePool"),
    nn.AvgPool3d: _pool("AveragePool"),
    nn.ReplicationPad1d: _repeated_edges,
    nn.ReplicationPad2d: _repeated_edges,
    nn.ReplicationPad3d: _repeated_edges,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.BatchNorm3d: _batch_norm,
    nn.InstanceNorm1d: _instance_norm,
    nn.InstanceNorm2d: _instance_norm,
    nn.InstanceNorm3d: _instance_norm,
    nn.GroupNorm: _group_norm,
    nn.Identity: lambda graph, layer, x: x,
    nn.Dropout1d: lambda graph, layer, x: x,
    nn.Dropout2d: lambda graph, layer, x: x,
    nn.Dropout3d: lambda graph, layer, x: x,
    nn.ReLU: lambda graph, layer, x: graph.add("Relu", x),
    nn.LeakyReLU: lambda graph, layer, x: graph.add("LeakyRelu", x, alpha=layer.negative_slope),
    nn.GELU: _gelu,
    nn.SiLU: lambda graph, layer, x: graph.add("Mul", x, graph.add("Sigmoid", x)),
    nn.Mish: _mish,
    nn.Sigmoid: lambda graph, layer, x: graph.add("Sigmoid", x),
    nn.Softmax: lambda graph, layer, x: graph.add("Softmax", x, axis=layer.dim),
}

FUNCTIONS: dict[Callable, Callable[..., Any]] = {
    torch.cat: lambda graph, parts, dim: graph.add("Concat", *parts, axis=dim),
    torch.chunk: lambda graph, x, count, dim: graph.add_several(count, "Split", x, axis=dim, num_outputs=count),
    torch.split: lambda graph, x, sizes, dim: graph.add_several(len(sizes), "Split", x, torch.tensor(sizes), axis=dim),
    torch.add: lambda graph, *both: graph.add("Add", *both),
    operator.add: lambda graph, *both: graph.add("Add", *both),
    operator.mul: lambda graph, *both: graph.add("Mul", *both),
    operator.getitem: lambda graph, parts, place: parts[place],
}
