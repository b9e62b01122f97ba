"""Diagnoses: what is wrong is named, what is well is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from morula.learning.health import diagnose_losses, diagnose_masks


@pytest.mark.parametrize("loss", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_no_number_is_wrong_at_once(loss):
    assert "infinite at step 2" in diagnose_losses([0.5, loss], None)


def test_a_loss_that_does_not_move_is_wrong_after_a_third():
    still = list(1 + 0.01 * np.random.default_rng(0).normal(size=300))
    assert [count for count in range(1, 301) if diagnose_losses(still[:count], 300)] == [100]
    assert "has not moved: 0.998 at first, 0.999 after 100 steps" in diagnose_losses(still[:100], 300)
    assert [count for count in range(1, 101) if diagnose_losses(still[:count], 100)] == [80]


def test_a_loss_that_falls_is_well():
    falling = list(np.linspace(1, 0.5, 300))
    assert not any(diagnose_losses(falling[:count], 300) for count in range(1, 301))


def test_so_few_losses_tell_nothing():
    assert not any(diagnose_losses([1.0] * count, 50) for count in range(1, 51))
    assert not any(diagnose_losses([1.0] * count, None) for count in range(1, 51))


@pytest.mark.parametrize(
    ("found", "true", "words"),
    [
        ([{0}, {0}], [{0, 1}, {0}], "taken for background"),
        ([{2}, {2}], [{0, 1}, {2}], "taken for class 2"),
        ([{0}, {0, 1}], [{0, 1}, {0}], None),
        ([{0}, {0}], [{0}, {0}], None),
        ([{1}], [{1}], None),
    ],
)
def test_masks_of_one_class_are_wrong_where_the_truth_has_more(found, true, words):
    said = diagnose_masks(found, true)
    assert said is None if words is None else words in said
