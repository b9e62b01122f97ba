"""What is settled before a network learns."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from morula.checks.data_settings import DataSettings
from morula.learning.lesson import SHORTEST_FOLD, prepare_lesson
from morula.planning.training_settings import NetworkSettings, TrainSettings


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    """Images of five groups, and their masks."""
    folder = tmp_path_factory.mktemp("five")
    rng = np.random.default_rng(0)
    for name in "abcde":
        mask = np.zeros((48, 48), np.uint8)
        mask[10:30, 12:34] = 1
        for part, pixels in (("images", rng.normal(60 + 90 * mask, 8)), ("masks", mask)):
            (folder / part).mkdir(exist_ok=True)
            tifffile.imwrite(folder / part / f"cell {name}.tif", pixels.round().astype(np.uint8))
    return folder


@pytest.mark.parametrize(("budget", "folds"), [
    ({"minutes": 0.05}, 2), ({"minutes": 0.25}, 2), ({"minutes": 0.5}, 3), ({"minutes": 1}, 5), ({"minutes": 60}, 5),
    ({"steps": 30}, 5), ({}, 5), ({"minutes": 0.05, "folds": 4}, 4),
])
def test_folds_that_nobody_asked_for_are_as_many_as_there_is_time_for(five, budget, folds):
    lesson = prepare_lesson(five / "images", five / "masks", TrainSettings(**budget), DataSettings(), NetworkSettings())
    assert len(lesson.folds) == folds
    left_out = [frame.name for fold in lesson.folds for frame in fold.validation]
    assert sorted(left_out) == sorted(frame.name for frame in lesson.frames)
    if "folds" not in budget and folds > 2:
        assert 60 * (lesson.budget.of_trial.budget_minutes or 1) >= SHORTEST_FOLD
