"""How a large frame is walked over: what to read, how to blend, when a part is finished. Pure geometry.

Along one axis a frame is covered by *spans* of equal size that overlap::

    |---------- span ----------|
                       |---------- span ----------|
     1111111111111111111\\                              weight of the first
                         \\1111111111111111111111111    weight of the second

In the middle of an overlap one weight falls while the next rises, and their sum is one everywhere, so that
blending needs no bookkeeping. The outer parts of an overlap, where a tile lacks context, count for nothing.
A tile of an image or a volume is a product of spans.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Span:
    """One tile's place along one axis.

    Attributes:
        start: first pixel; the last span may reach beyond the frame.
        weights: float32 `(size,)`, how much each of its pixels counts.
    """

    start: int
    weights: np.ndarray

    @property
    def size(self) -> int:
        """Length in pixels, inside the frame and beyond."""
        return len(self.weights)

    @property
    def stop(self) -> int:
        """One past the last pixel."""
        return self.start + self.size

    @property
    def live(self) -> slice:
        """The pixels of the frame that it says something of: those that do not count for nothing."""
        counted = np.flatnonzero(self.weights)
        return slice(self.start + int(counted[0]), self.start + int(counted[-1]) + 1)

    @property
    def own(self) -> tuple[int, int]:
        """The pixels, counted from `start`, that count more here than in any neighbour: each pixel is in one span's."""
        first = int(np.argmax(self.weights > 0.5))
        return first, self.size - int(np.argmax(self.weights[::-1] >= 0.5))


def cover(length: int, size: int, overlap: int, multiple: int) -> list[Span]:
    """Spans that cover `length` pixels, each a multiple of `multiple` long and starting on one.

    A frame that fits into one span gets a single one, just long enough. Neighbours overlap by at least
    `overlap`, and blend in the middle half of it.

    Args:
        length: of the frame.
        size: wanted length of a span; it is enlarged to where spans can overlap on the grid.
        overlap: at most half of `size`, so that no more than two spans blend in any pixel.
        multiple: the grid.

    >>> [(span.start, span.stop) for span in cover(100, size=64, overlap=16, multiple=16)]
    [(0, 64), (48, 112)]
    """
    size = _round_up(max(size, overlap + multiple), multiple)
    if length <= size:
        return [Span(0, np.ones(_round_up(length, multiple), np.float32))]
    places = -(-(length - size) // multiple)
    count = -(-places // ((size - overlap) // multiple)) + 1
    # As many spans, but no larger than they must be.
    together = length + (count - 1) * _round_up(overlap, multiple)
    size = _round_up(max(-(-together // count), 2 * overlap), multiple)
    places = -(-(length - size) // multiple)
    # Spread them evenly, so that the last one is not nearly a copy of its neighbour.
    starts = [places * i // (count - 1) * multiple for i in range(count)]
    ramps = [(0.0, 0.0)] * (count + 1)
    for i in range(1, count):
        low, high = starts[i], starts[i - 1] + size
        middle, half = (low + high) / 2, overlap / 4
        ramps[i] = (middle - half, middle + half)
    return [Span(start, _weights(start, size, ramps[i] if i else None, ramps[i + 1] if i < count - 1 else None))
            for i, start in enumerate(starts)]


def _weights(start: int, size: int, rise: tuple[float, float] | None, fall: tuple[float, float] | None) -> np.ndarray:
    places = np.arange(start, start + size) + 0.5
    weights = np.ones(size, np.float32)
    if rise:
        weights *= np.clip((places - rise[0]) / (rise[1] - rise[0]), 0, 1)
    if fall:
        weights *= np.clip((fall[1] - places) / (fall[1] - fall[0]), 0, 1)
    return weights


def _round_up(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple


def mirrored(start: int, stop: int, length: int) -> np.ndarray:
    """The indices `start … stop`, folded back into `0 … length` where they reach beyond it.

    >>> mirrored(-2, 5, 3).tolist()
    [1, 0, 0, 1, 2, 2, 1]
    """
    folded = np.arange(start, stop) % (2 * length)
    return np.where(folded < length, folded, 2 * length - 1 - folded)


def largest_box(space: tuple[int, ...], pixels: float) -> tuple[int, ...]:
    """The sides of a box of at most so many pixels that fits into a frame, as equal as can be.

    >>> largest_box((10, 400, 600), 250_000)
    (10, 158, 158)
    """
    sides = list(space)
    for left, axis in zip(range(len(space), 0, -1), np.argsort(space, kind="stable"), strict=True):
        sides[axis] = min(space[axis], max(1, int(pixels ** (1 / left) + 1e-9)))
        pixels /= sides[axis]
    return tuple(sides)
