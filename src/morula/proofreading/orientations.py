"""All other ways to lay a frame on itself: mirrored along some axes, and turned by quarters where planes are square."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np


@dataclass(frozen=True)
class Orientation:
    """How a frame is laid.

    Attributes:
        flipped: the axes that it is mirrored along.
        turned: whether the last two axes change places before that.
    """

    flipped: tuple[int, ...]
    turned: bool

    def apply(self, classes: np.ndarray) -> np.ndarray:
        """Class numbers `(*space)`, laid so."""
        return np.flip(np.swapaxes(classes, -1, -2) if self.turned else classes, self.flipped)


def orientations(space: tuple[int, ...]) -> Iterator[Orientation]:
    """All but the one that it has."""
    for turned, *chosen in product((False, True)[: 1 + (space[-1] == space[-2])], *[(False, True)] * len(space)):
        flipped = tuple(axis for axis, each in enumerate(chosen) if each)
        if turned or flipped:
            yield Orientation(flipped, turned)
