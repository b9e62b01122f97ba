"""The plan: everything derived from the pairs before training. Data, no behaviour."""

from __future__ import annotations

from math import prod
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from morula.cards import Card, Shown
from morula.headers.units import pixel_size_in_words
from morula.models.batch_sizes import BatchSizes
from morula.networks.architecture import Architecture
from morula.networks.objective import DICE_CROSS_ENTROPY, loss_terms
from morula.objects.separation import Separation
from morula.plurals import listed, many
from morula.settings import Settings

MOST_BINNED = 64
"""Pixels along an axis that are averaged to one, at most."""
MOST_CLASSES = 254
"""Numbers of a mask in bytes that are neither background nor not annotated."""

Name = Annotated[str, Field(min_length=1, max_length=1000)]
PerAxis = Field(min_length=1, max_length=3)
NEUTRAL = {"mixing": 0.0, "balance": 1.0, "specks": (), "views": "all"}
"""What earlier plans say nothing of."""


class Intensity(Settings):
    """What happens to the numbers of a frame before the network sees them.

    They are clipped at two percentiles, then shifted and scaled to mean 0 and standard deviation 1.
    """

    low: float = Field(default=1.0, ge=0, le=100)
    """Lower percentile; what is darker is clipped."""
    high: float = Field(default=99.5, ge=0, le=100)
    """Upper percentile; what is brighter is clipped."""
    channels: Literal["each", "together"] = "each"
    """Whether each channel has its own values, or all share theirs, which keeps colours as they are."""

    @model_validator(mode="after")
    def _low_lies_below_high(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"the lower percentile must lie below the upper; {self.low} and {self.high} came")
        return self


class _Grown(Settings):
    """Settings of which later ones say more."""

    @model_serializer(mode="wrap")
    def _without_what_nobody_asked(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What came later is written where it is used: all other plans are called what they were called before."""
        return {name: value for name, value in written(self).items()
                if name not in NEUTRAL or getattr(self, name) != NEUTRAL[name]}


class Augmentation(_Grown):
    """How strongly patches are varied. A probability is the share of patches that an operation meets."""

    flips: tuple[Annotated[int, Field(ge=0, le=2)], ...] = Field(default=(0, 1, 2), max_length=3)
    """Spatial axes along which patches are mirrored, the first is 0; those that an image lacks do not count."""
    turns: bool = True
    """Quarter turns in the image plane."""
    warp: float = Field(default=0.2, ge=0, le=1)
    """Probability of a free rotation, scaling and elastic warp; these interpolate, which blurs a little."""
    rotation: float = Field(default=180.0, ge=0, le=180)
    """Largest free rotation in the image plane, degrees."""
    scale: float = Field(default=1.25, ge=1, le=10)
    """Largest magnification; the smallest is its inverse."""
    elastic: float = Field(default=0.02, ge=0, le=1)
    """Standard deviation of the elastic displacement, as a share of the patch's side."""
    intensity: float = Field(default=0.5, ge=0, le=1)
    """Probability of each change of brightness, contrast, gamma and colours."""
    brightness: float = Field(default=0.3, ge=0)
    """Largest shift, in standard deviations of the image."""
    contrast: float = Field(default=1.4, ge=1)
    """Largest stretch of contrast; the smallest is its inverse."""
    gamma: float = Field(default=1.5, ge=1)
    """Largest gamma; the smallest is its inverse."""
    colour: float = Field(default=0.1, ge=0)
    """Largest shift of one channel against the others, in standard deviations of the image."""
    mixing: float = Field(default=0.0, ge=0, le=1)
    """Largest part of one colour that comes from another one, or goes to it; greys stay what they are."""
    balance: float = Field(default=1.0, ge=1, le=10)
    """Largest factor of one colour against the others; the smallest is its inverse."""
    blur: float = Field(default=0.15, ge=0, le=1)
    """Probability of blurring or sharpening."""
    noise: float = Field(default=0.15, ge=0, le=1)
    """Probability of added noise."""


class Plan(Shown, _Grown):
    """What the pairs say about how to learn from them and how to use the model."""

    channels: tuple[Name, ...] = Field(min_length=1)
    """Names of the channels, in the order the network wants them."""
    classes: tuple[Name, ...] = Field(min_length=1, max_length=MOST_CLASSES)
    """Names of the classes without background; class number 1 comes first."""
    pixel_size: Annotated[tuple[Annotated[float, Field(gt=0)], ...], PerAxis] | None = None
    """µm along each spatial axis of the training images, where known."""
    sides: tuple[Annotated[int, Field(ge=1, le=2**16)], ...] = Field(default=(), max_length=64)
    """Pixels of the shorter side to which images are brought, as the model is surest; empty: they stay as they are."""
    binning: Annotated[tuple[Annotated[int, Field(ge=1, le=MOST_BINNED)], ...], PerAxis]
    """Along each spatial axis, how many pixels are averaged to one before the network sees them."""
    intensity: Intensity = Intensity()
    """What happens to the numbers before the network sees them."""
    architecture: Architecture
    """The network."""
    views: Literal["all", "opposite"] = "all"
    """Over what masks are averaged: an image and all its mirror images, or it and the one flipped along all axes."""
    separation: Separation | None = None
    """How touching objects are told apart; None where masks of classes are all that is wanted."""
    specks: tuple[Annotated[float, Field(ge=0)], ...] = Field(default=(), max_length=MOST_CLASSES)
    """Pixels that a connected piece of each class has at least; smaller ones take the class around them. Empty: all \
are kept."""
    main_object: bool = False
    """Whether only the largest connected piece of each mask is kept."""
    patch: Annotated[tuple[Annotated[int, Field(ge=1, le=2**16)], ...], PerAxis]
    """Size of a training patch, in binned pixels."""
    batch: int = Field(ge=1, le=2**16)
    """Patches in a training step; in the last ones, where batches grow."""
    first_batch: int | None = Field(default=None, ge=1, le=2**16)
    """Patches in the first steps; None if there are as many in all."""
    learning_rate: float = Field(gt=0)
    """The highest learning rate, reached after warming up."""
    warm_up: int = Field(default=32, ge=4, le=2**20)
    """Steps until the learning rate is at its highest."""
    augmentation: Augmentation = Augmentation()
    """How patches are varied in training."""
    repeated: dict[str, Annotated[int, Field(ge=1, le=2**16)]] = Field(default_factory=dict)
    """Training frames of a rare kind by name, and how often a pass shows them; all others it shows once."""
    loss: str = DICE_CROSS_ENTROPY
    """What is descended, a sum of losses."""
    class_weights: tuple[float, ...] | None = None
    """How much each class counts in the loss, background first; None if all count alike."""
    reasons: tuple[str, ...] = ()
    """Why the plan is as it is, in sentences."""

    def require_fit(self) -> None:
        """Raise a ValueError unless all of it is for the same network."""
        network, axes = self.architecture, self.architecture.axes
        if len(self.channels) != network.inputs:
            raise ValueError(f"{len(self.channels)} channels do not fit a network for {network.inputs}")
        if network.outputs != (1 if len(self.classes) == 1 else len(self.classes) + 1):
            raise ValueError(f"{len(self.classes)} classes do not fit a network with {network.outputs} outputs")
        for name in ("binning", "patch", "pixel_size"):
            if len(getattr(self, name) or range(axes)) != axes:
                raise ValueError(f"{name} has {len(getattr(self, name))} axes, and the network {axes}")
        for name, told in (("channel", self.channels), ("class", self.classes), ("flip", self.augmentation.flips)):
            if len(set(told)) < len(told):
                raise ValueError(f"a {name} is named twice")
        if self.separation and not network.distance:
            raise ValueError("objects cannot be told apart by a network without a map of distances")
        if self.specks and len(self.specks) != len(self.classes):
            raise ValueError(f"{len(self.specks)} sizes of specks do not fit {len(self.classes)} classes")
        if self.class_weights and len(self.class_weights) != len(self.classes) + 1:
            raise ValueError(f"{len(self.class_weights)} class weights do not fit {len(self.classes)} classes")
        loss_terms(self.loss)

    @property
    def batch_sizes(self) -> BatchSizes:
        """How many patches are in each step."""
        return BatchSizes(self.first_batch or self.batch, self.batch)

    def pixels_until(self, step: int) -> int:
        """Pixels that are learned from in all steps before one."""
        return self.batch_sizes.until(step) * prod(self.patch)

    @property
    def summary(self) -> tuple[tuple[str, str], ...]:
        """What it is for and by which network, as label and value."""
        network = self.architecture
        folded = f", {' × '.join([str(network.stem)] * network.axes)} pixels folded" if network.stem > 1 else ""
        averaged = f", {' × '.join(map(str, self.binning))} averaged to one" if max(self.binning) > 1 else ""
        return (
            ("classes", listed(self.classes) + (", objects told apart" if self.separation else "")),
            ("channels", listed(self.channels)),
            ("pixel size", (pixel_size_in_words(self.pixel_size) if self.pixel_size else "unknown") + averaged),
            ("network", f"{network.axes}-D {network.skips} of {network.block} blocks, {many(network.depth, 'stage')}, "
                        f"{network.features[0]} to {network.features[-1]} features{folded}"),
        )

    @property
    def card(self) -> Card:
        learning = f"{self.batch_sizes} × a patch of {' × '.join(map(str, self.patch))} in a step"
        return Card("Plan", (*self.summary, ("learning", learning), ("loss", self.loss)))

    def __str__(self) -> str:
        return str(self.card)
