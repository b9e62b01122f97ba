"""Closed curves that every ray from their centre meets once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np


@cache
def angles(count: int) -> np.ndarray:
    """So many directions around a centre, in radians from x towards y; between them radii are interpolated."""
    around = np.linspace(-np.pi, np.pi, count, endpoint=False)
    around.flags.writeable = False
    return around


@dataclass(frozen=True)
class StarShape:
    """A star-shaped closed curve around a centre.

    Attributes:
        centre: y and x.
        radii: the distance from the centre to the outline at each of `angles(len(radii))`.
    """

    centre: tuple[float, float]
    radii: np.ndarray

    def reach(self, angle: float | np.ndarray) -> np.ndarray:
        """The distance from the centre to the outline at any angles."""
        return np.asarray(np.interp(angle, angles(len(self.radii)), self.radii, period=2 * np.pi))

    def depth(self, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """How deep points lie within the outline, negative outside.

        The gap along the ray from the centre times the cosine of the outline's slant: a distance true to
        first order at the outline, and with the right sign everywhere.
        """
        around = angles(len(self.radii))
        dy, dx = y - self.centre[0], x - self.centre[1]
        angle = np.arctan2(dy, dx)
        slant = np.gradient(self.radii, around) / self.radii
        cosine = np.interp(angle, around, 1 / np.sqrt(1 + slant**2), period=2 * np.pi)
        return ((self.reach(angle) - np.hypot(dy, dx)) * cosine).astype(np.float32)
