"""The values that masks are stored with: which there are, and in which channels they lie."""

from __future__ import annotations

from typing import Literal

import numpy as np

Carrier = Literal["grey", "colour", "alpha"]
"""Which channels of a stored mask carry its meaning."""


def carried(stored: np.ndarray, carrier: Carrier) -> np.ndarray:
    """The channels that carry the meaning: `(channels, …)` → one channel, or three for colours.

    One channel is grey, two are grey and alpha, three are colours, four are colours and alpha.

    Raises:
        ValueError: the channels do not fit the carrier.
    """
    count = len(stored)
    if not 1 <= count <= 4:
        raise ValueError(f"a mask has 1 to 4 channels, and this one has {count}")
    if carrier == "alpha":
        if count in (1, 3):
            raise ValueError("the other masks are drawn in the alpha channel, and this one has none")
        return stored[-1:]
    colours = without_alpha(stored)
    if carrier == "colour":
        return np.broadcast_to(colours, (3, *stored.shape[1:]))
    if not (colours == colours[:1]).all():
        raise ValueError("this mask holds colours, and the other masks are grey")
    return colours[:1]


def without_alpha(stored: np.ndarray) -> np.ndarray:
    """The channels of grey or of colours, `(channels, …)`: the second of two and the fourth of four are alpha."""
    return stored[:-1] if len(stored) in (2, 4) else stored


def distinct_values(stored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values of `(channels, *space)` as `(values, channels)`, and each pixel's place in them.

    Pixels that lie in a row and are alike are looked at once: of masks, these are nearly all.
    """
    flat = stored.reshape(len(stored), -1)
    starts = np.flatnonzero(np.append(True, (flat[:, 1:] != flat[:, :-1]).any(axis=0))[: flat.shape[1]])
    codes, place = _values(flat[:, starts])
    return codes, np.repeat(place, np.diff(starts, append=flat.shape[1])).reshape(stored.shape[1:])


def _values(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values of `(channels, pixels)`, and each pixel's place in them."""
    if flat.dtype == bool:
        flat = flat.astype(np.uint8)
    if len(flat) == 1 and flat.dtype.kind == "u" and flat.dtype.itemsize <= 2:
        occurs = np.zeros(np.iinfo(flat.dtype).max + 1, bool)  # a table of all values is far faster than sorting
        occurs[flat[0]] = True
        place = np.cumsum(occurs, dtype=np.intp)[flat[0]] - 1
        return np.flatnonzero(occurs).astype(flat.dtype)[:, None], place
    if len(flat) == 1:
        codes, place = np.unique(flat[0], return_inverse=True)
        return codes[:, None], place
    if flat.dtype.kind == "u" and flat.dtype.itemsize * len(flat) <= 8:
        packed = np.zeros(flat.shape[1], np.uint64)  # sorting single numbers is far faster than sorting rows
        for channel in flat:
            packed = packed << np.uint64(8 * flat.dtype.itemsize) | channel
        _, first, place = np.unique(packed, return_index=True, return_inverse=True)
        return flat[:, first].T, place
    codes, place = np.unique(flat, axis=1, return_inverse=True)
    return codes.T, place.ravel()
