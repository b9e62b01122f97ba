"""All annotations of a set under suspicion: each as it is, and some with mistakes that were made on purpose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from morula.errors import RequestError
from morula.models.model import Model
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.plurals import many
from morula.progress import Progress, silent
from morula.proofreading.bearing import Elsewhere, Usual, bearing, elsewhere
from morula.proofreading.displacement import Displacements
from morula.proofreading.girth import drawn_wider
from morula.proofreading.sights import sight
from morula.proofreading.slips import SLIPS
from morula.proofreading.spoiling import MISTAKES, Mistake, Spoiling
from morula.proofreading.suppositions import Evidence, evidence
from morula.proofreading.suspicion import Suspicion, suspect

FEWEST = 10
"""Of fewer annotations nothing is usual."""


@dataclass(frozen=True)
class Proofs:
    """What is thought of all annotations of a set, and why.

    Attributes:
        several: what speaks for and against each.
        usual: what is usual among them.
        where: where else each would fit.
        widths: by how many pixels each is drawn wider than what is seen, see `drawn_wider`.
        learned: whether the networks that judged it had learned from it, for each.
        suspicion: how probably each is wrong, and how.
        found: of the mistakes made on purpose, the share that would have been listed, by kind.
    """

    several: tuple[Evidence, ...]
    usual: Usual
    where: tuple[Elsewhere, ...]
    widths: tuple[float | None, ...]
    learned: tuple[bool, ...]
    suspicion: Suspicion
    found: Mapping[str, float]


class Inquiry:
    """Annotations that are looked at one after the other; what is thought of them is known when all have been seen."""

    def __init__(
        self, models: Sequence[Model], reading: MaskReading, numbers: np.ndarray, frames: int, mistakes: int = MISTAKES
    ) -> None:
        """
        Args:
            models: that know the same classes.
            reading: how the annotations are read.
            numbers: the class number, in the annotations, of each class of the models.
            frames: how many will be looked at.
            mistakes: how many are made on purpose, about.
        """
        self._models, self._reading, self._numbers = models, reading, numbers
        self._spoiling = Spoiling(frames, reading.classes, mistakes)
        self._several: list[Evidence] = []
        self._widths: list[float | None] = []
        self._learned: list[bool] = []
        self._mistakes: list[Mistake] = []

    def look(self, frame: Frame) -> None:
        """Look at the annotation of a frame, as it is and with mistakes.

        Raises:
            ModelError: the image has other channels or another number of spatial axes than a model.
            FileError: a file cannot be read any more.
        """
        classes = self._reading.class_numbers(frame.pair.mask.frame(frame.index))
        seen = sight(self._models, frame.pair.image, frame.index, classes, self._numbers)
        displacements = Displacements(seen.seen)
        self._mistakes += self._spoiling.spoil(len(self._several), seen, displacements)
        self._several.append(evidence(seen, displacements))
        wider = drawn_wider(seen.classes, seen.foreground)
        self._widths.append(None if wider is None else wider * seen.step)
        self._learned.append(seen.learned)

    def conclude(self) -> Proofs:
        """What is thought of all that were looked at, in their order; of fewer than `FEWEST` nothing can be."""
        several, mistakes = self._several, self._mistakes
        usual, where = Usual.among(several), elsewhere(several, several, range(len(several)))
        suspicion = _suspicion(several, where, mistakes, usual)
        return Proofs(tuple(several), usual, tuple(where), tuple(self._widths), tuple(self._learned), suspicion,
                      _found(mistakes, suspicion))


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
    inquiry = Inquiry(models, reading, numbers, len(frames))
    for place, frame in enumerate(frames):
        progress(place, len(frames), f"looking again at {frame.name}")
        inquiry.look(frame)
    progress(len(frames), len(frames), "comparing all")
    return inquiry.conclude()


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
