"""All frames of a training made ready to learn from: in memory, or on disk where they are many."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from morula.checks.data_settings import DataSettings
from morula.examples.example import Example, make_examples
from morula.examples.store import Store
from morula.models.plan import Plan
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.progress import Progress, Tell, silent, unheard

LARGEST_IN_MEMORY = 2**30
"""Bytes of prepared frames that are held in memory; if there are more, they go on disk."""


@dataclass(frozen=True)
class Prepared:
    """Frames, and the example that was made of each."""

    frames: Sequence[Frame]
    examples: Sequence[Example]

    @property
    def pixels(self) -> int:
        """Pixels of one, in the mean."""
        return sum(math.prod(example.shape[1:]) for example in self.examples) // len(self.examples)

    def of(self, frames: Sequence[Frame]) -> list[Example]:
        """The examples of some of the frames, in the order asked for."""
        known = {id(frame): example for frame, example in zip(self.frames, self.examples, strict=True)}
        return [known[id(frame)] for frame in frames]


@contextmanager
def prepared(
    frames: Sequence[Frame],
    data: DataSettings,
    reading: MaskReading,
    plan: Plan,
    *,
    keep: Path | None,
    beside: Path,
    progress: Progress = silent,
    tell: Tell = unheard,
) -> Iterator[Prepared]:
    """Frames made ready to learn from: in memory, or on disk where they are many.

    Args:
        frames: all that will be asked for.
        data: how image files were read.
        reading: how masks are read.
        plan: how frames are prepared.
        keep: a folder to prepare them in, however few they are, where they stay.
        beside: the model file to prepare them beside otherwise. They are removed when the work inside is done, but
            not where it is broken off, so that it can go on.
        progress: told about every frame.
        tell: told where frames lie.
    """
    distance = plan.architecture.distance
    maps = reading.classes + distance  # distances take as much as a class does
    if keep is None and memory_needed(frames, maps, plan.binning) <= LARGEST_IN_MEMORY:
        examples = make_examples(frames, reading, plan.binning, plan.intensity, progress, separate=distance)
        yield Prepared(frames, examples)
        return
    store = Store(keep or store_path(beside), data, reading, plan)
    tell(f"Patches are read from frames that lie prepared in {store.folder}"
         f"{'' if keep else ', which is removed when training is done'}.")
    yield Prepared(frames, store.examples(frames, progress))
    if keep is None:
        store.remove()


def memory_needed(frames: Sequence[Frame], classes: int, binning: tuple[int, ...]) -> int:
    """Bytes of all frames, prepared in memory: a float32 for each channel, and a byte for each class."""
    images = (frame.pair.image for frame in frames)
    return sum(math.prod(-(-length // factor) for length, factor in zip(image.space, binning, strict=True))
               * (4 * len(image.channels) + classes + 1) for image in images)


def store_path(model: Path) -> Path:
    """Where frames are prepared that nobody wants to keep: beside the model."""
    return model.with_name(model.name + ".store")
