"""Names between what all of one side share."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.pairs.affixes import contradict, without_affixes

WORDS = st.text("bcdfgklmnp", min_size=1, max_size=5)


@given(st.sets(st.tuples(WORDS, st.integers(0, 999)), min_size=3), st.integers(0, 2), st.randoms())
def test_whatever_stands_around_a_name_it_is_found(names, without_mask, shuffler: random.Random):
    names = sorted(names)
    images = [f"dic-{word}_{number}_raw" for word, number in names]
    masks = [f"{word}_{number:04} drawn by Ann" for word, number in names[: max(2, len(names) - without_mask)]]
    shuffler.shuffle(masks)
    found = without_affixes(images, masks)
    assert found is not None
    place = {key: place for place, key in enumerate(found.images)}
    for mask, key in zip(masks, found.masks, strict=True):
        word, number = names[place[key]]
        assert mask == f"{word}_{number:04} drawn by Ann"


def test_names_are_not_cut_inside_a_number_or_a_word():
    assert without_affixes(["t10", "t11", "t12"], ["t20", "t21", "t22"]) is None
    assert without_affixes(["xa", "xb"], ["a", "b"]) is None


def test_two_ways_to_cut_are_none():
    images = ["1_dic", "2_dic", "red 1_dic", "red 2_dic"]
    assert without_affixes(images, ["red 1_drawn", "red 2_drawn"]) is None
    assert without_affixes(images[:2], ["red 1_drawn", "red 2_drawn"]) is not None


def test_one_pair_shows_nothing_in_common():
    assert without_affixes(["a_dic"], ["a_drawn"]) is None


@pytest.mark.parametrize(("one", "other", "told_apart"), [
    ("exp1_", "exp2_", True), ("wellA_", "wellB_", True), ("A1_", "B1_", True), ("A_", "B_", True),
    ("exp1_", "exp01_", False), ("t", "man_seg", False), ("exp1_raw", "exp1_unet", False), ("_ch00", "_ch01", False),
    ("day2_", "", False), ("_0000", "_drawn2", False), ("img", "mask", False),
])
def test_what_tells_two_things_apart(one, other, told_apart):
    assert contradict(one, other) == contradict(other, one) == told_apart
