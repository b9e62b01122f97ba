"""Objects keep their number through a movie.

Two objects of successive frames that share more than half of their union are the same, since no others can share as
much. What is left is linked by linear assignment (laptrack; Jaqaman et al. 2008, doi 10.1038/nmeth.1237), where
objects are points in a space of place and size: what moved far, what was missing for a while, what divided or merged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import gamma, pi
from typing import Self

import numpy as np
from pydantic import Field

from morula.objects.movies import Movie
from morula.objects.overlaps import Overlaps
from morula.progress import Progress, silent
from morula.settings import Settings

SIZE_WEIGHT = 0.2
"""What a change of size by a factor of e counts, in typical diameters of movement."""

REACH = 0.75
"""How far objects move, in typical diameters, unless they are seen to move farther: as far as daughters are from \
the middle of their mother."""


class LinkSettings(Settings):
    """How objects are followed from frame to frame."""

    max_distance: float | None = Field(default=None, gt=0)
    """How far an object moves from one frame to the next at most, in µm, or in pixels where their size is unknown; \
derived from sizes and movements if left out."""
    gap: int = Field(default=2, ge=0)
    """For how many frames an object may be missing before its track ends."""
    divisions: bool = True
    """Objects may divide."""
    merging: bool = False
    """Objects may merge into one."""


def ball_diameter(size: float, axes: int) -> float:
    """The diameter of the disc of this area, the ball of this volume, or whatever `axes` make of it.

    >>> round(ball_diameter(pi, 2), 6), round(ball_diameter(4 / 3 * pi, 3), 6)
    (2.0, 2.0)
    """
    return 2 * (size * gamma(axes / 2 + 1)) ** (1 / axes) / pi**0.5


@dataclass(frozen=True, eq=False)
class Likeness:
    """Which rows of sightings look like one object, for they lie in the same place; pairs of rows, `(pairs, 2)` each.

    Attributes:
        same: in successive frames, sharing more than half of their union.
        across: the same with one frame between them, and with none in that frame.
        within: in successive frames, where one lies by more than half in the other.
    """

    same: np.ndarray
    across: np.ndarray
    within: np.ndarray

    @classmethod
    def of(cls, same: np.ndarray, across: np.ndarray, within: np.ndarray) -> Self:
        """Without the pairs across a frame of which one is `same` as something in that frame."""
        known = np.isin(across[:, 0], same[:, 0]) | np.isin(across[:, 1], same[:, 1])
        return cls(same, across[~known], within)

    @classmethod
    def unknown(cls) -> Self:
        """No pairs at all."""
        return cls(*np.empty((3, 0, 2), np.int64))

    @property
    def bridges(self) -> list[tuple[int, int]]:
        """Links from before a frame to after it, where the outlines in that frame were wrong.

        What is the same before and after was there between, too. If it lies there in an object with no other such, or
        if one such lies in it, that is its outline, however wrong.
        """
        taken = {*self.same.ravel().tolist(), *self.across.ravel().tolist(), *self.mergers}
        beside = defaultdict(list)
        for earlier, later in self.within.tolist():
            if later not in taken:
                beside[earlier].append(later)
        links = []
        for before, after in self.across.tolist():
            between = beside[before]
            links += [(before, between[0]), (between[0], after)] if len(between) == 1 else [(before, after)]
        return links

    @property
    def mergers(self) -> frozenset[int]:
        """Rows that hold several objects, which are apart in the frames before and after."""
        bridged = set(self.across[:, 0].tolist())
        taken = {*self.same.ravel().tolist(), *self.across.ravel().tolist()}
        count = Counter(whole for part, whole in self.within.tolist() if part in bridged and whole not in taken)
        return frozenset(whole for whole, parts in count.items() if parts > 1)


@dataclass(frozen=True, eq=False)
class Sightings:
    """Every object of a movie in every frame, in the order of time.

    Attributes:
        moment: the place of the frame in the movie, from 0, int64 `(n,)`.
        label: the object's number in that frame, int64 `(n,)`.
        position: its centroid in µm, or pixels where their size is unknown, float64 `(n, axes)`.
        size: its area or volume in the same unit, float64 `(n,)`.
        moments: the number of frames in the movie.
        likeness: which of them look like one object, as far as that is known.
    """

    moment: np.ndarray
    label: np.ndarray
    position: np.ndarray
    size: np.ndarray
    moments: int
    likeness: Likeness = field(default_factory=Likeness.unknown)

    @classmethod
    def of(cls, movie: Movie, progress: Progress = silent) -> Self:
        """Look at every frame once.

        Raises:
            FileError: a frame cannot be read or holds no object numbers.
        """
        spacing = np.asarray(movie.pixel_size or (1.0,) * len(movie.space))
        moments, labels, positions, sizes, same, across, within = ([] for _ in range(7))
        earlier = before = np.zeros(movie.space, np.uint8)
        starts = [0, 0, 0]  # the first rows of the frame before the last, of the last and of this one
        for moment in range(len(movie.frames)):
            progress(moment, len(movie.frames), f"finding objects of {movie.name}")
            image = movie.labels(moment)
            found, beyond = Overlaps.count(before, image), Overlaps.count(earlier, image)
            same.append(found.pairs[found.ious > 0.5] + np.array(starts[1:]))
            smaller = np.minimum(found.first_sizes[found.pairs[:, 0]], found.second_sizes[found.pairs[:, 1]])
            within.append(found.pairs[2 * found.shared > smaller] + np.array(starts[1:]))
            across.append(beyond.pairs[beyond.ious > 0.5] + np.array(starts[::2]))
            moments.append(np.full(len(found.second), moment))
            labels.append(found.second.astype(np.int64))
            positions.append(_centroids(image, found.second) * spacing)
            sizes.append(found.second_sizes * spacing.prod())
            earlier, before, starts = before, image, [*starts[1:], starts[2] + len(found.second)]
        likeness = Likeness.of(*map(np.concatenate, (same, across, within)))
        columns = map(np.concatenate, (moments, labels, positions, sizes))
        return cls(*columns, moments=len(movie.frames), likeness=likeness)

    @property
    def diameter(self) -> float:
        """That of the disc or ball as large as the median object."""
        return ball_diameter(float(np.median(self.size)), self.position.shape[1])

    @property
    def reach(self) -> float:
        """How far objects move from one frame to the next at most, as far as sizes and movements tell.

        0.75 typical diameters; more where those that are each other's nearest in successive frames move farther:
        1.5 times what 95 % of them keep below.
        """
        from scipy.spatial import KDTree

        moved = []
        for moment in range(self.moments - 1):
            ours, theirs = (self.position[self.moment == moment + step] for step in (0, 1))
            if len(ours) and len(theirs):
                there, onward = KDTree(theirs).query(ours)
                _, back = KDTree(ours).query(theirs)
                moved.append(there[np.asarray(back)[onward] == np.arange(len(ours))])
        far = 1.5 * float(np.percentile(np.concatenate(moved), 95)) if moved else 0.0
        return max(REACH * self.diameter, far)


@dataclass(frozen=True, eq=False)
class Tracks:
    """Which object of which frame is which, row by row as in the sightings.

    A track is one object through time, from where it appears, from a division or from a merger, to where it
    disappears, divides or merges.

    Attributes:
        track: the number of the track, from 1 in the order of their beginnings, int64 `(n,)`.
        parent: the track it came from by division or merging, 0 for none, int64 `(n,)`.
        other_parent: the second track, where two merged, 0 for none, int64 `(n,)`.
    """

    track: np.ndarray
    parent: np.ndarray
    other_parent: np.ndarray

    @property
    def rows(self) -> list[np.ndarray]:
        """The rows of each track in the order of time, from that of track 1 on."""
        order = np.argsort(self.track, kind="stable")
        return np.split(order, np.searchsorted(self.track[order], np.arange(1, self.count + 1)))[1:]

    @property
    def alone(self) -> np.ndarray:
        """Which rows are the only one of their track, which has neither parents nor children, bool `(n,)`."""
        related = np.concatenate([self.parent, self.other_parent, self.track[self.parent > 0]])
        return (np.bincount(self.track, minlength=1)[self.track] == 1) & ~np.isin(self.track, related)

    @property
    def count(self) -> int:
        """How many tracks there are."""
        return int(self.track.max(initial=0))

    @property
    def origins(self) -> list[tuple[int, int]]:
        """The parents of each track, 0 for none."""
        return [(int(self.parent[rows[0]]), int(self.other_parent[rows[0]])) for rows in self.rows]


def link(sightings: Sightings, settings: LinkSettings | None = None) -> Tracks:
    """Follow the objects of a movie through time."""
    settings = settings or LinkSettings()
    return number_tracks(sightings.moment, sightings.size, _links(sightings, settings))


def number_tracks(moment: np.ndarray, size: np.ndarray, links: Sequence[tuple[int, int]]) -> Tracks:
    """Tracks from links between rows, each from an earlier to a later moment.

    Where one row leads to several, or several lead to one, tracks end and others begin.

    Args:
        moment: of each row, ascending, `(n,)`.
        size: of each row, `(n,)`; the first parent of a merged object is the largest.
        links: pairs of rows.
    """
    onward, backward = defaultdict(list), defaultdict(list)
    for earlier, later in links:
        onward[earlier].append(later)
        backward[later].append(earlier)
    track, parent, other = (np.zeros(len(moment), np.int64) for _ in range(3))
    count = 0
    for row in range(len(moment)):
        past = sorted(backward[row], key=lambda each: -size[each])
        if len(past) == 1 and len(onward[past[0]]) == 1:
            track[row], parent[row], other[row] = (of[past[0]] for of in (track, parent, other))
            continue
        count += 1
        track[row] = count
        if past:
            parent[row] = track[past[0]]
        if len(past) > 1:
            other[row] = track[past[1]]
    return Tracks(track, parent, other)


def _links(sightings: Sightings, settings: LinkSettings) -> list[tuple[int, int]]:
    """Pairs of rows that are one object, or mother and daughter, or part and whole."""
    if not len(sightings.moment):
        return []
    from laptrack import LapTrack

    diameter, reach = sightings.diameter, settings.max_distance or sightings.reach
    beside = max(diameter, reach) ** 2
    tracker = LapTrack(  # type: ignore[call-arg]  # what is not said here has a default there
        cutoff=reach**2,
        track_start_cost=reach**2,
        track_end_cost=reach**2,
        gap_closing_cutoff=reach**2 if settings.gap else False,
        gap_closing_max_frame_count=settings.gap + 1,
        splitting_metric=_apart,
        splitting_cutoff=beside if settings.divisions else False,
        merging_metric=_apart,
        merging_cutoff=beside if settings.merging else False,
        segment_start_cost=beside,
        segment_end_cost=beside,
        no_splitting_cost=beside,
        no_merging_cost=beside,
    )
    like, bridged = sightings.likeness, settings.gap > 0
    rows = np.setdiff1d(np.arange(len(sightings.moment)), list(like.mergers) if bridged else [])
    places = np.column_stack([sightings.position, SIZE_WEIGHT * diameter * np.log(sightings.size)])[rows]
    starts = np.searchsorted(sightings.moment[rows], np.arange(sightings.moments + 1))
    nodes = [(moment, place - int(starts[moment])) for place, moment in enumerate(sightings.moment[rows].tolist())]
    node = dict(zip(rows.tolist(), nodes, strict=True))
    links = [*like.same.tolist(), *(like.bridges if bridged else ())]
    certain = [(node[earlier], node[later]) for earlier, later in links]
    graph = tracker.predict(np.split(places, starts[1:-1]), certain)
    row = {each: number for number, each in node.items()}
    return [(row[earlier], row[later]) for earlier, later in graph.edges]


def _apart(part: np.ndarray, whole: np.ndarray) -> float:
    """The squared distance of a part from its whole, whose sizes differ rightly."""
    return float(((part[:-1] - whole[:-1]) ** 2).sum())


def _centroids(image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The mean position of the pixels of each object in pixels, float64 `(objects, axes)`."""
    inside = np.nonzero(image)
    place = np.searchsorted(labels, image[inside])
    pixels = np.bincount(place, minlength=len(labels))
    return np.stack([np.bincount(place, along, len(labels)) for along in inside], axis=1) / pixels[:, None]
