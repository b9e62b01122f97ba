"""How good a mask probably is: what a model has learned about its own masks, and what it says of a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from morula.trust.expectation import Estimate, Expected
from morula.trust.signals import SIGNALS, Tally

NEAREST = 2
"""Reference frames whose mean distance counts."""


FAMILIAR = 0.3
"""Distances this small make no difference."""
FAR = 5.0
"""A frame is strange from so many times the usual distance on."""
STRANGE = 1.0
"""What the logit of an IoU loses at e times the distance at which frames become strange; with e², four times that."""
SAME = 0.08
"""Differences of form this small make none."""
ODD = 3.0
"""A form is odd from so many times the usual distance on."""
SELDOM = 0.05
"""A class that more of the annotated frames lack than this need not be in a mask."""


ABOVE_ZERO = ("temperature", "scale", "farthest", "form_scale")
FROM_ZERO = ("slopes", "reach", "usual", "form_usual", "absent", "surest")
SHARES = ("absent", "surest", "poorest", "lowest")
"""What numbers of a quality mean nothing elsewhere."""


@dataclass(frozen=True)
class Quality:
    """What a model has learned about its own masks.

    The expected IoU of a class is a logistic function of a weighted sum: of what speaks for its mask (`SIGNALS`), of
    how familiar the frame is, and of a level of its own. How far off that may be follows from the expected IoU and
    from how familiar the frame is, times what was met on held-out frames.

    Attributes:
        temperature: divides logits, so that probabilities are as often right as they say.
        slopes: weights of the signals, of the familiarity and of the oddness, none negative, `(2, signals + 2)`:
            where there is but one view, and where there are several that agree or not.
        levels: of each class, likewise `(2, classes)`.
        spread: the logarithm of how far off estimates are, and its slopes against those of `e (1 - e)` and of the
            familiarity, `(3,)`.
        reach: how many spreads the interval reaches down and up, `(2, 2)`: of the mean over the classes, of a class.
        known: what frames look like that the model knows, `(frames, features)`, see `Tally.appearance`.
        scale: the difference that counts as one, of each feature, `(features,)`.
        usual: the distance that is usual of frames of the kind.
        farthest: the distance from which on a frame is unlike the training images.
        forms: what the outlines of masks look like that the model knows, `(frames, features)`, see `Tally.form`.
        form_scale: the difference that counts as one, of each feature of them, `(features,)`.
        form_usual: the distance between forms that is usual.
        lowest: the low end of an interval below which few held-out frames had theirs.
        poorest: an IoU that, if no more is expected, is a warning, however wide the usual intervals are.
        absent: the share of the annotated frames that lack a class, `(classes,)`.
        surest: the highest IoU that was expected of any mask whose truth is known. That one is better still makes it no
            surer: nobody has seen how far off such promises are.
    """

    temperature: float
    slopes: np.ndarray
    levels: np.ndarray
    spread: np.ndarray
    reach: np.ndarray
    known: np.ndarray
    scale: np.ndarray
    usual: float
    farthest: float
    forms: np.ndarray
    form_scale: np.ndarray
    form_usual: float
    lowest: float
    absent: np.ndarray
    surest: float = 1.0
    poorest: float = 0.0

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it by name, for a file."""
        return {field.name: np.asarray(getattr(self, field.name), float) for field in fields(self)}

    @classmethod
    def shapes(cls, classes: int, channels: int) -> dict[str, tuple[int | None, ...]]:
        """Those of `arrays` of a model for so many classes and channels; None is any number."""
        empty = Tally.empty(classes, channels)
        features, form = len(empty.appearance()), len(empty.form())
        return {field.name: () for field in fields(cls)} | {
            "slopes": (2, len(SIGNALS) + 2), "levels": (2, classes), "spread": (3,), "reach": (2, 2),
            "known": (None, features), "scale": (features,), "forms": (None, form), "form_scale": (form,),
            "absent": (classes,)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """What `arrays` told, of these shapes.

        Raises:
            TypeError: something is missing.
            ValueError: a number is where it means nothing.
        """
        if missing := {field.name for field in fields(cls)} - arrays.keys():
            raise TypeError(f"{min(missing)} is missing")
        for name in ABOVE_ZERO:
            if not (arrays[name] > 0).all():
                raise ValueError(f"{name} is not above 0")
        for name in FROM_ZERO:
            if not (arrays[name] >= 0).all():
                raise ValueError(f"{name} is below 0")
        for name in SHARES:
            if not (arrays[name] <= 1).all():
                raise ValueError(f"{name} is above 1")
        values: dict[str, Any] = {name: array if array.ndim else array.item() for name, array in arrays.items()}
        return cls(**values)

    def expect(self, tally: Tally, classes: Sequence[str]) -> Expected:
        """What is expected of the mask of a frame.

        Args:
            tally: of the frame.
            classes: their names, without background.
        """
        distance = self.distance(tally)
        evidence = tally.signals(self.temperature)
        several = int(np.isfinite(evidence).all())
        slopes, levels = self.slopes[several], self.levels[several]
        odd = oddness(nearness(tally.form(), self.forms, self.form_scale), self.form_usual)
        known = np.array([familiarity(distance), odd])
        weighted = np.nan_to_num(evidence) @ slopes[:-2] + known @ slopes[-2:] + levels
        expected = logistic(weighted + strangeness(distance, self.usual))
        there = (tally.found > 0) | (self.absent <= SELDOM)
        if not there.any():
            return Expected(None, {}, distance > self.farthest)
        mean = self._estimate(float(expected[there].mean()), distance, self.reach[0])
        each = {name: self._estimate(float(iou), distance, self.reach[1])
                for name, iou, is_there in zip(classes, expected, there, strict=True) if is_there}
        poor = mean.low < self.lowest or mean.iou < self.poorest
        return Expected(mean, each if len(classes) > 1 else {}, distance > self.farthest, poor)

    def distance(self, tally: Tally) -> float:
        """How far a frame is from those that are known, see `nearness`."""
        return nearness(tally.appearance(), self.known, self.scale)

    def _estimate(self, iou: float, distance: float, reach: np.ndarray) -> Estimate:
        features = spread_features(np.array([min(iou, self.surest)]), np.array([distance]))
        width = float(np.exp(features @ self.spread)[0])
        # Of frames that are unlike all that are known, nobody can promise how low they lie.
        promised = self.farthest / max(distance, self.farthest)
        low, high = iou - float(reach[0]) * width, iou + float(reach[1]) * width
        return Estimate(iou, max(0.0, low * promised), min(1.0, high))


def nearness(appearance: np.ndarray, known: np.ndarray, scale: np.ndarray) -> float:
    """The mean distance of a frame to the nearest known ones, about 0.5 among images of a kind; 1 if there is none."""
    away = np.sqrt((((known - appearance) / scale) ** 2).mean(1))
    return float(np.sort(away)[:NEAREST].mean()) if len(away) else 1.0


def familiarity(distance: np.ndarray | float) -> np.ndarray:
    """Minus the logarithm of a distance that matters."""
    return -np.log(np.asarray(distance) + FAMILIAR)


def strangeness(distance: np.ndarray | float, usual: float) -> np.ndarray:
    """What is taken from the logit of an IoU of a frame that looks like nothing that is known; a negative number.

    Networks are as sure of what they have never seen as of what they know, so that signals alone would not tell. But
    many see through another stain or microscope, so that a frame must be very far away.
    """
    beyond = np.log(np.maximum(np.asarray(distance) / (FAR * max(usual, FAMILIAR)), 1))
    return -STRANGE * beyond**2


def oddness(distance: np.ndarray | float, usual: float) -> np.ndarray:
    """Minus the logarithm of how much farther the form of a mask is from known ones than may be; 0 of most.

    Where a network fails, its mask is in crumbs, or has holes, or is a blot, in any stain.
    """
    return -np.log(np.maximum(np.asarray(distance) / (ODD * max(usual, SAME)), 1))


def logistic(logits: np.ndarray) -> np.ndarray:
    """From logits to shares."""
    return 1 / (1 + np.exp(-logits))


def spread_features(expected: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """What the logarithm of the spread depends on, `(estimates, 3)`."""
    return np.stack([np.ones_like(expected), np.log(expected * (1 - expected) + 0.003), -familiarity(distance)], axis=1)
