"""Which frames are most worth annotating next: those that look like many others, and like none annotated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.images.image import Image
from morula.models.model import Model
from morula.pairs.spread import evenly
from morula.plurals import many
from morula.progress import Part, untold
from morula.segmenting.appearance import appearance
from morula.trust.memory import Memory

LEAST_DOUBT = 0.02
"""What even a frame counts whose mask is certain, since networks are sure of what they have never seen, too."""
EMPTY_DOUBT = 0.5
"""What a frame counts in which nothing is found."""
GENTLY = 0.5
"""The power of the doubt about a frame that it counts with: what a model does worst is odd, and teaches little of the
rest."""
MOST = 4000
"""Frames that are compared with each other; of more, some that are evenly spread."""
UNLIKE = 1.5
"""A frame is unlike those annotated if it is so many times as far from them as the middle one of all is."""


@dataclass(frozen=True)
class Candidate:
    """A frame that could be annotated.

    Attributes:
        path: its file.
        frame: its number there, from 0.
        certainty: how sure the model is of its mask; None where it finds nothing.
        features: how it looks, see `appearance`.
    """

    path: Path
    frame: int
    certainty: float | None
    features: np.ndarray

    @classmethod
    def of(cls, model: Model, path: Path, image: Image, frame: int, on_part: Part = untold) -> Candidate:
        """What a model makes of a frame, and how much of it is done."""
        tally = model.empty_tally()
        model.mask(image, frame, on_tile=tally.look, on_part=on_part)
        return cls(path, frame, tally.certainty, appearance(model, image, frame))

    @property
    def doubt(self) -> float:
        """How much there is to learn from it, if nothing like it was annotated."""
        return EMPTY_DOUBT if self.certainty is None else max(LEAST_DOUBT, 1 - self.certainty)


@dataclass(frozen=True)
class Suggestion:
    """A frame that should be annotated.

    Attributes:
        path: its file.
        frame: its number there, from 0.
        certainty: how sure the model is of its mask; None where it finds nothing.
        reason: why this one, in words.
    """

    path: Path
    frame: int
    certainty: float | None
    reason: str


def choose(candidates: Sequence[Candidate], memory: Memory | None, count: int) -> list[Suggestion]:
    """The frames that together stand for most of all, the most useful first.

    A frame is as far from being known as the square of its distance from the nearest annotated frame says, a little
    more if the model doubts its mask. One after the other, the frame is taken whose annotation would lessen the sum of
    all most (the greedy way to place facilities: Nemhauser, Wolsey and Fisher 1978, doi 10.1007/BF01588971). So each
    kind of frame gets one before any gets two, and a freak that stands for nothing but itself comes late.

    Args:
        candidates: to choose from.
        memory: the annotated frames; None if the model remembers none.
        count: how many.
    """
    candidates = evenly(candidates, MOST)
    known = memory.appearances if memory else np.zeros((0, len(candidates[0].features)), np.float32)
    every = np.concatenate([[candidate.features for candidate in candidates], known])
    every = (every - every.mean(0)) / every.std(0).clip(1e-6)
    places, known = every[: len(candidates)], every[len(candidates) :]
    apart = _squares(places, places)
    far = _squares(places, known).min(1) if len(known) else np.full(len(places), apart.max() + 1.0)
    doubt = np.array([candidate.doubt for candidate in candidates])
    chosen: list[int] = []
    remaining = far.copy()
    for _ in range(min(count, len(candidates))):
        gains = doubt**GENTLY @ (remaining[:, None] - apart).clip(0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        remaining = np.minimum(remaining, apart[chosen[-1]])
    nearest = apart[:, chosen].argmin(1)
    others = np.bincount(nearest[far > apart[:, chosen].min(1)], minlength=len(chosen)) - 1
    unlike, doubtful = far > UNLIKE**2 * np.median(far), doubt >= np.percentile(doubt, 75)
    return [
        Suggestion(candidates[place].path, candidates[place].frame, candidates[place].certainty,
                   _reason(candidates[place], bool(unlike[place]), int(others[order]), bool(doubtful[place])))
        for order, place in enumerate(chosen)
    ]


def _reason(candidate: Candidate, unlike: bool, others: int, doubtful: bool) -> str:
    def parts() -> Iterator[str]:
        if candidate.certainty is None:
            yield "nothing was found in it"
        elif doubtful:
            yield "its outline is unsure"
        if unlike:
            yield "unlike what was annotated"
        if others > 0:
            yield f"stands for {many(others, 'frame')} like it"

    return "; ".join(parts()) or "unlike the others chosen"


def _squares(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Squares of Euclidean distances, `(ones, others)`."""
    return ((ones**2).sum(1)[:, None] + (others**2).sum(1) - 2 * ones @ others.T).clip(0)
