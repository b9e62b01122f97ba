"""Whatever lies in the frames of a movie, what comes out is a movie of tracks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from morula.images.image import Image
from morula.tracks.challenge import lifetimes_of, without_gaps
from morula.tracks.links import LinkSettings
from morula.tracks.movies import Movie, MovieFrame
from morula.tracks.tracked import track_movie

# Strips of few objects, which hide, swell, run together and come back.
ROWS = st.integers(3, 7).flatmap(
    lambda frames: arrays.arrays(np.uint8, (frames, 4), elements=st.sampled_from([0, 0, 1, 1, 2, 3]))
)


def movie(rows: np.ndarray) -> Movie:
    image = Image.from_array(np.kron(rows, np.ones((1, 5), np.uint8))[:, None].repeat(3, axis=1), "TYX", name="strip")
    return Movie("strip", tuple(MovieFrame(image, index, index) for index in range(len(rows))))


@pytest.mark.parametrize("merging", [False, True])
@settings(max_examples=60)
@given(ROWS)
def test_without_mending_objects_are_only_renumbered(merging, rows):
    given_movie = movie(rows)
    found = track_movie(given_movie, LinkSettings(merging=merging))
    assert set(found.tracks.track) == set(range(1, found.tracks.count + 1))
    seen = set(zip(found.tracks.track.tolist(), found.rows.moment.tolist(), strict=True))
    assert len(seen) == len(found.rows.moment)  # a track is in one place at a time
    for moment, image in enumerate(found.images()):
        before = given_movie.labels(moment)
        pairs = set(zip(before.ravel().tolist(), image.ravel().tolist(), strict=True))
        assert len(pairs) == len(np.unique(before)) == len(np.unique(image))
        assert all((label == 0) == (track == 0) for label, track in pairs)
    first = dict(sorted(seen, key=lambda each: -each[1]))
    last = dict(sorted(seen, key=lambda each: each[1]))
    for track, (parent, other) in enumerate(found.tracks.origins, start=1):
        for each in {parent, other} - {0}:
            assert last[each] < first[track]


@settings(max_examples=60)
@given(ROWS)
def test_with_mending_the_images_hold_what_the_rows_say(rows):
    found = track_movie(movie(rows), mend=True)
    tracks = without_gaps(found.tracks, found.rows.moment)
    lifetimes = {life.track: life for life in lifetimes_of(tracks, found.rows.moment)}
    assert (found.tracks.track == 0).tolist() == (found.outline == "merged").tolist()
    for moment, image in enumerate(found.images(tracks)):
        here = found.rows.moment == moment
        there = {track: size for track, size in zip(tracks.track[here], found.rows.size[here], strict=True) if track}
        assert there == {track: (image == track).sum() for track in np.unique(image) if track}
        for track in there:
            assert lifetimes[track].begin <= moment <= lifetimes[track].end
