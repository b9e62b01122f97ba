"""The U-Net: a contracting path that sees context, an expanding path that draws the outline."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from morula.networks.blocks import (
    BLOCKS,
    CONVOLUTION,
    POOLING,
    TRANSPOSED,
    Activation,
    Block,
    Normalisation,
    Order,
    join,
)
from morula.settings import Settings


class Architecture(Settings):
    """Everything that says which network it is; weights of equal architectures are interchangeable."""

    axes: Literal[1, 2, 3] = 2
    """Number of spatial axes."""
    inputs: int = Field(1, ge=1)
    """Channels of an image."""
    outputs: int = Field(1, ge=1)
    """Maps that come out: one for a single class (sigmoid), background and classes for several (softmax)."""
    width: int = Field(16, ge=1)
    """Features of the first stage; each stage below has twice as many."""
    widest: int = Field(1024, ge=1)
    """No stage has more features than this."""
    depth: int = Field(5, ge=1)
    """Number of stages; the image is halved between them."""
    block: Block = "conv"
    """What a stage is made of."""
    normalisation: Normalisation = "batch"
    """How features are kept in range."""
    activation: Activation = "relu"
    """The non-linearity."""
    order: Order = "conv-norm-act"
    """Where in a convolution unit the normalisation stands."""

    @property
    def features(self) -> tuple[int, ...]:
        """Features of each stage, from the full resolution down."""
        return tuple(min(self.width * 2**stage, self.widest) for stage in range(self.depth))

    @property
    def multiple(self) -> int:
        """Each side of an input must be a multiple of this many pixels."""
        return 2 ** (self.depth - 1)


PUBLISHED = Architecture(inputs=1, outputs=1, width=64, depth=5, order="conv-act-norm")
"""The network of the original work on gastruloids: 64 to 1024 features, conv → ReLU → batch normalisation."""


class UNet(nn.Module):
    """A U-Net for one, two or three spatial axes (arXiv 1505.04597, with padding, so that sizes are kept).

    Input `(batch, inputs, *space)`, each side a multiple of `architecture.multiple`;
    output `(batch, outputs, *space)`, logits.
    """

    def __init__(self, architecture: Architecture):
        super().__init__()
        self.architecture = architecture
        axes, features = architecture.axes, architecture.features
        style = (architecture.normalisation, architecture.activation, architecture.order)
        block = BLOCKS[architecture.block]
        sources = (architecture.inputs, *features)
        self.encoder = nn.ModuleList(block(axes, sources[i], features[i], *style) for i in range(len(features)))
        self.down = POOLING[axes](2)
        above, below = features[:-1], features[1:]
        self.up = nn.ModuleList(
            TRANSPOSED[axes](deep, shallow, kernel_size=2, stride=2) for shallow, deep in zip(above, below, strict=True)
        )
        self.decoder = nn.ModuleList(block(axes, 2 * shallow, shallow, *style) for shallow in above)
        self.head = CONVOLUTION[axes](features[0], architecture.outputs, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of an image; see the class for the shapes."""
        skips = []
        for stage in self.encoder[:-1]:
            x = stage(x)
            skips.append(x)
            x = self.down(x)
        x = self.encoder[-1](x)
        for skip, up, stage in zip(reversed(skips), reversed(self.up), reversed(self.decoder), strict=True):
            x = stage(join(skip, up(x)))
        return self.head(x)
