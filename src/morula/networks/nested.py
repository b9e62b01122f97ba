"""A small U-Net within a stage, as in U²-Net."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from morula.networks.architecture import Architecture
from morula.networks.layers import POOLING, ConvUnit
from morula.networks.resolution import interpolation

DILATIONS = (1, 2, 4, 8)
"""How far the taps of the convolutions lie apart in a stage that cannot shrink any more."""


class NestedBlock(nn.Module):
    """A convolution, and a small U-Net of half the features whose result is added to it (arXiv 2005.09007).

    The small network shrinks as the large one does from this stage down, so it takes every size that the large one
    takes; inside, it always pools and interpolates. Below its last pooling one more convolution has taps 2 pixels
    apart. In the lowest stage nothing shrinks, and taps 1, 2, 4 and 8 pixels apart see as far instead.
    """

    def __init__(self, architecture: Architecture, inputs: int, outputs: int):
        super().__init__()
        axes, strides = architecture.axes, architecture.every_stride
        half = -(-outputs // 2)
        dilations = (1,) * (len(strides) + 1) + (2,) if strides else DILATIONS
        self.entry = ConvUnit(architecture, inputs, outputs)
        self.encoder = nn.ModuleList(
            ConvUnit(architecture, half if level else outputs, half, dilation=dilation)
            for level, dilation in enumerate(dilations)
        )
        self.decoder = nn.ModuleList(
            ConvUnit(architecture, 2 * half, half if level else outputs, dilation=dilation)
            for level, dilation in enumerate(dilations[:-1])
        )
        kept = [nn.Identity() for _ in dilations[len(strides) + 1 :]]
        self.down = nn.ModuleList([*(POOLING[axes](stride) for stride in strides), *kept])
        self.up = nn.ModuleList([*(interpolation(axes, stride) for stride in strides), *kept])

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, inputs, *space)` to `(batch, outputs, *space)`."""
        entry = x = self.entry(x)
        skips = []
        for unit, down in zip(self.encoder[:-1], self.down, strict=True):
            x = unit(x)
            skips.append(x)
            x = down(x)
        x = self.encoder[-1](x)
        for skip, up, unit in zip(reversed(skips), reversed(self.up), reversed(self.decoder), strict=True):
            x = unit(torch.cat([up(x), skip], dim=1))
        return x + entry
