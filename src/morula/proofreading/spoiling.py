"""Copies of annotations with mistakes made on purpose, some of each kind, to learn from what wrong ones look like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from morula.proofreading.displacement import Displacements
from morula.proofreading.sights import Sight
from morula.proofreading.slips import SLIPS, Given, slipped
from morula.proofreading.suppositions import Evidence, evidence

MISTAKES = 320
"""Annotations that are spoiled on purpose, about: some forty of each kind."""
MOST_OF_ONE = 16
"""So many are made of one annotation, at most."""


@dataclass(frozen=True)
class Mistake:
    """One that was made on purpose.

    Attributes:
        place: of the annotation that it was made from.
        kind: one of `SLIPS`.
        evidence: what speaks for and against it.
    """

    place: int
    kind: str
    evidence: Evidence


class Spoiling:
    """Mistakes of all kinds in turn, from annotation to annotation."""

    def __init__(self, frames: int, classes: int, mistakes: int = MISTAKES) -> None:
        """
        Args:
            frames: how many annotations there are.
            classes: how many classes they may hold.
            mistakes: how many are made of all together, about.
        """
        self._kinds = [kind for kind in SLIPS if kind != "swapped" or classes > 1]
        self._each = min(MOST_OF_ONE, max(1, round(mistakes / frames)))
        self._turn, self._rng = 0, np.random.default_rng(0)
        self._latest: dict[tuple[int, ...], np.ndarray] = {}

    def spoil(self, place: int, seen: Sight, displacements: Displacements) -> Iterator[Mistake]:
        """Some mistakes in an annotation."""
        classes = seen.classes
        given = Given(classes, self._latest.get(classes.shape), self._rng)
        self._latest[classes.shape] = classes
        for _ in range(self._each):
            kind = self._kinds[self._turn % len(self._kinds)]
            self._turn += 1
            made = slipped(kind, given)
            if made is not None:
                yield Mistake(place, kind, evidence(replace(seen, classes=made), displacements))
