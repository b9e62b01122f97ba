"""A set of images that the model does not know is told as one, however good single masks of it look."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from morula.segmenting.flags import AMONG_UNLIKE, CUT
from morula.segmenting.frames import SegmentedFrame
from morula.segmenting.unlike_sets import is_unlike_set, set_in_words, with_unlike_set
from morula.trust.expectation import POOR, UNLIKE


def frames(*flags: tuple[str, ...]) -> list[SegmentedFrame]:
    return [SegmentedFrame(f"cell {place}.tif", 0, "m.tif", "f", 1, 100, (5.0, 5.0), 0.9, flags=each)
            for place, each in enumerate(flags)]


@pytest.mark.parametrize("count", [1, 6, 7, 20, 150])
def test_most_are_doubtful_where_chance_would_hardly_make_half_of_them(count):
    told = [is_unlike_set(frames(*[(POOR,)] * doubtful, *[(CUT,)] * (count - doubtful)))
            for doubtful in range(count + 1)]
    known = [doubtful > 0 and binomtest(doubtful, count, 0.5, "greater").pvalue < 0.01
             for doubtful in range(count + 1)]
    assert told == known
    assert any(told) == (count > 6)


def test_all_of_a_set_are_flagged_once_and_what_is_over_is_taken_back():
    rows = frames(*[(UNLIKE,), (POOR,), (UNLIKE, POOR)] * 5, (), (CUT,))
    once = with_unlike_set(rows)
    assert [row.flags for row in once[:3]] == [(UNLIKE,), (POOR, AMONG_UNLIKE), (UNLIKE, POOR)]
    assert [row.flags for row in once[-2:]] == [(AMONG_UNLIKE,), (CUT, AMONG_UNLIKE)]
    assert with_unlike_set(once) == once
    known = [replace(row, file=f"known {row.file}") for row in frames(*[()] * 20)]
    assert with_unlike_set([*once, *known]) == [*rows, *known]


def test_a_set_is_told_with_its_numbers_and_what_to_do():
    said = set_in_words(frames(*[(POOR,)] * 15, *[(UNLIKE, POOR)] * 3, (CUT,), ()))
    assert said.startswith("Of 20 frames, 18 are unlike the training images, or expected to have poor masks")
    assert "train on a few of these images" in said
    assert set_in_words(frames(*[(CUT,)] * 20)) == ""
    assert set_in_words([]) == ""


def test_of_what_a_model_is_for_hardly_a_set_is_taken_for_another():
    """A quarter of the frames are doubtful, as of the hardest that are drawn."""
    rng = np.random.default_rng(0)
    sets = [frames(*[(POOR,) if doubtful else () for doubtful in rng.random(20) < 0.25]) for _ in range(400)]
    assert not any(map(is_unlike_set, sets))
