"""What a mask holds before anyone knows what it means: its stored values, and how they lie.

A census is small however large the frame is, so that thousands of masks can be judged together after
each was read once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morula.images.banded import RowsOf, rows_of
from morula.images.image import Image
from morula.pairs.counting import KEPT, counted
from morula.pairs.stored_values import Carrier, carried

FEW = 20  # more distinct values than this number objects, or come from a photograph or from JPEG
GRAIN = 16  # pixels that a piece of one value has on average, at the least, where values mean anything
SMALLEST = 4  # pixels that the usual object has at the least


@dataclass(frozen=True)
class Census:
    """The stored values of one frame, or of many frames together.

    Attributes:
        codes: the values, shape `(values, channels)`, the `KEPT` most common ones, in ascending order.
        counts: pixels of each code, shape `(values,)`.
        border: pixels of each code on the outermost rows and columns, shape `(values,)`.
        distinct: the number of values, the forgotten ones too.
        forgotten: pixels whose values were not kept.
        pieces: connected regions of one value each, those of 0 and of -1 left out.
        between: pixels of each code that touch a smaller and a larger one, shape `(values,)`; along an edge that was
            smoothed all do. Colours are compared channel after channel; of many values nothing is counted.
    """

    codes: np.ndarray
    counts: np.ndarray
    border: np.ndarray
    distinct: int
    forgotten: int
    pieces: int
    between: np.ndarray

    @classmethod
    def take(cls, frame: np.ndarray) -> Census:
        """The census of one frame, shape `(channels, *space)`."""
        return cls._of(lambda rows: frame[:, rows], frame.shape[1:])

    @classmethod
    def read(cls, mask: Image, frame: int) -> Census:
        """The same of a frame in a file, of which memory holds some rows at a time if it is large.

        Raises:
            FileError: it cannot be read.
        """
        return cls._of(rows_of(mask, frame), mask.space)

    @classmethod
    def _of(cls, rows: RowsOf, space: tuple[int, ...]) -> Census:
        found = counted(rows, space)
        kept = np.sort(np.argsort(-found.counts, kind="stable")[:KEPT])
        forgotten = int(found.counts.sum() - found.counts[kept].sum())
        return cls(found.codes[kept], found.counts[kept], found.border[kept], len(found.codes), forgotten,
                   found.pieces, found.between[kept])

    @classmethod
    def pool(cls, censuses: Sequence[Census]) -> Census:
        """One census of many frames with the same number of channels."""
        merged, place = np.unique(
            np.concatenate([census.codes for census in censuses]), axis=0, return_inverse=True
        )
        counts, border, between = (
            np.bincount(place.ravel(), np.concatenate(weights), len(merged)).astype(int)
            for weights in zip(*((census.counts, census.border, census.between) for census in censuses), strict=True)
        )
        return cls(
            merged,
            counts,
            border,
            max(len(merged), *(census.distinct for census in censuses)),
            sum(census.forgotten for census in censuses),
            sum(census.pieces for census in censuses),
            between,
        )

    def carried(self, carrier: Carrier) -> Census:
        """The same frame with only the channels that carry its meaning."""
        codes = carried(self.codes.T, carrier).T
        forgotten_values = self.distinct - len(self.codes)
        merged = Census.pool([Census(codes, self.counts, self.border, 0, self.forgotten, self.pieces, self.between)])
        return Census(merged.codes, merged.counts, merged.border, len(merged.codes) + forgotten_values,
                      self.forgotten, self.pieces, merged.between)

    @property
    def pixels(self) -> int:
        """All pixels that were counted."""
        return int(self.counts.sum()) + self.forgotten


def censuses_of(mask: Image) -> tuple[Census, ...]:
    """That of each frame of a mask.

    Raises:
        FileError: it cannot be read.
    """
    return tuple(Census.read(mask, frame) for frame in range(mask.frames))


def carrier_of(censuses: Sequence[Census]) -> Carrier:
    shaded = [census.codes for census in censuses if len(census.codes.T) in (2, 4)]
    plain = [census.codes[:, : 1 if len(census.codes.T) < 3 else 3] for census in censuses]
    if shaded and len(shaded) == len(censuses):
        widths = {codes.shape[1] for codes in plain}
        constant = len(widths) == 1 and len(np.unique(np.concatenate(plain), axis=0)) == 1
        if constant and len(np.unique(np.concatenate([codes[:, -1] for codes in shaded]))) > 1:
            return "alpha"
    return "colour" if any((codes != codes[:, :1]).any() for codes in plain) else "grey"


def is_photograph(census: Census) -> bool:
    """Whether the values of one frame spread as in a photograph rather than lie on a few codes."""
    if census.distinct <= FEW or len(census.codes.T) > 4:
        return False
    census = census.carried(carrier_of([census]))
    return census.distinct > FEW and not number_objects([census]) and not modes_of(census)


def is_grainy(census: Census) -> bool:
    """Whether values change nearly from pixel to pixel, so that no way to read them makes a mask of a frame.

    Args:
        census: of one frame.
    """
    return census.distinct > FEW and GRAIN * census.pieces > census.pixels


def number_objects(taken: Sequence[Census]) -> bool:
    """Whether most values are one connected piece each, larger than the grain of a photograph.

    The usual value counts too, not only the mean: a background leaves the mean large where probabilities or smooth
    edges give nearly every pixel a value of its own.
    """
    values = sum(census.distinct for census in taken)
    pieces = sum(census.pieces for census in taken)
    if pieces > 2 * values or 8 * values > sum(census.pixels for census in taken):
        return False
    return bool(np.median(np.concatenate([census.counts for census in taken])) >= SMALLEST)


def modes_of(census: Census) -> list[tuple[float, ...]]:
    """The few codes that all other values scatter around; none for a photograph or for exact codes.

    JPEG leaves flat parts at their code and sprinkles values around every code near edges; the values of
    photographs spread.
    """
    step = float(census.codes.max()) / 255  # the reach is in steps of 8 bits, whatever the type
    if step <= 0:
        return []
    codes, counts = census.codes.astype(float), census.counts
    pixels, far = census.pixels, np.ones(len(codes), bool)
    modes: list[np.ndarray] = []
    while far.any() and len(modes) < FEW:
        mode = codes[far][counts[far].argmax()]
        away = np.abs(codes - mode).max(axis=1) / step
        close = counts[away <= 1].sum()
        if close < 0.002 * pixels:
            break
        if close >= 0.5 * counts[away <= 12].sum():
            modes.append(mode)
        far &= away > 16
    scattered = census.distinct > FEW or all(
        (np.abs(codes - mode).max(axis=1) <= 12 * step).sum() > 2 for mode in modes
    )
    if not modes or not scattered:
        return []
    strays = counts[np.abs(codes[:, None] - np.array(modes)).max(axis=-1).min(axis=1) > 32 * step].sum()
    if strays + census.forgotten > (0.1 if len(modes) > 1 else 0.005) * pixels:
        return []
    return [tuple(mode.tolist()) for mode in modes]


def edges_of(census: Census) -> np.ndarray:
    """Which codes lie only between others, as where a mask was reduced or drawn smoothly: bool `(values,)`.

    A single such value is none: an outline may be a class of its own.
    """
    edges = census.between >= 0.8 * census.counts
    return edges if edges.sum() > 1 else np.zeros_like(edges)


def modes_along_edges(census: Census, modes: np.ndarray) -> np.ndarray:
    """Which of several modes, `(modes, channels)`, lie only between others, with all that scatters around them.

    Where a mask was resized smoothly, edges cross the same few values again and again. A class that JPEG blurred keeps
    flat parts, and even its outlines touch themselves.
    """
    nearest = np.abs(census.codes[:, None].astype(float) - modes).max(axis=-1).argmin(axis=1)
    between, counts = (np.bincount(nearest, pixels, len(modes)) for pixels in (census.between, census.counts))
    return between >= 0.95 * counts
