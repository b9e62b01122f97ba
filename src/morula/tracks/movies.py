"""Movies of objects: files of masks or label images put in the order of time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.errors import DataError, FileError, RequestError
from morula.images.image import Image
from morula.images.names import last_number, plain_stem, stem, told_apart
from morula.images.read import open_image
from morula.objects.labels import connected_objects, numbered_objects, numbers_objects
from morula.pairs.census import Census
from morula.pairs.masks import MaskReading, ReadAs, decide
from morula.progress import Progress, silent


@dataclass(frozen=True)
class MovieFrame:
    """One moment of a movie.

    Attributes:
        image: what holds it.
        index: of the frame in it.
        number: in time.
        file: what its file is called among those of all movies: its name, with its folders where names clash.
    """

    image: Image
    index: int
    number: int
    file: str = ""


@dataclass(frozen=True)
class Movie:
    """Label images in the order of time.

    Attributes:
        name: of the stack, or what the names of the frames have in common; with its folders where names of files
            clash. No two movies have one name.
        frames: the moments; those of a stack are numbered from 0, those of a folder by their names.
        reading: how stored values become classes, whose connected pieces are the objects; None where they number
            objects.
        not_annotated: the value where there is no object because nobody looked.
    """

    name: str
    frames: tuple[MovieFrame, ...]
    reading: MaskReading | None = None
    not_annotated: int | None = None

    @property
    def pixel_size(self) -> tuple[float, ...] | None:
        """µm along each spatial axis, or None where unknown."""
        return self.frames[0].image.pixel_size

    @property
    def space(self) -> tuple[int, ...]:
        """The shape of a frame."""
        return self.frames[0].image.space

    def labels(self, moment: int) -> np.ndarray:
        """The object number at each pixel, whole numbers `(*space)`.

        Raises:
            FileError: the file cannot be read, or holds something else than object or class numbers.
        """
        frame = self.frames[moment]
        stored = frame.image.frame(frame.index)
        try:
            if self.reading is None:
                labels = numbered_objects(stored)
                return labels if self.not_annotated is None else np.where(labels == self.not_annotated, 0, labels)
            labels, _ = connected_objects(self.reading.class_numbers(stored))
            return labels
        except ValueError as error:
            raise FileError(f"{frame.image.path}: {error}. Give label images or masks.") from error


_Key = tuple[Path, str, str]
"""The folder of a movie, and what stands in its names before and behind the number of a moment."""


def open_movies(
    files: Sequence[Path],
    *,
    read_as: ReadAs = "auto",
    not_annotated: int | None = None,
    axes: str | None = None,
    pixel_size: float | Sequence[float] | None = None,
    progress: Progress = silent,
) -> list[Movie]:
    """The movies in a set of files.

    A file with several frames is a movie. Of the others, those of one folder whose names differ in their last number
    alone are frames of one movie: `a_t000.tif`, `a_t001.tif`. What the values mean is decided for all of them
    together.

    Raises:
        RequestError: nothing here has more than one frame, or the masks do not fit `read_as`.
        FileError: a file cannot be read.
        DataError: frames of a movie differ in size, or what their values mean is not clear.
    """
    parts: dict[_Key, list[MovieFrame]] = defaultdict(list)
    names = told_apart(files)
    for path, name in names.items():
        image = open_image(path, axes=axes, pixel_size=pixel_size)
        if image.frames > 1:
            stack = [MovieFrame(image, index, index, name) for index in range(image.frames)]
            parts[path.parent.absolute(), plain_stem(path), path.name.removeprefix(stem(path))] = stack
        else:
            before, number, after = last_number(plain_stem(path))
            parts[path.parent.absolute(), before, after].append(MovieFrame(image, 0, number, name))
    if all(len(frames) == 1 for frames in parts.values()):
        raise RequestError(
            f"None of the {len(files)} files ({files[0].name}, …) has more than one moment in time. Give stacks, or "
            "frames in one folder whose names differ in their last number; if the planes of a stack are moments, say "
            "--axes TYX."
        )
    reading = None if read_as == "objects" else _reading(parts, read_as, not_annotated, progress)
    movies = []
    for name, frames in zip(_names(parts), parts.values(), strict=True):
        ordered = sorted(frames, key=lambda frame: frame.number)
        spaces = {frame.image.space: frame.file for frame in reversed(ordered)}
        if len(spaces) > 1:
            sizes = ", ".join(f"{name} {' × '.join(map(str, space))}" for space, name in spaces.items())
            raise DataError([f"the frames of one movie differ in size: {sizes}"])
        movies.append(Movie(name, tuple(ordered), reading, not_annotated))
    return movies


def _names(parts: dict[_Key, list[MovieFrame]]) -> list[str]:
    """What the movies are called: what stands before the number of a moment, and all of it where that is not enough."""
    folders = [frames[0].file[: frames[0].file.rfind("/") + 1] for frames in parts.values()]
    short = [folder + (before.rstrip("_-. ") or frames[0].image.name)
             for folder, ((_, before, _), frames) in zip(folders, parts.items(), strict=True)]
    often = Counter(short)
    return [name if often[name] == 1 else f"{folder}{before}{after}"
            for name, folder, (_, before, after) in zip(short, folders, parts, strict=True)]


def _reading(
    parts: dict[_Key, list[MovieFrame]], read_as: ReadAs, not_annotated: int | None, progress: Progress
) -> MaskReading | None:
    """What all values together mean as classes; None where they number objects."""
    every = [frame for frames in parts.values() for frame in frames]
    censuses = []
    for done, frame in enumerate(every):
        progress(done, len(every), "reading masks")
        censuses.append(Census.take(frame.image.frame(frame.index)))
    reading = decide(censuses, read_as, not_annotated)
    return None if numbers_objects(censuses, reading, read_as) else reading
