"""Each slip does what its name says, and nothing where it cannot."""

from __future__ import annotations

import numpy as np
import pytest

from morula.objects.labels import connected_pieces
from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.slips import SLIPS, Given, slipped


def made(kind: str, classes: np.ndarray, other: np.ndarray | None = None, seed: int = 0) -> np.ndarray:
    found = slipped(kind, Given(classes, other, np.random.default_rng(seed)))
    assert found is not None
    assert (found.dtype, found.shape) == (np.uint8, classes.shape)
    return found


def pieces(classes: np.ndarray) -> int:
    return len(connected_pieces(classes)[1]) - 1


@pytest.fixture
def classes(discs) -> np.ndarray:
    return discs((22, 24, 9), (60, 30, 8), (40, 70, 10))


@pytest.mark.parametrize("seed", range(5))
def test_a_shift_is_one_of_2_to_10_pixels(classes, seed):
    rows, columns = (np.nonzero(made("shifted", classes, seed=seed))[axis].mean() - np.nonzero(classes)[axis].mean()
                     for axis in (0, 1))
    assert 1.5 < np.hypot(rows, columns) < 10.8


def test_wider_and_narrower(classes):
    wider, narrower = made("wider", classes), made("narrower", classes)
    assert (wider >= classes).all()
    assert (narrower <= classes).all()
    assert wider.sum() > 1.3 * classes.sum() > 1.3 * 1.3 * narrower.sum()


def test_one_object_fewer_and_one_more(classes):
    assert pieces(made("left out", classes)) == 2
    more = made("added", classes)
    assert (more >= classes).all()
    assert more.sum() - classes.sum() in [np.count_nonzero(connected_pieces(classes)[0] == each) for each in (1, 2, 3)]


def test_classes_exchanged(classes, discs):
    two = classes + discs((40, 70, 5))
    swapped = made("swapped", two)
    assert ((swapped == 1) == (two == 2)).all()
    assert ((swapped == 2) == (two == 1)).all()
    assert slipped("swapped", Given(classes, None, np.random.default_rng(0))) is None


def test_the_mask_of_another(classes, discs):
    other = discs((50, 50, 20))
    assert (made("of another", classes, other) == other).all()
    assert slipped("of another", Given(classes, None, np.random.default_rng(0))) is None
    assert slipped("of another", Given(classes, classes, np.random.default_rng(0))) is None


def test_turned_is_the_same_elsewhere(classes):
    turned = made("turned", classes)
    assert turned.sum() == classes.sum()
    assert (turned != classes).any()


@pytest.mark.parametrize("kind", SLIPS)
def test_what_is_empty_has_no_outline_to_slip(kind):
    assert slipped(kind, Given(np.zeros((40, 50), np.uint8), None, np.random.default_rng(0))) is None


@pytest.mark.parametrize("kind", ["wider", "narrower", "left out", "added", "swapped"])
def test_what_nobody_annotated_stays_so(classes, kind):
    classes[classes == 0] = np.where(np.indices(classes.shape)[1][classes == 0] > 80, NOT_ANNOTATED, 0)
    classes[40:44, 66:70] = 2
    assert ((made(kind, classes) == NOT_ANNOTATED) == (classes == NOT_ANNOTATED)).all()
