"""What the values on both sides are taken to mean, and what is said where that is not clear."""

from __future__ import annotations

import numpy as np
import pytest

from morula.errors import DataError
from morula.pairs.census import Census
from morula.scores.comparison_settings import ComparisonSettings
from morula.scores.readings import Readings


def blobs(seed: int, classes: int = 2) -> np.ndarray:
    """Class numbers in blocks, so that no class is one piece."""
    small = np.random.default_rng(seed).integers(0, classes + 1, (6, 8))
    return np.kron(small, np.ones((5, 5), int)).astype(np.uint8)


def readings(truth: np.ndarray, predicted: np.ndarray, **settings) -> Readings:
    true, stated = ([Census.take(mask[None])] for mask in (truth, predicted))
    return Readings.of(true, stated, ComparisonSettings(**settings))


def test_each_side_is_read_in_its_own_way():
    found = readings(blobs(0) * np.uint8(100), blobs(1))
    np.testing.assert_array_equal(found.truth.class_numbers(blobs(2)[None] * np.uint8(100)), blobs(2))
    np.testing.assert_array_equal(found.predicted.class_numbers(blobs(2)[None]), blobs(2))
    assert found.classes == 2
    assert not found.doubts


def test_a_prediction_in_class_numbers_is_taken_at_its_word_however_wrong():
    everything = np.ones_like(blobs(0))
    found = readings(blobs(0, classes=1) * np.uint8(255), everything)
    np.testing.assert_array_equal(found.predicted.class_numbers(everything[None]), everything)


def test_a_value_that_may_mean_not_annotated_is_doubted_aloud():
    truth = blobs(0)
    truth[:5] = 255
    [doubt] = readings(truth, blobs(1)).doubts
    assert doubt.severity == "warning"
    assert "--not-annotated 255" in doubt.advice
    assert not readings(truth, blobs(1), not_annotated=255).doubts


@pytest.mark.parametrize(("side", "flag"), [("true", "--read-truth-as"), ("predicted", "--read-predicted-as")])
def test_what_cannot_be_read_names_the_side_and_its_flag(side, flag):
    many = np.kron(np.random.default_rng(0).integers(0, 30, (12, 12)), np.ones((5, 5))).astype(np.uint8)
    with pytest.raises(DataError, match=flag) as caught:
        readings(*((many, blobs(0)) if side == "true" else (blobs(0), many)))
    assert f"{side} masks" in str(caught.value)


def test_a_class_that_only_one_side_holds_is_said():
    [finding] = readings(blobs(0, classes=3), blobs(1)).doubts
    assert "no predicted mask holds class 3" in finding.problem


def test_values_number_objects_only_where_objects_count():
    numbers = np.kron(np.arange(12).reshape(3, 4), np.eye(5)).astype(np.uint16)
    assert readings(numbers, blobs(0), read_truth_as="objects", objects=True).numbered == (True, False)
    assert readings(blobs(0), numbers, read_predicted_as="objects", objects=True).numbered == (False, True)
