"""How sure a network is of a mask, against the definition and against many truths drawn from the probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from morula.models.certainty import Certainty
from morula.models.sweep import Band


def certainty(probabilities: np.ndarray, rows: int | None = None) -> float | None:
    found, rows = Certainty(), rows or probabilities.shape[1]
    for start in range(0, probabilities.shape[1], rows):
        found.add(Band(start, probabilities[:, start : start + rows], len(probabilities)))
    return found.value


def smooth(*shape: int, classes: int = 2) -> np.ndarray:
    logits = np.random.default_rng(0).standard_normal((classes, *shape)).astype(np.float32) * 2
    odds = np.exp(logits)
    return odds / odds.sum(0)


def test_it_is_the_iou_to_expect_where_the_probabilities_are_right():
    probabilities = smooth(200, 200)
    mask, rng = probabilities.argmax(0) > 0, np.random.default_rng(1)
    truths = (rng.random(mask.shape) < probabilities[1] for _ in range(20))
    ious = [(mask & truth).sum() / (mask | truth).sum() for truth in truths]
    assert certainty(probabilities) == pytest.approx(np.mean(ious), abs=0.002)


@pytest.mark.parametrize("shape", [(50, 40), (9, 12, 14)])
def test_in_parts_it_is_the_same_as_whole(shape):
    probabilities = smooth(*shape, classes=4)
    assert certainty(probabilities, rows=7) == pytest.approx(certainty(probabilities), abs=1e-5)


def test_classes_count_alike_and_absent_ones_not_at_all():
    probabilities = np.zeros((4, 10, 10), np.float32)
    probabilities[1, :, :8] = 1  # a large class, all certain
    probabilities[2, :, 8:] = 0.6  # a small one, 0.6 sure
    probabilities[0, :, 8:] = 0.4
    assert certainty(probabilities) == pytest.approx((1 + 0.6) / 2)


def test_an_empty_mask_has_none():
    probabilities = np.stack([np.full((10, 10), 0.7), np.full((10, 10), 0.3)]).astype(np.float32)
    assert certainty(probabilities) is None


def test_sums_of_millions_of_pixels_stay_right():
    probabilities = np.stack([np.full((1500, 1500), 0.1), np.full((1500, 1500), 0.9)]).astype(np.float32)
    assert certainty(probabilities) == pytest.approx(0.9, abs=1e-5)
