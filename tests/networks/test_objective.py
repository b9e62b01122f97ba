"""Which loss it is, as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.errors import RequestError
from morula.networks.losses import LOSSES
from morula.networks.objective import DICE_CROSS_ENTROPY, fitting_weights, loss_terms
from morula.planning.training_settings import TrainSettings
from morula.settings import read_settings


def test_sums_are_read_as_people_write_them():
    assert loss_terms(DICE_CROSS_ENTROPY) == {"dice": 1, "cross_entropy": 1}
    assert loss_terms("dice+0.5 focal") == loss_terms(" dice + .5 * focal ") == {"dice": 1, "focal": 0.5}
    assert loss_terms("2 topk") == {"topk": 2}


@given(st.dictionaries(st.sampled_from(sorted(LOSSES)), st.integers(1, 999).map(lambda part: part / 100), min_size=1))
def test_every_sum_that_is_written_down_is_read_again(terms):
    assert loss_terms(" + ".join(f"{weight} {name}" for name, weight in terms.items())) == terms


def test_every_known_loss_is_there():
    assert loss_terms(" + ".join(LOSSES)) == dict.fromkeys(LOSSES, 1.0)


@pytest.mark.parametrize("wrong", ["dyce", "", "dice + ", "dice focal", "-1 dice", "dice - focal", "0.5"])
def test_what_is_no_sum_is_refused_with_an_example_and_all_names(wrong):
    with pytest.raises(RequestError, match=r"--loss should be a sum such as 'dice \+ 0\.5 focal', made of dice.*brier"):
        read_settings(TrainSettings, {"loss": wrong})


@pytest.mark.parametrize(("wrong", "said"), [("dice + 2 dice", "name dice once"), ("0 dice + topk", "weight above 0")])
def test_what_makes_no_sense_in_a_sum_is_refused(wrong, said):
    with pytest.raises(RequestError, match=f"--loss should .*{said}"):
        read_settings(TrainSettings, {"loss": wrong})


def test_there_is_one_weight_for_each_class_and_the_background():
    assert fitting_weights(None, ("cell",)) is None
    assert fitting_weights((1, 2, 5), ("cell", "dust")) == (1, 2, 5)
    with pytest.raises(RequestError, match=r"--class-weights gives 2 numbers, and there are 3 classes: background, "
                                           r"cell, dust\. Give one number for each, in this order, such as 1,2,2"):
        fitting_weights((1, 2), ("cell", "dust"))


@pytest.mark.parametrize("wrong", [(1, -1), (0, 0), ()])
def test_weights_that_weigh_nothing_are_refused(wrong):
    with pytest.raises(RequestError, match="--class-weights should hold no number below 0, and one above"):
        read_settings(TrainSettings, {"class_weights": wrong})
