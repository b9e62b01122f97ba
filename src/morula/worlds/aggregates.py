"""Bodies as closed curves: compact, elongated with a tip, loose, broken, lobed, hollow and budding ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from morula.drawings.star_shapes import StarShape, angles
from morula.worlds import ranges

ANGLES = angles(360)
"""Where the radii of the parts of a body are known."""
WAVES = np.arange(2, 40)
"""Waves of the outline to a turn."""


@dataclass(frozen=True)
class Body:
    """One aggregate.

    Attributes:
        lobes: the parts that it is made of; together they are its outline.
        radius: about, in pixels.
        wall: how thick its wall is in radii; 0 if it is not hollow.
        tip: where a tip is, y and x in pixels; None without.
    """

    lobes: tuple[StarShape, ...]
    radius: float
    wall: float = 0.0
    tip: tuple[float, float] | None = None

    @property
    def centre(self) -> tuple[float, float]:
        """That of its first part."""
        return self.lobes[0].centre

    @property
    def reach(self) -> float:
        """How far any of it lies from the centre, at most."""
        y, x = self.centre
        return max(float(lobe.radii.max() + np.hypot(lobe.centre[0] - y, lobe.centre[1] - x)) for lobe in self.lobes)

    def depth(self, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """How deep points lie within, in pixels, negative outside."""
        return np.max([lobe.depth(y, x) for lobe in self.lobes], axis=0)


def drawn(kind: str, centre: tuple[float, float], radius: float, rng: np.random.Generator) -> Body:
    """A body of a kind: compact, tipped, loose, broken, lobed, hollow or budding."""
    if kind == "tipped":
        return _tipped(centre, radius, rng)
    rough = ranges.ROUGHNESS.drawn(rng) * (2.0 if kind in ("loose", "broken") else 0.7)
    if kind == "broken":
        count = int(rng.integers(ranges.PIECES[0], ranges.PIECES[1] + 1))
        pieces = []
        for _ in range(count):
            size, angle = radius * ranges.PIECE.drawn(rng), rng.uniform(-np.pi, np.pi)
            away = rng.uniform(0.2, 0.9) * radius
            pieces.append(_lobe((centre[0] + away * np.sin(angle), centre[1] + away * np.cos(angle)), size, rough, rng))
        return Body(tuple(pieces), radius)
    if kind == "lobed":
        return Body(_hanging_together(centre, radius, rough, rng), radius)
    main = _lobe(centre, radius, rough, rng)
    if kind == "budding":
        buds = []
        for _ in range(int(rng.integers(ranges.BUDS[0], ranges.BUDS[1] + 1))):
            size, angle = radius * ranges.BUD.drawn(rng), rng.uniform(-np.pi, np.pi)
            away = float(main.reach(angle)) + size * rng.uniform(-0.5, 0.5)
            buds.append(_lobe((centre[0] + away * np.sin(angle), centre[1] + away * np.cos(angle)), size, rough, rng))
        return Body((main, *buds), radius, ranges.WALL.drawn(rng) * (rng.random() < 0.5))
    return Body((main,), radius, ranges.WALL.drawn(rng) if kind == "hollow" else 0.0)


def _lobe(centre: tuple[float, float], radius: float, rough: float, rng: np.random.Generator) -> StarShape:
    around = ANGLES - rng.uniform(-np.pi, np.pi)
    stretch = 1 + (ranges.ELONGATION.drawn(rng) - 1) * rng.random()
    radii = 1 / np.hypot(np.cos(around) / np.sqrt(stretch), np.sin(around) * np.sqrt(stretch))
    radii = np.maximum(radii + rough * _waves(rng), 0.25)
    return StarShape(centre, radii * radius / np.sqrt(np.mean(radii**2)))


def _hanging_together(
    centre: tuple[float, float], radius: float, rough: float, rng: np.random.Generator
) -> tuple[StarShape, ...]:
    """Lobes of which each hangs on one before it."""
    lobes = [_lobe(centre, 0.75 * radius, rough, rng)]
    for _ in range(int(rng.integers(ranges.LOBES[0], ranges.LOBES[1] + 1))):
        on = lobes[int(rng.integers(len(lobes)))]
        size, angle = 0.75 * radius * ranges.LOBE.drawn(rng), rng.uniform(-np.pi, np.pi)
        lobe = _lobe(on.centre, size, rough, rng)
        away = float(on.reach(angle) + lobe.reach(angle + np.pi)) - ranges.NECK.drawn(rng) * size
        lobes.append(StarShape((on.centre[0] + away * np.sin(angle), on.centre[1] + away * np.cos(angle)), lobe.radii))
    return tuple(lobes)


def _tipped(centre: tuple[float, float], radius: float, rng: np.random.Generator) -> Body:
    heading = rng.uniform(-np.pi, np.pi)
    around = ANGLES - heading
    stretch = ranges.ELONGATION.drawn(rng)
    radii = 1 / np.hypot(np.cos(around) / np.sqrt(stretch), np.sin(around) * np.sqrt(stretch))
    radii = radii + ranges.TIP.drawn(rng) * np.exp((np.cos(around) - 1) / ranges.TIP_WIDTH.drawn(rng) ** 2)
    radii = np.maximum(radii + 0.5 * ranges.ROUGHNESS.drawn(rng) * _waves(rng), 0.25)
    radii *= radius / np.sqrt(np.mean(radii**2))
    lobe = StarShape(centre, radii)
    away = float(lobe.reach(heading)) - 0.3 * radius
    return Body((lobe,), radius, 0.0, (centre[0] + away * np.sin(heading), centre[1] + away * np.cos(heading)))


def _waves(rng: np.random.Generator) -> np.ndarray:
    heights = rng.standard_normal((2, WAVES.size)) / WAVES ** ranges.STEEPNESS.drawn(rng)
    waves = heights[0] @ np.cos(WAVES[:, None] * ANGLES) + heights[1] @ np.sin(WAVES[:, None] * ANGLES)
    return waves / waves.std()
