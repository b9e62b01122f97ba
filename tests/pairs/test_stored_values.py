"""The values that there are, against numpy, and the channels that mean something."""

import numpy as np
import pytest
from hypothesis import given

from morula.pairs.stored_values import carried, distinct_values
from stored_masks import STORED


@given(STORED)
def test_the_distinct_values_put_back_in_place_are_the_frame(stored):
    codes, place = distinct_values(stored)
    assert np.array_equal(np.moveaxis(codes[place], -1, 0), stored)
    assert len(np.unique(codes, axis=0)) == len(codes)


@pytest.mark.parametrize(
    ("channels", "carrier", "expected"),
    [(1, "grey", [0]), (2, "grey", [0]), (2, "alpha", [1]), (3, "colour", [0, 1, 2]), (4, "colour", [0, 1, 2]),
     (4, "alpha", [3]), (1, "colour", [0, 0, 0])],
)
def test_the_channels_that_carry_the_meaning(channels, carrier, expected):
    stored = np.arange(channels)[:, None, None] * np.ones((1, 2, 2), int)
    assert carried(stored, carrier)[:, 0, 0].tolist() == expected


@pytest.mark.parametrize(("channels", "carrier"), [(5, "grey"), (3, "alpha"), (3, "grey")])
def test_channels_that_do_not_fit_are_refused(channels, carrier):
    with pytest.raises(ValueError, match=r"channels|alpha|colours"):
        carried(np.arange(channels)[:, None, None] * np.ones((1, 2, 2), int), carrier)
