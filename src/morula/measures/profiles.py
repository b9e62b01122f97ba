"""What changes from one end of an object to the other, and from its rim inwards, in equal parts."""

from __future__ import annotations

import numpy as np

from morula.measures.bodies import Body


def widths(body: Body, parts: int) -> np.ndarray:
    """The mean width in each part of the midline, `(parts,)`, from the thicker end to the thinner."""
    return body.midline.widths(parts)


def along_midline(body: Body, parts: int) -> np.ndarray:
    """The mean intensity in each part of the midline, `(parts, channels)`, from the thicker end to the thinner."""
    return _means(body.values, body.midline.bins(parts), parts)


def from_rim(body: Body, parts: int) -> np.ndarray:
    """The mean intensity between rim and core, `(parts, channels)`: parts of equal depth, the outermost first."""
    depth = body.depth[body.inside] - body.spacing.min() / 2  # from the edge, not from the centre of a pixel beyond
    bins = np.minimum((depth / depth.max() * parts).astype(int), parts - 1)
    return _means(body.values, bins, parts)


def _means(values: np.ndarray, bins: np.ndarray, parts: int) -> np.ndarray:
    """The mean of each channel in each part, missing in parts without pixels."""
    counts = np.bincount(bins, minlength=parts)
    sums = np.stack([np.bincount(bins, channel, parts) for channel in values], axis=1)
    with np.errstate(invalid="ignore"):
        return sums / counts[:, None]
