"""A movie whose objects have kept their numbers, with its outlines marked and mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from morula.progress import Progress, silent
from morula.tracks.consistency import between, find_jumps
from morula.tracks.links import LinkSettings, Tracks, link
from morula.tracks.movies import Movie
from morula.tracks.sightings import Sightings


@dataclass(frozen=True, eq=False)
class TrackedMovie:
    """A movie whose objects have kept their numbers.

    Attributes:
        movie: the label images.
        rows: every object of every frame, in the order of time; with mending, also those that were filled in.
        tracks: of these rows.
        outline: of each row, `(n,)`: found; jump, for a single frame; merged, of several objects for a single frame,
            whose track is 0 where they were taken apart; mended; or filled, where there was none.
        repairs: at moments with mended or filled objects, the outline of each by its track, bool `(*space)`.
    """

    movie: Movie
    rows: Sightings
    tracks: Tracks
    outline: np.ndarray
    repairs: dict[int, dict[int, np.ndarray]]

    def images(self, tracks: Tracks | None = None) -> Iterator[np.ndarray]:
        """The label images, numbered by `tracks`, those of the movie if left out: uint16, or uint32 where need be."""
        tracks = tracks or self.tracks
        dtype = np.uint16 if tracks.count < 2**16 else np.uint32
        starts = np.searchsorted(self.rows.moment, np.arange(self.rows.moments + 1))
        for moment in range(self.rows.moments):
            rows = slice(starts[moment], starts[moment + 1])
            label, number, outline = self.rows.label[rows], tracks.track[rows], self.outline[rows]
            seen = (label > 0) & (number > 0) & (outline != "mended")
            image = _renumbered(self.movie.labels(moment), label[seen], number[seen]).astype(dtype)
            renamed = dict(zip(self.tracks.track[rows].tolist(), number.tolist(), strict=True))
            for track, mask in self.repairs.get(moment, {}).items():
                image[mask & (image == 0)] = renamed[track]
            yield image


def track_movie(
    movie: Movie, settings: LinkSettings | None = None, *, mend: bool = False, progress: Progress = silent
) -> TrackedMovie:
    """Follow the objects of a movie, and mark the outlines that jump for a single frame.

    Args:
        movie: the label images.
        settings: how objects are followed.
        mend: also mend those outlines, and fill where an object is missing for a single frame.
        progress: called with frames done, frames in all, and words.

    Raises:
        FileError: a frame cannot be read.
    """
    rows = Sightings.of(movie, progress)
    tracks = link(rows, settings)
    outline = np.full(len(rows.moment), "found", dtype="<U6")
    for of in tracks.rows:
        outline[of[find_jumps(rows.time[rows.moment[of]], rows.position[of], rows.size[of])]] = "jump"
    outline[[row for row in rows.likeness.mergers if tracks.alone[row]]] = "merged"
    found = TrackedMovie(movie, rows, tracks, outline, {})
    return _mended(found, progress) if mend else found


def _mended(found: TrackedMovie, progress: Progress) -> TrackedMovie:
    """The same movie with its jumps mended and its single gaps filled, as far as other objects leave room."""
    rows, tracks = found.rows, found.tracks
    places: list[tuple[int, int, int]] = []  # a moment, and the rows of the same track before and after
    for of in tracks.rows:
        for place in np.flatnonzero(found.outline[of] == "jump"):
            places.append((int(rows.moment[of[place]]), int(of[place - 1]), int(of[place + 1])))
        for place in np.flatnonzero((np.diff(rows.moment[of]) == 2) & (np.diff(rows.time[rows.moment[of]]) == 2)):
            places.append((int(rows.moment[of[place]]) + 1, int(of[place]), int(of[place + 1])))
    repairs: dict[int, dict[int, np.ndarray]] = {}
    for moment, here in groupby(sorted(places), key=lambda place: place[0]):
        progress(moment, rows.moments, f"mending {found.movie.name}")
        free = ~np.isin(found.movie.labels(moment), rows.label[(rows.moment == moment) & (found.outline == "found")])
        repairs[moment] = {}
        for _, *beside in here:
            before, after = (found.movie.labels(int(rows.moment[row])) == rows.label[row] for row in beside)
            mask = free & between(before, after, found.movie.pixel_size)
            if mask.any():
                repairs[moment][int(tracks.track[beside[0]])] = mask
                free &= ~mask
    return _with_repairs(found, repairs)


def _with_repairs(found: TrackedMovie, repairs: dict[int, dict[int, np.ndarray]]) -> TrackedMovie:
    """The same movie, whose rows hold what the repairs say, and whose tracks are those that are left."""
    from scipy import ndimage

    rows, tracks, outline = found.rows, found.tracks, found.outline.copy()
    position, size, track = rows.position.copy(), rows.size.copy(), np.where(outline == "merged", 0, tracks.track)
    spacing = np.asarray(found.movie.pixel_size or (1.0,) * position.shape[1])
    added = []
    for moment, masks in repairs.items():
        for number, mask in masks.items():
            measured = np.array(ndimage.center_of_mass(mask)) * spacing, mask.sum() * spacing.prod()
            mended = np.flatnonzero((rows.moment == moment) & (track == number))
            if len(mended):
                position[mended], size[mended], outline[mended] = *measured, "mended"
            else:
                like = np.flatnonzero(track == number)[0]
                added.append((moment, number, tracks.parent[like], tracks.other_parent[like], *measured))
    moments, numbers, parents, others, places, sizes = zip(*added, strict=True) if added else [()] * 6
    columns = [np.append(old, new).astype(old.dtype) for old, new in (
        (rows.moment, moments), (rows.label, [0] * len(added)), (size, sizes), (outline, ["filled"] * len(added)),
        (np.where(outline == "mended", 1, rows.in_pieces), [1] * len(added)),
        (track, numbers), (tracks.parent, parents), (tracks.other_parent, others),
    )]
    order = np.lexsort((columns[5], columns[0]))
    moment, label, size, outline, pieces, *kept = (column[order] for column in columns)
    position = np.concatenate([position, np.reshape(places, (-1, position.shape[1]))])[order]
    left = np.unique([0, *kept[0]])  # their places are their new numbers
    renumbered = {moment: {int(np.searchsorted(left, number)): mask for number, mask in masks.items()}
                  for moment, masks in repairs.items()}
    return TrackedMovie(
        found.movie,
        Sightings(moment, label, position, size, rows.moments, times=rows.times, pieces=pieces),
        Tracks(*(np.searchsorted(left, column) for column in kept)),
        outline,
        renumbered,
    )


def _renumbered(image: np.ndarray, labels: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """The label image with other numbers; those that are not among `labels` become 0."""
    order = np.argsort(labels)
    known, numbers = np.append(labels[order], 0), np.append(numbers[order], 0)
    place = np.searchsorted(known[:-1], image)
    return np.where((known[place] == image) & (image > 0), numbers[place], 0)
