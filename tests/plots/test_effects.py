"""Differences of conditions against textbooks, other implementations, and repeated experiments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from morula.plots.effects import effect, interval

VALUES = st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=9).map(np.array)


def test_hedges_g_of_a_textbook():
    """Two groups of mean 103 and 100, deviation 5.5 and 4.5, 50 each: g = 0.5924 (Borenstein et al. 2009)."""
    shape = np.repeat([-1.0, 1.0], 25)
    shape /= shape.std(ddof=1)
    found = effect(103 + 5.5 * shape, 100 + 4.5 * shape)
    assert found.difference == pytest.approx(3)
    assert found.hedges_g == pytest.approx(0.5924, abs=2e-4)
    low, high = found.standard
    assert low < found.hedges_g < high


@given(VALUES, VALUES)
def test_cliffs_delta_is_that_of_mann_and_whitney(values, control):
    larger = stats.mannwhitneyu(values, control).statistic
    assert effect(values, control).cliffs_delta == pytest.approx(2 * larger / (len(values) * len(control)) - 1)


@given(VALUES, VALUES, st.sampled_from([0.5, 3.0]), st.integers(-9, 9))
def test_a_change_of_unit_changes_the_difference_and_no_size(values, control, factor, offset):
    one, other = effect(values, control), effect(values * factor + offset, control * factor + offset)
    assert other.difference == pytest.approx(factor * one.difference, abs=1e-9)
    assert (other.low, other.high) == pytest.approx((factor * one.low, factor * one.high), abs=1e-6)
    assert other.hedges_g == pytest.approx(one.hedges_g, abs=1e-6, nan_ok=True)
    assert other.cliffs_delta == one.cliffs_delta


@pytest.mark.parametrize(("n", "m"), [(3, 3), (4, 8), (12, 12)])
def test_intervals_hold_the_true_difference(n, m):
    """In 400 experiments, each condition with its own spread; a plain bootstrap holds 79 % with 3 samples."""
    draw = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        low, high = interval(draw.normal(2, 1, n), draw.normal(0, 1.5, m))
        held += low <= 2 <= high
    assert 0.915 <= held / 400 <= 0.995


def test_large_samples_have_the_interval_of_student():
    draw = np.random.default_rng(1)
    values, control = draw.normal(5, 2, 400), draw.normal(4, 1, 300)
    known = stats.ttest_ind(values, control, equal_var=False).confidence_interval()
    assert interval(values, control) == pytest.approx((known.low, known.high), abs=0.02)
    alone = stats.ttest_1samp(values, 0).confidence_interval()
    assert interval(values) == pytest.approx((alone.low, alone.high), abs=0.02)


def test_a_single_sample_has_no_interval():
    found = effect(np.array([4.0]), np.array([1.0, 2.0]))
    assert found.difference == 2.5
    assert np.isnan(found.low)
    assert effect(np.array([2.0]), np.array([1.0])).samples == (1, 1)
    assert np.isnan(effect(np.array([2.0]), np.array([1.0])).hedges_g)
