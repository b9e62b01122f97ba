"""Objects are matched and scored as two others do it: monai, and a loop over all pairs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.metrics.panoptic_quality import compute_panoptic_quality
from skimage.measure import label

from morula.scores.matching import THRESHOLDS, ObjectScores, match_classes, match_objects


def crowd(seed: int, axes: int) -> tuple[np.ndarray, np.ndarray]:
    """True objects, and others that cover them more or less well."""
    rng = np.random.default_rng(seed)
    points = np.stack(np.meshgrid(*[np.arange(24)] * axes, indexing="ij"), axis=-1)
    truth, predicted = np.zeros((2, *[24] * axes), np.int32)
    for number in range(1, 8):
        centre, radius = rng.uniform(2, 22, axes), rng.uniform(2, 6)
        truth[np.linalg.norm(points - centre, axis=-1) < radius] = number
        if rng.random() < 0.85:
            moved = centre + rng.normal(0, 0.5, axes)
            predicted[np.linalg.norm(points - moved, axis=-1) < radius * rng.uniform(0.8, 1.1)] = 20 - number
    return truth, predicted


def all_pairs(truth: np.ndarray, predicted: np.ndarray) -> tuple[int, int, list[float]]:
    true, found = (sorted(set(np.unique(image)) - {0}) for image in (truth, predicted))
    pairs = [(truth == a, predicted == b) for a in true for b in found]
    return len(true), len(found), [(ours & theirs).sum() / (ours | theirs).sum() for ours, theirs in pairs]


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_scores_at_every_threshold_are_those_of_a_loop_over_all_pairs(seed, axes):
    truth, predicted = crowd(seed, axes)
    scores, (true, found, ious) = match_objects(truth, predicted), all_pairs(truth, predicted)
    assert scores.matched() > 0
    values = []
    for threshold in THRESHOLDS:
        hits = sum(iou > threshold for iou in ious)
        assert scores.matched(threshold) == hits
        assert scores.precision(threshold) == pytest.approx(hits / found)
        assert scores.recall(threshold) == pytest.approx(hits / true)
        assert scores.f1(threshold) == pytest.approx(2 * hits / (true + found))
        values.append(hits / (true + found - hits))
        assert scores.average_precision(threshold) == pytest.approx(values[-1])
    assert scores.mean_average_precision == pytest.approx(np.mean(values))


@pytest.mark.parametrize("seed", range(6))
def test_panoptic_quality_is_that_of_monai(seed):
    truth, predicted = (label(image) for image in crowd(seed, 2))
    theirs = compute_panoptic_quality(torch.from_numpy(predicted.copy()), torch.from_numpy(truth.copy()), "pq", 0.5)
    assert match_objects(truth, predicted).panoptic_quality == pytest.approx(float(theirs), abs=1e-5)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.permutations(range(1, 8)))
def test_numbers_are_only_names(seed, names):
    truth, predicted = crowd(seed, 2)
    renamed = np.array([0, *names])[truth]
    np.testing.assert_array_equal(match_objects(renamed, predicted).ious, match_objects(truth, predicted).ious)


def test_pooled_scores_are_those_of_one_large_image():
    images = [crowd(seed, 2) for seed in range(3)]
    apart = ObjectScores.pool([match_objects(*image) for image in images])
    beside = [np.hstack([image + (image > 0) * 100 * number for number, image in enumerate(side)])
              for side in zip(*images, strict=True)]
    together = match_objects(*beside)
    assert apart.record() == together.record()


def test_objects_of_other_classes_do_not_match_and_what_is_not_annotated_does_not_count():
    labels = np.array([[1, 1, 0, 2, 2, 0, 3, 3]])
    truth, predicted = np.array([[1, 1, 0, 2, 2, 0, 255, 255]]), np.array([[1, 1, 0, 1, 1, 0, 1, 1]])
    scores = match_classes((labels, labels), (truth, predicted), 2)
    assert (scores.true, scores.predicted, scores.matched()) == (2, 2, 1)


def test_half_of_a_union_is_no_match():
    assert match_objects(np.array([1, 1]), np.array([3, 0])).matched() == 0


def test_a_score_of_nothing_is_none():
    nothing, something = np.zeros((4, 4), int), np.eye(4, dtype=int)
    assert match_objects(nothing, nothing).f1() is None
    assert match_objects(nothing, nothing).panoptic_quality is None
    assert match_objects(nothing, something).recall() is None
    assert match_objects(nothing, something).precision() == 0.0
    assert match_objects(something, nothing).panoptic_quality == 0.0
