"""Prepared frames on disk, for data that memory does not hold: patches are read from there, and nothing is kept.

Each frame is one file, named after all it was made from: its image and mask with their age, how they were read, and
how they were prepared. So a store that is half made is gone on with, one that is kept serves the next training, and
what has changed is prepared again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from morula.checks.data_settings import DataSettings
from morula.errors import OutputError
from morula.examples.example import Piece, binned_distances, class_shares, object_distances
from morula.examples.frame_files import StoredExample, layout_of
from morula.examples.places import PlaceFinder
from morula.examples.tiled import TiledPlanes
from morula.files import whole_file
from morula.headers.zarr_groups import files_of
from morula.images.image import Box
from morula.models.plan import Plan
from morula.models.preprocessing import binned, measure_levels, sample_frame
from morula.names.endings import file_of
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.progress import Progress, silent

BAND = 2**22
"""Pixels of a frame that are prepared at once."""


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
        if mask.meaning:  # the number of a class may change where others are drawn
            made_from.append(list(mask.meaning.classes))
        if frame.partly_annotated:  # which follows from the other masks, too
            made_from.append("in part")
        key = hashlib.blake2b(json.dumps(made_from).encode(), digest_size=16).hexdigest()
        layout = layout_of(image.space, len(image.channels), image.dtype, self.reading.classes, self.plan.binning,
                           self.plan.architecture.distance)
        return StoredExample(frame.name, key, self.folder, layout)

    @cached_property
    def _way(self) -> str:
        """How frames are read and prepared, as text. What is said of masks may change where masks are added."""
        intensity = self.plan.intensity.model_dump_json()
        reading = json.dumps({**self.reading.record(), "sentence": "", "doubt": ""})
        way = "2 objects" if self.plan.architecture.distance else "2"
        data = self.data.model_dump_json(exclude={"class_names"})  # what classes are called changes no frame
        return f"{way} {data} {self.plan.channels} {reading} {self.plan.binning} {intensity}"

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
            layout.write_numbers(file, levels, finder.places())


def _state(path: Path | None) -> tuple[str, int, int]:
    """What tells whether a file is the one it was."""
    assert path is not None, "only files are prepared on disk"
    there = next(file for file in (file_of(path), *path.parents) if file.exists())  # some masks lie in a file of many
    found = [file.stat() for file in files_of(there)]
    return str(path.resolve()), sum(each.st_size for each in found), max(each.st_mtime_ns for each in found)


def _bands(planes: TiledPlanes, binning: tuple[int, ...], whole: Box) -> Iterator[tuple[int, Box]]:
    """Rows of tiles: the first binned row of each, and the pixels of the frame that they are made of."""
    pixels = planes.tile[0] * int(np.prod(planes.space[1:], dtype=np.int64) * np.prod(binning))
    rows = planes.tile[0] * max(1, BAND // pixels)
    for row in range(0, planes.space[0], rows):
        stop = min((row + rows) * binning[0], whole[0].stop)
        yield row, (slice(row * binning[0], stop), *whole[1:])


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
