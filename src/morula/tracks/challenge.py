"""The layout of the Cell Tracking Challenge: label images numbered by track, and a text file of lifetimes.

Results are `maskT.tif` with `res_track.txt`; the truth is `man_trackT.tif` with `man_track.txt`. A line of the text
holds the number of a track, its first and its last moment, and the number of its parent, 0 for none. A track has no
gaps there, and one parent at most (http://celltrackingchallenge.net).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.errors import FileError, RequestError
from morula.files import write_text
from morula.images.read import find_files
from morula.tracks.links import Tracks
from morula.tracks.movies import Movie, open_movies

RESULT, TRUTH = "res_track.txt", "man_track.txt"


@dataclass(frozen=True)
class Lifetime:
    """One line of the text: a track, its first and last moment, and its parent, 0 for none."""

    track: int
    begin: int
    end: int
    parent: int


def read_tracked(folder: Path, *, axes: str | None = None) -> tuple[Movie, tuple[Lifetime, ...]]:
    """A tracked movie: the label images in a folder, or in its folder `TRA`, and the lifetimes of their tracks.

    Args:
        folder: with `res_track.txt` or `man_track.txt` in it.
        axes: of the stored arrays; volumes may need `ZYX`.

    Raises:
        RequestError: there is no such text, or there are no label images beside it.
        FileError: the text does not hold four whole numbers a line.
    """
    for place in (folder, folder / "TRA"):
        for name, images in ((RESULT, "mask*"), (TRUTH, "man_track*")):
            if (place / name).is_file():
                [movie] = open_movies(find_files(place / images), read_as="objects", axes=axes)
                return movie, read_lifetimes(place / name)
    raise RequestError(f"{folder} holds neither {RESULT} nor {TRUTH}. Give a folder in the layout of the "
                       "Cell Tracking Challenge; morula track --challenge writes one.")


def read_lifetimes(path: Path) -> tuple[Lifetime, ...]:
    """The lines of `res_track.txt` or `man_track.txt`.

    Raises:
        FileError: a line does not hold four whole numbers.
    """
    lifetimes = []
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words:
            continue
        if len(words) != 4 or not all(word.isdecimal() for word in words):
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
