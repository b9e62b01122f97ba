"""Scores of what a model learned from are called so, beside the score of what is new to it."""

import numpy as np
import pytest

from morula.scores.compare import compare_masks, summarise
from morula.scores.novelty import novelty_in_words, scores_of_new


def scores_with(*found: int):
    """An image for each number: so many of ten pixels of its object were found, which is its IoU in tenths."""
    truth = np.zeros((4, 10), np.uint8)
    truth[1] = 1
    images = []
    for count in found:
        mask = np.zeros_like(truth)
        mask[1, :count] = 1
        images.append(compare_masks(truth, mask, 1, name=f"{count}"))
    return summarise(images)


def test_new_images_have_a_score_of_their_own():
    scores, seen = scores_with(9, 4, 9, 6, 8), ("training", "new", "training", "new", "validation")
    fresh = scores_of_new(scores, seen)
    assert fresh is not None
    assert fresh.foreground_iou == pytest.approx(0.5)
    words = novelty_in_words(scores, seen)
    assert words.startswith("The model learned from 2 of these 5 images. Their scores say nothing about new ones.")
    assert "1 more was used to judge it" in words
    assert words.endswith("2 new to it: foreground IoU 0.500.")


def test_where_all_were_learned_from_nothing_is_new():
    scores = scores_with(9, 8)
    assert scores_of_new(scores, ("training", "training")) is None
    words = novelty_in_words(scores, ("training", "training"))
    assert words.startswith("The model learned from all of these 2 images.")


@pytest.mark.parametrize("seen", [("new", "new"), (None, None), (None, "new")])
def test_nothing_is_said_where_nothing_is_known_to_be_learned_from(seen):
    assert novelty_in_words(scores_with(9, 8), seen) == ""
