"""How many steps teach something."""

from hypothesis import given
from hypothesis import strategies as st

from morula.planning.enough import ALONE, enough

SPACES = st.lists(st.tuples(st.integers(8, 4000), st.integers(8, 4000)), min_size=1, max_size=20)


@given(SPACES, st.tuples(st.integers(16, 256), st.integers(16, 256)))
def test_every_image_is_worth_more_steps_and_an_image_as_much_as_its_parts(spaces, patch):
    worth = enough(spaces, patch)
    assert worth > ALONE
    for place in range(len(spaces)):
        assert enough(spaces[:place] + spaces[place + 1 :], patch) < worth
    (height, width), *others = spaces
    assert worth <= enough([(height, width), (height, width), *others], patch) <= 2 * worth
    taller = enough([(8 * height, width), *others], patch)
    assert worth <= taller <= enough([(height, width)] * 8 + others, patch)


def test_a_large_image_counts_for_all_that_lies_in_it():
    several = enough([(512, 512)] * 16, (128, 128))
    assert enough([(2048, 2048)], (128, 128)) == several
    assert enough([(2048, 2048)], (128, 128)) > enough([(512, 512)], (128, 128))
    assert enough([(40, 50, 36)] * 86, (40, 56, 40)) == enough([(100,)] * 86, (128,))
