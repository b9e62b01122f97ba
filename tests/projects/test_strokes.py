"""A stroke fills its box exactly, or is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from morula.projects.strokes import LEAVE, Area, Stroke


@given(numbers=npst.arrays(np.int32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(LEAVE, 3)),
       left=st.integers(0, 50), top=st.integers(0, 50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_sent_arrives(runs, numbers, left, top):
    height, width = numbers.shape
    stroke = Stroke(t=0, box=(left, top, left + width, top + height), runs=runs(numbers))
    assert np.array_equal(stroke.numbers, numbers)
    before = np.full((top + height, left + width), 7, np.uint8)
    after = stroke.on(before[stroke.plane])
    assert after.dtype == np.uint8
    assert np.array_equal(after, np.where(numbers == LEAVE, 7, numbers))


@given(planes=npst.arrays(np.int32, st.tuples(st.just(3), st.integers(1, 9), st.integers(1, 9)),
                          elements=st.integers(LEAVE, 2)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pixels_are_changed_where_they_are_as_expected(runs, planes):
    numbers, over, pixels = planes[0], planes[1], planes[2] + 1
    height, width = numbers.shape
    stroke = Stroke(t=0, box=(0, 0, width, height), runs=runs(numbers), over=runs(over))
    after = stroke.on(pixels.astype(np.uint8))
    for number, expected, was, now in zip(numbers.flat, over.flat, pixels.flat, after.flat, strict=True):
        assert now == (was if number == LEAVE or expected not in (LEAVE, was) else number)


@pytest.mark.parametrize(("box", "runs", "words"), [
    ((0, 0, 2, 2), [1, 3], "must fill the box"),
    ((0, 0, 2, 2), [1, 5], "must fill the box"),
    ((0, 0, 2, 2), [1, 4, 2], "must fill the box"),
    ((0, 0, 2, 2), [1, 5, 2, -1], "must fill the box"),
    ((2, 0, 2, 2), [], "must hold between"),
    ((0, 0, 8192, 8192), [1, 8192 * 8192], "must hold between"),
    ((0, 0, 1, 1), [-2, 1], "between -1 and 65535"),
    ((0, 0, 1, 1), [65536, 1], "between -1 and 65535"),
    ((-1, 0, 1, 1), [1, 2], "greater than or equal to 0"),
])
def test_others_are_refused(box, runs, words):
    with pytest.raises(ValueError, match=words):
        Stroke(t=0, box=box, runs=runs)
    if "hold between" not in words and "or equal" not in words:
        with pytest.raises(ValueError, match=words):
            Stroke(t=0, box=box, runs=[1, (box[2] - box[0]) * (box[3] - box[1])], over=runs)


@given(st.lists(st.tuples(st.integers(-3, 12), st.integers(-5, 14), st.integers(-5, 14)), min_size=1), st.booleans(),
       st.integers(1, 40))
def test_an_area_is_its_spans(spans, kept, band):
    """A band at a time, or at once; what lies outside is left out."""
    area = Area(number=7, kept=kept, spans=[number for span in sorted(spans) for number in span])
    before = np.random.default_rng(0).choice([255, 3], (10, 12)).astype(np.uint8)
    expected = before.copy()
    for row, start, end in spans:
        for column in range(start, end):
            if 0 <= row < 10 and 0 <= column < 12 and (before[row, column] == 255 or not kept):
                expected[row, column] = 7
    found = before.copy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("morula.projects.strokes.BAND", band)
        bands = list(area.bands(before.shape))
    for box in bands:
        found[box] = area.on(found[box].copy(), box, 255)
    assert np.array_equal(found, expected)
