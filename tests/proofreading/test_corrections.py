"""What was spoiled on purpose is mended, where the network sees what is there."""

from __future__ import annotations

import numpy as np
import pytest

from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.corrections import corrected
from morula.proofreading.displacement import Displacements
from morula.proofreading.girth import RINGS
from morula.proofreading.sights import Sight
from morula.proofreading.slips import SLIPS, Given, slipped
from morula.proofreading.suppositions import evidence


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return np.count_nonzero((one == other) & (one > 0)) / np.count_nonzero((one > 0) | (other > 0))


@pytest.fixture
def truth(discs) -> np.ndarray:
    two = discs((26, 28, 12), (60, 24, 8), (46, 68, 13))
    two[40:50, 64:72] = 2
    return two


@pytest.mark.parametrize("kind", SLIPS)
def test_a_mistake_is_mended(truth, discs, kind):
    spoiled = slipped(kind, Given(truth, discs((30, 60, 10)), np.random.default_rng(1)))
    assert spoiled is not None
    seen = np.stack([truth == 1, truth == 2]).astype(np.float32)
    sight = Sight(spoiled, seen, 1, False)
    found = evidence(sight, Displacements(seen))
    mended = corrected(kind, sight, found, -float(RINGS[found.girth.argmax()]))
    assert mended.dtype == np.uint8
    assert iou(mended, truth) > max(0.85, iou(spoiled, truth))


def test_where_fewer_pixels_were_looked_at_lengths_are_those_of_the_image(truth):
    spoiled = np.roll(truth, (4, -8), (0, 1))
    seen = np.stack([truth == 1, truth == 2]).astype(np.float32)
    coarse = Sight(spoiled[1::2, 1::2], seen[:, 1::2, 1::2], 2, False)
    found = evidence(coarse, Displacements(coarse.seen))
    mended = corrected("shifted", Sight(spoiled, seen, 1, False), found, 0.0)
    assert iou(mended, truth) > 0.95


def test_an_annotation_of_another_frame_leaves_what_nobody_annotated_alone(truth):
    spoiled = np.zeros_like(truth)
    spoiled[:, :10] = NOT_ANNOTATED
    seen = np.stack([truth == 1, truth == 2]).astype(np.float32)
    sight = Sight(spoiled, seen, 1, False)
    mended = corrected("of another", sight, evidence(sight, Displacements(seen)), 0.0)
    assert (mended[:, :10] == NOT_ANNOTATED).all()
    assert (mended[:, 10:] == truth[:, 10:]).all()
