"""Which network it is, as data: readable without torch."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, model_validator

from morula.settings import Settings, flag

Block = Literal["conv", "residual", "dense", "inception", "nested", "convnext"]
Skips = Literal["unet", "unet+", "unet++"]
Join = Literal["concatenate", "sum"]
Normalisation = Literal["batch", "instance", "group", "none"]
Activation = Literal["relu", "leaky_relu", "gelu", "silu", "mish"]
Order = Literal["conv-norm-act", "conv-act-norm"]
Down = Literal["pool", "convolution"]
Up = Literal["transposed", "resize"]


class Architecture(Settings):
    """Everything that says which network it is; weights of equal architectures are interchangeable."""

    axes: Literal[1, 2, 3] = 2
    """Number of spatial axes."""
    inputs: int = Field(default=1, ge=1, le=2**12)
    """Channels of an image."""
    outputs: int = Field(default=1, ge=1, le=2**12)
    """Maps of classes that come out: one for a single class (sigmoid), background and all for several (softmax)."""
    distance: bool = False
    """Whether one more map comes out: how far from the edge of its object each pixel lies (sigmoid)."""
    width: int = Field(default=16, ge=1, le=2**12)
    """Features of the first stage."""
    growth: float = Field(default=2.0, ge=1, le=4)
    """Each stage has so many times the features of the one above."""
    widest: int = Field(default=1024, ge=1, le=2**14)
    """No stage has more features than this."""
    depth: int = Field(default=5, ge=1, le=10)
    """Number of stages."""
    stem: int = Field(default=1, ge=1, le=4)
    """So many pixels along each axis are folded into features before the first stage, and unfolded by the head."""
    detail: int = Field(default=0, ge=0, le=2**8)
    """Features of every single pixel that correct what was drawn of folded ones; 0 for none."""
    strides: tuple[tuple[int, ...], ...] = ()
    """Between the stages, from the first down: by how much each axis shrinks, 1 or 2. Left out, all are halved."""
    block: Block = "conv"
    """What a stage is made of."""
    skips: Skips = "unet"
    """How stages of the same size are connected: directly, or through nodes in between, sparsely or densely."""
    attention: bool = False
    """Whether gates weigh the features of skip connections by what the stage below knows."""
    join: Join = "concatenate"
    """Whether features of a skip connection stand beside those from below or are added to them."""
    normalisation: Normalisation = "batch"
    """How features are kept in range."""
    activation: Activation = Field(default_factory=lambda given: "gelu" if given.get("block") == "convnext" else "relu")
    """The non-linearity; left out, that of the paper for `convnext` (GELU), and ReLU for all others."""
    order: Order = "conv-norm-act"
    """Where in a convolution unit the normalisation stands; without a normalisation it makes no difference."""
    down: Down = "pool"
    """How a stage shrinks: by the largest of its neighbours, or by a convolution with a stride."""
    up: Up = "transposed"
    """How a stage is enlarged: by a transposed convolution, or by interpolation and a convolution."""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Share of the features that are left out at random while learning, at the end of each block."""
    deep_supervision: bool = False
    """Whether coarser stages of the expanding path draw outlines of their own while learning."""

    @model_validator(mode="after")
    def _strides_fit(self) -> Architecture:
        if self.strides and (len(self.strides) != self.depth - 1 or any(
            len(stride) != self.axes or not set(stride) <= {1, 2} for stride in self.strides
        )):
            raise ValueError(f"strides must hold {self.depth - 1} times {self.axes} numbers, each 1 or 2; "
                             f"{self.strides} came")
        return self

    @model_validator(mode="after")
    def _detail_was_folded(self) -> Architecture:
        if self.detail and self.stem == 1:
            raise ValueError(f"{flag('detail')} corrects what is drawn of folded pixels, and here none are. Leave it "
                             f"out, or give {flag('stem')} 2.")
        return self

    @model_validator(mode="after")
    def _stages_suffice(self) -> Architecture:
        for name, chosen, stages in (("attention", self.attention, 2), ("deep_supervision", self.deep_supervision, 3)):
            if chosen and self.depth < stages:
                raise ValueError(f"{flag(name)} needs a network of at least {stages} stages; this one has "
                                 f"{self.depth}. Leave it out, or give {flag('depth')} {stages} or more.")
        return self

    def from_stage(self, stage: int) -> Architecture:
        """The part from a stage down, as a network of its own."""
        return self.model_copy(update={"width": self.features[stage], "depth": self.depth - stage,
                                       "strides": self.every_stride[stage:], "stem": 1 if stage else self.stem})

    @property
    def classes(self) -> int:
        """Classes with background, against which a lone map stands."""
        return max(2, self.outputs)

    @property
    def maps(self) -> int:
        """All maps that come out."""
        return self.outputs + self.distance

    @property
    def features(self) -> tuple[int, ...]:
        """Features of each stage, from the full resolution down."""
        return tuple(min(round(self.width * self.growth**stage), self.widest) for stage in range(self.depth))

    @property
    def every_stride(self) -> tuple[tuple[int, ...], ...]:
        """By how much each axis shrinks from each stage to the next."""
        return self.strides or ((2,) * self.axes,) * (self.depth - 1)

    @property
    def multiple(self) -> tuple[int, ...]:
        """Along each axis, the side of an input must be a multiple of this many pixels."""
        return tuple(self.stem * math.prod(stride[axis] for stride in self.every_stride) for axis in range(self.axes))


PUBLISHED = Architecture(inputs=1, outputs=1, width=64, depth=5, order="conv-act-norm")
"""The network of the original work on gastruloids: 64 to 1024 features, conv → ReLU → batch normalisation."""
