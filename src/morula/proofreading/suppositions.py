"""What speaks for and against an annotation: how much better it would agree, were it drawn otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from morula.models.preprocessing import binned
from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.displacement import Displacement, Displacements
from morula.proofreading.girth import agreement_by_girth
from morula.proofreading.odd_objects import OddObjects, odd_objects
from morula.proofreading.orientations import Orientation, orientations
from morula.proofreading.sights import Sight, dice, weights

SMALL = 32
"""Sides of the pictures by which annotations of one frame are laid on others, at most."""


@dataclass(frozen=True)
class Evidence:
    """An annotation under all suppositions.

    Attributes:
        space: the shape of the frame; only annotations of one shape could be mistaken for each other.
        agreement: of what is drawn with what is seen, as it is, see `dice`.
        displacement: where it would agree best.
        girth: the agreement of the foreground, drawn narrower and wider, for each of `RINGS`.
        turned: how well it would agree at best, mirrored or turned.
        orientation: how, then.
        swapped: how well it would agree with two classes exchanged; 0 where there are none to exchange.
        exchanged: which.
        odd: the oddest places.
        drawn: the annotation in small, float32 `(classes, *small)`.
        seen: what was seen, the same.
        step: pixels of the image for each pixel here.
    """

    space: tuple[int, ...]
    agreement: float
    displacement: Displacement
    girth: np.ndarray
    turned: float
    orientation: Orientation
    swapped: float
    exchanged: tuple[int, int]
    odd: OddObjects
    drawn: np.ndarray
    seen: np.ndarray
    step: int


def evidence(sight: Sight, displacements: Displacements) -> Evidence:
    """Look at an annotation under all suppositions.

    Args:
        sight: the annotation and what is seen.
        displacements: of what is seen.
    """
    classes = sight.classes
    turned, orientation = max(((_agreement(each.apply(classes), sight.seen), each)
                               for each in orientations(classes.shape)), key=lambda pair: pair[0])
    exchanges = list(combinations(range(1, len(sight.seen) + 1), 2))
    swapped, exchanged = max(((_agreement(exchange(classes, pair), sight.seen), pair) for pair in exchanges),
                             key=lambda pair: pair[0], default=(0.0, (0, 0)))
    drawn = np.stack([classes == number for number in range(1, len(sight.seen) + 1)]).astype(np.float32)
    blocks = tuple(-(-length // SMALL) for length in classes.shape)
    return Evidence(classes.shape, _agreement(classes, sight.seen), displacements.best(classes),
                    agreement_by_girth(classes, sight.foreground), turned, orientation, swapped, exchanged,
                    odd_objects(sight), binned(drawn, blocks), binned(sight.seen, blocks), sight.step)


def exchange(classes: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """The same class numbers, with two exchanged."""
    numbers = np.arange(256, dtype=np.uint8)
    numbers[list(pair)] = pair[::-1]
    return numbers[classes]


def _agreement(classes: np.ndarray, seen: np.ndarray) -> float:
    overlap = sum(float(each[classes == number].sum()) for number, each in enumerate(seen, start=1))
    drawn = np.count_nonzero((classes > 0) & (classes != NOT_ANNOTATED))
    return float(dice(overlap, drawn, float((seen * weights(classes)).sum())))
