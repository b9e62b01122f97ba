"""How scores follow the number of annotated groups, and what twice as many would probably bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from morula.plurals import many
from morula.scores.estimate import Interval, bootstrap_mean

RERUN = 0.005
"""By about so much the mean scores of two trainings differ that begin with other random numbers."""
SURE = 0.9
"""So sure a forecast is meant to be."""
TELLING = 0.3
"""A forecast whose range is a larger part of the error says hardly more than one without any measurement, 0.36."""
MANY = 5
"""From fewer validation groups little can be told."""
SLIGHT = 0.01
"""A gain that nobody would annotate for."""


@dataclass(frozen=True)
class Point:
    """A training on a part of the groups.

    Attributes:
        groups: how many it learned from.
        frames: how many frames these have.
        scores: the foreground IoU of each validation group; None where it rightly has no foreground.
    """

    groups: int
    frames: int
    scores: tuple[float | None, ...]

    @property
    def mean(self) -> Interval:
        """The mean over the validation groups that have a score."""
        return bootstrap_mean(self.scores) or Interval(0.0, None)


@dataclass(frozen=True)
class LearningCurve:
    """Scores of trainings on more and more groups, on the same validation groups.

    The error, one minus the IoU, is taken to fall as E (k + (1 - k) (n / N)^-b) with the number n of groups, where E is
    the error with all N, k the part of it that no annotation takes away, and b the steepness: learning curves follow
    such power laws, with b between 0.07 and 0.5 for most deep networks (Hestness et al. 2017, arXiv 1712.00409).
    Nothing is known of k and b before but that they lie between 0 and 1; what the points say of them is weighed by
    Student's distribution.
    """

    points: tuple[Point, ...]

    @property
    def forecast(self) -> tuple[float, float] | None:
        """Between which foreground IoU twice as many groups would probably bring; None if that cannot be told."""
        return self._doubled[0] if self._doubled else None

    @cached_property
    def _doubled(self) -> tuple[tuple[float, float], float] | None:
        """The forecast, and the most that would probably be gained."""
        noise, freedom = self._noise
        if noise is None:
            return None
        ratios = np.array([point.groups for point in self.points]) / self.points[-1].groups
        errors = 1 - np.array([point.mean.mean for point in self.points])
        grid = (np.arange(40) + 0.5) / 40
        kept, steepness = grid[:, None, None], grid[None, :, None]
        last = np.linspace(max(errors[-1] - 6 * noise, 1e-4), errors[-1] + 6 * noise, 60)
        squares = sum((last * (kept + (1 - kept) * ratio**-steepness) - error) ** 2
                      for ratio, error in zip(ratios, errors, strict=True))
        weights = (1 + squares / (freedom * noise**2)) ** (-(freedom + len(errors)) / 2)
        doubled = last * (kept + (1 - kept) * 2**-steepness)
        low, high = _quantiles(doubled, weights)
        if high - low > TELLING * errors[-1]:
            return None
        return (float(1 - high), float(1 - low)), float(_quantiles(last - doubled, weights)[1])

    @property
    def sentence(self) -> str:
        """What more annotation is likely to bring."""
        last = self.points[-1]
        twice, now = f"twice as many groups ({2 * last.groups})", last.mean.mean
        if self._doubled is None:
            held = sum(score is not None for score in last.scores)
            few = f" Only {many(held, 'group')} validated: a larger --share may tell." if held < MANY else ""
            return f"What {twice} would bring cannot be told from these scores.{few}"
        (low, high), gained = self._doubled
        if gained < SLIGHT:
            return f"Scores hardly rise any more: {twice} would likely add less than {SLIGHT} to {now:.3f}."
        return (f"With {twice}, the foreground IoU is likely between {low:.3f} and {high:.3f}; "
                f"it is {now:.3f} with {last.groups}.")

    @property
    def rows(self) -> Iterator[tuple[str, str]]:
        """What to say about it, as label and value."""
        for point in self.points:
            scored = f"{many(point.frames, 'frame')}, foreground IoU {point.mean}"
            yield f"learned from {many(point.groups, 'group')}", scored
        yield "more annotation", self.sentence

    def record(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"points": [asdict(point) for point in self.points], "forecast": self.forecast,
                "sentence": self.sentence}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> LearningCurve:
        """What `record` gave."""
        return cls(tuple(Point(point["groups"], point["frames"], tuple(point["scores"])) for point in record["points"]))

    @property
    def _noise(self) -> tuple[float | None, int]:
        """How far a mean is off by chance, and from how many degrees of freedom that is known.

        What all trainings find hard about a group does not count: only what is neither of the group nor of the size.
        """
        table = np.array([[np.nan if score is None else score for score in point.scores] for point in self.points])
        table = table[:, np.isfinite(table).all(axis=0)]
        sizes, groups = table.shape
        if groups < 2 or sizes < 3:
            return None, 0
        rest = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
        freedom = (sizes - 1) * (groups - 1)
        return float(np.sqrt((rest**2).sum() / freedom / groups + RERUN**2)), freedom


def _quantiles(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The ends of the middle part of weighted values that is as large as `SURE`."""
    order = np.argsort(values, axis=None)
    reached = np.cumsum(weights.ravel()[order])
    return values.ravel()[order][np.searchsorted(reached, reached[-1] * np.array([1 - SURE, 1 + SURE]) / 2)]
