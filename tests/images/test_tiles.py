"""Geometry of tiles, for any length."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.images.tiles import cover, mirrored


@st.composite
def coverings(draw):
    multiple = draw(st.sampled_from([1, 2, 3, 8, 16, 64]))
    size = draw(st.integers(8, 300))
    return {
        "length": draw(st.integers(1, 3000)), "size": size, "overlap": draw(st.integers(4, size // 2)),
        "multiple": multiple,
    }


@given(coverings())
def test_every_pixel_is_weighed_with_one_in_all(asked):
    spans = cover(**asked)
    total = np.zeros(max(span.stop for span in spans))
    for span in spans:
        assert span.weights.min() >= 0
        total[span.start : span.stop] += span.weights
    np.testing.assert_allclose(total, 1, atol=1e-5)


@given(coverings())
def test_spans_are_alike_and_lie_on_the_grid(asked):
    spans = cover(**asked)
    multiple = asked["multiple"]
    assert len({span.size for span in spans}) == 1
    assert spans[0].size % multiple == 0
    assert all(span.start % multiple == 0 for span in spans)
    assert spans[0].start == 0
    assert asked["length"] <= spans[-1].stop < asked["length"] + multiple


@given(coverings())
def test_neighbours_share_what_was_asked_and_their_outer_parts_count_for_nothing(asked):
    spans = cover(**asked)
    for before, after in itertools.pairwise(spans):
        shared = before.stop - after.start
        assert shared >= asked["overlap"]
        assert before.start < after.start
        margin = asked["overlap"] // 4
        assert not before.weights[before.size - margin :].any()
        assert not after.weights[:margin].any()


def test_a_tile_too_small_to_overlap_is_made_larger():
    spans = cover(1000, size=96, overlap=32, multiple=128)
    assert {span.size for span in spans} == {256}
    assert [span.start for span in spans] == [0, 128, 256, 384, 512, 640, 768]


@given(st.integers(1, 40), st.integers(0, 100), st.integers(0, 100))
def test_mirrored_is_symmetric_padding(length, before, after):
    row = np.arange(length)
    padded = np.pad(row, (before, after), mode="symmetric")
    np.testing.assert_array_equal(mirrored(-before, length + after, length), padded)


@pytest.mark.parametrize(("length", "spans"), [(100, 1), (128, 1), (129, 2)])
def test_no_more_tiles_than_needed(length, spans):
    assert len(cover(length, size=128, overlap=16, multiple=16)) == spans


@given(coverings())
def test_every_pixel_belongs_to_one_tile(asked):
    spans = cover(**asked)
    owned = np.zeros(max(span.stop for span in spans), int)
    for span in spans:
        start, stop = span.own
        owned[span.start + start : span.start + stop] += 1
    np.testing.assert_array_equal(owned, 1)
