"""Channels are found by name, and never guessed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.errors import FileError
from morula.images.channels import choose_channels, match_channels
from morula.images.image import Image

WORDS = st.text("ABCDEFG", min_size=2, max_size=3)
NAMES = st.lists(WORDS, min_size=1, max_size=5, unique=True)


@given(NAMES, st.randoms())
def test_whatever_their_order_names_are_found(names, chance):
    wanted = chance.sample(names, chance.randint(1, len(names)))
    match = match_channels(names, wanted)
    assert [names[place] for place in match.places] == wanted
    assert (match.sentence == "") == (names == wanted)


@pytest.mark.parametrize(("found", "wanted", "places"), [
    (("grey",), ("grey",), (0,)),
    (("dapi", "Gfp"), ("GFP", "DAPI"), (1, 0)),
    (("red", "green", "blue", "alpha"), ("red", "green", "blue"), (0, 1, 2)),
    (("channel 1", "channel 2"), ("DAPI", "GFP"), (0, 1)),
    (("DAPI", "GFP"), ("channel 1", "channel 2"), (0, 1)),
    (("channel 1", "channel 2"), ("channel 1", "channel 3"), (0, 1)),
    (("DAPI",), ("grey",), (0,)),
])
def test_what_fits(found, wanted, places):
    assert match_channels(found, wanted).places == places


@pytest.mark.parametrize(("found", "wanted"), [
    (("GFP", "RFP"), ("DAPI", "GFP")),
    (("DAPI",), ("DAPI", "GFP")),
    (("channel 1", "channel 2", "channel 3"), ("channel 1", "channel 2")),
    (("channel 1", "channel 2", "channel 3"), ("DAPI", "GFP")),
    (("DAPI", "GFP"), ("grey",)),
    (("grey",), ("red", "green", "blue")),
    (("DAPI", "dapi", "GFP"), ("DAPI", "GFP")),
    (("red", "green", "blue"), ("DAPI", "GFP", "RFP")),
])
def test_what_would_be_a_guess(found, wanted):
    assert match_channels(found, wanted) is None


def test_the_sentence_names_both_sides():
    assert match_channels(("B", "A"), ("A", "B")).sentence == "channels B, A taken by name, as A, B"
    assert match_channels(("grey",), ("A",)).sentence == "channel grey taken in this order, as A"


ARRAY = np.arange(4)[:, None, None] * np.ones((1, 5, 6), np.uint8)


@pytest.mark.parametrize(("names", "chosen", "values"), [
    ("ABCD", ["C"], [2]), ("ABCD", ["D", "1"], [3, 0]), ("ABCD", ["4", "3", "2", "1"], [3, 2, 1, 0]),
    (["4", "3", "B", "1"], ["4", "1", "2"], [0, 3, 1]),
])
def test_a_number_is_a_number_only_where_it_is_no_name(names, chosen, values):
    image = choose_channels(Image.from_array(ARRAY, "CYX", channels=tuple(names)), chosen)
    assert image.channels == tuple(names[value] for value in values)
    assert image.frame()[:, 0, 0].tolist() == values
    assert image.region(0, (slice(1, 3), slice(2, 6))).shape == (len(values), 2, 4)


@pytest.mark.parametrize(("chosen", "words"), [
    (["5"], "has the channels A, B, C, D, and 5 is none of them.*--use-channels"), (["0"], "0 is none"),
    (["a"], "a is none"), (["-1"], "-1 is none"), (["A", "1"], "--use-channels A,1 takes one twice"),
])
def test_a_choice_that_cannot_be_made(chosen, words):
    with pytest.raises(FileError, match=words):
        choose_channels(Image.from_array(ARRAY, "CYX", channels=tuple("ABCD")), chosen)
