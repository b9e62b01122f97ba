"""Which frames are most worth annotating next: doubtful ones, unlike those annotated, and unlike each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.images.findings import many
from morula.images.image import Image
from morula.models.embedding import embedding
from morula.models.memory import Memory
from morula.models.model import Model

LEAST_DOUBT = 0.02
"""What even a frame counts whose mask is certain, since networks are sure of what they have never seen, too."""
EMPTY_DOUBT = 0.5
"""What a frame counts in which nothing is found."""
MOST = 4000
"""Frames that are compared with each other; of more, the most doubtful."""
UNLIKE = 1.5
"""A frame is unlike those annotated if it is so many times as far from them as the middle one of all is."""


@dataclass(frozen=True)
class Candidate:
    """A frame that could be annotated.

    Attributes:
        path: its file.
        frame: its number there, from 0.
        certainty: how sure the model is of its mask; None where it finds nothing.
        features: how the network sees it, see `embedding`.
    """

    path: Path
    frame: int
    certainty: float | None
    features: np.ndarray

    @classmethod
    def of(cls, model: Model, path: Path, image: Image, frame: int) -> Candidate:
        """What a model makes of a frame."""
        tally = model.empty_tally()
        model.mask(image, frame, on_tile=tally.look)
        return cls(path, frame, tally.certainty, embedding(model, image, frame))

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
    """The frames that together bring most doubt near to an annotated frame, the most useful first.

    Each frame is as far from being understood as the nearest annotated one is away, times the doubt about it. One
    after the other, the frame is taken whose annotation would lessen the sum of all most (the greedy way to place
    facilities: Nemhauser, Wolsey and Fisher 1978, doi 10.1007/BF01588971). So a group of doubtful frames that are
    alike gets one or two, and a freak that stands for nothing but itself comes late.

    Args:
        candidates: to choose from.
        memory: the annotated frames; None if the model remembers none.
        count: how many.
    """
    candidates = sorted(candidates, key=lambda each: each.doubt, reverse=True)[:MOST]
    known = memory.embeddings.astype(np.float32) if memory else np.zeros((0, len(candidates[0].features)), np.float32)
    every = np.concatenate([[candidate.features for candidate in candidates], known])
    every = (every - every.mean(0)) / every.std(0).clip(1e-6)
    places, known = every[: len(candidates)], every[len(candidates) :]
    apart = _distances(places, places)
    far = _distances(places, known).min(1) if len(known) else np.full(len(places), apart.max() + 1.0)
    usual = float(np.median(far))
    doubt = np.array([candidate.doubt for candidate in candidates])
    taken: list[tuple[int, float]] = []
    remaining = far.copy()
    for _ in range(min(count, len(candidates))):
        gains = (doubt[:, None] * (remaining[:, None] - apart).clip(0)).sum(0)
        gains[[place for place, _ in taken]] = -1
        best = int(gains.argmax())
        taken.append((best, far[best]))
        remaining = np.minimum(remaining, apart[best])
    chosen = [place for place, _ in taken]
    nearest = apart[:, chosen].argmin(1)
    others = np.bincount(nearest[far > apart[:, chosen].min(1)], minlength=len(chosen)) - 1
    return [
        Suggestion(candidates[place].path, candidates[place].frame, candidates[place].certainty,
                   _reason(candidates[place], far[place] > UNLIKE * usual, int(others[order]),
                           bool(doubt[place] >= np.percentile(doubt, 75))))
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


def _distances(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Euclidean distances, `(ones, others)`."""
    squares = (ones**2).sum(1)[:, None] + (others**2).sum(1) - 2 * ones @ others.T
    return np.sqrt(squares.clip(0))
