"""What the masks of a model are usually like, learned from those that it was trained with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from pydantic import Field

from morula.objects.pieces import Pieces
from morula.objects.specks import speck_size
from morula.settings import Settings
from morula.trust.layout import Layout

FEWEST = 5
"""Of fewer frames nobody can say what is usual."""
SELDOM = 0.1
"""What is in a smaller share of the frames is seldom."""
AREA = 1e6
"""Objects are counted in a frame, and in so many pixels of it: frames of other sizes than before hold other numbers."""
SPREADS, LEAST_SPREAD = 3.0, 0.15
"""An outline is unsure that is so many standard deviations less sure than the middle one, on the scale of log odds, \
where they are at least so large."""
ALONE = 0.5
"""What was seen in a single group is usual so much farther, on the scale of square roots; in two, half of that."""
ALWAYS_SURE = 0.95
"""A mask that is expected to have such an IoU is never unsure, however sure others are."""

Range = tuple[float, float]


class Usual(Settings):
    """What is usual. A field is None where too few frames were seen to tell."""

    frames: int = Field(ge=0)
    """Frames that were looked at."""
    groups: int = Field(ge=1)
    """Groups that they belong to: frames of one movie are alike and tell less about others."""
    empty: int = Field(ge=0)
    """Of these, frames without any object."""
    cut: int = Field(ge=0)
    """And those with an object that touches the border."""
    least: float = Field(default=0.0, ge=0)
    """Pixels of the smallest pieces that count as objects."""
    objects: Range | None = None
    """Fewest and most objects of a frame."""
    density: Range | None = None
    """The same for each million pixels."""
    certainty: float | None = Field(default=None, ge=0, le=1)
    """How sure outlines are at least."""
    layout: Layout | None = None
    """What tells frames of other things by how bodies lie in them, where masks of such things were looked at, too."""

    @classmethod
    def of(
        cls,
        masks: Sequence[Pieces],
        made: Sequence[Pieces] = (),
        certainties: Sequence[float] = (),
        *,
        groups: int | None = None,
    ) -> Self:
        """What is usual among frames.

        Args:
            masks: the pieces of true masks.
            made: those of masks of the model, whose specks and gaps are usual too.
            certainties: of masks of the model, see `Certainty`.
            groups: how many the frames belong to; as many as frames, where left out.
        """
        groups = max(1, len(masks) if groups is None else groups)
        least = speck_size(_sizes(masks))
        true, found = ([each.of_size(least) for each in some] for some in (masks, made))
        counts = np.array([len(each.sizes) for each in (*true, *found)], float)
        areas = np.array([each.extent for each in (*true, *found)])
        enough = len(masks) >= FEWEST
        return cls(
            frames=len(true),
            groups=groups,
            empty=sum(not len(each.sizes) for each in true),
            cut=sum(bool(each.cut.any()) for each in true),
            least=least,
            objects=_usual_range(counts, groups) if enough else None,
            density=_usual_range(counts / areas * AREA, groups) if enough else None,
            certainty=_least_certainty(np.array(certainties), groups) if len(certainties) >= FEWEST else None,
        )

    def seldom(self, count: int) -> bool:
        """Whether what so many of the frames show is seldom, even if one more did (Laplace's rule of succession)."""
        return (count + 1) / (self.frames + 2) < SELDOM


def _sizes(masks: Sequence[Pieces]) -> np.ndarray:
    return np.concatenate([each.sizes for each in masks]) if masks else np.zeros(0)


def _usual_range(counts: np.ndarray, groups: int) -> Range:
    """From the least to the most, a standard deviation more on either side, and the farther the fewer the groups.

    All this of square roots, whose spread does not grow with the numbers (Bartlett 1936, doi 10.2307/2983678).
    """
    roots = np.sqrt(counts)
    spread = float(roots.std(ddof=1))
    low, high = max(0.0, float(roots.min()) - spread), float(roots.max()) + spread
    return (low * (1 - ALONE / groups)) ** 2, (high * (1 + ALONE / groups)) ** 2


def _least_certainty(certainties: np.ndarray, groups: int) -> float:
    """So much less than the median, on the scale of log odds, that one in a thousand normal numbers falls below."""
    clipped = certainties.clip(1e-3, 1 - 1e-3)
    odds = np.log(clipped / (1 - clipped))
    middle = float(np.median(odds))
    deviation = 1.4826 * float(np.median(np.abs(odds - middle)))
    lowest = middle - SPREADS * (1 + 1 / groups) * max(deviation, LEAST_SPREAD)
    return min(ALWAYS_SURE, float(1 / (1 + np.exp(-lowest))))
