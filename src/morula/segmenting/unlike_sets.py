"""Whether images of a set are together unlike the training images, which often one alone does not show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scipy.special import bdtrc

from morula.plurals import many
from morula.segmenting.flags import AMONG_UNLIKE
from morula.segmenting.frames import SegmentedFrame
from morula.trust.expectation import POOR, UNLIKE

HALF, CHANCE = 0.5, 0.01
"""A set is unlike the training images if more of its frames are doubtful than would be with such a chance, were half of
all such frames. Of the hardest that a model is for, drawn fields, a quarter is; of nuclei, blood cells and micrographs
before that model, 79 to 100 in a hundred are."""


def with_unlike_set(rows: Sequence[SegmentedFrame]) -> list[SegmentedFrame]:
    """The same rows; all are flagged where most are clearly doubtful: unlike the training images, or poor."""
    unlike = is_unlike_set(rows)
    return [replace(row, flags=(*(flag for flag in row.flags if flag != AMONG_UNLIKE),
                                *([AMONG_UNLIKE] if unlike and UNLIKE not in row.flags else [])))
            for row in rows]


def is_unlike_set(rows: Sequence[SegmentedFrame]) -> bool:
    """Whether more than half of such frames are doubtful, beyond chance (binomial test, one-sided)."""
    doubtful = _doubtful(rows)
    return doubtful > 0 and float(bdtrc(doubtful - 1, len(rows), HALF)) < CHANCE


def set_in_words(rows: Sequence[SegmentedFrame]) -> str:
    """What there is to do about a set that is unlike the training images; empty for others."""
    if not is_unlike_set(rows):
        return ""
    return (f"Of {many(len(rows), 'frame')}, {_doubtful(rows):,} are unlike the training images, or expected to have "
            "poor masks: the model does not know such images. Look at some masks, and train on a few of these images.")


def _doubtful(rows: Sequence[SegmentedFrame]) -> int:
    return sum(not {UNLIKE, POOR}.isdisjoint(row.flags) for row in rows)
