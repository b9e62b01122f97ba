"""How well objects were found and followed, by the measures of the Cell Tracking Challenge.

A tracked movie is a graph: its vertices are the objects of each frame, its edges lead from an object to itself in the
next frame, or from mother to daughter. DET and TRA ask what it would cost to mend the graph by hand until it is the
true one, as a share of what it would cost to draw that from nothing (acyclic oriented graph matching: Matula et al.
2015, doi 10.1371/journal.pone.0144959, whose weights these are). SEG is the mean overlap of the true objects with
theirs (Maška et al. 2014, doi 10.1093/bioinformatics/btu080).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from morula.errors import RequestError
from morula.objects.labels import numbered_objects
from morula.objects.overlaps import Overlaps
from morula.plurals import many
from morula.progress import Progress, silent
from morula.tracks.challenge import Lifetime, Outlined
from morula.tracks.movies import Movie

SPLIT, MISSED, FALSE = 5, 10, 1
"""What it costs to take apart, to draw and to take away an object."""

REDUNDANT, LACKING, OTHER_KIND = 1, 1.5, 1
"""What it costs to take away, to draw and to rename an edge."""

Vertex = tuple[int, int]
"""The number of a frame, and of an object in it."""


@dataclass(frozen=True)
class TrackScores:
    """The measures, each from 0 to 1, and the mistakes that were counted.

    Attributes:
        seg: the mean IoU of the true objects with the objects that cover more than half of them, 0 where none does;
            None where no true object is outlined.
        outlined: the true objects that this is the mean of.
        objects: true objects, over all frames.
        edges: true edges.
        splits: how many objects too few there are where one covers several true ones.
        missed: true objects that no object covers by more than half.
        false: objects that cover no true one by more than half.
        redundant_edges: edges between found objects whose true ones have none.
        lacking_edges: true edges without one between the objects that were found.
        other_edges: edges to oneself that should be to a daughter, and the other way round.
    """

    seg: float | None
    outlined: int
    objects: int
    edges: int
    splits: int
    missed: int
    false: int
    redundant_edges: int
    lacking_edges: int
    other_edges: int

    @property
    def det(self) -> float:
        """How well objects were found: 1 minus the cost of mending them over that of drawing all."""
        return 1 - min(self._mending_objects / (MISSED * self.objects), 1)

    @property
    def tra(self) -> float:
        """How well objects were found and followed."""
        cost = (self._mending_objects + REDUNDANT * self.redundant_edges + LACKING * self.lacking_edges
                + OTHER_KIND * self.other_edges)
        return 1 - min(cost / (MISSED * self.objects + LACKING * self.edges), 1)

    @property
    def _mending_objects(self) -> float:
        return SPLIT * self.splits + MISSED * self.missed + FALSE * self.false

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The measures and the mistakes behind them, as label and value."""
        return (
            ("SEG", "–, no true object is outlined" if self.seg is None
                    else f"{self.seg:.4f}, the mean of {many(self.outlined, 'outlined object')}"),
            ("DET", f"{self.det:.4f}: {self.missed:,} objects missed, {self.false:,} false, {self.splits:,} not "
                    f"separated, of {self.objects:,}"),
            ("TRA", f"{self.tra:.4f}: {self.lacking_edges:,} links missed, {self.redundant_edges:,} false, "
                    f"{self.other_edges:,} of the wrong kind, of {self.edges:,}"),
        )

    def record(self) -> dict[str, Any]:
        """Plain numbers for JSON."""
        return {"det": self.det, "tra": self.tra, **asdict(self)}


def score_tracks(
    truth: tuple[Movie, Sequence[Lifetime]],
    result: tuple[Movie, Sequence[Lifetime]],
    progress: Progress = silent,
    *,
    outlined: Sequence[Outlined] | None = None,
) -> TrackScores:
    """Score a tracked movie against the true one; frames belong together by their numbers.

    Only the frames of the result count, so that a part of a movie can be scored.

    Args:
        truth: the true movie.
        result: the movie to score.
        progress: called with frames done, frames in all, and words.
        outlined: the true outlines, which SEG is measured on; without them, it is measured on the true movie.

    Raises:
        RequestError: the movies have no frame in common, or differ in size.
        FileError: a frame cannot be read.
    """
    (true_movie, true_lifetimes), (movie, lifetimes) = truth, result
    if true_movie.space != movie.space:
        raise RequestError(f"The true label images are {_size(true_movie)}, the others {_size(movie)}. "
                           "Compare label images of the same movie at the same size.")
    moments = {frame.number: moment for moment, frame in enumerate(movie.frames)}
    true_moments = {frame.number: moment for moment, frame in enumerate(true_movie.frames)}
    shared = sorted(moments.keys() & true_moments.keys())
    if not shared:
        raise RequestError(f"No frame of {true_movie.name} has the number of one of {movie.name}. "
                           "Give label images whose numbers are the same.")
    covering: dict[Vertex, Vertex] = {}  # the object that covers each true one
    true_objects: list[Vertex] = []
    objects: list[Vertex] = []
    ious = 0.0
    for done, number in enumerate(shared):
        progress(done, len(shared), "comparing tracks")
        found = Overlaps.count(true_movie.labels(true_moments[number]), movie.labels(moments[number]))
        most = 2 * found.shared > found.first_sizes[found.pairs[:, 0]]
        ious += float(found.ious[most].sum())
        for true, ours in found.pairs[most]:
            covering[number, int(found.first[true])] = number, int(found.second[ours])
        true_objects += [(number, int(label)) for label in found.first]
        objects += [(number, int(label)) for label in found.second]
    true_edges, edges = _edges(true_objects, true_lifetimes), _edges(objects, lifetimes)
    covered = Counter(covering.values())
    only = {true: ours for true, ours in covering.items() if covered[ours] == 1}
    truly = {ours: true for true, ours in only.items()}
    kinds = [edges.get((only.get(a), only.get(b))) for a, b in true_edges]  # type: ignore[arg-type]
    if outlined is not None:
        ious, count = _outlined_ious(outlined, movie)
    else:
        count = len(true_objects)
    return TrackScores(
        seg=ious / count if count else None if outlined is not None else 0.0,
        outlined=count,
        objects=len(true_objects),
        edges=len(true_edges),
        splits=sum(count - 1 for count in covered.values()),
        missed=len(true_objects) - len(covering),
        false=len(objects) - len(covered),
        redundant_edges=sum(
            a in truly and b in truly and (truly[a], truly[b]) not in true_edges for a, b in edges
        ),
        lacking_edges=kinds.count(None),
        other_edges=sum(
            kind not in (None, true) for kind, true in zip(kinds, true_edges.values(), strict=True)
        ),
    )


def _outlined_ious(outlined: Sequence[Outlined], movie: Movie) -> tuple[float, int]:
    """The sum of the IoU of all outlined objects with what covers more than half of them, and how many there are."""
    moments = {frame.number: moment for moment, frame in enumerate(movie.frames)}
    ious, count = 0.0, 0
    for each in outlined:
        if each.number not in moments:
            continue
        true, labels = numbered_objects(each.image.frame(0)), movie.labels(moments[each.number])
        if each.slice is not None:
            if labels.ndim != 3 or each.slice >= len(labels):
                raise RequestError(f"{each.image.path} outlines slice {each.slice}, and {movie.name} has frames of "
                                   f"{_size(movie)}. Give label images of the same movie at the same size.")
            labels = labels[each.slice]
        if true.shape != labels.shape:
            raise RequestError(f"{each.image.path} has {each.image.extent}, and the frames of {movie.name} "
                               f"{_size(movie)}. Give label images of the same movie at the same size.")
        found = Overlaps.count(true, labels)
        ious += float(found.ious[2 * found.shared > found.first_sizes[found.pairs[:, 0]]].sum())
        count += len(found.first)
    return ious, count


def _edges(objects: Sequence[Vertex], lifetimes: Sequence[Lifetime]) -> dict[tuple[Vertex, Vertex], str]:
    """From each object to itself at its next moment, and from mothers to daughters."""
    edges, first, last = {}, {}, {}
    for number, label in objects:  # in the order of time
        if label in last:
            edges[(last[label], label), (number, label)] = "same"
        first.setdefault(label, number)
        last[label] = number
    for life in lifetimes:
        if life.parent in last and life.track in first and last[life.parent] < first[life.track]:
            edges[(last[life.parent], life.parent), (first[life.track], life.track)] = "daughter"
    return edges


def _size(movie: Movie) -> str:
    return " × ".join(map(str, movie.space))
