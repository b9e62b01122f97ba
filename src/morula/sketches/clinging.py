"""An outline that clings to edges: between two points it goes where the picture is steepest.

The way is the cheapest one through the pixels, where steep ones cost little: E. Mortensen and W. Barrett, Intelligent
scissors for image composition, 1995. It is looked for in a coarse picture first, and then in a band around what was
found, finer and finer, so that an answer comes while a pointer moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morula.sketches.features import binned

WIDTH = 1.5
"""Standard deviation of the Gaussian before the slope is taken, in pixels of each picture."""
PLAIN = 2.0
"""A slope so many times as steep as is usual around it costs half of what flat ground does."""
STEEP = 0.2
"""So is one that is this share of the steepest, at least: else all of an edge without noise would cost nothing."""
SEARCHED = 2**15
"""Pixels of the coarse picture, at most."""
BAND = 2
"""Pixels of the coarser picture to each side of the way in it, within which a finer one is looked for."""
MARGIN = 0.75
"""How far around both points is looked, as a multiple of their distance."""
NEAR = 16
"""How far at least, in pixels of the picture."""
LARGEST = 2**20
"""Pixels of the picture that is looked at, at most; of a larger region, several are taken together."""
SMOOTHED = 2
"""Neighbours along the way, to each side, with which the place of a point is averaged."""


@dataclass(frozen=True)
class Surroundings:
    """Where a way between two points is looked for.

    Attributes:
        box: rows and columns of the plane; it begins at multiples of `step`.
        step: how many pixels along each axis are taken together.
    """

    box: tuple[slice, slice]
    step: int

    @classmethod
    def of(cls, start: Sequence[float], end: Sequence[float], space: Sequence[int], step: int = 1) -> Surroundings:
        """Those of two points (row, column), whole numbers at the corners of pixels, in a plane of a shape.

        Args:
            start: one point.
            end: the other.
            space: rows and columns of the plane.
            step: a power of two, that of the picture on the screen; larger ones are taken where these are far apart.
        """
        distance = float(np.linalg.norm(np.subtract(start, end)))
        while True:
            margin = max(MARGIN * distance, NEAR * step)
            rows, columns = (_part(min(pair), max(pair), margin, length, step)
                             for pair, length in zip(zip(start, end, strict=True), space, strict=True))
            if np.prod([(each.stop - each.start) / step for each in (rows, columns)]) <= LARGEST:
                return cls((rows, columns), step)
            step *= 2


def clinging_way(planes: np.ndarray, start: Sequence[float], end: Sequence[float]) -> np.ndarray:
    """The way from one point of a picture to another that follows edges.

    Args:
        planes: numbers of any type `(channels, rows, columns)`; of all channels, the steepest counts.
        start: row and column in pixels; whole numbers are the corners of pixels.
        end: where it leads.

    Returns:
        the points, float `(points, 2)`, rows and columns; the first is `start` and the last is `end`.
    """
    size = 1
    while np.prod([-(-length // size) for length in planes.shape[1:]]) > SEARCHED:
        size *= 2
    corner, allowed = np.zeros(2, int), None
    while True:
        extent = planes.shape[1:] if allowed is None else np.multiply(allowed.shape, size)
        rows, columns = (slice(low, low + length) for low, length in zip(corner * size, extent, strict=True))
        costs = _costs(binned(planes[:, rows, columns], (size, size)))
        if allowed is not None:
            costs[~allowed[: costs.shape[0], : costs.shape[1]]] = -1
        pixels = _cheapest(costs, *(_pixel(point, size, corner, costs.shape) for point in (start, end)))
        if size == 1:
            return np.concatenate([[start], _smooth(corner + pixels + 0.5)[1:-1], [end]])
        corner, allowed = _band(pixels, corner, costs.shape)
        size //= 2


def _part(low: float, high: float, margin: float, length: int, step: int) -> slice:
    first = int(np.clip(low - margin, 0, length - 1)) // step * step
    return slice(first, min(-(-int(np.ceil(high + margin)) // step) * step, length))


def _costs(planes: np.ndarray) -> np.ndarray:
    """What each pixel costs, `(rows, columns)`: 1 on flat ground, less where a channel is steep."""
    from scipy import ndimage

    steepest = np.zeros(planes.shape[1:])
    for plane in planes:
        slope = ndimage.gaussian_gradient_magnitude(np.nan_to_num(plane), WIDTH, mode="nearest")
        usual = PLAIN * np.median(slope) + STEEP * slope.max()
        if usual > 0:
            steepest = np.maximum(steepest, slope / usual)
    return 1 / (1 + steepest**2)


def _cheapest(costs: np.ndarray, start: tuple[int, ...], end: tuple[int, ...]) -> np.ndarray:
    """The pixels of the cheapest way, int `(pixels, 2)`."""
    from skimage.graph import MCP_Geometric

    search = MCP_Geometric(costs)
    search.find_costs([start], [end])
    return np.array(search.traceback(end))


def _band(pixels: np.ndarray, corner: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Where a finer way may go: the corner of a box in pixels of half the size, and which of the box's are allowed."""
    from scipy import ndimage

    first = np.maximum(pixels.min(0) - BAND - 1, 0)
    last = np.minimum(pixels.max(0) + BAND + 2, shape)
    way = np.zeros(last - first, bool)
    way[tuple((pixels - first).T)] = True
    band = ndimage.binary_dilation(way, np.ones((3, 3)), iterations=BAND)
    return 2 * (corner + first), band.repeat(2, 0).repeat(2, 1)


def _pixel(point: Sequence[float], size: int, corner: np.ndarray, shape: tuple[int, ...]) -> tuple[int, ...]:
    inside = np.floor(np.divide(point, size)).astype(int) - corner
    return tuple(int(each) for each in np.clip(inside, 0, np.subtract(shape, 1)))


def _smooth(points: np.ndarray) -> np.ndarray:
    """Points without the steps of pixels; those at the ends stay where they are."""
    from scipy import ndimage

    smooth = ndimage.uniform_filter1d(points, 2 * SMOOTHED + 1, axis=0, mode="nearest")
    return np.concatenate([points[:1], smooth[1:-1], points[-1:]]) if len(points) > 1 else points
