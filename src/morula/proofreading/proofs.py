"""All annotations of a set under suspicion: each as it is, and some with mistakes that were made on purpose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from morula.errors import RequestError
from morula.models.model import Model
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.plurals import many
from morula.progress import Progress, silent
from morula.proofreading.bearing import Elsewhere, Usual, bearing, elsewhere
from morula.proofreading.displacement import Displacements
from morula.proofreading.sights import Sight, sight
from morula.proofreading.slips import SLIPS, Given, slipped
from morula.proofreading.suppositions import Evidence, evidence
from morula.proofreading.suspicion import Suspicion, suspect

FEWEST = 10
"""Of fewer annotations nothing is usual."""
MISTAKES = 320
"""Annotations that are spoiled on purpose, about: some forty of each kind."""
MOST_OF_ONE = 16
"""So many are made of one annotation, at most."""


@dataclass(frozen=True)
class Proofs:
    """What is thought of all annotations of a set, and why.

    Attributes:
        several: what speaks for and against each.
        usual: what is usual among them.
        where: where else each would fit.
        learned: whether the networks that judged it had learned from it, for each.
        suspicion: how probably each is wrong, and how.
        found: of the mistakes made on purpose, the share that would have been listed, by kind.
    """

    several: tuple[Evidence, ...]
    usual: Usual
    where: tuple[Elsewhere, ...]
    learned: tuple[bool, ...]
    suspicion: Suspicion
    found: Mapping[str, float]


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

    def __init__(self, frames: int, classes: int) -> None:
        """
        Args:
            frames: how many annotations there are.
            classes: how many classes they may hold.
        """
        self._kinds = [kind for kind in SLIPS if kind != "swapped" or classes > 1]
        self._each = min(MOST_OF_ONE, max(1, round(MISTAKES / frames)))
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


def proofs(
    models: Sequence[Model], frames: Sequence[Frame], reading: MaskReading, numbers: np.ndarray,
    progress: Progress = silent,
) -> Proofs:
    """Look at all annotations.

    Args:
        models: that know the same classes.
        frames: with their annotations.
        reading: how these are read.
        numbers: the class number, in the annotations, of each class of the models.
        progress: called with frames done, frames in all, and words.

    Raises:
        RequestError: there are too few annotations.
        ModelError: an image has other channels or another number of spatial axes than a model.
        FileError: a file cannot be read any more.
    """
    if len(frames) < FEWEST:
        raise RequestError(
            f"There {'is' if len(frames) == 1 else 'are'} {many(len(frames), 'annotation')}, and what is wrong is told "
            f"from what is usual among at least {FEWEST}. Annotate more first, or compare each with your own eyes: "
            "morula evaluate draws masks of the model over those that were annotated.")
    several, learned, mistakes = [], [], []
    spoiling = Spoiling(len(frames), reading.classes)
    for place, frame in enumerate(frames):
        progress(place, len(frames), f"looking again at {frame.name}")
        classes = reading.class_numbers(frame.pair.mask.frame(frame.index))
        seen = sight(models, frame.pair.image, frame.index, classes, numbers)
        displacements = Displacements(seen.seen)
        several.append(evidence(seen, displacements))
        learned.append(seen.learned)
        mistakes += spoiling.spoil(place, seen, displacements)
    progress(len(frames), len(frames), "comparing all")
    usual, where = Usual.among(several), elsewhere(several, several, range(len(several)))
    suspicion = _suspicion(several, where, mistakes, usual)
    return Proofs(tuple(several), usual, tuple(where), tuple(learned), suspicion, _found(mistakes, suspicion))


def _suspicion(
    several: Sequence[Evidence], where: Sequence[Elsewhere], mistakes: Sequence[Mistake], usual: Usual
) -> Suspicion:
    spoiled, places = [each.evidence for each in mistakes], [each.place for each in mistakes]
    kinds = [list(SLIPS).index(each.kind) for each in mistakes]
    bearings, mistaken = (np.array([bearing(one, usual, there) for one, there in zip(ones, found, strict=True)])
                          for ones, found in ((several, where), (spoiled, elsewhere(several, spoiled, places))))
    return suspect(bearings, mistaken, np.array(kinds), np.array(places))


def _found(mistakes: Sequence[Mistake], suspicion: Suspicion) -> dict[str, float]:
    listed = defaultdict(list)
    for mistake, found in zip(mistakes, suspicion.found, strict=True):
        listed[mistake.kind].append(found)
    return {kind: float(np.mean(listed[kind])) for kind in SLIPS if kind in listed}
