"""What small filters see at each pixel: how bright it is around it, how steep, how curved and how rough, near and far.

Every number is an invariant of turning, and is made from smoothed pixels and differences of neighbours, which is the
discrete scale space of T. Lindeberg, Discrete derivative approximations with scale-space properties, 1993. Derivatives
are multiplied with the width of the smoothing once for each order, so that those of all widths compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WIDTHS = (0.7, 1.4, 2.8, 5.6)
"""Standard deviations σ of the Gaussians, in pixels of the axis along which these are smallest. Wider ones know the
neighbourhood of a stroke by heart."""
KINDS = ("brightness", "slope", "least curvature", "greatest curvature")
"""What is known of each channel at each width."""
ROUGH = 2
"""At so many of the finest widths it is known, too, how rough the channel is: coarse roughness is but a near edge."""
WINDOW = 4.0
"""Where roughness is averaged, as a multiple of the width."""
EACH = len(WIDTHS) * len(KINDS) + ROUGH
"""Features of a channel."""
DARKEST, BRIGHTEST = 1.0, 99.0
"""Percentiles of a channel that become 0 and 1."""
MOST_PIXELS = 2**19
"""A frame with more pixels is binned before it is filtered."""
SAMPLE = 2**16
"""Percentiles are taken of about so many pixels."""
CUT = 3.0
"""Where a Gaussian ends, in standard deviations."""


@dataclass(frozen=True)
class Filtered:
    """A frame seen by all filters; keep it while strokes are added, for then only the forest has work to do.

    Attributes:
        values: the features, float32 `(features, *bins)`.
        space: the shape of the frame itself.
        bin: how many of its pixels are one here, along each axis.
    """

    values: np.ndarray
    space: tuple[int, ...]
    bin: tuple[int, ...]

    @classmethod
    def of(cls, planes: np.ndarray, spacing: Sequence[float] | None = None, most: int = MOST_PIXELS) -> Filtered:
        """See a frame, binned by whole numbers of pixels until it has at most `most` of them.

        Args:
            planes: numbers of any type `(channels, *space)`.
            spacing: the length of a pixel along each axis, in any unit; equal if None.
            most: pixels that are filtered; a plane of 2048 × 2048 becomes one of 683 × 683.

        Raises:
            ValueError: there is no pixel, or not one spacing for each axis.
        """
        lengths = _lengths(planes, spacing)
        space = planes.shape[1:]
        chosen = choose_bin(space, lengths, most)
        spacing = tuple(length * each for length, each in zip(lengths, chosen, strict=True))
        return cls(features(binned(planes, chosen), spacing), space, chosen)

    @property
    def channels(self) -> int:
        """Of the frame itself."""
        return len(self.values) // EACH

    def enlarged(self, values: np.ndarray) -> np.ndarray:
        """Numbers `(n, *bins)` at the pixels of the frame, float32 `(n, *space)`, straight between the bins."""
        for axis in reversed(range(len(self.space))):  # whole rows last, which is the fastest
            values = _stretched(values, axis + 1, self.space[axis], self.bin[axis])
        return values


def features(planes: np.ndarray, spacing: Sequence[float] | None = None) -> np.ndarray:
    """What each filter sees at each pixel, in planes and volumes alike.

    For each channel, scaled so that its percentiles 1 and 99 are 0 and 1, and each of the `WIDTHS` σ: the Gaussian mean
    (brightness); σ times the length of its gradient (slope); and σ² times the bounds m ± s √(n − 1) of the eigenvalues
    of its Hessian in n dimensions, where m is their mean and s their standard deviation (curvature). In a plane these
    are the eigenvalues, whose sum is the Laplacian. They follow from traces alone: H. Wolkowicz and G. Styan, Bounds
    for eigenvalues using traces, 1980. At the finest widths also the root mean square, in a Gaussian window of 4 σ, of
    what the smoothing took from the pixels or from the next finer mean (roughness), after K. Laws, Rapid texture
    identification, 1980.

    Args:
        planes: numbers of any type `(channels, *space)`; what is no number counts as dark.
        spacing: the length of a pixel along each axis, in any unit; equal if None.

    Returns:
        float32 `(channels × EACH, *space)`: of each channel the `KINDS` at each width, then what is rough.

    Raises:
        ValueError: there is no pixel, or not one spacing for each axis.
    """
    lengths = _lengths(planes, spacing)
    steps = tuple(length / min(lengths) for length in lengths)
    found = np.empty((len(planes), EACH, *planes.shape[1:]), np.float32)
    for channel, plane in zip(found, planes, strict=True):
        kinds, rough = np.split(channel, [EACH - ROUGH])
        smooth, before = normalised(plane), 0.0
        for number, width in enumerate(WIDTHS):
            finer, smooth = smooth, _smoothed(smooth, np.sqrt(width**2 - before**2), steps)
            first = number * len(KINDS)
            kinds[first], kinds[first + 1] = smooth, width * _slope(smooth, steps)
            kinds[first + 2 : first + 4] = width**2 * _curvatures(smooth, steps)
            if number < ROUGH:
                rough[number] = np.sqrt(_smoothed((finer - smooth) ** 2, WINDOW * width, steps))
            before = width
    return found.reshape(-1, *planes.shape[1:])


def normalised(plane: np.ndarray) -> np.ndarray:
    """Numbers of any type `(*space)` as float32, those of the percentiles 1 and 99 as 0 and 1; no number becomes 0."""
    values = plane.astype(np.float32)
    known = np.isfinite(values)
    sample = values[known][:: max(1, values.size // SAMPLE)]
    low, high = np.percentile(sample, (DARKEST, BRIGHTEST)) if sample.size else (0.0, 1.0)
    if high <= low and sample.size:
        low, high = float(sample.min()), float(sample.max())
    return np.where(known, (values - np.float32(low)) / np.float32((high - low) or 1), np.float32(0))


def choose_bin(space: Sequence[int], lengths: Sequence[float], most: int) -> tuple[int, ...]:
    """How many pixels become one along each axis: the axis whose bins are shortest first, until `most` are left."""
    chosen = [1] * len(space)
    while np.prod([-(-side // size) for side, size in zip(space, chosen, strict=True)]) > most:
        widths = [length * size if side > size else np.inf
                  for side, length, size in zip(space, lengths, chosen, strict=True)]
        shortest = min(widths)
        chosen = [size + (width <= shortest * 1.001) for size, width in zip(chosen, widths, strict=True)]
    return tuple(chosen)


def binned(planes: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Means of boxes of `size` pixels, float32 `(channels, *bins)`; boxes that reach beyond the end repeat its pixels.

    >>> binned(np.array([[1, 3, 5, 7, 8]]), (2,)).tolist()
    [[2.0, 6.0, 8.0]]
    """
    found = np.asarray(planes)
    for axis, each in enumerate(size, start=1):
        if each > 1:
            last = found.shape[axis] - 1
            places = np.arange(0, last + 1, each)
            parts = (np.take(found, np.minimum(places + part, last), axis).astype(np.float32) for part in range(each))
            found = sum(parts) / np.float32(each)
    return np.asarray(found, np.float32)


def _lengths(planes: np.ndarray, spacing: Sequence[float] | None) -> tuple[float, ...]:
    if planes.ndim < 2 or not planes.size:
        raise ValueError(f"planes have the shape (channels, *space) and at least one pixel, not {planes.shape}")
    lengths = tuple(spacing or (1.0,) * (planes.ndim - 1))
    if len(lengths) != planes.ndim - 1:
        raise ValueError(f"{planes.ndim - 1} axes need one spacing each, not {len(lengths)}")
    return lengths


def _smoothed(values: np.ndarray, width: float, steps: Sequence[float]) -> np.ndarray:
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_filter(values, [width / step for step in steps], truncate=CUT))


def _difference(values: np.ndarray, axis: int, step: float, weights: Sequence[float]) -> np.ndarray:
    from scipy import ndimage

    return np.asarray(ndimage.correlate1d(values, np.divide(weights, step), axis, mode="nearest"))


def _slope(values: np.ndarray, steps: Sequence[float]) -> np.ndarray:
    along = (_difference(values, axis, step, (-0.5, 0, 0.5)) for axis, step in enumerate(steps))
    return np.sqrt(sum(each * each for each in along))


def _curvatures(values: np.ndarray, steps: Sequence[float]) -> np.ndarray:
    """The bounds of the eigenvalues of the Hessian, shape `(2, *space)`, from its trace and that of its square."""
    count, trace, squares = len(steps), 0.0, 0.0
    for axis, step in enumerate(steps):
        own = _difference(values, axis, step**2, (1, -2, 1))
        trace, squares = trace + own, squares + own * own
        slope = _difference(values, axis, step, (-0.5, 0, 0.5)) if axis + 1 < count else values
        for other in range(axis + 1, count):
            mixed = _difference(slope, other, steps[other], (-0.5, 0, 0.5))
            squares = squares + 2 * mixed * mixed
    mean = trace / count
    spread = np.sqrt(np.maximum(squares / count - mean * mean, 0) * (count - 1))
    return np.stack([mean - spread, mean + spread])


def _stretched(values: np.ndarray, axis: int, length: int, size: int) -> np.ndarray:
    if size == 1:
        return values
    places = ((np.arange(length, dtype=np.float32) + 0.5) / size - 0.5).clip(0, values.shape[axis] - 1)
    before = places.astype(np.intp)
    share = (places - before).reshape([-1 if each == axis else 1 for each in range(values.ndim)])
    after = np.minimum(before + 1, values.shape[axis] - 1)
    first, found = np.take(values, before, axis), np.take(values, after, axis)
    found -= first
    found *= share
    found += first
    return found
