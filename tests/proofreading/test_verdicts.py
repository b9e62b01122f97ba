"""Mistakes of known size are told in words, with lengths in pixels of the image."""

from __future__ import annotations

import numpy as np
import pytest

from morula.proofreading.bearing import Usual, elsewhere
from morula.proofreading.displacement import Displacements
from morula.proofreading.proofs import Proofs
from morula.proofreading.sights import Sight
from morula.proofreading.slips import SLIPS
from morula.proofreading.suppositions import Evidence, evidence, exchange
from morula.proofreading.suspicion import Suspicion
from morula.proofreading.verdicts import Verdict, verdicts


def look(drawn: np.ndarray, truth: np.ndarray, step: int = 1) -> Evidence:
    seen = np.stack([truth == number for number in (1, 2)]).astype(np.float32)
    return evidence(Sight(drawn, seen, step, False), Displacements(seen))


def said(several: list[Evidence], kinds: list[str], wrong: list[float], classes: tuple[str, ...]) -> list[Verdict]:
    table = np.zeros((len(several), len(SLIPS)))
    for row, kind in enumerate(kinds):
        table[row, list(SLIPS).index(kind)] = 0.6
        table[row, list(SLIPS).index("of another")] += 0.4
    suspicion = Suspicion(np.array(wrong), table, np.zeros(0, bool))
    where = elsewhere(several, several, range(len(several)))
    count = len(several)
    proofs = Proofs(tuple(several), Usual.among(several), tuple(where), (0.0,) * count, (False,) * count, suspicion, {})
    return verdicts(proofs, [f"image {place}" for place in range(len(several))], classes)


@pytest.fixture
def truth(discs) -> np.ndarray:
    two = discs((26, 28, 12), (60, 24, 8), (46, 68, 13))
    two[40:50, 64:72] = 2
    return two


@pytest.fixture
def usual(truth, discs) -> list[Evidence]:
    return [look(truth, truth)] * 4 + [look(discs((20, 70, 9)), discs((20, 70, 9)))]


@pytest.mark.parametrize(("moved", "words"), [
    ((0, -4), "lies 4 px to the left"), ((3, 0), "lies 3 px too low"),
    ((-2, 5), "lies 5 px to the right and 2 px too high"),
])
def test_where_it_lies(truth, usual, moved, words):
    several = [look(np.roll(truth, moved, (0, 1)), truth), *usual]
    assert said(several, ["shifted"] * 6, [0.9] + [0.1] * 5, ("a", "b"))[0].words == words


def test_lengths_are_those_of_the_image_where_fewer_pixels_were_looked_at(truth, usual):
    several = [look(np.roll(truth, 2, 1), truth, step=3), *usual]
    assert said(several, ["shifted"] * 6, [0.9] + [0.1] * 5, ("a", "b"))[0].words == "lies 6 px to the right"


def test_what_is_not_outlined_and_what_is_not_there(truth, usual, discs):
    gone = np.where(np.indices(truth.shape)[1] < 44, 0, truth)
    gone[:45] = truth[:45]  # the disc at row 60 and column 24 alone is left out
    [verdict, *_] = said([look(gone, truth), *usual], ["left out"] * 6, [0.9] + [0.1] * 5, ("a", "b"))
    assert verdict.words.startswith("an object like others is not outlined (at x 2")
    more = np.maximum(truth, discs((14, 70, 8)))
    [verdict, *_] = said([look(more, truth), *usual], ["added"] * 6, [0.9] + [0.1] * 5, ("a", "b"))
    assert verdict.words.startswith("outlined where nothing is (at x ")


@pytest.mark.parametrize(("classes", "words"), [
    (("class 1", "class 2"), "classes 1 and 2 swapped here"), (("cell", "nucleus"), "cell and nucleus swapped here"),
])
def test_swapped_classes(truth, usual, classes, words):
    several = [look(exchange(truth, (1, 2)), truth), *usual]
    assert said(several, ["swapped"] * 6, [0.9] + [0.1] * 5, classes)[0].words == words


def test_the_image_that_it_fits_better_is_named(truth, usual, discs):
    several = [look(discs((20, 70, 9)), truth), *usual]
    assert said(several, ["of another"] * 6, [0.9] + [0.1] * 5, ("a", "b"))[0].words == "fits image image 5 better"


def test_a_mistake_that_nothing_speaks_for_gives_way_to_the_next(truth, usual, discs):
    """It lies where it should, and yet the forest took it for shifted."""
    several = [look(discs((20, 70, 9)), truth), *usual]
    several[0] = look(truth, truth)
    kinds = {each.place: each.kind for each in said(several, ["shifted"] * 6, [0.9] + [0.1] * 5, ("a", "b"))}
    assert kinds[0] != "shifted"


def test_the_most_probably_wrong_comes_first_and_of_these_what_agrees_least(truth, usual):
    far, near = look(np.roll(truth, 6, 1), truth), look(np.roll(truth, 3, 1), truth)
    several = [near, far, *usual]
    order = [each.place for each in said(several, ["shifted"] * 7, [0.9, 0.9, 0.95] + [0.2] * 4, ("a", "b"))]
    assert order[:3] == [2, 1, 0]
    assert [each.listed for each in said([near, *usual], ["shifted"] * 6, [0.9] + [0.2] * 5, ("a", "b"))][:2] == [
        True, False]
