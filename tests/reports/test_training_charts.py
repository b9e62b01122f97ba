"""Charts as SVG with the true numbers in them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from morula.plots import palette
from morula.reports import training_charts
from morula.scores.compare import compare_masks, summarise
from morula.scores.matching import THRESHOLDS, ObjectScores, match_objects

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()).strip() for element in ET.fromstring(svg).iter(f"{SVG}text")]


def colours_of(svg: str) -> str:
    return " ".join(element.get("style", "") for element in ET.fromstring(svg).iter())


def square(left: int, number: int = 1) -> np.ndarray:
    mask = np.zeros((40, 40), np.uint8)
    mask[10:30, left : left + 16] = number
    return mask


@pytest.fixture(scope="module")
def scores():
    images = [compare_masks(square(10), square(left), 1, name=f"{left}") for left in (10, 12, 18)]
    return summarise(images, ("囊胚 & $body$",))


def test_a_learning_curve_marks_the_best_validation():
    history = [{"step": step, "loss": 1 / step, "seconds": step} for step in range(1, 31)]
    for step, iou in ((10, 0.71), (20, 0.934), (30, 0.9)):
        history[step - 1]["validation_iou"] = iou
    found = texts(training_charts.learning_curve(history))
    assert "Validation IoU, 0.900 at the end" in found
    assert "Training loss" in found


@pytest.mark.parametrize("rows", [
    [{"step": 1, "loss": 0.7, "validation_iou": None}],
    [{"step": 1, "loss": float("nan"), "validation_iou": float("nan")}, {"step": 2, "loss": 0.5}],
])
def test_a_training_that_stopped_early_has_a_curve(rows):
    assert "Validation IoU" in texts(training_charts.learning_curve(rows))


def test_strips_show_each_image_and_the_mean(scores):
    svg = training_charts.score_strips(scores)
    assert f"{scores.classes[1].iou:.3f}" in texts(svg)
    assert "囊胚 & $body$" in texts(svg)
    dots = [use for use in ET.fromstring(svg).iter(f"{SVG}use") if palette.ACCENT in use.get("style", "")]
    assert len(dots) == 2 * 3


def test_a_confusion_matrix_gives_shares_of_the_true_class(scores):
    found = texts(training_charts.confusion_matrix(scores))
    shares = 100 * scores.confusion / scores.confusion.sum(axis=1, keepdims=True)
    assert [text for text in found if text.endswith("%")] == [f"{share:.2f} %" for share in shares.ravel()]


def test_matching_curves_fall_as_the_match_gets_stricter():
    """Squares of 16 × 20 px, found too far to the right by 0 to 8 px: their IoU falls from 1 to a third."""
    pairs = [(square(8), square(8 + shift)) for shift in (0, 1, 2, 4, 8)]
    objects = ObjectScores.pool([match_objects(*pair) for pair in pairs])
    lines = [path for path in ET.fromstring(training_charts.matching_curves(objects)).iter(f"{SVG}path")
             if palette.ACCENT in (style := path.get("style", "")) and "stroke-width: 1.8" in style]
    line = next(path for path in lines if path.get("d", "").count("L") == len(THRESHOLDS) - 1)
    heights = [-float(place.split()[1]) for place in re.split("[ML]", line.get("d", ""))[1:]]
    assert np.corrcoef(heights, [objects.f1(threshold) for threshold in THRESHOLDS])[0, 1] == pytest.approx(1)


def test_charts_use_only_the_palette_and_are_the_same_each_time(scores):
    svg = training_charts.confusion_matrix(scores)
    assert svg == training_charts.confusion_matrix(scores)
    themed = {light for light, _ in palette.THEME.values()}
    curve = training_charts.learning_curve([{"step": 1, "loss": 1.0}])
    for chart in (svg, training_charts.score_strips(scores), curve):
        used = {word.strip(" ;") for word in colours_of(chart).split() if word.startswith("#")}
        assert used <= themed | {palette.TRUTH_ONLY}
