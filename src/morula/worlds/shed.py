"""What bodies shed: cells that lie about singly, in clusters, and in heaps on the rims, which they hide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morula.worlds import ranges
from morula.worlds.aggregates import Body


@dataclass(frozen=True)
class Cells:
    """Shed cells, one number each.

    Attributes:
        y: where, in pixels.
        x: where.
        radius: in pixels.
        strength: how much they stand out, about 1.
        blurred: whether they are out of focus.
    """

    y: np.ndarray
    x: np.ndarray
    radius: np.ndarray
    strength: np.ndarray
    blurred: np.ndarray

    @classmethod
    def drawn(cls, bodies: Sequence[Body], shape: tuple[int, int], rng: np.random.Generator) -> Cells:
        """The cells of a field, which may have none."""
        places = [np.empty((0, 2))]
        side = min(shape)
        if rng.random() < ranges.SHEDDING:
            places.append(_singles(bodies, shape, rng))
            if bodies:
                clusters = range(int(rng.integers(ranges.CLUSTERS[0], ranges.CLUSTERS[1] + 1)))
                heaps = range(int(rng.integers(ranges.HEAPS[0], ranges.HEAPS[1] + 1)))
                places += [_cluster(_one_of(bodies, rng), side, rng) for _ in clusters]
                places += [_heap(_one_of(bodies, rng), side, rng) for _ in heaps]
        y, x = np.concatenate(places).T
        count, usual = len(y), max(0.8, ranges.CELL.drawn(rng) * side)
        return cls(
            y, x, np.clip(usual * rng.lognormal(0, 0.3, count), 0.7, 3 * usual), rng.lognormal(0, 0.3, count),
            rng.random(count) < ranges.BLURRED.drawn(rng) * (rng.random() < 0.5),
        )

    def covered(self, shape: tuple[int, int]) -> np.ndarray:
        """Which pixels those in focus cover, bool `shape`."""
        found = np.zeros(shape, bool)
        for y, x, radius in zip(self.y[~self.blurred], self.x[~self.blurred], self.radius[~self.blurred], strict=True):
            rows, columns, away = around(shape, y, x, radius, 1.0)
            found[rows, columns] |= away <= radius
        return found


def around(
    shape: tuple[int, int], y: float, x: float, radius: float, reach: float
) -> tuple[slice, slice, np.ndarray]:
    """The window within so many radii of a point, and how far its pixels lie from it."""
    span = reach * radius + 1
    rows = slice(int(np.clip(y - span, 0, shape[0])), int(np.clip(y + span + 1, 0, shape[0])))
    columns = slice(int(np.clip(x - span, 0, shape[1])), int(np.clip(x + span + 1, 0, shape[1])))
    return rows, columns, np.hypot(np.arange(rows.start, rows.stop)[:, None] - y,
                                   np.arange(columns.start, columns.stop)[None] - x)


def _one_of(bodies: Sequence[Body], rng: np.random.Generator) -> Body:
    return bodies[int(rng.integers(len(bodies)))]


def _singles(bodies: Sequence[Body], shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    count = int(rng.integers(*ranges.SINGLES))
    if not bodies or rng.random() < 0.3:
        return rng.uniform(0, shape, (count, 2))
    near = ranges.REACH.drawn(rng) * min(shape)
    return np.array([_beside(_one_of(bodies, rng), rng.uniform(-np.pi, np.pi), 1 + rng.exponential(near))
                     for _ in range(count)]).reshape(-1, 2)


def _cluster(body: Body, side: int, rng: np.random.Generator) -> np.ndarray:
    width = rng.uniform(0.01, 0.05) * side
    middle = _beside(body, rng.uniform(-np.pi, np.pi), width + rng.exponential(0.12 * side))
    return np.array(middle) + rng.normal(0, width, (int(rng.integers(3, 40)), 2))


def _heap(body: Body, side: int, rng: np.random.Generator) -> np.ndarray:
    width, height = ranges.HEAP_WIDTH.drawn(rng), ranges.HEAP_HEIGHT.drawn(rng) * body.radius
    angle = rng.uniform(-np.pi, np.pi)
    count = int(np.clip(width * height * body.radius / (0.012 * side) ** 2, 3, 150))
    return np.array([_beside(body, rng.normal(angle, width), rng.uniform(-0.25, 0.1) * height
                             + height * rng.beta(1, 2)) for _ in range(count)]).reshape(-1, 2)


def _beside(body: Body, angle: float, gap: float) -> tuple[float, float]:
    """A point so far outside the rim of the first part of a body."""
    away = body.lobes[0].reach(angle) + gap
    return body.centre[0] + away * np.sin(angle), body.centre[1] + away * np.cos(angle)
