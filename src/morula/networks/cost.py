"""What a network costs and how far it sees, told from its architecture alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd
from torch.nn.modules.pooling import _MaxPoolNd
from torch.utils.flop_counter import FlopCounterMode

from morula.networks.architecture import Architecture
from morula.networks.tracing import traced
from morula.networks.unet import UNet


@dataclass(frozen=True)
class Cost:
    """What a network costs and how far it sees.

    Attributes:
        parameters: numbers that are learned, those of deep supervision included.
        multiply_adds: multiplications (each with its addition) in all convolutions, transposed ones too, for one
            image. Normalisations, activations, pooling and interpolation are not counted.
        receptive_field: along each axis, how many pixels of the image one pixel of the result depends on at most.
    """

    parameters: int
    multiply_adds: int
    receptive_field: tuple[int, ...]


def cost(architecture: Architecture, space: Sequence[int]) -> Cost:
    """The cost of a network for one image, without computing or allocating anything.

    Args:
        architecture: the network.
        space: size of the image along each axis, multiples of `architecture.multiple`.
    """
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        network = UNet(architecture).eval()
        network(torch.empty(1, architecture.inputs, *space))
    return Cost(
        parameters=sum(weights.numel() for weights in network.parameters()),
        multiply_adds=counter.get_total_flops() // 2,
        receptive_field=tuple(_receptive_field(architecture, axis) for axis in range(architecture.axes)),
    )


def _receptive_field(architecture: Architecture, axis: int) -> int:
    """What a pixel sees along one axis at most, which depends on where it lies among those that become one."""
    narrow = architecture.model_copy(update={"inputs": 1, "outputs": 1, "width": 1, "widest": 1})
    with torch.device("meta"):
        tracing = Tracing(UNet(narrow).eval(), axis)
    period = architecture.multiple[axis]
    length = 4 * period
    while True:
        seen: Reach = tracing.run(Reach.of_a_line(length))
        middle = slice(length // 2, length // 2 + period)
        if seen.first[..., middle].min() >= 0 and seen.last[..., middle].max() < length:
            return int((seen.last - seen.first + 1)[..., middle].max())
        length *= 2


@dataclass(frozen=True)
class Reach:
    """The first and the last pixel of a line that each feature along it depends on, both float64 `(1, pixels)`."""

    first: Tensor
    last: Tensor

    @classmethod
    def of_a_line(cls, length: int) -> Reach:
        """Pixels that depend on themselves."""
        line = torch.arange(length, dtype=torch.float64)[None]
        return cls(line, line)

    def through(self, layer: nn.Module, axis: int) -> Reach:
        """Behind a layer, the line lying along an axis; what does not look at neighbours changes nothing."""

        def along(setting: Any) -> int:
            return int(setting[axis] if isinstance(setting, tuple) else setting)

        if isinstance(layer, _ConvTransposeNd):  # kernels as large as their strides: each pixel comes from one
            return Reach(*(each.repeat_interleave(along(layer.stride), -1) for each in (self.first, self.last)))
        if isinstance(layer, nn.Upsample):
            return self._interpolated(along(layer.scale_factor))
        if isinstance(layer, _ConvNd | _MaxPoolNd):
            return self._windowed(*map(along, (layer.kernel_size, layer.stride, layer.padding, layer.dilation)))
        return self

    def _windowed(self, kernel: int, stride: int, padding: int, dilation: int) -> Reach:
        """Behind whatever looks at `kernel` pixels at once; what it would see beyond the end counts as endless."""
        reach = dilation * (kernel - 1) + 1
        first = F.pad(self.first, (padding, padding), value=-math.inf)
        last = F.pad(self.last, (padding, padding), value=math.inf)
        return Reach(first.unfold(-1, reach, stride).amin(-1), last.unfold(-1, reach, stride).amax(-1))

    def _interpolated(self, scale: int) -> Reach:
        """Behind linear interpolation between the two nearest centres of pixels."""
        places = (torch.arange(self.first.shape[-1] * scale) + 0.5) / scale - 0.5
        beyond = 1
        first = F.pad(self.first, (beyond, beyond), value=-math.inf)
        last = F.pad(self.last, (beyond, beyond), value=math.inf)
        return Reach(first[..., places.floor().long() + beyond], last[..., places.ceil().long() + beyond])


class Tracing(fx.Interpreter):
    """A network that is run on reaches along one axis instead of numbers."""

    def __init__(self, network: UNet, axis: int):
        super().__init__(network, graph=traced(network))
        self._axis = axis

    def call_module(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Reach:
        """Through one layer."""
        return args[0].through(self.fetch_attr(target), self._axis)

    def call_function(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Reach:
        """Features joined, added or multiplied depend on all that their parts depend on; a part of some, on as much."""
        spread = [part for arg in args for part in (arg if isinstance(arg, list | tuple) else [arg])]
        parts = [part for part in spread if isinstance(part, Reach)]
        return Reach(torch.stack([part.first for part in parts]).amin(0),
                     torch.stack([part.last for part in parts]).amax(0))
