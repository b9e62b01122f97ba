"""What is usual: whatever was seen is, and what never was is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.objects.pieces import Pieces
from morula.segmenting.flags import CUT, EMPTY, FEWER, MORE, UNSURE, frame_flags
from morula.trust.usual import Usual


def frame(objects: int, *, size: float = 100.0, cut: bool = False, extent: float = 1e4) -> Pieces:
    at_border = np.zeros(objects, bool)
    at_border[:1] = cut
    return Pieces(np.full(objects, size), at_border, (50.0, 50.0) if objects else (), extent)


def flags(usual: Usual, seen: Pieces, certainty: float | None = 0.95) -> tuple[str, ...]:
    return frame_flags(seen.of_size(usual.least), certainty, usual)


@given(st.lists(st.integers(0, 50), min_size=5, max_size=40), st.integers(1, 100))
def test_a_frame_that_was_seen_has_no_unusual_number(counts, times):
    """Neither as it was, nor as a part of a larger frame that is filled alike."""
    usual = Usual.of([frame(count) for count in counts])
    for count in counts:
        assert not {MORE, FEWER} & set(flags(usual, frame(count)))
        assert not {MORE, FEWER} & set(flags(usual, frame(count * times, extent=1e4 * times)))


def test_one_object_was_always_one_object():
    usual = Usual.of([frame(1) for _ in range(10)], groups=2)
    assert flags(usual, frame(1)) == ()
    assert flags(usual, frame(2)) == (MORE,)
    assert flags(usual, frame(0)) == (EMPTY,)
    assert flags(usual, frame(1, extent=4e4)) == ()


def test_many_objects_vary():
    rng = np.random.default_rng(0)
    usual = Usual.of([frame(count) for count in rng.poisson(40, 50)])
    unusual = [flags(usual, frame(count)) for count in rng.poisson(40, 500)]
    assert sum(map(bool, unusual)) < 10
    assert flags(usual, frame(90)) == (MORE,)
    assert flags(usual, frame(8)) == (FEWER,)


def test_a_single_movie_says_less_about_others_than_many_do():
    rng = np.random.default_rng(0)
    masks = [frame(count) for count in rng.poisson(40, 15)]
    certainties = rng.normal(0.8, 0.01, 15).tolist()
    one, many = (Usual.of(masks, certainties=certainties, groups=groups) for groups in (1, 15))
    assert flags(many, frame(70), 0.72) == (UNSURE, MORE)
    assert flags(one, frame(70), 0.72) == ()
    assert flags(one, frame(150), 0.5) == (UNSURE, MORE)


def test_specks_are_no_objects():
    usual = Usual.of([frame(1, size=size) for size in range(100, 200, 5)])
    assert flags(usual, Pieces(np.array([120.0, 4.0, 3.0]), np.array([False, True, True]), (50.0, 50.0), 1e4)) == ()
    assert flags(usual, Pieces(np.array([4.0]), np.array([False]), (50.0, 50.0), 1e4)) == (EMPTY,)


def test_the_border_and_emptiness_are_only_said_where_they_are_seldom():
    never, often = [frame(1) for _ in range(20)], [frame(1, cut=True) for _ in range(6)]
    assert flags(Usual.of(never), frame(1, cut=True)) == (CUT,)
    assert flags(Usual.of(never + often), frame(1, cut=True)) == ()
    assert flags(Usual.of(never[:5]), frame(1, cut=True)) == ()  # five frames cannot tell
    assert flags(Usual.of(never[:2]), frame(0)) == (EMPTY,)
    assert flags(Usual.of([*never, *(frame(0) for _ in range(6))]), frame(0)) == ()


def test_few_frames_tell_no_numbers():
    usual = Usual.of([frame(1) for _ in range(4)])
    assert usual.objects is usual.density is usual.certainty is None
    assert flags(usual, frame(9), certainty=0.1) == ()
    assert flags(Usual.of([]), frame(0)) == ()


def test_an_outline_is_unsure_beside_those_that_are_usual():
    rng = np.random.default_rng(0)
    odds = rng.normal(2.0, 0.3, 200)
    certainties = 1 / (1 + np.exp(-odds))
    usual = Usual.of([frame(1)] * 10, certainties=certainties[:20].tolist())
    assert sum(UNSURE in flags(usual, frame(1), value) for value in certainties[20:]) <= 3
    assert flags(usual, frame(1), 0.55) == (UNSURE,)
    sure = Usual.of([frame(1)] * 10, certainties=[0.9990, 0.9991, 0.9989, 0.9990, 0.9991])
    assert flags(sure, frame(1), 0.96) == ()


def test_what_is_usual_survives_a_file():
    usual = Usual.of([frame(count, cut=count > 2) for count in range(8)], [frame(3)], [0.9, 0.8, 0.85, 0.9, 0.7])
    assert Usual.model_validate_json(usual.model_dump_json()) == usual
    assert usual.objects is not None
    assert usual.objects[0] == 0
    assert usual.objects[1] == pytest.approx(11, abs=4)
