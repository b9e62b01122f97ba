"""Images that follow one another as moments or slices do, although their names put them into groups of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SIDE = 32  # pixels along both sides of what is compared
BLUR = 3  # of these pixels; what is coarser, such as the light's unevenness, all images of a microscope share
FEWEST = 4  # neighbours that tell something
MOST = 2_000  # frames that are compared
ALIKE = 0.3  # correlation from which neighbours are alike at all
ABOVE = 0.9  # chance that neighbours are more alike than others


@dataclass(frozen=True)
class Kinship:
    """How alike neighbours of different groups are, and how alike others.

    Attributes:
        first, second: the places of two neighbours as alike as is usual.
        neighbours: the usual correlation of neighbours.
        others: that of frames of different groups that are not neighbours.
    """

    first: int
    second: int
    neighbours: float
    others: float


def thumbnail_of(plane: np.ndarray) -> np.ndarray:
    """The finer structure of a plane in few pixels, float16 `(SIDE²,)`, of mean 0 and length 1 (0 where there is none).

    Each pixel is the mean of its share of the plane, less the mean around it.
    """
    from scipy.ndimage import gaussian_filter

    small = plane.astype(float)
    for axis in (0, 1):
        edges = np.linspace(0, plane.shape[axis], SIDE + 1).astype(int)
        starts = np.minimum(edges[:-1], plane.shape[axis] - 1)
        sizes = np.diff(edges).clip(1)
        small = np.add.reduceat(small, starts, axis) / np.expand_dims(sizes, 1 - axis)
    small -= gaussian_filter(small, BLUR, mode="nearest")
    small -= small.mean()
    return (small / max(float(np.linalg.norm(small)), 1e-9)).astype(np.float16).ravel()


def find_kinship(thumbnails: Sequence[np.ndarray], groups: Sequence[str]) -> Kinship | None:
    """Whether neighbours of different groups are far more alike than other frames of different groups.

    Args:
        thumbnails: of the frames in their natural order, float16 `(SIDE²,)` each.
        groups: of each.
    """
    count = min(len(groups), MOST)
    own = np.unique(groups[:count], return_inverse=True)[1]
    apart = own[:, None] != own
    first = np.flatnonzero(apart.diagonal(1))
    if len(first) < FEWEST:
        return None
    planes = np.array(thumbnails[:count], np.float32)
    likeness = planes @ planes.T
    beside = likeness[first, first + 1]
    others = np.sort(likeness[np.triu(apart, 2)])
    if not len(others):
        return None
    usual = float(np.median(beside))
    above = float(np.searchsorted(others, beside).mean() / len(others))
    if usual < ALIKE or above < ABOVE:
        return None
    shown = int(first[np.argsort(beside)[len(beside) // 2]])
    return Kinship(shown, shown + 1, usual, float(np.median(others)))

