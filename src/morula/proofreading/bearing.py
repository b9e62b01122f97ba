"""What evidence means beside that of the others: numbers that are alike for all that is as usual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morula.proofreading.girth import RINGS
from morula.proofreading.suppositions import Evidence


@dataclass(frozen=True)
class Usual:
    """What is usual among the annotations of a set.

    Attributes:
        ring: which of `RINGS` agrees best with what is seen, in the middle of all.
        radius: of objects, in pixels.
    """

    ring: int
    radius: float

    @classmethod
    def among(cls, several: Sequence[Evidence]) -> Usual:
        """What is usual among these: middle values, which a tenth of mistakes hardly moves."""
        radii = [each.odd.usual for each in several if np.isfinite(each.odd.usual)]
        return cls(int(np.median([each.girth.argmax() for each in several])), float(np.median(radii)) if radii else 1.0)

    def wider(self, one: Evidence) -> float:
        """By how many pixels an annotation is drawn wider than is usual; below 0 where it is narrower."""
        return float(RINGS[self.ring] - RINGS[one.girth.argmax()])


@dataclass(frozen=True)
class Elsewhere:
    """Where else an annotation would fit.

    Attributes:
        gain: how much better than where it is; 0 where there is no frame of the same shape.
        place: which frame that is.
    """

    gain: float
    place: int


def elsewhere(several: Sequence[Evidence], of: Sequence[Evidence], own: Sequence[int]) -> list[Elsewhere]:
    """The frame, of those with the same shape, that each of some annotations fits best.

    Args:
        several: the frames, as they are.
        of: annotations.
        own: the frame that each was made for.
    """
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for place, each in enumerate(several):
        alike[each.space].append(place)
    seen = {space: np.stack([several[place].seen.ravel() for place in places]) for space, places in alike.items()}
    found = []
    for one, at in zip(of, own, strict=True):
        places, views = np.array(alike[one.space]), seen[one.space]
        drawn = one.drawn.ravel()
        agreement = 2 * (views @ drawn) / np.maximum(views.sum(1) + drawn.sum(), 1e-6)
        mine = places == at
        if mine.all():
            found.append(Elsewhere(0.0, at))
            continue
        best = int(np.where(mine, -1, agreement).argmax())
        found.append(Elsewhere(float(agreement[best] - agreement[mine][0]), int(places[best])))
    return found


def bearing(one: Evidence, usual: Usual, where: Elsewhere) -> list[float]:
    """Numbers of an annotation: how well it agrees, and how much better it would, were it drawn otherwise.

    Args:
        one: what speaks for and against it.
        usual: what is usual among the others.
        where: where else it would fit.
    """
    missed, invented = one.odd.missed, one.odd.invented
    return [
        one.agreement,
        float(np.linalg.norm(one.displacement.move)),
        one.displacement.agreement - one.agreement,
        usual.wider(one),
        float(one.girth.max() - one.girth[usual.ring]),
        one.turned - one.agreement,
        one.swapped - one.agreement if one.swapped else -1.0,
        where.gain,
        missed.radius / usual.radius,
        missed.radius / usual.radius * (2 * missed.sure - 1),
        invented.radius / usual.radius,
        invented.radius / usual.radius * (2 * invented.sure - 1),
        float(np.isnan(one.odd.usual)),
    ]
