"""Means over groups and their intervals, against what is known of the groups they were drawn from."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from morula.scores.compare import compare_masks
from morula.scores.estimate import Estimate, GroupScores, bootstrap_mean


@pytest.mark.parametrize("count", [3, 6, 25])
def test_intervals_cover_the_mean_of_all_groups(count):
    """Groups whose scores are as skewed as IoUs are: most good, a few bad."""
    population = stats.beta(9, 1)
    rng = np.random.default_rng(count)
    covered = [low <= population.mean() <= high
               for low, high in (bootstrap_mean(population.rvs(count, random_state=rng)).ends for _ in range(300))]
    assert 0.88 <= np.mean(covered) <= 0.98


def test_many_groups_have_the_interval_of_the_central_limit():
    values = np.random.default_rng(0).normal(0.8, 0.05, 400)
    low, high = bootstrap_mean(values).ends
    expected = 1.96 * values.std(ddof=1) / 20
    assert high - values.mean() == pytest.approx(expected, rel=0.08)
    assert values.mean() - low == pytest.approx(expected, rel=0.08)


def test_a_single_group_says_nothing_about_others():
    assert bootstrap_mean([0.8, None]).ends is None
    assert str(bootstrap_mean([0.8])) == "0.800"
    assert bootstrap_mean([None]) is None


def test_an_interval_stays_between_none_and_all():
    low, high = bootstrap_mean([0.2, 1.0]).ends
    assert (low, high) == (0, 1)


def image(found: int, number: int = 1) -> object:
    """Of ten true pixels of a class, as many as were found."""
    truth, predicted = np.zeros((2, 4, 10), np.uint8)
    truth[0], predicted[0, :found] = number, number
    return compare_masks(truth, predicted, 2, name=f"{found}")


@pytest.fixture
def estimate() -> Estimate:
    groups = (
        GroupScores.of("movie a", 1, [image(10), image(8), image(6), image(8)]),
        GroupScores.of("movie b", 2, [image(4)]),
        GroupScores.of("movie c", 2, [image(6, number=2)]),
    )
    return Estimate("Each was scored.", 2, groups, ("background", "body", "shed"))


def test_groups_count_alike_however_many_frames_they_have(estimate):
    assert estimate.of_class(1, "iou").mean == pytest.approx((0.8 + 0.4) / 2)
    assert estimate.of_class(2, "iou").mean == pytest.approx(0.6)
    assert estimate.foreground("iou").mean == pytest.approx((0.8 + 0.4 + 0.6) / 3)
    assert [group.name for group in estimate.worst_first] == ["movie b", "movie c", "movie a"]


def test_it_is_told_with_its_interval_its_classes_and_its_worst_group(estimate):
    rows = dict(estimate.rows)
    assert rows["estimate"] == "Each was scored."
    low, high = estimate.foreground("iou").ends
    assert rows["estimate, foreground IoU"] == f"0.600 ({low:.3f} to {high:.3f}), the 95 % interval over groups"
    assert rows["estimate, shed"] == "IoU 0.600, Dice 0.750"
    assert rows["estimate, worst group"] == "movie b, foreground IoU 0.400"


def test_it_survives_a_record(estimate):
    record = json.loads(json.dumps(estimate.record()))
    assert Estimate.from_record(record) == estimate
    assert record["foreground_iou"]["mean"] == pytest.approx(0.6)


def test_it_says_itself_shortly(estimate):
    lines = repr(estimate).splitlines()
    assert lines[0] == "Estimate"
    assert len(lines) < 12
    assert str(estimate.foreground("iou")) in repr(estimate)
