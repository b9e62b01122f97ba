"""Objects that come together keep numbers of their own."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from morula.objects.numbering import numbered_apart

NUMBERS = hnp.arrays(np.uint16, st.just((4, 5)), elements=st.integers(0, 6))


@given(NUMBERS, NUMBERS)
def test_objects_stay_whole_and_no_number_means_two(new, known):
    came = numbered_apart(new, known)
    assert np.array_equal(came > 0, new > 0)
    pairs = set(zip(new.ravel().tolist(), came.ravel().tolist(), strict=True))
    assert len(pairs) == len(np.unique(new)) == len(np.unique(came))
    for number in np.unique(came[came > 0]):
        if number in known:
            assert ((came == number) & (known == number)).any()


def test_what_does_not_clash_stays_as_it_is():
    new = np.array([[1, 1, 2], [0, 3, 3]], np.uint16)
    assert numbered_apart(new, np.zeros_like(new)) is new
    assert numbered_apart(new, np.where(new == 3, 3, 0)) is new
