"""Drawn lives of drawn objects are found again: who stays, comes, goes, hides, divides and merges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morula.images.image import Image
from morula.tracks.links import LinkSettings, link, number_tracks
from morula.tracks.movies import Movie, MovieFrame
from morula.tracks.sightings import Sightings

SIZE = 64


def movie(*frames: dict[int, tuple[float, ...]], axes: int = 2, pixel_size=None) -> Movie:
    """Balls in each frame: number to position along the last axis, the others in the middle, and radius."""
    points = np.stack(np.meshgrid(*[np.arange(SIZE)] * axes, indexing="ij"), axis=-1)
    images = []
    for frame in frames:
        image = np.zeros([SIZE] * axes, np.uint16)
        for number, (place, radius) in frame.items():
            centre = np.array([*[SIZE / 2] * (axes - 1), place])
            image[np.linalg.norm(points - centre, axis=-1) < radius] = number
        images.append(image)
    letters = "TZYX"[0] + "ZYX"[-axes:]
    image = Image.from_array(np.stack(images), letters, name="drawn", pixel_size=pixel_size)
    return Movie("drawn", tuple(MovieFrame(image, index, index) for index in range(len(frames))))


def followed(drawn: Movie, **fields) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Track, parent and other parent of each object, by moment and its number in that frame."""
    seen = Sightings.of(drawn)
    tracks = link(seen, LinkSettings(**fields))
    keys = zip(seen.moment.tolist(), seen.label.tolist(), strict=True)
    values = zip(tracks.track.tolist(), tracks.parent.tolist(), tracks.other_parent.tolist(), strict=True)
    return dict(zip(keys, values, strict=True))


@pytest.mark.parametrize("axes", [2, 3])
class TestALife:
    def test_objects_keep_their_number_whatever_they_are_called(self, axes):
        found = followed(movie(*({1 + t: (12 + 2 * t, 6), 9 - t: (50 - t, 5)} for t in range(4)), axes=axes))
        assert {found[t, 1 + t][0] for t in range(4)} == {1}
        assert {found[t, 9 - t][0] for t in range(4)} == {2}
        assert {parent for _, parent, _ in found.values()} == {0}

    def test_one_that_moves_farther_than_it_overlaps_is_followed(self, axes):
        found = followed(movie(*({1: (8 + 9 * t, 4)} for t in range(6)), axes=axes))
        assert {track for track, _, _ in found.values()} == {1}

    def test_one_comes_and_one_goes(self, axes):
        stays, other = {1: (10, 6)}, {2: (50, 6)}
        found = followed(movie(stays | other, stays | other, stays, stays, stays, stays | {3: (50, 6)}, axes=axes))
        assert found[1, 2] == (2, 0, 0)
        assert found[5, 3] == (3, 0, 0)
        assert found[5, 1] == (1, 0, 0)

    def test_a_gap_is_bridged_as_far_as_it_may_be(self, axes):
        there, away = {1: (10, 6), 2: (50, 6)}, {1: (10, 6)}
        for missing, gap, track in ((1, 2, 2), (2, 2, 2), (3, 2, 3), (1, 0, 3), (3, 3, 2)):
            found = followed(movie(there, *[away] * missing, there, axes=axes), gap=gap)
            assert found[missing + 1, 2][0] == track, (missing, gap)

    def test_one_divides(self, axes):
        mother, daughters = {1: (30, 9)}, {4: (24, 6), 7: (36, 6)}
        found = followed(movie(mother, mother, daughters, {4: (21, 6), 7: (39, 6)}, axes=axes))
        assert found[1, 1] == (1, 0, 0)
        assert {found[2, 4], found[2, 7]} == {(2, 1, 0), (3, 1, 0)}
        assert found[3, 4] == found[2, 4]

    def test_nothing_divides_where_it_must_not(self, axes):
        found = followed(movie({1: (30, 9)}, {4: (24, 6), 7: (36, 6)}, axes=axes), divisions=False)
        assert {parent for _, parent, _ in found.values()} == {0}

    def test_two_merge(self, axes):
        apart, whole = {1: (22, 6), 2: (34, 5)}, {5: (29, 8)}
        found = followed(movie(apart, apart, whole, whole, axes=axes), merging=True)
        assert found[2, 5] == (3, 1, 2)  # the larger one first
        assert found[3, 5] == (3, 1, 2)
        assert followed(movie(apart, apart, whole, whole, axes=axes))[2, 5][2] == 0


def test_lengths_are_in_micrometres_where_the_pixel_size_is_known():
    seen = Sightings.of(movie({3: (20, 8)}, {3: (20, 8)}, axes=3, pixel_size=(2.0, 0.5, 0.5)))
    np.testing.assert_allclose(seen.position[0], [64, 16, 10])
    assert seen.size[0] == pytest.approx(0.5 * 4 / 3 * math.pi * 8**3, rel=0.02)
    assert seen.diameter == pytest.approx(16 * 0.5 ** (1 / 3), rel=0.01)


def test_the_reach_follows_what_moves_far():
    slow, fast = (Sightings.of(movie(*({1: (4 + step * t, 2)} for t in range(5)))) for step in (0, 13))
    assert slow.reach == pytest.approx(0.75 * slow.diameter)
    assert fast.reach == pytest.approx(1.5 * 13, abs=1)


def test_debris_beside_a_lost_outline_is_no_daughter():
    body, debris = {1: (20, 9)}, {2: (36, 4)}
    found = followed(movie(body, body, debris, body, body))
    assert found[3, 1] == found[1, 1] == (1, 0, 0)
    assert found[2, 2] == (2, 0, 0)


@pytest.mark.parametrize("frames", [[{}, {}], [{}, {1: (20, 5)}, {}], [{1: (20, 5)}, {}]])
def test_frames_may_be_empty(frames):
    found = followed(movie(*frames))
    assert len(found) == sum(map(len, frames))


LINKS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), max_size=12)


@settings(max_examples=60)
@given(LINKS)
def test_every_row_has_a_track_and_tracks_begin_where_links_branch(drawn):
    """Five moments with three rows each, and any links between neighbouring moments."""
    links = sorted({(3 * moment + a, 3 * moment + 3 + b) for moment, a, b in drawn})
    moment = np.repeat(np.arange(5), 3)
    tracks = number_tracks(moment, np.ones(15), links)
    assert sorted(set(tracks.track.tolist())) == list(range(1, tracks.count + 1))
    for a, b in links:
        onward, backward = (sum(link[side] == row for link in links) for side, row in ((0, a), (1, b)))
        if onward == backward == 1:
            assert tracks.track[a] == tracks.track[b]
        else:
            assert tracks.track[a] != tracks.track[b]
            if backward <= 2:
                assert tracks.track[a] in (tracks.parent[b], tracks.other_parent[b])
    for number in range(1, tracks.count + 1):  # one row a moment at most
        moments = moment[tracks.track == number]
        assert len(set(moments.tolist())) == len(moments)
