"""Every mistake costs what it costs by definition, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from morula.errors import RequestError
from morula.images.image import Image
from morula.scores.track_scores import score_tracks
from morula.tracks.challenge import Lifetime, lifetimes_of, read_tracked, without_gaps
from morula.tracks.movies import Movie, MovieFrame
from morula.tracks.tracked import TrackedMovie, track_movie

# Three moments of a strip. Object 1 lives through all; 2 divides into 3 and 4.
TRUTH = np.array([
    [1, 1, 1, 0, 2, 2, 2, 2, 2, 2, 0, 0],
    [1, 1, 1, 0, 2, 2, 2, 2, 2, 2, 0, 0],
    [1, 1, 1, 0, 3, 3, 3, 0, 4, 4, 4, 0],
])
LIVES = [Lifetime(1, 0, 2, 0), Lifetime(2, 0, 1, 0), Lifetime(3, 2, 2, 2), Lifetime(4, 2, 2, 2)]
OBJECTS, EDGES = 2 + 2 + 3, 2 + 1 + 2


def movie(rows: np.ndarray, name: str = "drawn", first: int = 0) -> Movie:
    image = Image.from_array(np.asarray(rows, np.uint16)[:, None], "TYX", name=name)
    return Movie(name, tuple(MovieFrame(image, index, first + index) for index in range(len(rows))))


def changed(*changes: tuple[int, slice, int]) -> np.ndarray:
    rows = TRUTH.copy()
    for moment, place, number in changes:
        rows[moment, place] = number
    return rows


RENUMBERED = np.where(TRUTH > 0, TRUTH + 40, 0)
RENUMBERED_LIVES = [Lifetime(a.track + 40, a.begin, a.end, a.parent and a.parent + 40) for a in LIVES]

CASES = {
    "perfect": (TRUTH, LIVES, 0, 0),
    "other numbers": (RENUMBERED, RENUMBERED_LIVES, 0, 0),
    # an object missed costs 10, and its edge to be drawn 1.5
    "missed at the end": (changed((2, slice(0, 3), 0)), LIVES, 10, 1.5),
    # one in the middle takes two edges along, and the link across the gap is one that the truth does not have
    "missed in the middle": (changed((1, slice(0, 3), 0)), LIVES, 10, 2 * 1.5 + 1),
    "false": (changed((1, slice(11, 12), 9)), [*LIVES, Lifetime(9, 1, 1, 0)], 1, 0),
    # one object over both daughters: one is to be split off, and both links to the mother are lost
    "not separated": (changed((2, slice(4, 11), 3)), LIVES, 5, 2 * 1.5),
    "a link missed": (changed((2, slice(0, 3), 8)), [*LIVES, Lifetime(8, 2, 2, 0)], 0, 1.5),
    "a parent not said": (TRUTH, [*LIVES[:2], Lifetime(3, 2, 2, 0), LIVES[3]], 0, 1.5),
    "a wrong parent": (changed((2, slice(0, 3), 8)), [*LIVES[:3], Lifetime(4, 2, 2, 1)], 0, 1 + 1.5 + 1.5),
    # the same object goes on as its own daughter
    "of the wrong kind": (changed((2, slice(0, 3), 8)), [*LIVES, Lifetime(8, 2, 2, 1)], 0, 1),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_costs_what_it_should(case):
    rows, lives, objects, edges = CASES[case]
    scores = score_tracks((movie(TRUTH), LIVES), (movie(rows), lives))
    assert (scores.objects, scores.edges) == (OBJECTS, EDGES)
    assert scores.det == pytest.approx(1 - objects / (10 * OBJECTS))
    assert scores.tra == pytest.approx(1 - (objects + edges) / (10 * OBJECTS + 1.5 * EDGES))


def test_exchanged_objects_have_false_links_and_lack_true_ones():
    """1 and 2 take each other's number in the last moment of both."""
    rows = np.array([[1, 1, 0, 2, 2]] * 2 + [[2, 2, 0, 1, 1]])
    truth = np.array([[1, 1, 0, 2, 2]] * 3)
    lives = [Lifetime(1, 0, 2, 0), Lifetime(2, 0, 2, 0)]
    scores = score_tracks((movie(truth), lives), (movie(rows), lives))
    assert (scores.redundant_edges, scores.lacking_edges, scores.other_edges) == (2, 2, 0)
    assert scores.tra == pytest.approx(1 - (2 * 1 + 2 * 1.5) / (6 * 10 + 4 * 1.5))


def test_seg_is_the_mean_overlap_with_what_covers_more_than_half():
    truth = np.array([[1, 1, 1, 1, 0, 2, 2, 2, 2]])
    half = np.array([[5, 5, 5, 0, 0, 6, 6, 0, 0]])  # 6 covers just half, which is not enough
    lives = [Lifetime(1, 0, 0, 0), Lifetime(2, 0, 0, 0)]
    scores = score_tracks((movie(truth), lives), (movie(half), []))
    assert scores.seg == pytest.approx(0.75 / 2)
    assert (scores.missed, scores.false) == (1, 1)


def test_only_the_frames_of_the_result_count():
    scores = score_tracks((movie(TRUTH), LIVES), (movie(TRUTH[1:], first=1), LIVES))
    assert scores.objects == 2 + 3
    assert scores.tra == 1
    with pytest.raises(RequestError, match="number"):
        score_tracks((movie(TRUTH), LIVES), (movie(TRUTH, first=70), LIVES))


def test_nothing_at_all_is_worth_nothing():
    scores = score_tracks((movie(TRUTH), LIVES), (movie(np.zeros_like(TRUTH)), []))
    assert (scores.seg, scores.det, scores.tra) == (0, 0, 0)


def retold(found: TrackedMovie) -> tuple[Movie, tuple[Lifetime, ...]]:
    tracks = without_gaps(found.tracks, found.rows.moment)
    image = Image.from_array(np.stack(list(found.images(tracks))), "TYX")
    frames = tuple(MovieFrame(image, index, frame.number) for index, frame in enumerate(found.movie.frames))
    numbers = np.array([frame.number for frame in frames])
    return Movie("retold", frames), lifetimes_of(tracks, numbers[found.rows.moment])


@pytest.mark.slow
def test_the_true_nuclei_of_a_real_movie_are_linked_as_they_should_be(real_data):
    truth = read_tracked(real_data / "nuclei_movie" / "01_GT")
    scores = score_tracks(truth, retold(track_movie(truth[0])))
    assert (scores.seg, scores.det) == (1, 1)
    assert scores.tra >= 0.999
    assert scores.lacking_edges == 0
