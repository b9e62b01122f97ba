"""Whether probabilities are as often right as they say, and the temperature that makes them so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from morula.trust.signals import PROBABILITIES, tempered

STEPS = 10
"""Steps of probability in which calibration is told."""


@dataclass(frozen=True)
class Reliability:
    """How often probabilities were right.

    Attributes:
        counts: pixels by the probability of a class that they do not belong to and that they do, `(2, BINS)`.
    """

    counts: np.ndarray

    def best_temperature(self) -> float:
        """The temperature with which the truth is most probable, between 1/5 and 5."""
        if not self.counts.sum():
            return 1.0

        def surprise(logarithm: float) -> float:
            probabilities = tempered(PROBABILITIES, np.exp(logarithm)).clip(1e-6, 1 - 1e-6)
            return float(-(self.counts[1] @ np.log(probabilities) + self.counts[0] @ np.log1p(-probabilities)))

        found: Any = minimize_scalar(surprise, bounds=(-np.log(5), np.log(5)), method="bounded")
        return float(np.exp(found.x))

    def curve(self, temperature: float = 1.0) -> list[tuple[float, float, int]]:
        """For each step of probability that occurs, the mean of what was said, of what was true, and the pixels."""
        said = tempered(PROBABILITIES, temperature)
        step = np.minimum((said * STEPS).astype(int), STEPS - 1)
        pixels = self.counts.sum(0)
        number = np.bincount(step, pixels, STEPS)
        sums = np.bincount(step, pixels * said, STEPS), np.bincount(step, self.counts[1], STEPS)
        return [(float(sums[0][each] / number[each]), float(sums[1][each] / number[each]), int(number[each]))
                for each in np.flatnonzero(number)]

    def error(self, temperature: float = 1.0) -> float:
        """The expected calibration error: how far what was said is from what was true, in the mean over pixels."""
        curve = np.array(self.curve(temperature)).reshape(-1, 3)
        return float(np.abs(curve[:, 0] - curve[:, 1]) @ curve[:, 2] / max(curve[:, 2].sum(), 1))
