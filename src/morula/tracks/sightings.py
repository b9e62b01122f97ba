"""The objects of a movie as they are seen frame by frame, before anyone knows which is which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import gamma, pi
from typing import Self, TypeVar

import numpy as np

from morula.objects.overlaps import Overlaps
from morula.objects.scattered import count_pieces
from morula.progress import Progress, silent
from morula.tracks.movies import Movie

Size = TypeVar("Size", float, np.ndarray)

_NO_PAIRS = np.empty((0, 2), np.int64)

REACH = 0.75
"""How far objects move, in typical diameters, unless they are seen to move farther: as far as daughters are from \
the middle of their mother."""


def ball_diameter(size: Size, axes: int) -> Size:
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
        times: when each frame was, in steps from one to the next, see `frame_times`, int64 `(moments,)`; those of a
            stack, one after the other, if left out.
        pieces: how many pieces each object is in, int64 `(n,)`; one each if left out.
    """

    moment: np.ndarray
    label: np.ndarray
    position: np.ndarray
    size: np.ndarray
    moments: int
    likeness: Likeness = field(default_factory=Likeness.unknown)
    times: np.ndarray | None = None
    pieces: np.ndarray | None = None

    @classmethod
    def of(cls, movie: Movie, progress: Progress = silent) -> Self:
        """Look at every frame once.

        Raises:
            FileError: a frame cannot be read or holds no object numbers.
        """
        spacing = np.asarray(movie.pixel_size or (1.0,) * len(movie.space))
        times = frame_times([frame.number for frame in movie.frames])
        moments, labels, positions, sizes, pieces, same, across, within = ([] for _ in range(8))
        earlier = before = np.zeros(movie.space, np.uint8)
        starts = [0, 0, 0]  # the first rows of the frame before the last, of the last and of this one
        for moment in range(len(movie.frames)):
            progress(moment, len(movie.frames), f"finding objects of {movie.name}")
            image = movie.labels(moment)
            found, beyond = Overlaps.count(before, image), Overlaps.count(earlier, image)
            same.append(found.pairs[found.ious > 0.5] + np.array(starts[1:]))
            smaller = np.minimum(found.first_sizes[found.pairs[:, 0]], found.second_sizes[found.pairs[:, 1]])
            within.append(found.pairs[2 * found.shared > smaller] + np.array(starts[1:]))
            if moment < 2 or times[moment] - times[moment - 2] == 2:  # else frames are missing between
                across.append(beyond.pairs[beyond.ious > 0.5] + np.array(starts[::2]))
            moments.append(np.full(len(found.second), moment))
            labels.append(found.second.astype(np.int64))
            positions.append(_centroids(image, found.second) * spacing)
            sizes.append(found.second_sizes * spacing.prod())
            pieces.append(count_pieces(image, found.second) if movie.reading is None else np.ones_like(found.second))
            earlier, before, starts = before, image, [*starts[1:], starts[2] + len(found.second)]
        likeness = Likeness.of(np.concatenate(same), np.concatenate([_NO_PAIRS, *across]), np.concatenate(within))
        columns = map(np.concatenate, (moments, labels, positions, sizes))
        return cls(*columns, moments=len(movie.frames), likeness=likeness, times=times,
                   pieces=np.concatenate(pieces).astype(np.int64))

    @property
    def time(self) -> np.ndarray:
        """When each frame was, int64 `(moments,)`."""
        return np.arange(self.moments) if self.times is None else self.times

    @property
    def in_pieces(self) -> np.ndarray:
        """In how many pieces each object is, int64 `(n,)`."""
        return np.ones(len(self.moment), np.int64) if self.pieces is None else self.pieces

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
        for moment in np.flatnonzero(np.diff(self.time) == 1):
            ours, theirs = (self.position[self.moment == moment + step] for step in (0, 1))
            if len(ours) and len(theirs):
                there, onward = KDTree(theirs).query(ours)
                _, back = KDTree(ours).query(theirs)
                moved.append(there[np.asarray(back)[onward] == np.arange(len(ours))])
        far = 1.5 * float(np.percentile(np.concatenate(moved), 95)) if moved else 0.0
        return max(REACH * self.diameter, far)


def frame_times(numbers: Sequence[int]) -> np.ndarray:
    """When frames of ascending numbers were, from 0 on: a step is the largest of which all differences are multiples.

    Names often count minutes, and then no frame is missing between `t00` and `t10`.

    >>> frame_times([0, 1, 2, 10, 11]).tolist(), frame_times([10, 20, 40]).tolist()
    ([0, 1, 2, 10, 11], [0, 1, 3])
    """
    times = np.array(numbers, np.int64) - numbers[0]
    return times // max(1, int(np.gcd.reduce(times)))


def _centroids(image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The mean position of the pixels of each object in pixels, float64 `(objects, axes)`."""
    inside = np.nonzero(image)
    place = np.searchsorted(labels, image[inside])
    pixels = np.bincount(place, minlength=len(labels))
    return np.stack([np.bincount(place, along, len(labels)) for along in inside], axis=1) / pixels[:, None]
