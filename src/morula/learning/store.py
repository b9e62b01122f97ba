"""Prepared frames on disk, for data that memory does not hold: patches are read from there, and nothing is kept.

Each frame is one file, named after all it was made from: its image and mask with their age, how they were read, and
how they were prepared. So a store that is half made is gone on with, one that is kept serves the next training, and
what has changed is prepared again. The parts of a file:

- the image, as stored in its own file; float16 where pixels are binned or take more than two bytes;
- the annotation, uint8: class numbers, or the share of each class where pixels are binned; and, where objects are told
  apart, the distances of pixels from the edges of theirs;
- numbers, float64: the annotated share of the frame, the levels of its channels, and its spots.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np

from morula.errors import FileError, OutputError
from morula.files import whole_file
from morula.images.image import Box
from morula.images.inspection import DataSettings
from morula.images.masks import MaskReading
from morula.images.pairs import Frame
from morula.learning.examples import (
    Example,
    Piece,
    binned_distances,
    class_planes,
    class_shares,
    make_examples,
    object_distances,
)
from morula.learning.places import PlaceFinder, Places, spots_of_a_class
from morula.learning.tiled import TiledPlanes
from morula.models.plan import Plan
from morula.models.preprocessing import Levels, binned, measure_levels, sample_frame
from morula.progress import Progress, Tell, silent, unheard

LARGEST_IN_MEMORY = 2**30
"""Bytes of prepared frames that are held in memory; if there are more, they go on disk."""
BAND = 2**22
"""Pixels of a frame that are prepared at once."""
UNCHANGED = Levels(*(np.array([value], np.float32) for value in (-np.inf, np.inf, 0, 1)))
"""Levels that leave numbers as they are."""


@dataclass(frozen=True)
class Layout:
    """Where the parts of a frame's file lie."""

    image: TiledPlanes
    annotation: TiledPlanes
    classes: int
    distance: bool = False

    @property
    def as_stored(self) -> bool:
        """Whether the image lies here as in its own file, to be normalised when it is read."""
        return self.image.dtype != np.float16

    @property
    def in_numbers(self) -> bool:
        """Whether the annotation lies here as class numbers, since each pixel belongs to one class."""
        return self.annotation.planes - self.distance == 1

    @property
    def most_bytes(self) -> int:
        """No file of this layout is larger."""
        spots = spots_of_a_class(self.image.space) * (self.classes + 1)
        return self.annotation.end + 8 * (1 + 4 * self.image.planes + spots)


@cache
def _layout(
    space: tuple[int, ...], channels: int, dtype: np.dtype, classes: int, binning: tuple[int, ...], distance: bool
) -> Layout:
    """The layout of frames of one kind: thousands of them share it."""
    fine = set(binning) == {1}
    as_stored = fine and dtype.kind in "bui" and dtype.itemsize <= 2
    small = tuple(-(-length // factor) for length, factor in zip(space, binning, strict=True))
    image = TiledPlanes(0, channels, small, dtype.newbyteorder("=") if as_stored else np.dtype(np.float16))
    planes = (1 if fine else classes + 1) + distance
    return Layout(image, TiledPlanes(image.end, planes, small, np.dtype(np.uint8)), classes, distance)


@dataclass(frozen=True)
class StoredExample:
    """An example whose pixels are on disk until they are asked for."""

    name: str
    key: str
    folder: Path
    layout: Layout

    @property
    def path(self) -> Path:
        """Its file."""
        return self.folder / f"{self.key}.frame"

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.layout.image.planes, *self.layout.image.space)

    @property
    def classes(self) -> int:
        return self.layout.classes + 1

    @property
    def places(self) -> Places:
        with self._reading() as file:
            numbers = self._numbers(file)
            return Places(numbers[1 + 4 * self.shape[0] :].astype(np.int64), float(numbers[0]))

    def cut(self, box: Box) -> Piece:
        channels = self.shape[0]
        with self._reading() as file:
            image = self.layout.image.read(file, box)
            annotation = self.layout.annotation.read(file, box)
            levels = self._numbers(file, 1 + 4 * channels)[1:].astype(np.float32)
        levels = Levels(*levels.reshape(4, channels, *[1] * len(box)))
        annotation, distances = (annotation[:-1], annotation[-1:]) if self.layout.distance else (annotation, None)
        if self.layout.in_numbers:
            annotation = class_planes(annotation[0], self.layout.classes) * np.uint8(255)
        return Piece(levels.apply(image), annotation, distances)

    def _numbers(self, file: BinaryIO, count: int = -1) -> np.ndarray:
        file.seek(self.layout.annotation.end)
        return np.frombuffer(file.read(8 * count if count > 0 else -1))

    @contextmanager
    def _reading(self) -> Iterator[BinaryIO]:
        """Its file, without a buffer: each part is read in pieces of its own size."""
        try:
            with self.path.open("rb", buffering=0) as file:
                yield file
        except (OSError, ValueError, IndexError) as error:
            raise FileError(f"{self.path}, where {self.name} lies prepared, cannot be read ({error}). "
                            "Delete it and go on with --resume, which prepares it again.") from error


@dataclass(frozen=True)
class Store:
    """A folder with prepared frames. Those that were prepared in another way may lie beside them.

    Attributes:
        folder: where they lie.
        data: how image files were read.
        reading: how masks are read.
        plan: how frames are prepared.
    """

    folder: Path
    data: DataSettings
    reading: MaskReading
    plan: Plan

    def examples(self, frames: Sequence[Frame], progress: Progress = silent) -> list[StoredExample]:
        """All frames, which must come from files. Those that are not in the store yet are prepared.

        Raises:
            OutputError: the disk has not enough room, or the folder cannot be written to.
            FileError: an image or a mask cannot be read.
        """
        examples = [self._example(frame) for frame in frames]
        missing = [pair for pair in zip(frames, examples, strict=True) if not pair[1].path.exists()]
        self._require_room(sum(example.layout.most_bytes for _, example in missing))
        for done, (frame, example) in enumerate(missing):
            progress(done, len(missing), "preparing frames on disk")
            self._prepare(frame, example)
        return examples

    def remove(self) -> None:
        """Delete the prepared frames, and the folder unless something else lies in it."""
        for file in self.folder.glob("*.frame"):
            file.unlink()
        with suppress(OSError):
            self.folder.rmdir()

    def _example(self, frame: Frame) -> StoredExample:
        image, mask = frame.pair.image, frame.pair.mask
        made_from = [_state(image.path), _state(mask.path), frame.index, self._way]
        key = hashlib.blake2b(json.dumps(made_from).encode(), digest_size=16).hexdigest()
        layout = _layout(image.space, len(image.channels), image.dtype, self.reading.classes, self.plan.binning,
                         self.plan.architecture.distance)
        return StoredExample(frame.name, key, self.folder, layout)

    @cached_property
    def _way(self) -> str:
        """How frames are read and prepared, as text. What is said of masks may change where masks are added."""
        intensity = self.plan.intensity.model_dump_json()
        reading = json.dumps({**self.reading.record(), "sentence": "", "doubt": ""})
        way = "2 objects" if self.plan.architecture.distance else "2"
        return f"{way} {self.data.model_dump_json()} {self.plan.channels} {reading} {self.plan.binning} {intensity}"

    def _require_room(self, needed: int) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.folder).free
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be made ({error.strerror or error}). "
                              "Name another folder with --store.") from error
        if needed > free:
            raise OutputError(f"The prepared frames need {_gigabytes(needed)} in {self.folder}, and "
                              f"{_gigabytes(free)} are free. Make room, name a folder on another disk with --store, "
                              "or average more pixels to one with --binning.")

    def _prepare(self, frame: Frame, example: StoredExample) -> None:
        """Write the file of a frame, some rows at a time."""
        image, mask, index = frame.pair.image, frame.pair.mask, frame.index
        layout, binning = example.layout, self.plan.binning
        sample = sample_frame(image, index)
        levels = measure_levels(sample, self.plan.intensity)
        # The edge of an object may lie in any band, so that distances are those of the whole frame.
        distances = object_distances(frame, self.reading) if layout.distance else None
        finder = PlaceFinder(layout.image.space, layout.classes)
        with whole_file(example.path, option="--store") as temporary, temporary.open("wb") as file:
            for row, box in _bands(layout.image, binning, image.whole):
                pixels = sample if box == image.whole else image.region(index, box)
                if not layout.as_stored:
                    pixels = binned(levels.apply(pixels), binning)
                truth = self.reading.class_numbers(mask.region(index, box))
                annotation = truth[None]
                if not layout.in_numbers:
                    annotation = class_shares(truth, layout.classes, binning)
                    truth = Piece(pixels, annotation).truth
                if distances is not None:
                    part = binned_distances(distances[(slice(None), *box)], binning)
                    annotation = np.concatenate([annotation, part])
                layout.image.write(file, row, pixels)
                layout.annotation.write(file, row, annotation)
                finder.look(truth)
            places = finder.places()
            to_apply = levels if layout.as_stored else UNCHANGED
            numbers = [np.broadcast_to(part.ravel(), layout.image.planes) for part in astuple(to_apply)]
            file.seek(layout.annotation.end)
            file.write(np.concatenate([[places.annotated], *numbers, places.spots]).astype(np.float64).data)


def _state(path: Path | None) -> tuple[str, int, int]:
    """What tells whether a file is the one it was."""
    assert path is not None, "only files are prepared on disk"
    found = path.stat()
    return str(path.resolve()), found.st_size, found.st_mtime_ns


def _bands(planes: TiledPlanes, binning: tuple[int, ...], whole: Box) -> Iterator[tuple[int, Box]]:
    """Rows of tiles: the first binned row of each, and the pixels of the frame that they are made of."""
    pixels = planes.tile[0] * int(np.prod(planes.space[1:], dtype=np.int64) * np.prod(binning))
    rows = planes.tile[0] * max(1, BAND // pixels)
    for row in range(0, planes.space[0], rows):
        stop = min((row + rows) * binning[0], whole[0].stop)
        yield row, (slice(row * binning[0], stop), *whole[1:])


def store_path(model: Path) -> Path:
    """Where frames are prepared that nobody wants to keep: beside the model."""
    return model.with_name(model.name + ".store")


@dataclass(frozen=True)
class Prepared:
    """Frames, and the example that was made of each."""

    frames: Sequence[Frame]
    examples: Sequence[Example]

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


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
