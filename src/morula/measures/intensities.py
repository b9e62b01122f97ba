"""The image inside an object: how bright, how bright beside its surroundings, and to which side.

All functions take a body with its image and give one number a channel, missing where there is nothing to see.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

from morula.measures.bodies import Body
from morula.measures.morphometry import screen_angle

DIRECTIONS = {2: 360, 3: 1000}
"""Directions that halves are compared in: a degree apart in planes, about six in volumes."""


def mean(body: Body) -> np.ndarray:
    """`(channels,)`."""
    return body.values.mean(axis=1)


def total(body: Body) -> np.ndarray:
    """`(channels,)`."""
    return body.values.sum(axis=1)


def ring_mean(body: Body) -> np.ndarray:
    """`(channels,)`; missing where nothing but objects or the end of the frame is around."""
    return body.ring.mean(axis=1) if body.ring.shape[1] else np.full(len(body.values), np.nan)


def contrast(body: Body) -> np.ndarray:
    """`(channels,)`; missing unless both means are positive."""
    return _relative_difference(mean(body), ring_mean(body))


def centroid_offset(body: Body) -> np.ndarray:
    """`(channels,)`; missing unless the total is positive."""
    offsets = body.positions - body.centroid
    sums = body.values.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        distances = np.linalg.norm(body.values @ offsets / sums[:, None], axis=1)
    return np.where(sums > 0, distances / (body.diameter / 2), np.nan)


def polarisation(body: Body) -> np.ndarray:
    """`(channels,)`."""
    strength, _ = _polarisation(body)
    return strength


def polarisation_angle(body: Body) -> np.ndarray:
    """`(channels,)`, degrees, of plane objects."""
    _, directions = _polarisation(body)
    return np.array([screen_angle(direction) for direction in directions])


def polarisation_direction(body: Body) -> np.ndarray:
    """`(axes, channels)`: unit vectors towards the brighter half."""
    _, directions = _polarisation(body)
    return directions.T


@lru_cache(maxsize=1)  # strength and direction are asked for one after the other
def _polarisation(body: Body) -> tuple[np.ndarray, np.ndarray]:
    """The strongest relative difference of two halves `(channels,)`, and its directions `(channels, axes)`.

    Both are missing where an intensity is not positive, the direction also where there is no difference.

    Pixels are gathered by the direction in which they lie from the centroid, so that a half is a sum over
    directions and not over pixels.
    """
    directions, halves, sector_of = _compass(body.axes)
    sector = sector_of(body.positions - body.centroid)
    counts = np.bincount(sector, minlength=len(directions))
    sums = np.stack([np.bincount(sector, values, len(directions)) for values in body.values])
    with np.errstate(divide="ignore", invalid="ignore"):
        bright = (sums @ halves) / (counts @ halves)
    opposite = bright[:, _opposite(body.axes)]
    difference = _relative_difference(bright, opposite)
    known = np.where(np.isnan(difference), -np.inf, difference)
    best = known.argmax(axis=1)
    channel = np.arange(len(best))
    strength = np.where(np.isfinite(known[channel, best]), known[channel, best], np.nan)
    return strength, np.where((strength > 1e-9)[:, None], directions[best], np.nan)


@cache
def _compass(axes: int) -> tuple[np.ndarray, np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Directions all around `(directions, axes)`, which of them lie in the half towards each, and what finds the
    direction that is nearest to each of many offsets `(offsets, axes)`."""
    directions, nearest = _circle(DIRECTIONS[2]) if axes == 2 else _sphere(DIRECTIONS[3])
    return directions, (directions @ directions.T > 0).astype(float), nearest


def _circle(count: int) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Directions at equal angles, and what finds the nearest."""
    angles = (np.arange(count) + 0.5) * 2 * np.pi / count

    def nearest(offsets: np.ndarray) -> np.ndarray:
        return np.floor(np.arctan2(offsets[:, 0], offsets[:, 1]) * (count / (2 * np.pi))).astype(int) % count

    return np.stack([np.sin(angles), np.cos(angles)], axis=1), nearest


def _sphere(count: int) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Half a Fibonacci spiral (González 2010) and its mirror image, so that each has its opposite."""
    from scipy.spatial import KDTree

    rank = np.arange(count // 2) + 0.5
    height, angles = rank / (count // 2), np.pi * (1 + np.sqrt(5)) * rank
    across = np.sqrt(1 - height**2)
    upper = np.stack([height, across * np.sin(angles), across * np.cos(angles)], axis=1)
    directions = np.concatenate([upper, -upper])
    tree = KDTree(directions)

    def nearest(offsets: np.ndarray) -> np.ndarray:
        _, place = tree.query(offsets / np.maximum(np.linalg.norm(offsets, axis=1), 1e-12)[:, None])
        return np.asarray(place)

    return directions, nearest


def _opposite(axes: int) -> np.ndarray:
    """The number of the opposite of each direction of the compass."""
    return np.roll(np.arange(DIRECTIONS[axes]), DIRECTIONS[axes] // 2)


def _relative_difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """`(one - other) / (one + other)`, missing unless both are positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((one > 0) & (other > 0), (one - other) / (one + other), np.nan)
