"""Annotations that are listed, seen once more at full size; and masks without what is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.errors import OutputError
from morula.images.write import mask_name, write_mask_of
from morula.models.model import Model
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame, Pair
from morula.progress import Progress, silent
from morula.proofreading.corrections import corrected
from morula.proofreading.proofs import Proofs
from morula.proofreading.sights import Sight, sight
from morula.proofreading.verdicts import Verdict


@dataclass(frozen=True)
class FairCopies:
    """What is needed to look at some annotations once more.

    Attributes:
        models: that judged them.
        frames: all of the set.
        reading: how their masks are read.
        numbers: the class number, in the annotations, of each class of the models.
        proofs: what is thought of all.
    """

    models: Sequence[Model]
    frames: Sequence[Frame]
    reading: MaskReading
    numbers: np.ndarray
    proofs: Proofs

    def seen(self, verdict: Verdict, largest: float = np.inf) -> Sight:
        """An annotation beside what is seen, of so many pixels at most."""
        frame = self.frames[verdict.place]
        return sight(self.models, frame.pair.image, frame.index, self._drawn(frame), self.numbers, largest)

    def corrected(self, verdict: Verdict) -> np.ndarray:
        """An annotation without its mistake, uint8 `(*space)` at full size."""
        one = self.proofs.several[verdict.place]
        return corrected(verdict.kind, self.seen(verdict), one, self.proofs.usual.wider(one) * one.step)

    def write(self, folder: Path, verdicts: Sequence[Verdict], progress: Progress = silent) -> None:
        """Masks of class numbers, each named as its image: the frames of these verdicts corrected, others as they are.

        Raises:
            OutputError: one cannot be written, or two would have the same name.
        """
        wrong = {id(self.frames[each.place]): each for each in verdicts}
        several: dict[int, list[Frame]] = defaultdict(list)
        for frame in self.frames:
            several[id(frame.pair)].append(frame)
        chosen = [frames for frames in several.values() if any(id(frame) in wrong for frame in frames)]
        targets = [folder / mask_name(_named(frames[0].pair)) for frames in chosen]
        if len(set(targets)) < len(targets):
            raise OutputError(f"Two images would have the same mask in {folder}. Ask for the images of each folder by "
                              "themselves.")
        for done, (target, frames) in enumerate(zip(targets, chosen, strict=True)):
            progress(done, len(targets), f"correcting {target.name}")
            write_mask_of(frames[0].pair.image, target, self._copied(frames, wrong))

    def _copied(self, frames: Sequence[Frame], wrong: dict[int, Verdict]) -> Iterator[np.ndarray]:
        for frame in frames:
            yield self.corrected(wrong[id(frame)]) if id(frame) in wrong else self._drawn(frame)

    def _drawn(self, frame: Frame) -> np.ndarray:
        return self.reading.class_numbers(frame.pair.mask.frame(frame.index))


def _named(pair: Pair) -> Path:
    return pair.image.path or Path(pair.image.name)
