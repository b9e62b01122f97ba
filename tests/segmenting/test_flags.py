"""What jumps in a movie is told from what moves, and what is worth a look comes first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from morula.segmenting.flags import AREA_JUMPS, CUT, EMPTY, POSITION_JUMPS, UNSURE, with_jumps, worth_a_look
from morula.segmenting.frames import SegmentedFrame

MOMENTS = 14


def movie(name: str = "pos1_t{:03d}.tif") -> list[SegmentedFrame]:
    """A body that grows and moves, with noise."""
    rng = np.random.default_rng(0)
    return [
        SegmentedFrame(name.format(moment), moment if "{" not in name else 0, "m.tif", "f", 1,
                       int(5000 * 1.02**moment * rng.normal(1, 0.01)),
                       (80 + moment + rng.normal(0, 0.3), 90.0 + rng.normal(0, 0.3)), 0.9)
        for moment in range(MOMENTS)
    ]


def flagged(rows: list[SegmentedFrame]) -> dict[int, tuple[str, ...]]:
    return {place: row.flags for place, row in enumerate(with_jumps(rows)) if row.flags}


@pytest.mark.parametrize("name", ["pos1_t{:03d}.tif", "stack.tif", "t{}.png", "movie3_{:04d}.tif", "pos1_t{:02d}0.tif"])
def test_what_jumps_for_a_moment_is_said_and_nothing_else(name):
    rows = movie(name)
    assert flagged(rows) == {}
    half = replace(rows[5], area=rows[5].area // 2)
    away = replace(rows[9], centre=(rows[9].centre[0] + 40, rows[9].centre[1]))
    gone = replace(rows[11], area=0, centre=(), certainty=None)
    broken = [half if row is rows[5] else away if row is rows[9] else gone if row is rows[11] else row for row in rows]
    assert flagged(broken) == {5: (AREA_JUMPS,), 9: (POSITION_JUMPS,), 11: (AREA_JUMPS,)}


def test_the_order_of_rows_and_other_movies_between_them_do_not_matter():
    rows = [*movie("a_t{}.tif"), *movie("b_t{}.tif")]
    rows[20] = replace(rows[20], area=100)
    order = np.random.default_rng(1).permutation(len(rows))
    assert flagged([rows[place] for place in order]) == {int(np.flatnonzero(order == 20)[0]): (AREA_JUMPS,)}


def test_images_that_are_no_movie_may_differ():
    rows = movie("cell_{:03d}.tif")
    rows[5] = replace(rows[5], area=100)
    assert flagged(rows) == {}


def test_said_again_nothing_is_said_twice_and_what_is_over_is_taken_back():
    rows = movie()
    rows[5] = replace(rows[5], area=100, flags=(CUT,))
    once = with_jumps(rows)
    assert once[5].flags == (CUT, AREA_JUMPS)
    assert with_jumps(once) == once
    once[5] = replace(once[5], area=rows[4].area)
    assert with_jumps(once)[5].flags == (CUT,)


def test_the_less_sure_and_the_more_unusual_is_worth_a_look():
    plain = movie()[0]
    rows = [plain, replace(plain, certainty=0.7), replace(plain, certainty=0.7, flags=(UNSURE,)),
            replace(plain, flags=(CUT, AREA_JUMPS))]
    worth = [worth_a_look(row) for row in rows]
    assert worth[0] < worth[1] < worth[2]
    assert worth[0] < worth[3]
    empty = replace(plain, certainty=None)
    assert worth_a_look(empty) < worth[0] < worth_a_look(replace(empty, flags=(EMPTY,)))
