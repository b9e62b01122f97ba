"""What lies where in a field: bodies, and the cells that they shed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from morula.worlds import ranges
from morula.worlds.aggregates import Body, drawn
from morula.worlds.shed import Cells

TRIES = 30
"""How often room for a body is looked for; if there is none, it is left out."""


@dataclass(frozen=True)
class Scene:
    """A field, whatever it is seen with.

    Attributes:
        shape: rows and columns.
        bodies: the aggregates.
        cells: what they shed.
    """

    shape: tuple[int, int]
    bodies: tuple[Body, ...]
    cells: Cells

    @classmethod
    def drawn(cls, kinds: tuple[str, ...], shape: tuple[int, int], rng: np.random.Generator) -> Scene:
        """A field with bodies of these kinds: one, several or none."""
        bodies = _bodies(kinds, shape, rng)
        return cls(shape, bodies, Cells.drawn(bodies, shape, rng))

    @property
    def depth(self) -> np.ndarray:
        """How deep each pixel lies in a body, in pixels, float32 `shape`; negative outside of all."""
        y, x = np.arange(self.shape[0], dtype=np.float32)[:, None], np.arange(self.shape[1], dtype=np.float32)[None]
        return np.max([body.depth(y, x) for body in self.bodies], axis=0) if self.bodies else np.full(self.shape, -1e3)

    def mask(self, classes: int) -> np.ndarray:
        """The truth, uint8 `shape`: 1 body, also where shed cells hide it, and of two classes 2 shed cells."""
        mask = (self.depth > 0).astype(np.uint8)
        if classes > 1:
            mask[self.cells.covered(self.shape) & (mask == 0)] = 2
        return mask


def _bodies(kinds: tuple[str, ...], shape: tuple[int, int], rng: np.random.Generator) -> tuple[Body, ...]:
    dice, side = rng.random(), min(shape)
    if dice < ranges.EMPTY:
        return ()
    if dice < ranges.EMPTY + ranges.ALONE:
        count, size = 1, ranges.RADIUS_ALONE.drawn(rng)
    elif dice < ranges.EMPTY + ranges.ALONE + (1 - ranges.EMPTY - ranges.ALONE) / 2:
        count, size = int(rng.integers(ranges.FEW[0], ranges.FEW[1] + 1)), ranges.RADIUS_FEW.drawn(rng)
    else:
        count, size = int(rng.integers(ranges.MANY[0], ranges.MANY[1] + 1)), ranges.RADIUS_MANY.drawn(rng)
    spread, touching = ranges.SPREAD.drawn(rng), rng.random() < ranges.TOUCHING
    kind = kinds[int(rng.integers(len(kinds)))]
    mixed = rng.random() < 0.2
    placed: list[Body] = []
    for _ in range(count):
        radius = size * side * rng.lognormal(0, spread if count > 1 else 0)
        radius = float(np.clip(radius, ranges.SMALLEST, ranges.LARGEST * side))
        own = kinds[int(rng.integers(len(kinds)))] if mixed else kind
        cut = rng.random() < ranges.CUT
        for _ in range(TRIES):
            margin = np.minimum(-0.3 * radius if cut else 1.25 * radius, np.array(shape) / 2)
            body = drawn(own, tuple(rng.uniform(margin, np.array(shape) - margin).tolist()), radius, rng)
            if touching or all(_apart(body, other) for other in placed):
                placed.append(body)
                break
    return tuple(placed)


def _apart(one: Body, other: Body) -> bool:
    gap = np.hypot(one.centre[0] - other.centre[0], one.centre[1] - other.centre[1])
    return gap > one.reach + other.reach
