"""How well an annotation agrees with what is seen when it is moved, by every number of pixels within reach at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import fft

from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.sights import dice, weights

REACH = 12
"""Pixels by which annotations are moved, at most."""
SHORTEST = 4
"""They are moved by this part of the side of a frame at most."""


@dataclass(frozen=True)
class Displacement:
    """Where an annotation agrees best.

    Attributes:
        move: by how many pixels along each axis it should be moved.
        agreement: how well it agrees there.
    """

    move: tuple[int, ...]
    agreement: float


class Displacements:
    """The same probabilities for many annotations; what is transformed of them is transformed once."""

    def __init__(self, seen: np.ndarray) -> None:
        """
        Args:
            seen: probabilities of the classes without background, float32 `(classes, *space)`.
        """
        self._space = seen.shape[1:]
        self._reach = tuple(min(REACH, length // SHORTEST) for length in self._space)
        self._sides = [fft.next_fast_len(length + reach, real=True)
                       for length, reach in zip(self._space, self._reach, strict=True)]
        self._seen = [self._transformed(each) for each in seen]
        self._any = np.sum(self._seen, axis=0)

    @cached_property
    def _everywhere(self) -> np.ndarray:
        return self._transformed(np.ones(self._space, np.float32))

    def best(self, classes: np.ndarray) -> Displacement:
        """The best of all moves; what was not in the frame before is not annotated after it.

        Args:
            classes: uint8 `(*space)`, 255 for what nobody annotated.
        """
        annotated = weights(classes)
        whole = self._everywhere if annotated.all() else self._transformed(annotated)
        drawn = ((classes > 0) & (classes != NOT_ANNOTATED)).astype(np.float32)
        overlap = np.sum([np.conj(self._transformed((classes == number).astype(np.float32))) * seen
                          for number, seen in enumerate(self._seen, start=1)], axis=0)
        agreement = dice(self._within(overlap), self._within(np.conj(self._transformed(drawn)) * self._everywhere),
                         self._within(np.conj(whole) * self._any))
        place = np.unravel_index(agreement.argmax(), agreement.shape)
        move = tuple(int(at) - reach for at, reach in zip(place, self._reach, strict=True))
        return Displacement(move, float(agreement[place]))

    def _transformed(self, plane: np.ndarray) -> np.ndarray:
        return np.asarray(fft.rfftn(plane, self._sides))

    def _within(self, product: np.ndarray) -> np.ndarray:
        """The correlation for every move within reach, from the most negative to the most positive."""
        found = np.asarray(fft.irfftn(product, self._sides))
        return found[np.ix_(*(np.arange(-reach, reach + 1) for reach in self._reach))]
