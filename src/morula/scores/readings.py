"""What the values of predicted and of true masks mean: each side is read in its own way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morula.checks.findings import Finding
from morula.errors import DataError, RequestError
from morula.objects.labels import numbers_objects
from morula.pairs.census import Census
from morula.pairs.masks import MaskReading, ReadAs
from morula.pairs.recognition import decide
from morula.scores.comparison_settings import ComparisonSettings


@dataclass(frozen=True)
class Readings:
    """How both sides are read.

    Attributes:
        truth: what the values in the true masks were taken to mean.
        predicted: the same of the predicted masks.
        numbered: whether the values number objects, in the true masks and in the predicted ones.
        names: of the classes, background left out, where somebody named or chose them.
    """

    truth: MaskReading
    predicted: MaskReading
    numbered: tuple[bool, bool]
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, truth: Sequence[Census], predicted: Sequence[Census], settings: ComparisonSettings) -> Readings:
        """What follows from the values that occur in the masks of each side.

        Raises:
            RequestError: masks cannot be read as the settings say.
            DataError: what the masks of one side mean is not clear.
        """
        read_truth_as, read_as = settings.read_truth_as, settings.read_predicted_as
        if settings.objects or settings.tracks:
            read_truth_as = _as_objects(read_truth_as, truth, "true", settings.not_annotated)
            read_as = _as_objects(read_as, predicted, "predicted")
        true = _decide(truth, "true", read_truth_as, settings.not_annotated)
        if read_as == "auto" and _are_class_numbers(predicted, true.classes):
            read_as = "classes"
        found = _decide(predicted, "predicted", read_as)
        numbered = numbers_objects(truth, true, read_truth_as), numbers_objects(predicted, found, read_as)
        return cls(true, found, numbered)

    @property
    def classes(self) -> int:
        """How many classes there are on both sides together, without background."""
        return max(self.truth.classes, self.predicted.classes)

    @property
    def doubts(self) -> list[Finding]:
        """What the values could mean instead; where that is clear, classes that only one side holds."""
        doubts = [*_doubts("true", self.truth), *_doubts("predicted", self.predicted)]
        return doubts or _of_classes(self.truth.classes, self.predicted.classes, self.names)


def _decide(
    censuses: Sequence[Census], which: str, read_as: ReadAs, not_annotated: int | None = None
) -> MaskReading:
    """One reading for the masks of a side; whatever is said about it speaks of that side and its flag."""
    try:
        return decide(censuses, read_as, not_annotated)
    except DataError as error:
        raise DataError([_of_side(problem, which) for problem in error.problems]) from error
    except RequestError as error:
        raise RequestError(_of_side(str(error), which)) from error


def _as_objects(
    read_as: ReadAs, censuses: Sequence[Census], which: str, not_annotated: int | None = None
) -> ReadAs:
    """How to read masks whose objects count: as label images, if that is what they are."""
    reading = _decide(censuses, which, read_as, not_annotated)
    return "objects" if numbers_objects(censuses, reading, read_as) else read_as


def _are_class_numbers(censuses: Sequence[Census], classes: int) -> bool:
    """Whether the values are class numbers that the truth has too, as Morula writes them.

    Only then a prediction that is wrong everywhere is still read as what it says.
    """
    numbers = range(max(classes, 1) + 1)
    return all(c.codes.shape[1] == 1 and np.isin(c.codes, numbers).all() for c in censuses)


def _doubts(which: str, reading: MaskReading) -> list[Finding]:
    if not reading.doubt:
        return []
    problem = f"the {which} masks could mean something else than '{reading.sentence}'"
    return [Finding("warning", "", problem, _of_side(reading.doubt, which))]


def _of_classes(true: int, predicted: int, names: Sequence[str]) -> list[Finding]:
    """Classes that only one side holds."""
    if true == predicted:
        return []
    more, fewer = ("true", "predicted") if true > predicted else ("predicted", "true")
    low, high = sorted((true, predicted))
    numbers = f"class {high}" if high == low + 1 else f"classes {low + 1} to {high}"
    if names:
        numbers = " and ".join(names[low:high])
    problem = f"no {fewer} mask holds {numbers}, and the {more} masks do"
    advice = "All its pixels count as wrong. Make sure that both sides mean the same classes."
    return [Finding("warning", "", problem, advice)]


def _of_side(words: str, which: str) -> str:
    """What is said of masks, said of those of a side; only of the true ones may pixels be left out."""
    flag = {"true": "--read-truth-as", "predicted": "--read-predicted-as"}[which]
    if which == "predicted":
        words = re.sub(r"[^.]*--not-annotated[^.]*\.", " Every pixel of a predicted mask counts.", words).strip()
    return words.replace("The masks", f"The {which} masks").replace("--read-masks-as", flag)
