"""Outlines of plane shapes as closed polygons: how long they are, how they bend, and their waves.

A polygon is an array of corners `(points, 2)` in the order y, x, the last corner joined to the first. Positive
areas and positive curvatures belong to what bulges outward.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CORNERS = 256
"""Points at equal distances that stand for an outline where it is differentiated or decomposed."""

BEND = 1.8
"""Curvature is averaged along the outline with a Gaussian of so many times √(radius in pixels) pixels: the runs of
pixels that make a circle grow likewise. What is left of them is less than 5 % from a radius of 20 pixels, and the
average becomes the curvature itself where pixels become small."""

BULGE = 1.5
"""A protrusion is so many times as curved as a circle with an outline of the same length."""

HARMONICS = 8


@dataclass(frozen=True)
class Outlines:
    """The outlines of an object: pieces, the largest first, and the holes in them."""

    pieces: tuple[np.ndarray, ...]
    holes: tuple[np.ndarray, ...]

    def moved(self, offset: np.ndarray) -> Outlines:
        """The same outlines elsewhere."""
        return Outlines(
            tuple(polygon + offset for polygon in self.pieces), tuple(polygon + offset for polygon in self.holes)
        )

    @property
    def outer(self) -> np.ndarray:
        """The outline of the largest piece."""
        return self.pieces[0]

    @property
    def outer_length(self) -> float:
        return sum(map(polygon_length, self.pieces))

    @property
    def length(self) -> float:
        """Of all outlines, those of holes included."""
        return self.outer_length + sum(map(polygon_length, self.holes))


def trace(field: np.ndarray, level: float, spacing: np.ndarray) -> Outlines:
    """The outlines along which a field passes a level, by marching squares.

    Args:
        field: float `(y, x)`, below the level along its border.
        level: of the outlines.
        spacing: the size of a pixel along y and x.
    """
    from skimage.measure import find_contours

    polygons = [contour[:-1] * spacing for contour in find_contours(field, level)]
    polygons.sort(key=lambda polygon: -abs(polygon_area(polygon)))
    outward = np.sign(polygon_area(polygons[0]))
    polygons = [polygon if outward > 0 else polygon[::-1] for polygon in polygons]
    return Outlines(
        tuple(polygon for polygon in polygons if polygon_area(polygon) > 0),
        tuple(polygon for polygon in polygons if polygon_area(polygon) <= 0),
    )


def polygon_length(polygon: np.ndarray) -> float:
    """The length of a closed polygon `(points, 2)`.

    >>> polygon_length(np.array([[0, 0], [0, 3], [4, 0]]))
    12.0
    """
    return float(np.linalg.norm(_following(polygon) - polygon, axis=1).sum())


def polygon_area(polygon: np.ndarray) -> float:
    """The area of a closed polygon `(points, 2)` by Gauss's formula, negative if it runs the other way."""
    (y, x), (next_y, next_x) = polygon.T, _following(polygon).T
    return float(y @ next_x - x @ next_y) / 2


def evenly(polygon: np.ndarray, count: int = CORNERS) -> np.ndarray:
    """Points at equal distances along a closed polygon, `(count, 2)`."""
    closed = np.concatenate([polygon, polygon[:1]])
    along = np.concatenate([[0], np.linalg.norm(np.diff(closed, axis=0), axis=1).cumsum()])
    wanted = np.arange(count) * along[-1] / count
    return np.stack([np.interp(wanted, along, values) for values in closed.T], axis=1)


def curvature(points: np.ndarray, pixel: float) -> np.ndarray:
    """The curvature at points at equal distances along an outline: how fast its direction turns.

    The angle by which the direction turns at each point is spread along the outline with a Gaussian (`BEND`), so
    that the whole still turns by 2π, and a circle has the curvature 1 / radius wherever it is looked at.

    Args:
        points: `(points, 2)`, as `evenly` gives them.
        pixel: the side of a pixel, in the unit of the points.

    Returns:
        One number a point, in 1 / unit of the points; negative where the outline bends inward.
    """
    from scipy.ndimage import gaussian_filter1d

    steps = _following(points) - points
    directions = np.arctan2(steps[:, 1], steps[:, 0])
    turns = (directions - np.roll(directions, 1) + np.pi) % (2 * np.pi) - np.pi
    length = polygon_length(points)
    reach = BEND * np.sqrt(length / (2 * np.pi) * pixel)
    return gaussian_filter1d(turns, reach * len(points) / length, mode="wrap") * len(points) / length


def protrusions(curvatures: np.ndarray, length: float) -> np.ndarray:
    """The places along an outline where it bulges most, the strongest first: indices into `curvatures`.

    Args:
        curvatures: as `curvature` gives them.
        length: of the outline.
    """
    before, after = np.roll(curvatures, 1), np.roll(curvatures, -1)
    peaks = np.flatnonzero((curvatures > before) & (curvatures >= after) & (curvatures > BULGE * 2 * np.pi / length))
    return peaks[np.argsort(-curvatures[peaks])]


def harmonic_axes(points: np.ndarray) -> np.ndarray:
    """The half axes of the ellipses that make up an outline, `(HARMONICS, 2)`, the longer of each first.

    An outline is a sum of ellipses that are run through once, twice, three times and so on; the first is its best
    ellipse, and the axes do not depend on where it begins or how it lies (Kuhl and Giardina 1982).

    Args:
        points: `(points, 2)`, as `evenly` gives them.
    """
    from pyefd import elliptic_fourier_descriptors

    coefficients = elliptic_fourier_descriptors(np.concatenate([points, points[:1]]), order=HARMONICS)
    return np.linalg.svd(np.reshape(coefficients, (HARMONICS, 2, 2)), compute_uv=False)


def _following(points: np.ndarray) -> np.ndarray:
    """The next of each point along a closed line."""
    return np.concatenate([points[1:], points[:1]])
