"""Mistakes of all kinds, about as many as were asked for, and of each annotation a few."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from morula.proofreading.displacement import Displacements
from morula.proofreading.sights import Sight
from morula.proofreading.slips import SLIPS
from morula.proofreading.spoiling import MOST_OF_ONE, Mistake, Spoiling

FRAMES = 8


def spoiled(drawn: np.ndarray, frames: int, mistakes: int) -> list[Mistake]:
    """Mistakes in so many annotations that are the same but for their place."""
    spoiling, found = Spoiling(frames, 1, mistakes), []
    for place in range(FRAMES):
        classes = np.roll(drawn, 2 * place, 1)
        seen = Sight(classes, classes[None].astype(np.float32), 1, False)
        found += spoiling.spoil(place, seen, Displacements(seen.seen))
    return found


def test_kinds_take_turns_and_every_annotation_is_spoiled(discs):
    found = spoiled(discs((30, 20, 9), (28, 50, 8), space=(56, 96)), FRAMES, 7 * FRAMES)
    kinds = Counter(mistake.kind for mistake in found)
    assert set(kinds) == set(SLIPS) - {"swapped"}  # there is one class
    assert max(kinds.values()) <= FRAMES
    assert len(found) == pytest.approx(7 * FRAMES, abs=2)  # the first has no other whose mask it could be
    assert {mistake.place for mistake in found} == set(range(FRAMES))
    assert np.mean([mistake.evidence.agreement for mistake in found]) < 0.95


def test_of_few_annotations_none_is_spoiled_without_end(discs):
    found = spoiled(discs((30, 20, 9), space=(56, 96)), FRAMES, 10_000)
    assert max(Counter(mistake.place for mistake in found).values()) <= MOST_OF_ONE
