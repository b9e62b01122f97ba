"""Objects keep their number through a movie.

Two objects of successive frames that share more than half of their union are the same, since no others can share as
much. What is left is linked by linear assignment (laptrack; Jaqaman et al. 2008, doi 10.1038/nmeth.1237), where
objects are points in a space of place and size: what moved far, what was missing for a while, what divided or merged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from morula.settings import Settings
from morula.tracks.sightings import Sightings

SIZE_WEIGHT = 0.2
"""What a change of size by a factor of e counts, in typical diameters of movement."""


class LinkSettings(Settings):
    """How objects are followed from frame to frame."""

    max_distance: float | None = Field(default=None, gt=0)
    """How far an object moves from one frame to the next at most, in µm, or in pixels where their size is unknown; \
derived from sizes and movements if left out."""
    gap: int = Field(default=2, ge=0)
    """For how many frames an object may be missing before its track ends; frames whose number is missing count, too."""
    divisions: bool = True
    """Objects may divide."""
    merging: bool = False
    """Objects may merge into one."""


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
    far = settings.gap + 2  # frames that lie so far apart, or farther, are not linked
    when = np.concatenate([[0], np.cumsum(np.minimum(np.diff(sightings.time), far))])[sightings.moment]
    same = like.same[when[like.same[:, 1]] - when[like.same[:, 0]] < far]
    rows = np.setdiff1d(np.arange(len(sightings.moment)), list(like.mergers) if bridged else [])
    places = np.column_stack([sightings.position, SIZE_WEIGHT * diameter * np.log(sightings.size)])[rows]
    starts = np.searchsorted(when[rows], np.arange(when.max() + 2))
    nodes = [(moment, place - int(starts[moment])) for place, moment in enumerate(when[rows].tolist())]
    node = dict(zip(rows.tolist(), nodes, strict=True))
    fixed = like.bridges if bridged else []
    certain = [(node[earlier], node[later]) for earlier, later in [*same.tolist(), *fixed]]
    graph = tracker.predict(np.split(places, starts[1:-1]), certain)
    row = {each: number for number, each in node.items()}
    links = [(row[earlier], row[later]) for earlier, later in graph.edges]
    bridges = set(fixed)
    befores, afters = (set(side) for side in zip(*fixed, strict=True)) if fixed else (set(), set())
    # What is bridged neither divides nor merges: its outline was wrong, and others near it are others.
    return [link for link in links if link in bridges or (link[0] not in befores and link[1] not in afters)]


def _apart(part: np.ndarray, whole: np.ndarray) -> float:
    """The squared distance of a part from its whole, whose sizes differ rightly."""
    return float(((part[:-1] - whole[:-1]) ** 2).sum())
