"""What a plan allows itself: for minutes of training, or for a first look within seconds."""

from __future__ import annotations

from dataclasses import dataclass

from morula.planning.training_settings import TrainSettings

SECONDS_ONLY = 0.5
"""Budgets of fewer minutes are for a first look."""


@dataclass(frozen=True)
class Pace:
    """How fine and how large things are planned.

    Attributes:
        kept: outlines must survive binning with at least this mean IoU.
        smallest_side: binning leaves frames at least this large, in pixels.
        width: features of the first stage.
        stem: so many pixels along each axis are folded into features before it.
        deepest: stages at most.
        seen: the part of the usual number of pixels that a step learns from.
        learning_rate: the highest.
        warm_up: steps until it is reached.
    """

    kept: float
    smallest_side: int
    width: int
    stem: int
    deepest: int
    seen: float
    learning_rate: float
    warm_up: int


THOROUGH = Pace(kept=0.985, smallest_side=192, width=16, stem=2, deepest=5, seen=1, learning_rate=0.02, warm_up=32)
QUICK = Pace(kept=0.95, smallest_side=64, width=8, stem=1, deepest=4, seen=1 / 8, learning_rate=0.04, warm_up=10)


def chosen_pace(settings: TrainSettings) -> Pace:
    """The pace that was asked for, or else that of the budget."""
    short = settings.minutes is not None and settings.minutes < SECONDS_ONLY
    return QUICK if (short if settings.quick is None else settings.quick) else THOROUGH
