"""A network in OpenVINO's own form, layer by layer.

OpenVINO makes that of TorchScript, too. But what TorchScript has once traced stays in memory until the process ends.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, fx, nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from morula.networks.tracing import traced
from morula.networks.unet import UNet

if TYPE_CHECKING:
    import openvino

Node = Any
"""What a layer gives and the next one takes."""


def openvino_model(library: Any, network: UNet) -> openvino.Model:
    """A network that learns no more, for images of any size; its convolutions have the names of their modules.

    Args:
        library: the module `openvino`.
        network: as `fused` makes it.
    """
    writer = _Writer(library.opset13, network)
    comes = writer.layers.parameter([-1, network.architecture.inputs, *[-1] * writer.axes], np.float32)
    return library.Model([writer.run(comes)], [comes])


class _Writer(fx.Interpreter):
    """Goes through a network with nodes of OpenVINO in the place of tensors.

    Attributes:
        layers: what there is to write with.
        axes: the number of spatial axes.
    """

    def __init__(self, layers: Any, network: UNet):
        super().__init__(network, graph=traced(network))
        self.layers = layers
        self.axes = network.architecture.axes

    def call_module(self, target: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        layer: Any = self.fetch_attr(target)
        if isinstance(layer, _ConvNd):
            return self._convolved(layer, target, *args)
        return LAYERS[type(layer)](self, layer, *args)

    def call_function(self, target: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        return FUNCTIONS[target](self, *args, **kwargs)

    def numbers(self, given: Tensor) -> Node:
        """Numbers that are always the same."""
        return self.layers.constant(given.detach().cpu().contiguous().numpy())

    def of_features(self, given: Tensor) -> Node:
        """A number for each feature."""
        return self.numbers(given.reshape(1, -1, *[1] * self.axes))

    def _convolved(self, layer: Any, name: str, x: Node) -> Node:
        kernels, kind = layer.weight, "convolution"
        if layer.groups > 1:
            kernels, kind = kernels.unflatten(0, (layer.groups, -1)), "group_convolution"
        write = getattr(self.layers, f"{kind}_backprop_data" if isinstance(layer, _ConvTransposeNd) else kind)
        padding = list(layer.padding)
        written = write(x, self.numbers(kernels), strides=list(layer.stride), pads_begin=padding, pads_end=padding,
                        dilations=list(layer.dilation))
        written.set_friendly_name(name)
        return written if layer.bias is None else self.layers.add(written, self.of_features(layer.bias))


def _largest(writer: _Writer, layer: Any, x: Node) -> Node:
    kernel, strides, padding = (list(each) if isinstance(each, tuple) else [each] * writer.axes
                                for each in (layer.kernel_size, layer.stride, layer.padding))
    return writer.layers.max_pool(x, strides, [1] * writer.axes, padding, padding, kernel).output(0)


def _enlarged(writer: _Writer, layer: Any, x: Node) -> Node:
    return writer.layers.interpolate(x, np.array(layer.scale_factor, np.float32), "linear_onnx", "scales",
                                     axes=list(range(2, 2 + writer.axes)))


def _batch_norm(writer: _Writer, layer: Any, x: Node) -> Node:
    """One that stands after an activation, and so was no part of a convolution."""
    parts = map(writer.numbers, (layer.weight, layer.bias, layer.running_mean, layer.running_var))
    return writer.layers.batch_norm_inference(x, *parts, layer.eps)


def _instance_norm(writer: _Writer, layer: Any, x: Node) -> Node:
    even = writer.layers.mvn(x, list(range(2, 2 + writer.axes)), True, layer.eps, "inside_sqrt")
    scaled = writer.layers.multiply(even, writer.of_features(layer.weight))
    return writer.layers.add(scaled, writer.of_features(layer.bias))


def _group_norm(writer: _Writer, layer: nn.GroupNorm, x: Node) -> Node:
    return writer.layers.group_normalization(x, writer.numbers(layer.weight), writer.numbers(layer.bias),
                                             layer.num_groups, layer.eps)


def _multiplied(writer: _Writer, *both: Node | Tensor) -> Node:
    return writer.layers.multiply(*(writer.numbers(each) if isinstance(each, Tensor) else each for each in both))


def _parted(writer: _Writer, x: Node, count: int, dim: int) -> Sequence[Node]:
    return writer.layers.split(x, dim, count).outputs()


LAYERS: dict[type[nn.Module], Callable[[_Writer, Any, Node], Node]] = {
    nn.MaxPool1d: _largest,
    nn.MaxPool2d: _largest,
    nn.MaxPool3d: _largest,
    nn.Upsample: _enlarged,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.BatchNorm3d: _batch_norm,
    nn.InstanceNorm1d: _instance_norm,
    nn.InstanceNorm2d: _instance_norm,
    nn.InstanceNorm3d: _instance_norm,
    nn.GroupNorm: _group_norm,
    nn.Identity: lambda writer, layer, x: x,
    nn.Dropout1d: lambda writer, layer, x: x,
    nn.Dropout2d: lambda writer, layer, x: x,
    nn.Dropout3d: lambda writer, layer, x: x,
    nn.ReLU: lambda writer, layer, x: writer.layers.relu(x),
    nn.LeakyReLU: lambda writer, layer, x: writer.layers.prelu(x, writer.numbers(torch.tensor([layer.negative_slope]))),
    nn.GELU: lambda writer, layer, x: writer.layers.gelu(x, "erf"),
    nn.SiLU: lambda writer, layer, x: writer.layers.swish(x),
    nn.Mish: lambda writer, layer, x: writer.layers.mish(x),
    nn.Sigmoid: lambda writer, layer, x: writer.layers.sigmoid(x),
}

FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    torch.cat: lambda writer, parts, dim: writer.layers.concat(parts, dim),
    torch.chunk: _parted,
    torch.add: lambda writer, one, other: writer.layers.add(one, other),
    operator.add: lambda writer, one, other: writer.layers.add(one, other),
    operator.mul: _multiplied,
    operator.getitem: lambda writer, parts, place: parts[place],
}
