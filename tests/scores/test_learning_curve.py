"""Forecasts against learning curves whose further course is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from morula.scores.learning_curve import LearningCurve, Point


def curve(errors, sizes=(5, 10, 20), noise: float = 0.0, held: int = 8, seed: int = 0) -> LearningCurve:
    """Trainings with these mean errors, on groups that are hard by themselves and vary by chance."""
    rng = np.random.default_rng(seed)
    hard = rng.normal(0, 0.05, held)
    points = []
    for size, error in zip(sizes, errors, strict=True):
        scores = 1 - error - hard + hard.mean() + rng.normal(0, noise, held)
        points.append(Point(size, 3 * size, tuple(scores.tolist())))
    return LearningCurve(tuple(points))


def law(last: float, kept: float, steepness: float, ratios=(0.25, 0.5, 1.0, 2.0)) -> list[float]:
    return [last * (kept + (1 - kept) * ratio**-steepness) for ratio in ratios]


def test_forecasts_come_true_as_often_as_they_say():
    rng = np.random.default_rng(0)
    told, true = 0, 0
    for seed in range(200):
        *errors, doubled = law(rng.uniform(0.05, 0.3), rng.uniform(), rng.uniform())
        forecast = curve(np.array(errors) + rng.normal(0, 0.004, 3), noise=0.01, seed=seed).forecast
        if forecast:
            told += 1
            true += forecast[0] <= 1 - doubled <= forecast[1]
    assert told > 100
    assert true / told >= 0.85


def test_a_steep_curve_promises_more():
    *errors, doubled = law(0.2, 0.0, 0.6)
    found = curve(errors, noise=0.002)
    low, high = found.forecast
    assert 0.81 < low < 1 - doubled < high < 0.9
    assert f"With twice as many groups (40), the foreground IoU is likely between {low:.3f} and {high:.3f}" \
        in found.sentence
    assert found.sentence.endswith("with 20.")


def test_a_flat_curve_promises_hardly_anything():
    found = curve((0.0505, 0.05, 0.05), noise=0.001, held=30)
    assert found.forecast[1] < 0.965
    assert "hardly rise" in found.sentence


def test_what_drowns_in_noise_cannot_be_told():
    found = curve((0.2, 0.19, 0.2), noise=0.2)
    assert found.forecast is None
    assert "cannot be told" in found.sentence


@pytest.mark.parametrize("held", [1, 2])
def test_few_groups_that_validate_are_named_as_the_reason(held):
    found = curve((0.3, 0.25, 0.2), noise=0.2, held=held, seed=1)
    assert found.forecast is None
    assert "--share" in found.sentence


def test_groups_without_a_score_do_not_count():
    whole = curve(law(0.2, 0, 0.6)[:3], noise=0.01)
    gaps = [Point(point.groups, point.frames, (*point.scores, None)) for point in whole.points]
    assert LearningCurve(tuple(gaps)).forecast == whole.forecast


def test_it_survives_a_record():
    found = curve(law(0.2, 0.1, 0.5)[:3], noise=0.01)
    record = json.loads(json.dumps(found.record()))
    assert LearningCurve.from_record(record) == found
    assert record["sentence"] == found.sentence
    rows = dict(found.rows)
    assert rows["more annotation"] == found.sentence
    assert rows["learned from 5 groups"].startswith("15 frames, foreground IoU 0.")
