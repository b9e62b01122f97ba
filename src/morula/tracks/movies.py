"""Movies of objects: files of masks or label images put in the order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import numpy as np

from morula.errors import DataError, FileError, RequestError
from morula.images.image import Image
from morula.images.read import open_image
from morula.names.endings import plain_stem, told_apart
from morula.names.series import series_of
from morula.names.told import EXAMPLE, names_of
from morula.objects.labels import connected_objects, numbered_objects, numbers_objects
from morula.pairs.census import Census
from morula.pairs.mask_words import AS_OBJECTS
from morula.pairs.masks import MaskReading, ReadAs
from morula.pairs.recognition import decide
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
        frames: the moments in order; those of a stack are numbered from 0, those of a folder by their names.
        reading: how stored values become classes, whose connected pieces are the objects; None where they number
            objects.
        not_annotated: the value where there is no object because nobody looked.
        minutes: between two numbers of frames, where the names tell times.
        doubt: what else the values could mean, and the option that says so; mostly empty.
    """

    name: str
    frames: tuple[MovieFrame, ...]
    reading: MaskReading | None = None
    not_annotated: int | None = None
    minutes: float | None = None
    doubt: str = ""

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


def open_movies(
    files: Sequence[Path],
    *,
    read_as: ReadAs = "auto",
    not_annotated: int | None = None,
    axes: str | None = None,
    pixel_size: float | Sequence[float] | None = None,
    names: str | None = None,
    progress: Progress = silent,
) -> list[Movie]:
    """The movies in a set of files.

    A file with several frames is a movie. Of the others, those of one folder whose names differ in the moment alone are
    frames of one movie: `a_t000.tif`, `a_t001.tif`; so are those of several folders whose
    names do: `t1/a.tif`, `t2/a.tif`. Where no name tells a moment, the last number counts. What the
    values mean is decided for all of them together.

    Raises:
        RequestError: nothing here has more than one frame, or the masks do not fit `read_as`.
        FileError: a file cannot be read.
        DataError: frames of a movie differ in size, or what their values mean is not clear.
    """
    parts: list[_Part] = []
    called = told_apart(files)
    images = {file: open_image(file, axes=axes, pixel_size=pixel_size) for file in called}
    for file, image in images.items():
        if image.frames > 1:
            frames = tuple(MovieFrame(image, index, index, called[file]) for index in range(image.frames))
            parts.append(_Part(file, frames, plain_stem(file), file.suffix))
    single = [file for file, image in images.items() if image.frames == 1]
    for series in series_of(names_of(single, names), by_last_number=True):
        frames = tuple(MovieFrame(images[file], 0, number, called[file])
                       for file, number in zip(series.files, series.numbers, strict=True))
        parts.append(_Part(series.files[0], frames, series.before, series.after, series.minutes))
    places = {file: place for place, file in enumerate(called)}
    parts.sort(key=lambda part: places[part.first])
    if all(len(part.frames) == 1 for part in parts):
        raise RequestError(
            f"None of the {len(files)} files ({files[0].name}, …) has more than one moment in time. Give stacks, or "
            "frames in one folder whose names differ in a number, or say with --names what they tell, as in "
            f"{EXAMPLE!r}; if the planes of a stack are moments, say --axes TYX."
        )
    every = [frame for part in parts for frame in part.frames]
    reading, doubt = (None, "") if read_as == "objects" else _reading(every, read_as, not_annotated, progress)
    movies = []
    for name, part in zip(_names(parts), parts, strict=True):
        spaces = {frame.image.space: frame.file for frame in reversed(part.frames)}
        if len(spaces) > 1:
            sizes = ", ".join(f"{name} {' × '.join(map(str, space))}" for space, name in spaces.items())
            raise DataError([f"the frames of one movie differ in size: {sizes}"])
        movies.append(Movie(name, part.frames, reading, not_annotated, part.minutes, doubt))
    return movies


@dataclass(frozen=True)
class _Part:
    """The first file of a movie, its frames in order, and what stands in that file's name around its moment."""

    first: Path
    frames: tuple[MovieFrame, ...]
    before: str
    after: str
    minutes: float | None = None

    @property
    def folder(self) -> str:
        alike = takewhile(lambda each: len(set(each)) == 1, zip(*(frame.file.split("/")[:-1] for frame in self.frames),
                                                                strict=False))
        return "".join(f"{each[0]}/" for each in alike)


def _names(parts: Sequence[_Part]) -> list[str]:
    """What the movies are called: what stands before the number of a moment, and all of it where that is not enough."""
    short = [part.folder + (part.before.rstrip("_-. ") or part.frames[0].image.name) for part in parts]
    often = Counter(short)
    return [name if often[name] == 1 else f"{part.folder}{part.before}{part.after}"
            for name, part in zip(short, parts, strict=True)]


def _reading(
    every: Sequence[MovieFrame], read_as: ReadAs, not_annotated: int | None, progress: Progress
) -> tuple[MaskReading | None, str]:
    """What all values together mean as classes, None where they number objects; and what else they could mean."""
    censuses = []
    for done, frame in enumerate(every):
        progress(done, len(every), "reading masks")
        censuses.append(Census.read(frame.image, frame.index))
    reading = decide(censuses, read_as, not_annotated)
    if not numbers_objects(censuses, reading, read_as):
        return reading, reading.doubt
    return None, "" if AS_OBJECTS in reading.doubt else reading.doubt  # they are read so already
