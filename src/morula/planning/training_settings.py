"""How a training is asked for: readable without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from morula.networks.architecture import Activation, Block, Down, Join, Normalisation, Order, Skips, Up
from morula.networks.objective import DICE_CROSS_ENTROPY, loss_terms
from morula.settings import Settings


class TrainSettings(Settings):
    """What can be chosen about a training; everything else is planned from the pairs."""

    minutes: float | None = Field(default=None, gt=0)
    """Budget in minutes for all, from reading to saving (5 if neither minutes nor steps are given)."""
    steps: int | None = Field(default=None, ge=1)
    """Budget in steps of each training, to repeat it exactly; those that score a few images unasked share as many."""
    folds: int | None = Field(default=None, ge=2)
    """Estimate scores on new groups: leave out each of so many parts once. All trainings share the minutes equally."""
    learning_curve: bool = False
    """Train on a quarter and half of the groups too, to tell what more would bring; the minutes are shared equally."""
    quick: bool = False
    """Plan a small network, and coarser pixels where frames allow it: masks are made in half of the time."""
    patch: int | None = Field(default=None, ge=16, le=2**16)
    """Side of a training patch in pixels (after binning), instead of the planned size."""
    batch: int | None = Field(default=None, ge=1, le=2**16)
    """Patches in a step, instead of the planned number."""
    binning: int | None = Field(default=None, ge=1, le=64)
    """How many pixels along each axis are averaged to one, instead of the planned number."""
    objects: bool = False
    """Learn to separate objects that touch, from label images, which give each a number of its own."""
    share: float = Field(default=0.1, gt=0, lt=1)
    """Share of the frames that are held out for validation, by whole groups."""
    loss: str = DICE_CROSS_ENTROPY
    """A sum of dice, jaccard, tversky, cross_entropy, focal, topk and brier, each with a weight: 'dice + 0.5 focal'."""
    class_weights: tuple[float, ...] | None = None
    """How much each class counts in the loss, background first; all alike if left out."""
    init: Path | None = None
    """Go on from this earlier model: the layers that fit are kept."""
    from_nothing: bool = False
    """Begin with random weights, and not with those that were learned from drawings."""
    seed: int = Field(default=0, ge=0)
    """Everything random follows from this number."""
    store: Path | None = Field(default=None, exclude=True)  # where it lies changes nothing about the model
    """A folder where prepared frames are kept on disk, for this training and later ones, however few they are."""
    devices: int = Field(default=1, ge=1, exclude=True)  # it changes nothing about the model but last digits
    """So many processes learn together, each from a part of every batch: on its own GPU, or on a part of the cores."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Number format of the computation; auto takes bfloat16 where the processor is faster with it."""

    @field_validator("loss")
    @classmethod
    def _known_losses(cls, loss: str) -> str:
        loss_terms(loss)
        return loss

    @field_validator("class_weights")
    @classmethod
    def _some_weight(cls, weights: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if weights is not None and (min(weights, default=0) < 0 or not any(weights)):
            raise ValueError("should hold no number below 0, and one above")
        return weights

    @model_validator(mode="after")
    def _one_budget(self) -> TrainSettings:
        if self.minutes and self.steps:
            raise ValueError("--minutes and --steps both say how long to train: give one of them.")
        return self

    @model_validator(mode="after")
    def _one_beginning(self) -> TrainSettings:
        if self.init and self.from_nothing:
            raise ValueError("--init and --from-nothing both say what to begin with: give one of them.")
        return self

    @property
    def budget_minutes(self) -> float | None:
        """The budget in minutes, unless it is given in steps alone."""
        return 5.0 if self.minutes is None and self.steps is None else self.minutes


class NetworkSettings(Settings):
    """What can be chosen about the network; everything left out is planned from the pairs."""

    network: Literal["planned", "published"] = "planned"
    """Begin with the planned network, or with that of the original work (64 to 1024 features)."""
    width: int | None = Field(default=None, ge=1, le=512)
    """Features of the first stage."""
    growth: float | None = Field(default=None, ge=1, le=4)
    """Each stage has so many times the features of the one above."""
    depth: int | None = Field(default=None, ge=1, le=8)
    """Number of stages."""
    stem: int | None = Field(default=None, ge=1, le=4)
    """Pixels along each axis that are folded into features first: 1 computes at full resolution, 2 far less."""
    detail: int | None = Field(default=None, ge=0, le=128)
    """Features of every single pixel that correct what was drawn of folded ones; 0 for none."""
    block: Block | None = None
    """What a stage is made of."""
    skips: Skips | None = None
    """How stages of the same size are connected."""
    attention: bool | None = None
    """Whether gates weigh the features of skip connections."""
    join: Join | None = None
    """Whether skip connections are set beside what comes from below, or added to it."""
    normalisation: Normalisation | None = None
    """How features are kept in range."""
    activation: Activation | None = None
    """The non-linearity."""
    order: Order | None = None
    """Where the normalisation stands."""
    down: Down | None = None
    """How a stage shrinks."""
    up: Up | None = None
    """How a stage is enlarged."""
    dropout: float | None = Field(default=None, ge=0, lt=1)
    """Share of the features that are left out at random while learning."""
    deep_supervision: bool | None = None
    """Whether coarser stages draw outlines of their own while learning."""

    @property
    def chosen(self) -> dict[str, object]:
        """The fields of an `Architecture` that are not left to the plan."""
        return self.model_dump(exclude={"network"}, exclude_none=True)
