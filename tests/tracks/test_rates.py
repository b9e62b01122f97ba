"""Slopes are those of straight lines, and of Savitzky and Golay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import savgol_filter

from morula.tracks.rates import rates, slopes

NUMBERS = st.floats(-1e3, 1e3)


@given(NUMBERS, NUMBERS, st.sets(st.integers(0, 50), min_size=2, max_size=20), st.integers(50, 60))
def test_a_straight_line_has_its_slope_wherever_moments_lie(start, slope, moments, reach):
    time = np.array(sorted(moments), float)
    np.testing.assert_allclose(slopes(time, start + slope * time, reach), slope, atol=1e-6 * (1 + abs(start)))


def test_evenly_spaced_values_give_the_filter_of_savitzky_and_golay():
    values = np.random.default_rng(0).normal(size=40)
    theirs = savgol_filter(values, 5, 1, deriv=1)
    np.testing.assert_allclose(slopes(np.arange(40.0), values, 2)[2:-2], theirs[2:-2], atol=1e-12)


def test_values_that_are_missing_do_not_count():
    time = np.arange(6.0)
    values = np.where(time == 3, np.nan, 7 * time)
    np.testing.assert_allclose(slopes(time, values, 1), 7)
    assert np.isnan(slopes(np.array([0.0, 9.0]), np.array([1.0, 2.0]), 2)).all()


def test_each_track_has_its_own_rate_an_hour():
    table = {
        "track": [1, 2, 1, 2, 1, 2, 3],
        "frame": [0, 0, 1, 1, 2, 2, 2],
        "area_um2": [10.0, 50, 11, 48, 12, 46, 5],
        "length_um": [1.0, 1, 1, 1, 1, 1, 1],
    }
    found = rates(table, ["area_um2", "length_um"], minutes_per_frame=30)
    assert list(found) == ["area_um2_per_h", "length_um_per_h"]
    np.testing.assert_allclose(found["area_um2_per_h"], [2, -4, 2, -4, 2, -4, np.nan])
    np.testing.assert_allclose(found["length_um_per_h"][:6], 0, atol=1e-12)
    assert list(rates(table, ["area_um2"])) == ["area_um2_per_frame"]


def test_rows_that_are_not_trusted_do_not_bend_the_line():
    table = {"track": [1] * 5, "frame": range(5), "area": [1.0, 2, 99, 4, 5]}
    trusted = np.array([True, True, False, True, True])
    np.testing.assert_allclose(rates(table, ["area"], trusted=trusted)["area_per_frame"], 1)
    assert rates(table, ["area"])["area_per_frame"][0] > 10


def test_a_shift_in_time_changes_no_rate():
    values = np.random.default_rng(1).normal(size=9)
    time = np.arange(9.0)
    assert slopes(time + 1e4, values, 2) == pytest.approx(slopes(time, values, 2), abs=1e-8)
