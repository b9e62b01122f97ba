"""Run lengths, against strings that pycocotools 2.0.11 packed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from morula.exchange.run_lengths import lengths_of, packed, runs_of, unpacked

RING = ("f51gP10nPO<H4L4L4M2N2N2N2O0O2O0O2O0O2O000000WO\\O:d0CB:=FE:;DG::FF::FF::EH:8GF::FF:;EE:<GB:?F_O:b0IXO:i0;101N"
        "2N2N2N3L4L4L8Dfa00f\\O0000000c10]N0000000a10_N0000000c10]N0000000a10_N0000000c10]N0000000a10_N0000000c10]N00000"
        "00a10_N0000000c10]N0000000")
WIDE = "a01aTe30akZL00000000000000000O"


def ring() -> np.ndarray:
    """A ring, a pixel far away, and a chequerboard in the corner."""
    y, x = np.mgrid[:60, :80]
    inside = ((y - 30) ** 2 + (x - 40) ** 2 <= 400) & ~((y - 25) ** 2 + (x - 44) ** 2 <= 36)
    inside[2, 3] = True
    inside[50:, 70:] = (y + x)[50:, 70:] % 2 == 0
    return inside


def wide() -> np.ndarray:
    """40,000 pixels wide."""
    inside = np.zeros((3, 40000), bool)
    inside[1, 39990:] = inside[2, 5] = True
    return inside


@pytest.mark.parametrize(("inside", "text"), [(ring(), RING), (wide(), WIDE)], ids=["ring", "wide"])
def test_strings_are_those_of_pycocotools(inside, text):
    assert packed(lengths_of(inside)) == text
    runs = runs_of(unpacked(text), inside.shape, by_columns=True)
    assert (runs.fill((slice(0, inside.shape[0]), slice(0, inside.shape[1])))[0] == inside).all()


@given(npst.arrays(bool, npst.array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_what_was_packed_is_unpacked(inside):
    assert unpacked(packed(lengths_of(inside))) == lengths_of(inside)
    runs = runs_of(lengths_of(inside), inside.shape, by_columns=True)
    assert (runs.fill((slice(0, inside.shape[0]), slice(0, inside.shape[1])))[0] == inside).all()


@given(st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=30))
def test_no_string_does_more_than_be_refused(text):
    try:
        runs_of(unpacked(text), (5, 7), by_columns=True)
    except ValueError as error:
        assert "run lengths" in str(error)  # noqa: PT017


@pytest.mark.parametrize(("lengths", "said"), [
    ([3, 3], "add up to 6, and 5 × 7 pixels are 35"), ([40, -5], "whole numbers"), ([10**30], "add up to"),
    ([35.0], "whole numbers"), (["35"], "whole numbers"), ([], "add up to 0"),
])
def test_lengths_that_fill_no_box_are_refused(lengths, said):
    with pytest.raises(ValueError, match=said):
        runs_of(lengths, (5, 7), by_columns=True)


@pytest.mark.parametrize(("text", "said"), [
    ("o" * 40, "damaged"), ("a", "middle"), ("0 0", "damaged"), ("é", "damaged"),
])
def test_damaged_strings_are_refused(text, said):
    with pytest.raises(ValueError, match=said):
        unpacked(text)
