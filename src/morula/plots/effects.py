"""How large the difference of two conditions is, and how sure that is.

What is compared are independent samples, each one number: objects of the same movie or well are alike for reasons
that have nothing to do with the condition, and counting them would make every difference look sure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

RESAMPLES = 10_000
MOST_NUMBERS = 10_000_000
"""Fewer times where there are so many samples that it would take more numbers."""

SHARE = 0.95
"""Of the intervals, how many hold the true difference."""


@dataclass(frozen=True)
class Effect:
    """One condition beside another.

    Attributes:
        samples: how many samples each has, `(condition, control)`.
        means: their means, likewise.
        difference: the mean of the condition less that of the control.
        low: of the interval of the difference; NaN where one of both has a single sample.
        high: likewise.
        hedges_g: the difference over the deviation within both, corrected for few samples; NaN where there is none.
        cliffs_delta: how much more often a sample of the condition is larger than one of the control than smaller,
            −1 to 1.
        deviation: what the difference is divided by for Hedges' g.
    """

    samples: tuple[int, int]
    means: tuple[float, float]
    difference: float
    low: float
    high: float
    hedges_g: float
    cliffs_delta: float
    deviation: float

    @property
    def standard(self) -> tuple[float, float]:
        """The interval of the difference in the unit of Hedges' g."""
        return self.low / self.deviation, self.high / self.deviation


def effect(values: np.ndarray, control: np.ndarray) -> Effect:
    """The difference of two sets of independent samples.

    Hedges' g: Hedges 1981, doi 10.3102/10769986006002107. Cliff's delta: Cliff 1993, doi 10.1037/0033-2909.114.3.494.

    Args:
        values: one number a sample, `(n,)`.
        control: `(m,)`.
    """
    n, m = len(values), len(control)
    difference = float(values.mean() - control.mean())
    freedom = n + m - 2
    squares = ((values - values.mean()) ** 2).sum() + ((control - control.mean()) ** 2).sum()
    spread = np.sqrt(squares / freedom) if freedom > 0 else 0.0
    deviation = float(spread / (1 - 3 / (4 * freedom - 1))) if spread > 0 and freedom > 1 else np.nan
    low, high = interval(values, control)
    return Effect((n, m), (float(values.mean()), float(control.mean())), difference, low, high,
                  difference / deviation, float(np.sign(values[:, None] - control).mean()), deviation)


def interval(values: np.ndarray, control: np.ndarray | None = None) -> tuple[float, float]:
    """Where the true mean lies, or the true difference from the mean of a control, 19 times out of 20.

    By the bootstrap, expanded for few samples: means of resampled samples scatter too little by √((n − 1) / n), and
    tails are those of Student's distribution (Hesterberg 2015, doi 10.1080/00031305.2015.1089789). NaN for a single
    sample.

    Args:
        values: one number a sample, `(n,)`.
        control: `(m,)`, or None for the mean of the values alone.
    """
    from scipy.special import ndtr, stdtrit

    parts = [values] if control is None else [values, control]
    if min(map(len, parts)) < 2:
        return np.nan, np.nan
    scattered = [_scattered_means(part, seed) for seed, part in enumerate(parts)]
    middle = parts[0].mean() - (parts[1].mean() if control is not None else 0)
    fewest = min(map(len, scattered))
    resampled = middle + scattered[0][:fewest] - (scattered[1][:fewest] if control is not None else 0)
    freedom = _freedom([(float(part.var(ddof=1)) / len(part), len(part)) for part in parts])
    tail = ndtr(stdtrit(freedom, (1 - SHARE) / 2))
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return float(low), float(high)


def _scattered_means(values: np.ndarray, seed: int) -> np.ndarray:
    """How far the means of resampled samples lie from the mean, `(resamples,)`, as far as true means would."""
    count = len(values)
    return (_shares(count, seed) @ values - values.mean()) * np.sqrt(count / (count - 1))


@lru_cache(maxsize=8)  # the same number of samples is compared again and again
def _shares(count: int, seed: int) -> np.ndarray:
    """How much each of so many samples counts in each resample, `(resamples, count)`."""
    resamples = min(RESAMPLES, MOST_NUMBERS // count + 1)
    return np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=resamples) / count


def _freedom(parts: list[tuple[float, int]]) -> float:
    """Degrees of freedom of a sum of means, each with its squared error and its samples (Welch 1947)."""
    total = sum(error for error, _ in parts)
    if total == 0:
        return float(sum(count - 1 for _, count in parts))
    return total**2 / sum(error**2 / (count - 1) for error, count in parts)
