"""What a drawn heart is in a short-axis section: two ventricles, the wall of the left one, papillary muscles, scar.

Only geometry, no pixels. Lengths are shares of the side of the frame; angles in radians, from x towards y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from morula.drawings.star_shapes import StarShape, angles

CLASSES = ("wall", "left cavity", "right cavity")
"""What is outlined of a heart, in the order of their numbers."""
AROUND = angles(360)
"""Where radii are known."""


@dataclass(frozen=True)
class Heart:
    """A section of a heart.

    Attributes:
        inner: the outline of the left cavity.
        outer: the outer outline of the wall around it, with the same centre.
        right: the outline of the right ventricle, but for what the left one takes of it.
        muscles: the papillary muscles in the left cavity: y, x and radius of each.
        scar: where scar begins along the wall, how far it goes, and how much of the thickness it takes from within.
    """

    inner: StarShape
    outer: StarShape
    right: StarShape
    muscles: tuple[tuple[float, float, float], ...] = ()
    scar: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Heart:
        """A section of one of many hearts, anywhere from base to apex, where cavities are smaller."""
        apical = rng.uniform()
        centre = (rng.uniform(0.43, 0.55), rng.uniform(0.5, 0.62))
        radius = rng.uniform(0.14, 0.19) * (1 - 0.45 * apical)
        inner = radius * (1 + _waves(0.045, rng))
        outer = inner + _thickness(rng)
        size = float(outer.mean())
        septum = np.pi + rng.normal(0, 0.35)  # the direction of the right ventricle
        beside = size * rng.uniform(0.8, 1.05)
        right = size * rng.uniform(0.95, 1.25) * (1 - 0.35 * apical)
        return cls(
            StarShape(centre, inner),
            StarShape(centre, outer),
            StarShape(_towards(centre, septum, beside), right * (1 + _waves(0.06, rng))),
            tuple((*_towards(centre, septum + side * rng.uniform(1.7, 2.3), radius * rng.uniform(0.6, 0.85)),
                   radius * rng.uniform(0.15, 0.28)) for side in (-1, 1)),
            (rng.uniform(-np.pi, np.pi), rng.choice([0, rng.uniform(0.5, 1.6)]), rng.uniform(0.35, 1.0)),
        )

    def mask(self, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The numbers of `CLASSES` at points, 0 elsewhere, uint8.

        Papillary muscles belong to the cavity, as people outline it.
        """
        within, around, beside = (shape.depth(y, x) > 0 for shape in (self.inner, self.outer, self.right))
        return np.select([within, around, beside], [2, 1, 3], default=0).astype(np.uint8)

    def scarred(self, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Which points of the wall are scar; outside of the wall it means nothing."""
        begin, length, share = self.scar
        dy, dx = y - self.inner.centre[0], x - self.inner.centre[1]
        angle = np.arctan2(dy, dx)
        inner, outer = self.inner.reach(angle), self.outer.reach(angle)
        return ((angle - begin) % (2 * np.pi) < length) & (np.hypot(dy, dx) < inner + share * (outer - inner))


def _thickness(rng: np.random.Generator) -> np.ndarray:
    """The thickness of a wall at `AROUND`: one side is thicker, and an old infarct is thin."""
    thickness = rng.uniform(0.045, 0.08) * (1 + rng.uniform(0, 0.35) * np.cos(AROUND - rng.uniform(-np.pi, np.pi)))
    if rng.random() < 0.3:
        away = np.angle(np.exp(1j * (AROUND - rng.uniform(-np.pi, np.pi))))
        thickness *= 1 - rng.uniform(0.2, 0.5) * np.exp(-((away / 0.5) ** 2))
    return thickness * (1 + _waves(0.04, rng))


def _waves(height: float, rng: np.random.Generator) -> np.ndarray:
    """Waves of two to six to a turn at `AROUND`, whose standard deviation is about `height`."""
    numbers = np.arange(2, 7)
    heights = height * np.sqrt(2 / len(numbers)) * rng.uniform(0.5, 1.4, numbers.size) * (2 / numbers) ** 0.7
    phases = rng.uniform(-np.pi, np.pi, numbers.size)
    return (heights[:, None] * np.cos(numbers[:, None] * AROUND + phases[:, None])).sum(axis=0)


def _towards(centre: tuple[float, float], angle: float, far: float) -> tuple[float, float]:
    """The point so far from another in a direction, y and x."""
    return centre[0] + far * float(np.sin(angle)), centre[1] + far * float(np.cos(angle))
