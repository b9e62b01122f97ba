"""Predicted and true masks opened in pairs, each frame with its other side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from morula.errors import FileError
from morula.exchange.collection import Annotations
from morula.images.image import Image
from morula.images.read import open_alike
from morula.pairs.census import Census, censuses_of
from morula.pairs.masks import MaskReading
from morula.pairs.pairing import Matching
from morula.progress import Progress
from morula.scores.comparison_settings import ComparisonSettings


@dataclass(frozen=True)
class ComparedFrame:
    """A frame of a predicted and a true mask that was scored."""

    name: str
    predicted: Image
    truth: Image
    index: int

    def class_numbers(
        self, truth_reading: MaskReading, predicted_reading: MaskReading
    ) -> tuple[np.ndarray, np.ndarray]:
        """The true and the predicted mask, uint8 `(*space)` each."""
        return (
            truth_reading.class_numbers(self.truth.frame(self.index)),
            predicted_reading.class_numbers(self.predicted.frame(self.index)),
        )


@dataclass(frozen=True)
class MaskPair:
    """A predicted and a true mask of the same size, and what they hold."""

    predicted: Image
    truth: Image
    predicted_censuses: list[Census]
    truth_censuses: list[Census]

    @classmethod
    def read(
        cls, predicted_path: Path, truth_path: Path, settings: ComparisonSettings, drawn: Annotations | None = None
    ) -> MaskPair:
        """Both from their files; the true one from `drawn`, if it was drawn in another program.

        Raises:
            FileError: one cannot be read, or they are not of one size.
        """
        opened = partial(open_alike, axes=settings.axes, pixel_size=settings.pixel_size)
        if drawn:
            predicted = opened(predicted_path, None)
            truth = drawn.open(truth_path, predicted)
        else:
            truth = opened(truth_path, None)
            # Planes are taken for moments where a file says nothing: if one side is a volume, so is the other.
            predicted = opened(predicted_path, truth if truth.frames == 1 else None)
            truth = opened(truth_path, predicted)
        if (predicted.frames, predicted.space) != (truth.frames, truth.space):
            raise FileError(
                f"{truth_path}: the true mask has {truth.extent}, the predicted one {predicted.extent}. "
                "Compare masks of the same image at the same size."
            )
        return cls(predicted, truth, *([*censuses_of(mask)] for mask in (predicted, truth)))

    @property
    def pixel_size(self) -> tuple[float, ...] | None:
        """µm along each axis, from whichever says so."""
        return self.predicted.pixel_size or self.truth.pixel_size

    @property
    def frames(self) -> list[ComparedFrame]:
        """Its frames, by names of their own."""
        count, name = self.truth.frames, self.predicted.name
        names = [name] if count == 1 else [f"{name}[{index}]" for index in range(count)]
        return [ComparedFrame(name, self.predicted, self.truth, index) for index, name in enumerate(names)]


def read_pairs(
    matching: Matching, settings: ComparisonSettings, progress: Progress, drawn: Annotations | None = None
) -> tuple[list[MaskPair], dict[Path, FileError]]:
    """The pairs that can be compared, and by the true mask why others cannot."""
    pairs, failures = [], {}
    for done, (predicted, truth) in enumerate(matching.pairs):
        progress(done, 2 * len(matching.pairs), "reading masks")
        try:
            pairs.append(MaskPair.read(predicted, truth, settings, drawn))
        except FileError as error:
            failures[truth] = error
    return pairs, failures
