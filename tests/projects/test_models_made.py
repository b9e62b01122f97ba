"""What a model's record says of images like those that it learned from."""

from __future__ import annotations

import numpy as np
import pytest

from morula.projects.models_made import outlook_of
from morula.scores.compare import compare_masks, summarise
from morula.scores.estimate import Estimate, GroupScores
from morula.scores.learning_curve import LearningCurve, Point


def scored(missing: int) -> object:
    """The scores of a mask of 100 pixels that lacks some."""
    truth, mask = np.zeros((2, 20, 20), np.uint8)
    truth[:10, :10] = mask[:10, :10] = 1
    mask.ravel()[np.flatnonzero(truth)[:missing]] = 0
    return compare_masks(truth, mask, 1, name="a")


def record(**known) -> dict:
    return {"validation": None, "estimate": None, "learning_curve": None, **known}


def validated(*missing: int) -> dict:
    return record(validation=summarise([scored(each) for each in missing], ["foreground"]).record())


def estimated(*missing: int) -> dict:
    groups = tuple(GroupScores.of(str(number), number, [scored(each)]) for number, each in enumerate(missing, start=1))
    return record(estimate=Estimate("", len(groups), groups, ("background", "foreground")).record())


@pytest.mark.parametrize(("known", "words"), [
    (record(), "No frame could be spared"),
    (validated(4), "Only 1 frame tested the model, which says little"),
    (estimated(4, 70, 98), "Only 3 parts of your annotation tested the model, which says little"),  # 0.00 to 1.00
    (validated(4, 5, 6), "Only 3 frames tested that: with more finished frames"),
    (estimated(4, 5), "Only 2 parts of your annotation tested that"),
    (estimated(1, 5, 20, 30, 60), "Only 5 parts of your annotation tested that"),  # far apart
    (validated(*[3, 4, 5, 6, 7] * 4), "as 20 frames say that the model had not seen"),
    (estimated(*[3, 4, 5, 6, 7] * 4), "IoU between 0.94 and 0.96"),
])
def test_it_says_what_is_known_and_no_more(known, words):
    assert words in outlook_of(known)


def test_a_learning_curve_says_what_more_would_bring():
    points = tuple(Point(groups, groups, tuple(1 - each / groups**0.3 for each in (0.1, 0.11, 0.12, 0.1, 0.11, 0.1)))
                   for groups in (2, 4, 8))
    curve = LearningCurve(points)
    assert outlook_of({**validated(4), "learning_curve": curve.record()}) == curve.sentence
