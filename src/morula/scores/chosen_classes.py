"""Which classes count in a comparison, and what they are called: some are taken for one, some left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from morula.errors import RequestError
from morula.pairs.masks import NOT_ANNOTATED, MaskReading, class_names
from morula.pairs.named_classes import BACKGROUND, ensure_enough
from morula.scores.comparison_settings import ComparedMasksSettings
from morula.scores.readings import Readings


@dataclass(frozen=True, eq=False)
class ChosenClasses:
    """The classes that are scored.

    Attributes:
        names: what they are called, background left out.
        true: the new number of each class of the true masks, uint8 `(256,)`; of those left out, that of what nobody
            annotated.
        predicted: the same of the predicted masks, where those left out are background: what was taken for them
            elsewhere is a mistake.
        sentence: what was merged and left out; empty where nothing was.
        told: whether somebody named or chose them.
    """

    names: tuple[str, ...]
    true: np.ndarray
    predicted: np.ndarray
    sentence: str = ""
    told: bool = False

    @classmethod
    def of(
        cls, classes: int, settings: ComparedMasksSettings, usual: Sequence[str] | None = None
    ) -> ChosenClasses:
        """What the settings say of so many classes; `usual` names them where the settings do not, some may be more.

        Raises:
            RequestError: a class that is merged or left out is not there, or is named twice; or there are fewer names
                than classes.
        """
        names = [BACKGROUND, *_named(classes, settings.class_names, usual)]
        group = list(range(len(names)))  # the first class of those that each is merged with
        called = dict(enumerate(names))
        said: set[int] = set()
        sentences = []

        def place(word: str) -> int:
            found = _place(word, names)
            if found in said:
                raise RequestError(f"The class {names[found]!r} is merged or left out twice. Name each class once.")
            said.add(found)
            return found

        for merger in settings.merge or ():
            name, equals, members = merger.partition("=")
            words = [word.strip() for word in members.split("+")]
            if not (equals and name.strip() and all(words)):
                raise RequestError(f"--merge {merger!r} does not say what becomes what. Write NAME=CLASS+CLASS, like "
                                   "tissue=2+3, with names or numbers of classes.")
            places = [place(word) for word in words]
            target = 0 if name.strip().casefold() == BACKGROUND else min(places)
            if 0 in places:
                raise RequestError(f"--merge {merger!r} merges background with others. What is merged with it becomes "
                                   f"background: write {BACKGROUND}=CLASS.")
            for each in places:
                group[each] = target
            if target:
                called[target] = name.strip()
            sentences.append(f"{' and '.join(names[each] for each in places)} taken for {name.strip()}")
        out = {place(word.strip()) for word in settings.leave_out or ()}
        sentences += [f"{names[each]} left out" for each in sorted(out)]
        kept = [number for number in range(1, len(names)) if group[number] == number and number not in out]
        if not kept:
            raise RequestError("--merge and --leave-out leave no class but the background. Keep one at least.")
        left = tuple(called[number] for number in kept)
        if len({name.casefold() for name in left}) < len(left):
            raise RequestError(f"--merge gives a class the name of another one: {', '.join(left)}. Choose a new name.")
        true, predicted = (np.zeros(256, np.uint8) for _ in range(2))
        for number, first in enumerate(group):
            new = kept.index(first) + 1 if first in kept else 0
            true[number], predicted[number] = NOT_ANNOTATED if number in out else new, new
        true[NOT_ANNOTATED] = predicted[NOT_ANNOTATED] = NOT_ANNOTATED
        return cls(left, true, predicted, "; ".join(sentences), bool(sentences or settings.class_names or usual))

    def applied(self, readings: Readings) -> Readings:
        """The same readings, which give the numbers of the chosen classes."""
        return replace(readings, truth=self._read(readings.truth, self.true), names=self.names if self.told else (),
                       predicted=self._read(readings.predicted, self.predicted))

    def _read(self, reading: MaskReading, table: np.ndarray) -> MaskReading:
        if not self.sentence:
            return reading
        others = None if reading.others is None else int(table[reading.others])
        return replace(reading, numbers=tuple(table[list(reading.numbers)].tolist()), others=others,
                       sentence=f"{reading.sentence}; {self.sentence}")


def _named(classes: int, names: Sequence[str] | None, usual: Sequence[str] | None) -> tuple[str, ...]:
    """The names of all classes; some that are named may occur nowhere in these masks."""
    if names is None:
        return (*usual, *class_names(classes)[len(usual) :]) if usual else class_names(classes)
    ensure_enough(names, classes)
    return tuple(names)


def _place(word: str, names: Sequence[str]) -> int:
    """The number of a class that is called by its number or its name."""
    if word.isdecimal() and int(word) < len(names):
        return int(word)
    for number, name in enumerate(names):
        if name.casefold() == word.casefold():
            return number
    there = ", ".join(f"{number} ({name})" for number, name in enumerate(names))
    raise RequestError(f"There is no class {word!r} to merge or to leave out. There are {there}.")
