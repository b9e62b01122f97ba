"""Masks as lengths of runs, in turn without and with the object, beginning without."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from morula.exchange.areas import Runs

LONGEST = 8
"""Letters of a length at the most; five bits in each are more than any image has pixels."""


def runs_of(
    lengths: Sequence[int], shape: tuple[int, int], corner: tuple[int, int] = (0, 0), *, by_columns: bool
) -> Runs:
    """The runs of these lengths in a box.

    Raises:
        ValueError: they do not fill the box, or are no lengths.
    """
    if not all(isinstance(length, int) and not isinstance(length, bool) and length >= 0 for length in lengths):
        raise ValueError("its run lengths are not all whole numbers from 0 on")
    ends = list(accumulate(lengths))
    pixels = shape[0] * shape[1]
    if (ends[-1] if ends else 0) != pixels:
        raise ValueError(f"its run lengths add up to {ends[-1] if ends else 0:,}, and {shape[0]} × {shape[1]} pixels "
                         f"are {pixels:,}")
    edges = np.array([0, *ends], np.int64)
    starts, stops = edges[1:-1:2], edges[2::2]
    filled = stops > starts[: len(stops)]
    return Runs(corner, shape, starts[: len(stops)][filled], stops[filled], by_columns)


def lengths_of(
    inside: np.ndarray, corner: tuple[int, int] = (0, 0), size: tuple[int, int] | None = None
) -> list[int]:
    """The lengths of a mask column by column, without its frame ever being made.

    Args:
        inside: bool `(rows, columns)`.
        corner: its first row and its first column in the frame.
        size: rows and columns of the frame; those of the mask if left out.

    >>> lengths_of(np.array([[False, True], [True, True]])), lengths_of(np.array([[True]]), (1, 0), (2, 2))
    ([1, 3], [1, 1, 2])
    """
    high, wide = size or inside.shape
    columns, rows = np.nonzero(inside.T)
    places = (columns.astype(np.int64) + corner[1]) * high + rows + corner[0]
    breaks = np.flatnonzero(np.diff(places) > 1)
    starts, stops = (places[:1], places[breaks + 1]), (places[breaks] + 1, places[-1:] + 1)
    edges = [0, *np.stack([np.concatenate(starts), np.concatenate(stops)], axis=1).ravel().tolist()]
    return np.diff([*edges, high * wide] if edges[-1] < high * wide else edges).tolist()


def packed(lengths: Sequence[int]) -> str:
    """Lengths as COCO writes them into a string: from the fourth on, what each has more than the last but one.

    Every letter holds five bits and whether more follow; the last of a number also says whether it is below zero.

    >>> packed([6, 1, 40])
    '61X1'
    """
    letters = []
    for place, length in enumerate(lengths):
        left = length - (lengths[place - 2] if place > 2 else 0)
        more = True
        while more:
            bits, left = left & 31, left >> 5
            more = left != (-1 if bits & 16 else 0)
            letters.append(chr(48 + bits + 32 * more))
    return "".join(letters)


def unpacked(text: str) -> list[int]:
    """The lengths in a string of COCO.

    Raises:
        ValueError: it is none.

    >>> unpacked("61X1")
    [6, 1, 40]
    """
    lengths: list[int] = []
    number = shift = 0
    for letter in text:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift >= 5 * LONGEST:
            raise ValueError(f"its packed run lengths are damaged at length {len(lengths) + 1}")
        number |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            number -= 1 << shift
        lengths.append(number + (lengths[-2] if len(lengths) > 2 else 0))
        number = shift = 0
    if shift:
        raise ValueError("its packed run lengths end in the middle of one")
    return lengths
