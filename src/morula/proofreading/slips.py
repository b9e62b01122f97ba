"""Mistakes that happen to people who annotate, made on purpose: how they look is learned from some that are known.

Each slip takes class numbers uint8 `(*space)`, 255 for what nobody annotated, in planes and volumes alike, and gives
others of the same shape; None where it cannot happen to this annotation, or would change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import ndimage

from morula.objects.labels import connected_pieces
from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.girth import redrawn
from morula.proofreading.orientations import orientations

SHIFTS = (2.0, 10.0)
"""By how many pixels an annotation is laid wrongly."""
WIDTHS = (2.0, 5.0)
"""By how many it is drawn too wide or too narrow."""
LARGEST_SHARE = 6
"""No slip is larger than this part of the shorter side of a frame."""
NOTABLE = 0.5
"""A piece counts as an object that is left out or added if it has this share of the pixels of the middle one."""
TRIES = 40
"""Places that are tried for an object that is added."""


@dataclass(frozen=True)
class Given:
    """What a slip is made from.

    Attributes:
        classes: the annotation as it is.
        other: that of another frame of the same shape; None where there is none.
        rng: what is left to chance comes from it.
    """

    classes: np.ndarray
    other: np.ndarray | None
    rng: np.random.Generator

    def strength(self, between: tuple[float, float]) -> float:
        """A number of pixels, no larger than the frame allows."""
        return min(self.rng.uniform(*between), min(self.classes.shape) / LARGEST_SHARE)


def slipped(kind: str, given: Given) -> np.ndarray | None:
    """The annotation with a mistake of one of `SLIPS`; None where that cannot be made, or changes nothing."""
    made = SLIPS[kind](given)
    return None if made is None or np.array_equal(made, given.classes) else made


def _shifted(given: Given) -> np.ndarray:
    direction = given.rng.standard_normal(given.classes.ndim)
    steps = np.rint(given.strength(SHIFTS) * direction / np.linalg.norm(direction)).astype(int)
    return ndimage.shift(given.classes, steps, order=0, prefilter=False)


def _wider(given: Given) -> np.ndarray:
    return redrawn(given.classes, given.strength(WIDTHS))


def _narrower(given: Given) -> np.ndarray:
    return redrawn(given.classes, -given.strength(WIDTHS))


def _left_out(given: Given) -> np.ndarray | None:
    pieces, chosen = _object_of(given.classes, given.rng)
    return None if chosen is None else np.where(pieces == chosen, 0, given.classes).astype(np.uint8)


def _added(given: Given) -> np.ndarray | None:
    """An object once more where nothing is, turned as it happens."""
    source = given.classes if given.other is None else given.other
    pieces, chosen = _object_of(source, given.rng)
    if chosen is None:
        return None
    box = ndimage.find_objects(pieces)[chosen - 1]
    kept = np.where(pieces[box] == chosen, source[box], 0)
    kept = np.flip(kept, tuple(axis for axis in range(kept.ndim) if given.rng.random() < 0.5))
    for _ in range(TRIES):
        start = [given.rng.integers(whole - side + 1) for whole, side in zip(source.shape, kept.shape, strict=True)]
        there = tuple(slice(at, at + side) for at, side in zip(start, kept.shape, strict=True))
        if not given.classes[there][kept > 0].any():
            made = given.classes.copy()
            made[there][kept > 0] = kept[kept > 0]
            return made
    return None


def _swapped(given: Given) -> np.ndarray | None:
    present = sorted(set(np.unique(given.classes).tolist()) - {0, NOT_ANNOTATED})
    pairs = list(combinations(present, 2))
    if not pairs:
        return None
    one, other = pairs[given.rng.integers(len(pairs))]
    numbers = np.arange(256, dtype=np.uint8)
    numbers[[one, other]] = other, one
    return numbers[given.classes]


def _of_another(given: Given) -> np.ndarray | None:
    return None if given.other is None else given.other.copy()


def _turned(given: Given) -> np.ndarray:
    several = list(orientations(given.classes.shape))
    return several[given.rng.integers(len(several))].apply(given.classes)


def _object_of(classes: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int | None]:
    """The pieces of an annotation, and one by chance that is no speck; None where there is none."""
    pieces, sizes = connected_pieces(classes)
    if len(sizes) < 2:
        return pieces, None
    notable = 1 + np.flatnonzero(sizes[1:] >= NOTABLE * np.median(sizes[1:]))
    return pieces, int(rng.choice(notable))


SLIPS: dict[str, Callable[[Given], np.ndarray | None]] = {
    "shifted": _shifted,
    "wider": _wider,
    "narrower": _narrower,
    "left out": _left_out,
    "added": _added,
    "swapped": _swapped,
    "of another": _of_another,
    "turned": _turned,
}
"""What goes wrong, by its name."""
