"""Scores of merged classes are those of masks in which they are one; what is left out does not count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from sklearn.metrics import confusion_matrix, jaccard_score

import morula
from morula.errors import RequestError

CLASSES = 4


def blobs(seed: int) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, CLASSES + 1, (6, 8))
    return np.kron(small, np.ones((5, 5), int)).astype(np.uint8)


TRUTH, PREDICTED = blobs(0), blobs(1)


@pytest.fixture
def files(tmp_path) -> tuple[Path, Path]:
    for folder, mask in (("p", PREDICTED), ("t", TRUTH)):
        (tmp_path / folder).mkdir()
        tifffile.imwrite(tmp_path / folder / "a.tif", mask)
    return tmp_path / "p", tmp_path / "t"


NAMES = ("cell", "wall", "lumen", "debris")


@pytest.mark.parametrize("merge", ["tissue=2+3", "tissue=wall+lumen", "tissue=lumen+2"])
def test_merged_classes_are_one(files, merge):
    scores = morula.evaluate(*files, class_names=NAMES, merge=[merge]).scores
    one = np.array([0, 1, 2, 2, 3])
    truth, predicted = one[TRUTH].ravel(), one[PREDICTED].ravel()
    assert scores.names == ("background", "cell", "tissue", "debris")
    np.testing.assert_array_equal(scores.confusion, confusion_matrix(truth, predicted))
    np.testing.assert_allclose([each.iou for each in scores.classes], jaccard_score(truth, predicted, average=None))


def test_pixels_of_a_class_that_is_left_out_do_not_count_and_elsewhere_it_is_a_mistake(files):
    scores = morula.evaluate(*files, leave_out=["4"]).scores
    counted = TRUTH != 4
    predicted = np.where(PREDICTED == 4, 0, PREDICTED)[counted]
    assert scores.names == ("background", "class 1", "class 2", "class 3")
    np.testing.assert_array_equal(scores.confusion, confusion_matrix(TRUTH[counted], predicted))


def test_both_at_once_and_into_the_background(run, files, tmp_path):
    page = tmp_path / "page.html"
    done = run("evaluate", *files, "--class-names", ",".join(NAMES), "--merge", "background=lumen", "--leave-out", "1",
               "--report", page)
    assert done.exit_code == 0, done.output
    assert "lumen taken for background; cell left out" in done.output
    evaluation = morula.evaluate(*files, class_names=NAMES, merge=["background=lumen"], leave_out=["cell"])
    counted, table = TRUTH != 1, np.array([0, 0, 1, 0, 2])
    np.testing.assert_array_equal(
        evaluation.scores.confusion, confusion_matrix(table[TRUTH][counted], table[PREDICTED][counted]))
    assert evaluation.scores.names == ("background", "wall", "debris")
    confusion = evaluation.scores.confusion
    assert confusion[2, 1] > confusion[1, 2]
    share = 100 * confusion[2, 1] / confusion[2].sum()
    assert f"debris taken for wall: {share:.1f} %" in page.read_text(encoding="utf-8")


def test_more_classes_may_have_names_than_these_masks_hold_and_no_fewer(files):
    scores = morula.evaluate(*files, class_names=[*NAMES, "yolk"]).scores
    assert (scores.names[-1], scores.classes[-1].iou) == ("yolk", None)
    with pytest.raises(RequestError, match=r"names 3 .*hold 4"):
        morula.evaluate(*files, class_names=NAMES[:3])


@pytest.mark.parametrize(("settings", "words"), [
    ({"merge": ["2+3"]}, "NAME=CLASS"),
    ({"merge": ["x="]}, "NAME=CLASS"),
    ({"merge": ["x=2+7"]}, "no class '7'"),
    ({"leave_out": ["nucleus"]}, r"no class 'nucleus'.*0 \(background\), 1 \(class 1\)"),
    ({"merge": ["x=2+3"], "leave_out": ["3"]}, "twice"),
    ({"merge": ["x=1+2", "y=2+3"]}, "twice"),
    ({"merge": ["class 1=2+3"]}, "the name of another one"),
    ({"merge": ["x=0+3"]}, "background=CLASS"),
    ({"leave_out": ["1", "2", "3", "4"]}, "no class but the background"),
])  # fmt: skip
def test_what_cannot_be_chosen_is_refused_in_words(files, settings, words):
    with pytest.raises(RequestError, match=words):
        morula.evaluate(*files, **settings)
