"""Files of label images or masks become tracked movies: relabelled images, and a table of every object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from pydantic import Field

from morula.cards import Card, Shown
from morula.errors import OutputError, RequestError
from morula.files import settled
from morula.images.overrides import Axes, PixelSize
from morula.images.write import write_mask
from morula.names.endings import home, stem
from morula.names.series import common_step
from morula.objects.scattered import in_pieces
from morula.objects.tables import write_columns
from morula.pairs.masks import ReadAs
from morula.plurals import many
from morula.progress import Progress, silent
from morula.tracks.challenge import RESULT, lifetimes_of, without_gaps, write_lifetimes
from morula.tracks.links import LinkSettings
from morula.tracks.measured import along_tracks, ensure_measured
from morula.tracks.movies import Movie, open_movies
from morula.tracks.rates import rates
from morula.tracks.sightings import frame_times
from morula.tracks.tracked import TrackedMovie, track_movie

TABLE = "tracks.csv"
NOTE = "note"

FEW = 3
"""So many label images of a folder are named one by one."""


class TrackSettings(LinkSettings):
    """How objects are followed, and what is written of them."""

    mend: bool = False
    """Mend outlines that jump for a single frame, and fill single missing ones, from the frames beside them."""
    minutes_per_frame: float | None = Field(default=None, gt=0)
    """The time between two frames, so that rates are per hour; where left out, names may tell it, as 00d00h30m does."""
    smooth: int = Field(default=2, ge=1)
    """Rates are the slopes of straight lines through this many frames before and after."""
    rates: tuple[str, ...] = ()
    """With --table, the columns of it whose rates are wanted, such as elongation."""
    challenge: bool = False
    """Write label images and lifetimes in the layout of the Cell Tracking Challenge."""
    read_masks_as: ReadAs = "auto"
    """What the values in masks mean; auto looks at them."""
    not_annotated: int | None = None
    """The value in masks that marks what nobody annotated; it belongs to no object."""
    names: str | None = None
    """What the names of files tell, where they are not read rightly, as '{well}_{site}_{time}'."""
    axes: Axes = None
    """The axes of the stored arrays, letters of TCZYX, such as TYX."""
    pixel_size: PixelSize = None
    """µm a pixel, or along each axis, over what the files say; without any, lengths are in pixels."""
    overwrite: bool = False
    """Write over files of an earlier run."""


@dataclass(frozen=True, repr=False)
class Tracked(Shown):
    """What became of a set of label images.

    Attributes:
        out: the folder with the label images and `tracks.csv`.
        movies: the tracked movies.
        columns: the table, one row for each object of each frame.
        images: the label images, one file for each frame or for each stack, movie by movie.
        lifetimes: the texts beside them in the layout of the Cell Tracking Challenge, one for each movie; else none.
        measures: the table of measures that was written again, where one was given.
        minutes: between two moments, where the names told it and nobody else.
        warnings: what the masks could mean instead, what is missing in files that were stopped early, and which movies
            count in steps.
    """

    out: Path
    movies: tuple[TrackedMovie, ...]
    columns: dict[str, np.ndarray]
    images: tuple[Path, ...] = ()
    lifetimes: tuple[Path, ...] = ()
    measures: Path | None = None
    minutes: float | None = None
    warnings: tuple[str, ...] = ()

    @property
    def card(self) -> Card:
        return Card("Tracked", [("table", str(self.table)), *self.summary,
                                *(("warning", said) for said in self.warnings)])

    @property
    def table(self) -> Path:
        """The table's file."""
        return self.out / TABLE

    @property
    def written(self) -> Iterator[str]:
        """What files there are now, a sentence for each kind; many label images of a folder by the first and last."""
        yield f"The table is {self.table}"
        if self.measures:
            yield f"The measures with their tracks are {self.measures}"
        for folder, paths in groupby(self.images, key=lambda path: path.parent):
            names = [path.name for path in paths]
            shown = ", ".join(names) if len(names) <= FEW else f"{names[0]} to {names[-1]}"
            yield (f"The label image is {folder / shown}" if len(names) == 1
                   else f"The {len(names)} label images are {shown} in {folder}")
        for path in self.lifetimes:
            yield f"The first and last moment and the parent of each track are in {path}"

    @property
    def summary(self) -> tuple[tuple[str, str], ...]:
        """What was found, as label and value."""
        marks = Counter(mark for movie in self.movies for mark in movie.outline.tolist())
        origins = [movie.tracks.origins for movie in self.movies]
        divided = sum(len({parent for parent, other in each if parent and not other}) for each in origins)
        merged = sum(other > 0 for each in origins for _, other in each)
        told = [("time", f"moments {self.minutes:.3g} min apart, as the names say")] if self.minutes else []
        rows = [
            ("masks read as", _sentence(self.movies[0].movie)),
            ("movies", f"{len(self.movies)} with {many(sum(m.rows.moments for m in self.movies), 'frame')}"),
            *told,
            ("objects", f"{len(self.columns['track']):,}, each frame counted"),
            ("tracks", f"{sum(movie.tracks.count for movie in self.movies):,}"),
            ("divisions", f"{divided:,}"),
        ]
        if merged:
            rows.append(("mergers", f"{merged:,}"))
        words = {"jump": "outlines that jump", "merged": "merged for a frame", "mended": "outlines mended",
                 "filled": "gaps filled"}
        rows += [(label, f"{marks[mark]:,}") for mark, label in words.items() if marks[mark]]
        return tuple(rows)


def track_files(
    files: Sequence[Path],
    out: Path,
    settings: TrackSettings,
    *,
    measures: Path | None = None,
    progress: Progress = silent,
) -> Tracked:
    """Follow the objects of all movies in a set of files, and write them numbered by their tracks.

    Args:
        files: label images or masks.
        out: the folder to write to.
        settings: how objects are followed, and what is written of them.
        measures: a table of the same objects; it is written again with their tracks, under its own name.
        progress: called with frames done, frames in all, and words.

    Raises:
        RequestError: there is no movie, files would get into each other's way, or the table is of other objects.
        OutputError: files are there already, or the folder cannot be written to.
        FileError: a file cannot be read, or holds no object or class numbers.
        DataError: the frames of a movie differ in size.
    """
    if measures:
        ensure_measured(measures, settings.rates)
    movies = open_movies(
        files, read_as=settings.read_masks_as, not_annotated=settings.not_annotated, axes=settings.axes,
        pixel_size=settings.pixel_size, names=settings.names, progress=progress,
    )
    minutes = None
    if settings.minutes_per_frame is None:
        minutes = common_step(movie.minutes for movie in movies if len(movie.frames) > 1)
        settings = settings.model_copy(update={"minutes_per_frame": minutes})
    targets = [_targets(movie, out, settings.challenge, len(movies) > 1) for movie in movies]
    tables = [out / TABLE, *([out / measures.name] if measures else [])]
    sources = [*files, *([measures] if measures else [])]
    _ensure_free([*(path for each in targets for path in each), *tables], sources, settings.overwrite)
    tracked = []
    for movie, paths in zip(movies, targets, strict=True):
        found = track_movie(movie, settings, mend=settings.mend, progress=progress)
        _write_images(found, paths, settings.challenge, progress)
        tracked.append(found)
    columns = _joined([_columns(each, settings) for each in tracked])
    write_columns(out / TABLE, columns)
    if measures:
        write_columns(out / measures.name, along_tracks(
            measures, columns, settings.rates, smooth=settings.smooth, minutes_per_frame=settings.minutes_per_frame
        ))
    written = [path for paths in targets for path in paths]
    return Tracked(out, tuple(tracked), columns,
                   tuple(path for path in written if path.name != RESULT),
                   tuple(path for path in written if path.name == RESULT),
                   out / measures.name if measures else None,
                   minutes,
                   tuple(_warnings(movies)))


def _sentence(movie: Movie) -> str:
    """What its values were taken to mean."""
    return movie.reading.sentence if movie.reading else "label images: each value but 0 is the number of an object"


def _warnings(movies: Sequence[Movie]) -> Iterator[str]:
    if movies[0].doubt:  # they are read together
        yield movies[0].doubt
    for movie in movies:
        yield from dict.fromkeys(warning for frame in movie.frames for warning in frame.image.warnings)
        numbers = [frame.number for frame in movie.frames]
        step = (numbers[-1] - numbers[0]) // max(1, int(frame_times(numbers)[-1]))
        if step > 1:
            yield (f"{movie.name}: its frames are numbered in steps of {step}. They follow each other, and time "
                   "goes by numbers: --minutes-per-frame is that from one number to the next, not from frame to frame, "
                   "and --smooth reaches so many numbers.")


def _targets(movie: Movie, out: Path, challenge: bool, several: bool) -> list[Path]:
    """The files that the frames of a movie go to: one for each, or one for all frames of a stack.

    They have the folders that tell the files of the movies apart, so that those of one name are not written over
    each other.
    """
    if challenge:
        folder = out / movie.name if several else out
        digits = max(3, *(len(str(frame.number)) for frame in movie.frames))
        return [*(folder / f"mask{frame.number:0{digits}d}.tif" for frame in movie.frames), folder / RESULT]
    names = [Path(name) for name, _ in groupby(frame.file for frame in movie.frames)]
    return [out / home(name) / f"{stem(name)}.tif" for name in names]


def _ensure_free(targets: Sequence[Path], files: Sequence[Path], overwrite: bool) -> None:
    sources = set(map(settled, files))
    for path, times in Counter(targets).items():
        if times > 1:
            raise RequestError(f"Two of the files would both become {path.name}. Track them into different folders.")
        if settled(path) in sources:
            raise RequestError(f"{path} is one of the files that are read. Choose another folder with --out.")
    there = [path for path in targets if path.exists()]
    if there and not overwrite:
        raise OutputError(f"{there[0]} exists already. Choose another --out, or allow it with --overwrite.")


def _write_images(found: TrackedMovie, paths: Sequence[Path], challenge: bool, progress: Progress) -> None:
    movie, total = found.movie, len(found.movie.frames)
    if challenge:
        tracks = without_gaps(found.tracks, found.rows.time[found.rows.moment])
        numbers = np.array([frame.number for frame in movie.frames])
        write_lifetimes(paths[-1], lifetimes_of(tracks, numbers[found.rows.moment]))
    else:
        tracks = found.tracks

    def frames() -> Iterator[np.ndarray]:
        for done, image in enumerate(found.images(tracks)):
            progress(done, total, f"writing {movie.name}")
            yield image

    if len(paths) == 1:
        write_mask(paths[0], frames(), pixel_size=movie.pixel_size)
        return
    for path, image in zip(paths, frames(), strict=False):
        write_mask(path, [image], pixel_size=movie.pixel_size)


def _columns(found: TrackedMovie, settings: TrackSettings) -> dict[str, np.ndarray]:
    """The table of a movie."""
    movie, rows, tracks = found.movie, found.rows, found.tracks
    frames = [movie.frames[moment] for moment in rows.moment]
    axes, unit = len(movie.space), "um" if movie.pixel_size else "px"
    size = f"{'area' if axes == 2 else 'volume'}_{unit}{axes}"
    along = [f"centroid_{axis}_{unit}" for axis in "zyx"[-axes:]]
    columns = {
        "movie": np.full(len(frames), movie.name),
        "moment": np.array([frame.number for frame in frames], np.int64),
        "file": np.array([frame.file for frame in frames], dtype=str),
        "frame": np.array([frame.index for frame in frames], np.int64),
        "object": rows.label,
        "track": tracks.track,
        "parent": tracks.parent,
        "other_parent": tracks.other_parent,
        "outline": found.outline,
        **dict(zip(along, rows.position.T, strict=True)),
        size: rows.size,
    }
    note = np.array([in_pieces(count) for count in rows.in_pieces.tolist()], dtype=str)
    trusted = found.outline != "jump"
    changes = rates(columns, [*along, size], frame="moment", smooth=settings.smooth,
                    minutes_per_frame=settings.minutes_per_frame, trusted=trusted)
    [per] = {name.rpartition("_per_")[2] for name in changes}
    speed = np.linalg.norm([changes[f"{name}_per_{per}"] for name in along], axis=0)
    return {**columns, f"{size}_per_{per}": changes[f"{size}_per_{per}"], f"speed_{unit}_per_{per}": speed, NOTE: note}


def _joined(tables: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The rows of all tables; a column that a table lacks, for its movie has other units, is NaN there."""
    names = list(dict.fromkeys(name for table in tables for name in table))
    return {
        name: np.concatenate([table.get(name, np.full(len(table["track"]), np.nan)) for table in tables])
        for name in names
    }
