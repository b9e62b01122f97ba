"""Which network it is, as data: readable without torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from morula.settings import Settings

Block = Literal["conv", "residual"]
Normalisation = Literal["batch", "instance", "group", "none"]
Activation = Literal["relu", "leaky_relu", "silu"]
Order = Literal["conv-norm-act", "conv-act-norm"]


class Architecture(Settings):
    """Everything that says which network it is; weights of equal architectures are interchangeable."""

    axes: Literal[1, 2, 3] = 2
    """Number of spatial axes."""
    inputs: int = Field(default=1, ge=1)
    """Channels of an image."""
    outputs: int = Field(default=1, ge=1)
    """Maps that come out: one for a single class (sigmoid), background and classes for several (softmax)."""
    width: int = Field(default=16, ge=1)
    """Features of the first stage; each stage below has twice as many."""
    widest: int = Field(default=1024, ge=1)
    """No stage has more features than this."""
    depth: int = Field(default=5, ge=1, le=10)
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
