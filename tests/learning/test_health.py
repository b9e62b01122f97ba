"""Diagnoses: what is wrong is named, what is well is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, confusion_matrix

from morula.learning.health import NO_BETTER_THAN_CHANCE, diagnose_losses, diagnose_masks


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
    ("confusion", "words"),
    [
        ([[900, 0], [100, 0]], "taken for background"),
        ([[0, 0, 30], [0, 0, 20], [0, 0, 50]], "taken for class 2"),
        ([[250, 250], [250, 250]], "no better than chance"),
        ([[1000, 0], [0, 0]], None),
        ([[0, 0], [0, 70]], None),
        ([[880, 20], [40, 60]], None),
    ],
)
def test_masks_that_tell_nothing_of_the_truth_are_wrong(confusion, words):
    said = diagnose_masks(np.array(confusion))
    assert said is None if words is None else words in said


def test_chance_is_what_another_library_calls_chance():
    rng = np.random.default_rng(0)
    truth, noise = rng.integers(0, 3, 5000), rng.integers(0, 3, 5000)
    for share in np.linspace(0, 0.1, 21):
        found = np.where(rng.random(5000) < share, truth, noise)
        kappa = cohen_kappa_score(truth, found)
        said = diagnose_masks(confusion_matrix(truth, found))
        assert (said is None) == (kappa >= NO_BETTER_THAN_CHANCE)
        assert said is None or f"kappa {kappa:.3f}" in said
