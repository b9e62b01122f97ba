"""The parts of a network, written once for one, two or three spatial axes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from morula.networks.architecture import Activation, Block, Normalisation, Order

CONVOLUTION = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
POOLING = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
BATCH_NORM = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
INSTANCE_NORM = {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}

NORMALISATIONS: dict[Normalisation, Callable[[int, int], nn.Module]] = {
    "batch": lambda axes, features: BATCH_NORM[axes](features),
    "instance": lambda axes, features: INSTANCE_NORM[axes](features, affine=True),
    "group": lambda axes, features: nn.GroupNorm(_groups(features), features),
    "none": lambda axes, features: nn.Identity(),
}

ACTIVATIONS: dict[Activation, Callable[[], nn.Module]] = {
    "relu": lambda: nn.ReLU(inplace=True),
    "leaky_relu": lambda: nn.LeakyReLU(0.01, inplace=True),
    "silu": lambda: nn.SiLU(inplace=True),
}


def _groups(features: int) -> int:
    """The largest number of groups up to 8 that divides `features`."""
    return max(count for count in range(1, 9) if features % count == 0)


class ConvUnit(nn.Sequential):
    """One 3×3 (3×3×3) convolution with its normalisation and activation, in either order."""

    def __init__(
        self,
        axes: int,
        inputs: int,
        outputs: int,
        normalisation: Normalisation,
        activation: Activation,
        order: Order,
    ):
        # A bias before a normalisation would be subtracted again at once.
        biased = normalisation == "none" or order == "conv-act-norm"
        convolution = CONVOLUTION[axes](inputs, outputs, kernel_size=3, padding=1, bias=biased)
        norm, act = NORMALISATIONS[normalisation](axes, outputs), ACTIVATIONS[activation]()
        tail = [norm, act] if order == "conv-norm-act" else [act, norm]
        super().__init__(convolution, *tail)


class ConvBlock(nn.Module):
    """Two convolutions, as in the first U-Net (arXiv 1505.04597)."""

    def __init__(self, axes: int, inputs: int, outputs: int, normalisation: Normalisation,
                 activation: Activation, order: Order):
        super().__init__()
        style = (normalisation, activation, order)
        self.first = ConvUnit(axes, inputs, outputs, *style)
        self.second = ConvUnit(axes, outputs, outputs, *style)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, inputs, *space)` to `(batch, outputs, *space)`."""
        return self.second(self.first(x))


class ResidualBlock(ConvBlock):
    """Two convolutions beside a shortcut, which is 1×1 where the number of features changes (arXiv 1512.03385)."""

    def __init__(self, axes: int, inputs: int, outputs: int, normalisation: Normalisation,
                 activation: Activation, order: Order):
        super().__init__(axes, inputs, outputs, normalisation, activation, order)
        self.shortcut = (
            nn.Identity() if inputs == outputs else CONVOLUTION[axes](inputs, outputs, kernel_size=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, inputs, *space)` to `(batch, outputs, *space)`."""
        return self.second(self.first(x)) + self.shortcut(x)


BLOCKS: dict[Block, type[ConvBlock]] = {"conv": ConvBlock, "residual": ResidualBlock}


def join(skip: Tensor, x: Tensor) -> Tensor:
    """Features of a skip connection and of the stage below, side by side."""
    return torch.cat([skip, x], dim=1)
