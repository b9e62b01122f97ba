"""How minutes are shared and steps are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.learning.budget import Budget
from morula.planning.training_settings import TrainSettings


@given(st.floats(0.1, 600), st.integers(1, 12), st.floats(0.05, 1))
def test_minutes_are_for_all_of_it(minutes, trials, share):
    budget = Budget(TrainSettings(minutes=minutes), trials, share)
    each, model = budget.of_trial.minutes, budget.of_model.minutes
    assert trials * each + model == pytest.approx(minutes)
    assert each == pytest.approx(share * model)
    assert budget.seconds_left(0) == pytest.approx(60 * (each + model))
    assert budget.seconds_left(trials - 1) == pytest.approx(60 * minutes)


def test_where_nothing_is_said_there_are_five_minutes():
    budget = Budget(TrainSettings(), trials=4)
    assert budget.of_model.minutes == budget.of_trial.minutes == 1
    assert budget.sentence.endswith(": 1 min 0 s each, and 1 min 0 s for the model itself.")


def test_steps_are_those_of_each_training():
    budget = Budget(TrainSettings(steps=60, folds=5, learning_curve=True), trials=5, share=0.2)
    assert (budget.of_model.steps, budget.of_trial.steps) == (60, 12)
    assert budget.of_model.minutes is None
    assert budget.seconds_left(3) is None
    assert budget.sentence.startswith("5 trainings on a part of the images come first")
    assert budget.sentence.endswith(": 12 steps each, and 60 steps for the model itself.")


def test_without_trials_nothing_changes():
    asked = TrainSettings(minutes=3, seed=4)
    assert Budget(asked).of_model is asked
