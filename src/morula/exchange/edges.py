"""Outlines along the edges of pixels: filling them gives back every pixel, and no other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RIGHT, DOWN, LEFT, UP = range(4)


@dataclass(frozen=True, eq=False)
class Part:
    """A connected part of an object.

    Attributes:
        outer: its outline, int `(corners, 2)`, y before x, the first corner not repeated at the end.
        holes: the outlines of the holes in it.
    """

    outer: np.ndarray
    holes: tuple[np.ndarray, ...] = ()


def parts_of(inside: np.ndarray, corner: tuple[int, int] = (0, 0)) -> tuple[Part, ...]:
    """The parts of a mask with their holes, the largest first. Pixels that touch by a corner alone are two parts.

    Every outline is simple: it meets neither itself nor another one but at single corners, as GeoJSON wants it. Outer
    ones run clockwise as they are seen on a screen, holes the other way.

    Args:
        inside: bool `(rows, columns)`.
        corner: the row and the column of its first pixel.

    >>> [part.outer.tolist() for part in parts_of(np.array([[True, True]]))]
    [[[0, 0], [0, 2], [1, 2], [1, 0]]]
    """
    from scipy import ndimage

    starts, ways, following = _linked(inside)
    labels = np.empty(inside.shape, np.int32)
    ndimage.label(inside, output=labels)
    outer: dict[int, np.ndarray] = {}
    holes: dict[int, list[np.ndarray]] = {}
    for cycle in _cycles(following):
        first = cycle[0]
        label = int(labels[_pixel_beside(starts[first], ways[first])])
        for ring in _simple(starts[cycle]):
            if _twice_the_area(ring) > 0:
                outer[label] = ring + corner
            else:
                holes.setdefault(label, []).append(ring + corner)
    parts = [Part(ring, tuple(holes.get(label, ()))) for label, ring in outer.items()]
    return tuple(sorted(parts, key=lambda part: -_twice_the_area(part.outer)))


def _linked(inside: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Straight pieces of all outlines, with the object on the right hand: where each starts `(pieces, 2)`, which way it
    leads `(pieces,)`, and which one follows.

    Where two pixels touch by a corner alone, an outline turns right, and so stays with its pixel.
    """
    padded = np.pad(inside, 1)
    down = padded[1:, 1:-1].astype(np.int8) - padded[:-1, 1:-1]  # 1 on edges whose pixel lies beneath, -1 above
    across = (padded[1:-1, 1:].astype(np.int8) - padded[1:-1, :-1]).T  # 1 where it lies to the right, -1 to the left
    starts, stops, ways = [], [], []
    for edges, sign, way, flipped in ((down, 1, RIGHT, False), (down, -1, LEFT, False),
                                      (across, -1, DOWN, True), (across, 1, UP, True)):
        line, first, last = _straight(edges == sign)
        begin, end = np.stack([line, first], axis=1), np.stack([line, last], axis=1)
        if flipped:
            begin, end = begin[:, ::-1], end[:, ::-1]
        if way in (LEFT, UP):
            begin, end = end, begin
        starts.append(begin)
        stops.append(end)
        ways.append(np.full(len(line), way))
    start, stop, way = np.concatenate(starts), np.concatenate(stops), np.concatenate(ways)
    width = inside.shape[1] + 1
    keys = (start[:, 0] * width + start[:, 1]) * 4 + way
    order = np.argsort(keys)
    ahead = (stop[:, 0] * width + stop[:, 1]) * 4
    turned = [np.minimum(np.searchsorted(keys, ahead + (way + turn) % 4, sorter=order), len(keys) - 1)
              for turn in (1, 3)]
    right = keys[order[turned[0]]] == ahead + (way + 1) % 4 if len(keys) else np.zeros(0, bool)
    return start, way, order[np.where(right, *turned)].tolist()


def _straight(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The runs in the rows of a mask: the row of each, its first column, and that behind its last one."""
    steps = np.diff(np.pad(edges, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    line, first = np.nonzero(steps == 1)
    _, last = np.nonzero(steps == -1)
    return line, first, last


def _cycles(following: list[int]) -> list[list[int]]:
    seen = [False] * len(following)
    cycles = []
    for start in range(len(following)):
        cycle = []
        place = start
        while not seen[place]:
            seen[place] = True
            cycle.append(place)
            place = following[place]
        if cycle:
            cycles.append(cycle)
    return cycles


def _pixel_beside(start: np.ndarray, way: int) -> tuple[int, int]:
    """The pixel on the right hand of the beginning of a piece."""
    row, column = start.tolist()
    return {RIGHT: (row, column), DOWN: (row, column - 1), LEFT: (row - 1, column - 1), UP: (row - 1, column)}[int(way)]


def _simple(corners: np.ndarray) -> list[np.ndarray]:
    """An outline cut into ones that come to no corner twice."""
    path: list[tuple[int, int]] = []
    places: dict[tuple[int, int], int] = {}
    rings = []
    for row, column in corners.tolist():
        corner = (row, column)
        if corner in places:
            first = places[corner]
            rings.append(np.array(path[first:]))
            for passed in path[first:]:
                del places[passed]
            del path[first:]
        places[corner] = len(path)
        path.append(corner)
    rings.append(np.array(path))
    return rings


def _twice_the_area(ring: np.ndarray) -> int:
    """Above zero for what runs clockwise on a screen."""
    ahead = np.roll(ring, -1, axis=0)
    return int((ring[:, 1] * ahead[:, 0] - ahead[:, 1] * ring[:, 0]).sum())
