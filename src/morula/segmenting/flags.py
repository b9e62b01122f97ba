"""What is unusual about a mask, in words: of a frame by itself, and of a frame among its neighbours in a movie."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from morula.names.series import series_of
from morula.names.table import read_names
from morula.objects.pieces import Pieces
from morula.segmenting.frames import SegmentedFrame
from morula.tracks.consistency import in_radii, jumping
from morula.tracks.sightings import frame_times
from morula.trust.expectation import POOR, UNLIKE
from morula.trust.usual import AREA, SELDOM, Usual

EMPTY, CUT = "empty", "touches the border"
MORE, FEWER = "more objects than usual", "fewer objects than usual"
UNSURE = "unsure outline"
AREA_JUMPS, POSITION_JUMPS = "area jumps", "position jumps"
AMONG_UNLIKE = "in a set unlike the training images"
"""What no frame shows by itself, see `unlike_sets`."""

OF_A_FRAME = (EMPTY, UNSURE, MORE, FEWER, CUT)
OF_A_MOVIE = (AREA_JUMPS, POSITION_JUMPS)
FLAGS = (UNLIKE, POOR, *OF_A_FRAME, *OF_A_MOVIE, AMONG_UNLIKE)
"""All there are, in the order in which they are said."""

FLAG_WORTH = 0.2
"""A flag makes a frame worth a look as much as so much less of expected IoU."""


def frame_flags(pieces: Pieces, certainty: float | None, usual: Usual) -> tuple[str, ...]:
    """What is unusual about the mask of one frame.

    Args:
        pieces: those that count as objects, their sizes in pixels of the training images.
        certainty: how sure the network is of the mask; None where it is empty.
        usual: what is usual of the model.
    """
    count = len(pieces.sizes)
    if not count:
        return (EMPTY,) if usual.empty < SELDOM * usual.frames else ()
    density = count / pieces.extent * AREA
    found = {
        UNSURE: usual.certainty is not None and certainty is not None and certainty < usual.certainty,
        CUT: bool(pieces.cut.any()) and usual.seldom(usual.cut),
    }
    if usual.objects and usual.density:
        # A frame of another size than those before differs in one of both.
        found[MORE] = count > usual.objects[1] and density > usual.density[1]
        found[FEWER] = count < usual.objects[0] and density < usual.density[0]
    return tuple(flag for flag in OF_A_FRAME if found.get(flag))


def with_jumps(rows: Sequence[SegmentedFrame]) -> list[SegmentedFrame]:
    """The same rows, with what jumps for a moment in the movies among them.

    A movie is a file of several frames, or files that their names say to be moments (or slices) of one thing.
    """
    flags: dict[int, list[str]] = defaultdict(list)
    for movie in _movies(rows):
        places, moments = list(movie), np.array(list(movie.values()))
        sizes = np.array([max(rows[place].area, 1) for place in places], float)  # an empty mask is a jump, too
        for at in np.flatnonzero(jumping(moments, np.log(sizes)[:, None])):
            flags[places[at]].append(AREA_JUMPS)
        there = [at for at, place in enumerate(places) if rows[place].centre]
        if there:
            centres = in_radii(np.array([rows[places[at]].centre for at in there]), sizes[there])
            for at in np.flatnonzero(jumping(moments[there], centres)):
                flags[places[there[at]]].append(POSITION_JUMPS)
    return [
        replace(row, flags=(*(flag for flag in row.flags if flag not in OF_A_MOVIE), *flags[place]))
        for place, row in enumerate(rows)
    ]


def _movies(rows: Sequence[SegmentedFrame]) -> Iterable[dict[int, int]]:
    """The places of the rows of each movie with their moments, in the order of time; names may count in steps."""
    frames: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        frames[row.file].append(place)
    for places in frames.values():
        if len(places) > 1:
            yield {place: rows[place].frame for place in sorted(places, key=lambda place: rows[place].frame)}
    single = {Path(file): places[0] for file, places in frames.items() if len(places) == 1}
    for movie in series_of(read_names(single)):
        times = frame_times(movie.numbers).tolist()
        yield {single[file]: time for file, time in zip(movie.files, times, strict=True)}


def worth_a_look(row: SegmentedFrame) -> float:
    """How much a frame is worth a look, the larger the more: the worse its mask may be, and the more is unusual."""
    if row.expected and row.expected.mean:
        doubt = 1 - row.expected.mean.low
    else:
        doubt = 0.0 if row.certainty is None else 1 - row.certainty
    return doubt + len(row.flags) * FLAG_WORTH
