"""From pixels as stored to what the network sees: binning, then intensities of mean 0 and deviation 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from morula.images.image import Image
from morula.models.plan import Intensity

LARGEST_SAMPLE = 64_000_000
"""Pixels of a frame that are read to measure its intensities; of a larger one, evenly spread parts."""


@dataclass(frozen=True)
class Levels:
    """The values a frame is clipped at and scaled by, float32 `(channels, 1, …)`."""

    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """Any region of the frame `(channels, *space)`, clipped and scaled, float32."""
        clipped = np.clip(pixels.astype(np.float32), self.low, self.high)
        return (clipped - self.mean) / self.deviation


def measure_levels(pixels: np.ndarray, intensity: Intensity) -> Levels:
    """The levels of a frame, from all of its pixels or a fair sample `(channels, *space)`.

    A frame without any contrast gets a deviation of 1, so that it becomes zero everywhere.
    """
    values = pixels.reshape(1 if intensity.channels == "together" else len(pixels), -1)
    step = max(1, values.shape[1] // 1_000_000)  # percentiles of a million pixels are sure enough
    found = [_levels(row, (intensity.low, intensity.high)) for row in values[:, ::step]]
    shape = (-1, *[1] * (pixels.ndim - 1))
    return Levels(*(np.array(part, np.float32).reshape(shape) for part in zip(*found, strict=True)))


def _levels(values: np.ndarray, percentiles: tuple[float, float]) -> tuple[float, float, float, float]:
    """Two percentiles of values `(pixels,)`, interpolated linearly; and the mean and deviation of what is between."""
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2:
        # Whole numbers of few bits, as cameras give them, are counted in a tenth of the time that sorting takes.
        lowest = int(values.min())
        counts = np.bincount(values.astype(np.int32) - lowest)
        there = np.arange(lowest, lowest + len(counts), dtype=float)
        low, high = map(float, _percentiles(counts, percentiles) + lowest)
    else:
        there, counts = values.astype(np.float32), None
        low, high = map(float, np.percentile(there, percentiles))
    clipped = np.clip(there, low, high)
    mean = np.average(clipped, weights=counts)
    deviation = np.sqrt(np.average((clipped - mean) ** 2, weights=counts))
    return low, high, mean, deviation if deviation > 1e-6 * max(abs(mean), 1e-6) else 1


def _percentiles(counts: np.ndarray, percentiles: tuple[float, float]) -> np.ndarray:
    """Those of the numbers 0, 1, 2 …, of each of which there are so many, as `np.percentile` interpolates them."""
    up_to = counts.cumsum()
    places = np.array(percentiles) / 100 * (up_to[-1] - 1)
    before, after = (np.searchsorted(up_to, end, side="right") for end in (np.floor(places), np.ceil(places)))
    return before + (after - before) * (places % 1)


def sample_frame(image: Image, frame: int) -> np.ndarray:
    """What the levels of a frame are measured from, `(channels, *space)`: all of it, or rows spread over a huge one."""
    if np.prod(image.space, dtype=np.int64) <= LARGEST_SAMPLE:
        return image.frame(frame)
    height = image.space[0]
    rows = max(1, int(LARGEST_SAMPLE / np.prod(image.space[1:]) / 16))
    starts = np.linspace(0, height - rows, 16).astype(int)
    return np.concatenate([image.region(frame, (slice(start, start + rows), *image.whole[1:])) for start in starts], 1)


def binned(pixels: np.ndarray, binning: tuple[int, ...]) -> np.ndarray:
    """Means of blocks of `binning` pixels, `(planes, *space)` to float32 `(planes, *ceil(space / binning))`.

    A side that is no multiple is mirrored at its end.
    """
    pixels = pixels.astype(np.float32)
    for axis, factor in enumerate(binning, start=1):
        if factor == 1:
            continue
        missing = -pixels.shape[axis] % factor
        padding = [(0, missing if place == axis else 0) for place in range(pixels.ndim)]
        pixels = np.pad(pixels, padding, mode="symmetric")
        blocks = (*pixels.shape[:axis], pixels.shape[axis] // factor, factor, *pixels.shape[axis + 1 :])
        pixels = pixels.reshape(blocks).mean(axis + 1)
    return pixels
