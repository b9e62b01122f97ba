"""The layout of the Cell Tracking Challenge: label images numbered by track, and a text file of lifetimes.

Results are `maskT.tif` with `res_track.txt`; the truth is `man_trackT.tif` with `man_track.txt` in a folder `TRA`. A
line of the text holds the number of a track, its first and its last moment, and the number of its parent, 0 for none. A
track has no gaps there, and one parent at most. What `TRA` shows of an object may be a marker in it; outlines of some
objects are in a folder `SEG` beside it: `man_segT.tif`, or of single slices of volumes `man_seg_T_Z.tif`
(http://celltrackingchallenge.net).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.errors import FileError, RequestError, reason
from morula.files import write_text
from morula.images.image import Image
from morula.images.read import find_files, open_image
from morula.names.endings import stem
from morula.tracks.links import Tracks
from morula.tracks.movies import Movie, MovieFrame

RESULT, TRUTH = "res_track.txt", "man_track.txt"
MARKERS, OUTLINES = "TRA", "SEG"


@dataclass(frozen=True)
class Lifetime:
    """One line of the text: a track, its first and last moment, and its parent, 0 for none."""

    track: int
    begin: int
    end: int
    parent: int


@dataclass(frozen=True)
class Outlined:
    """A true label image whose objects are outlined: of a frame, or of one slice of a volume.

    Attributes:
        image: label numbers.
        number: of the frame in time.
        slice: of the volume, None where it is whole.
    """

    image: Image
    number: int
    slice: int | None


def is_truth(folder: Path) -> bool:
    """Whether a folder holds a true movie: `man_track.txt`, in it or in its folder `TRA`."""
    return any((place / TRUTH).is_file() for place in (folder, folder / MARKERS))


def read_tracked(folder: Path, *, axes: str | None = None) -> tuple[Movie, tuple[Lifetime, ...]]:
    """A tracked movie: the label images in a folder, or in its folder `TRA`, and the lifetimes of their tracks.

    Args:
        folder: with `res_track.txt` or `man_track.txt` in it.
        axes: of the stored arrays. Each file is a moment: planes of which a file says nothing are slices.

    Raises:
        RequestError: there is no such text, or there are no label images beside it.
        FileError: the text does not hold four whole numbers a line, or frames differ in size.
    """
    for place in (folder, folder / MARKERS):
        for name, images in ((RESULT, "mask"), (TRUTH, "man_track")):
            if (place / name).is_file():
                return _movie(place, images, axes), read_lifetimes(place / name)
    raise RequestError(f"{folder} holds neither {RESULT} nor {TRUTH}. Give a folder in the layout of the "
                       "Cell Tracking Challenge; morula track --challenge writes one.")


def read_outlined(folder: Path, *, axes: str | None = None) -> tuple[Outlined, ...]:
    """The true outlines that belong to a true movie; none where there is no folder `SEG`, or nothing in it.

    Args:
        folder: that has a folder `SEG`, or the folder `TRA` beside one.
        axes: as for `read_tracked`.
    """
    places = [place for place in (folder / OUTLINES, folder.parent / OUTLINES) if place.is_dir()]
    found = []
    for path in _files(places[0]) if places and is_truth(folder) else ():
        if named := re.fullmatch(r"man_seg(\d+)|man_seg_(\d+)_(\d+)", stem(path)):
            whole, number, place = named.groups()
            found.append(Outlined(_open(path, axes if whole else None), int(whole or number),
                                  None if whole else int(place)))
    return tuple(found)


def _movie(folder: Path, beginning: str, axes: str | None) -> Movie:
    """The label images whose names are `beginning` and a number, in the order of time."""
    numbers = {path: int(named[1]) for path in _files(folder)
               if (named := re.fullmatch(rf"{beginning}(\d+)", stem(path)))}
    if not numbers:
        raise RequestError(f"{folder} holds no label images beside its text. They should be called {beginning}000.tif "
                           "and so on.")
    frames = [MovieFrame(_open(path, axes), 0, number, path.name) for path, number in numbers.items()]
    first = frames[0].image
    for frame in frames:
        if frame.image.space != first.space:
            raise FileError(f"{frame.image.path} has {frame.image.extent}, and {first.path} {first.extent}. The label "
                            "images of a movie should be of one size.")
    name = folder.parent.name if folder.name == MARKERS else folder.name
    return Movie(name, tuple(sorted(frames, key=lambda frame: frame.number)))


def _files(folder: Path) -> list[Path]:
    return find_files(folder) if any(folder.iterdir()) else []


def _open(path: Path, axes: str | None) -> Image:
    """The label image of one moment: pages of a file that says nothing of them are its slices."""
    image = open_image(path, axes=axes)
    return open_image(path, axes=image.stored_axes.replace("T", "Z")) if image.frames > 1 else image


def read_lifetimes(path: Path) -> tuple[Lifetime, ...]:
    """The lines of `res_track.txt` or `man_track.txt`.

    Raises:
        FileError: a line does not hold four whole numbers.
    """
    lifetimes = []
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FileError(f"{path} cannot be read ({reason(error)}). Each of its lines should be four whole numbers: "
                        "track, begin, end, parent.") from error
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if len(words) != 4 or not all(word.isdecimal() and len(word) < 10 for word in words):
            raise FileError(f"{path}: {line!r} should be four whole numbers: track, begin, end, parent.")
        lifetimes.append(Lifetime(*map(int, words)))
    return tuple(lifetimes)


def write_lifetimes(path: Path, lifetimes: Sequence[Lifetime]) -> None:
    """Write the text, whole or not at all."""
    write_text(path, "".join(f"{each.track} {each.begin} {each.end} {each.parent}\n" for each in lifetimes))


def without_gaps(tracks: Tracks, moment: np.ndarray) -> Tracks:
    """The same tracks, where each that misses a moment ends, and goes on as a child of its own.

    Args:
        tracks: row by row.
        moment: when each row was, see `frame_times`, ascending.
    """
    latest, last_seen, parents = {0: 0}, {}, {0: (0, 0)}
    track, parent, other = (np.zeros(len(moment), np.int64) for _ in range(3))
    count = 0
    for row, (whole, now) in enumerate(zip(tracks.track.tolist(), moment.tolist(), strict=True)):
        if whole and last_seen.get(whole) != now - 1:
            count += 1
            if whole in latest:
                parents[count] = latest[whole], 0
            else:
                parents[count] = latest.get(int(tracks.parent[row]), 0), latest.get(int(tracks.other_parent[row]), 0)
            latest[whole] = count
        last_seen[whole] = now
        track[row] = latest[whole]
        parent[row], other[row] = parents[track[row]]
    return Tracks(track, parent, other)


def lifetimes_of(tracks: Tracks, number: np.ndarray) -> tuple[Lifetime, ...]:
    """The lifetimes of tracks without gaps; `number` is that of each row's frame."""
    return tuple(
        Lifetime(track, int(number[rows[0]]), int(number[rows[-1]]), int(tracks.parent[rows[0]]))
        for track, rows in enumerate(tracks.rows, start=1)
    )
