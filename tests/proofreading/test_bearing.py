"""What is usual, and where else an annotation fits."""

from __future__ import annotations

import numpy as np
import pytest

from morula.proofreading.bearing import Usual, bearing, elsewhere
from morula.proofreading.displacement import Displacements
from morula.proofreading.sights import Sight
from morula.proofreading.suppositions import Evidence, evidence

PLACES = [(20, 20), (20, 70), (60, 24), (58, 72), (40, 48), (30, 60), (50, 30), (25, 45), (55, 55), (40, 70)]


def look(drawn: np.ndarray, seen: np.ndarray) -> Evidence:
    seen = seen.astype(np.float32)[None]
    return evidence(Sight(drawn, seen, 1, False), Displacements(seen))


def test_a_network_that_outlines_all_too_wide_makes_no_annotation_narrow(discs):
    """Only the one that differs from the others does differ."""
    several = [look(discs((y, x, 10)), discs((y, x, 13))) for y, x in PLACES[:9]]
    narrower = look(discs((40, 70, 7)), discs((40, 70, 13)))
    usual = Usual.among([*several, narrower])
    assert usual.wider(several[0]) == pytest.approx(0, abs=0.5)
    assert usual.wider(narrower) == pytest.approx(-3, abs=0.5)


def test_an_annotation_is_found_to_fit_the_frame_it_was_made_for(discs):
    masks = [discs((y, x, 12)) for y, x in PLACES]
    drawn = [masks[4], *masks[1:]]  # the first has the mask of the fifth
    several = [look(mask, truth) for mask, truth in zip(drawn, masks, strict=True)]
    where = elsewhere(several, several, range(len(several)))
    assert where[0].place == 4
    assert where[0].gain > 0.5
    assert all(each.gain < 0 for each in where[1:])


def test_frames_of_another_shape_are_no_candidates(discs):
    alone = look(discs((20, 20, 9), space=(40, 50)), discs((20, 20, 9), space=(40, 50)))
    others = [look(discs((y, x, 12)), discs((y, x, 12))) for y, x in PLACES[:2]]
    [where] = elsewhere([*others, alone], [alone], [2])
    assert (where.gain, where.place) == (0, 2)


def test_the_same_mistake_weighs_more_the_larger_it_is(discs):
    several = [look(discs((y, x, 12)), discs((y, x, 12))) for y, x in PLACES]
    usual = Usual.among(several)
    rows = []
    for by in (0, 2, 5):
        one = look(discs((40, 48 + by, 12)), discs((40, 48, 12)))
        [where] = elsewhere(several, [one], [4])
        rows.append(bearing(one, usual, where))
    agreement, move, moved, *_ = np.array(rows).T
    assert (np.diff(agreement) < 0).all()
    assert (np.diff(move) > 0).all()
    assert (np.diff(moved) > 0).all()
