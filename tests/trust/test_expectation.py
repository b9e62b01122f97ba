"""What is expected goes into a table and comes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from morula.trust.expectation import POOR, UNLIKE, Estimate, Expected, expected_columns

SHARES = st.integers(0, 10_000).map(lambda number: number / 10_000)
ESTIMATES = st.builds(Estimate, SHARES, SHARES, SHARES)


@given(ESTIMATES, st.dictionaries(st.sampled_from(["nucleus", "class 2", "细胞"]), ESTIMATES))
def test_a_row_of_the_table_says_the_same(mean, classes):
    expected = Expected(mean, classes)
    text = expected.as_text()
    assert list(text) == expected_columns(*classes)
    empty = dict.fromkeys(expected_columns("never seen"), "")
    assert Expected.from_text({"file": "a.tif", **empty, **text}) == expected


def test_nothing_expected_is_an_empty_cell():
    assert Expected(None).as_text() == {}
    assert Expected.from_text(dict.fromkeys(expected_columns("nucleus"), "")) is None


def test_flags_are_words():
    assert Expected(None).flags == ()
    assert Expected(None, unlike=True, poor=True).flags == (UNLIKE, POOR)
