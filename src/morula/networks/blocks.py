"""What a stage can be made of.

Every block takes features `(batch, inputs, *space)` and gives `(batch, outputs, *space)`. It is built from the
architecture *from its stage down*, of which most take the style of their convolution units and no more.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from morula.networks.architecture import Architecture, Block
from morula.networks.layers import ACTIVATIONS, CONVOLUTION, NORMALISATIONS, POOLING, ConvUnit
from morula.networks.nested import NestedBlock

DEPTHWISE = {1: 7, 2: 7, 3: 5}
"""Side of depthwise kernels by the number of axes; in volumes, 7 would cost 343 taps (5 as in arXiv 2303.09975)."""


class ConvBlock(nn.Module):
    """Two convolutions, as in the first U-Net (arXiv 1505.04597)."""

    def __init__(self, architecture: Architecture, inputs: int, outputs: int):
        super().__init__()
        self.first = ConvUnit(architecture, inputs, outputs)
        self.second = ConvUnit(architecture, outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, inputs, *space)` to `(batch, outputs, *space)`."""
        return self.second(self.first(x))


class ResidualBlock(ConvBlock):
    """Two convolutions beside a shortcut, which is 1×1 where the number of features changes (arXiv 1512.03385)."""

    def __init__(self, architecture: Architecture, inputs: int, outputs: int):
        super().__init__(architecture, inputs, outputs)
        self.shortcut = _projection(architecture, inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, inputs, *space)` to `(batch, outputs, *space)`."""
        return self.second(self.first(x)) + self.shortcut(x)


class DenseBlock(nn.Module):
    """Four convolutions, each of which sees all before it and adds a quarter of the features (arXiv 1608.06993).

    A 1×1 convolution at the end brings everything, what came in too, to the features of the stage.
    """

    LAYERS = 4

    def __init__(self, architecture: Architecture, inputs: int, outputs: int):
        super().__init__()
        growth = -(-outputs // self.LAYERS)
        self.layers = nn.ModuleList(
            ConvUnit(architecture, inputs + layer * growth, growth) for layer in range(self.LAYERS)
        )
        self.joined = ConvUnit(architecture, inputs + self.LAYERS * growth, outputs, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, inputs, *space)` to `(batch, outputs, *space)`."""
        for layer in self.layers:
            x = torch.cat([x, layer(x)], dim=1)
        return self.joined(x)


class InceptionBlock(nn.Module):
    """Several ways to look at the same pixels side by side, joined by a 1×1 convolution (arXiv 1409.4842).

    One 1×1 convolution makes five parts, each of half the features of the stage. The first stays as it is; three go
    through a 3×3 convolution, with taps 1, 2 and 3 pixels apart (arXiv 1511.07122); of the last, the largest of the
    neighbours is taken.
    """

    DILATIONS = (1, 2, 3)

    def __init__(self, architecture: Architecture, inputs: int, outputs: int):
        super().__init__()
        half = -(-outputs // 2)
        self.looks = nn.ModuleList([
            nn.Identity(),
            *(ConvUnit(architecture, half, half, dilation=dilation) for dilation in self.DILATIONS),
            POOLING[architecture.axes](3, stride=1, padding=1),
        ])
        self.parted = ConvUnit(architecture, inputs, len(self.looks) * half, kernel=1)
        self.joined = ConvUnit(architecture, len(self.looks) * half, outputs, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, inputs, *space)` to `(batch, outputs, *space)`."""
        parts = torch.chunk(self.parted(x), len(self.looks), dim=1)
        return self.joined(torch.cat([look(parts[place]) for place, look in enumerate(self.looks)], dim=1))


class ConvNextBlock(nn.Sequential):
    """A 1×1 convolution to the features of the stage where they change, and two ConvNeXt layers."""

    LAYERS = 2

    def __init__(self, architecture: Architecture, inputs: int, outputs: int):
        super().__init__(_projection(architecture, inputs, outputs),
                         *(ConvNextLayer(architecture, outputs) for _ in range(self.LAYERS)))


class ConvNextLayer(nn.Module):
    """A wide look at each feature by itself, then a mixture of all of them, beside a shortcut (arXiv 2201.03545).

    In the paper's order the normalisation follows the depthwise convolution and the activation the 1×1 convolution
    that widens; in the order conv-act-norm, the normalisation follows that activation.
    """

    EXPANSION = 4
    SCALE = 0.1
    """What a layer adds at first, as a part of what it finds: for networks of few layers (arXiv 2103.17239)."""

    def __init__(self, architecture: Architecture, features: int):
        super().__init__()
        axes, wide = architecture.axes, self.EXPANSION * features
        norm_first = architecture.order == "conv-norm-act"
        normalisation = NORMALISATIONS[architecture.normalisation]
        side = DEPTHWISE[axes]
        depthwise = CONVOLUTION[axes](features, features, side, padding=side // 2, groups=features)
        widen, narrow = CONVOLUTION[axes](features, wide, 1), CONVOLUTION[axes](wide, features, 1)
        act = ACTIVATIONS[architecture.activation]()
        self.layers = nn.Sequential(
            *([depthwise, normalisation(axes, features), widen, act] if norm_first
              else [depthwise, widen, act, normalisation(axes, wide)]),
            narrow,
        )
        self.scale = nn.Parameter(torch.full((features,), self.SCALE))
        self._spread = (features, *[1] * axes)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, features, *space)` to the same."""
        return x + self.scale.reshape(self._spread) * self.layers(x)


def _projection(architecture: Architecture, inputs: int, outputs: int) -> nn.Module:
    """What brings features to another number, and leaves them as they are if the number is the same."""
    return nn.Identity() if inputs == outputs else CONVOLUTION[architecture.axes](inputs, outputs, kernel_size=1)


BLOCKS: dict[Block, Callable[[Architecture, int, int], nn.Module]] = {
    "conv": ConvBlock,
    "residual": ResidualBlock,
    "dense": DenseBlock,
    "inception": InceptionBlock,
    "nested": NestedBlock,
    "convnext": ConvNextBlock,
}
