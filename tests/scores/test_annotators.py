"""Two people compared: kappa against another implementation, and words that take neither side."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score

from morula.images.read import find_files
from morula.scores.annotators import agreement_in_words
from morula.scores.compare import compare_masks
from morula.scores.comparison_settings import ComparisonSettings
from morula.scores.evaluation import evaluate_files

masks = arrays(np.uint8, (6, 7), elements=st.integers(0, 2))


@given(masks, masks)
def test_kappa_is_that_of_another_implementation_and_takes_no_side(one, other):
    kappa = compare_masks(one, other, 2, name="a").kappa
    swapped = compare_masks(other, one, 2, name="a").kappa
    if len({*one.flat, *other.flat}) == 1:
        assert kappa is None
    else:
        assert kappa == pytest.approx(cohen_kappa_score(one.ravel(), other.ravel()))
        assert kappa == pytest.approx(swapped)


def drawn(folder, *names: str, shift: int = 0):
    folder.mkdir()
    for name in names:
        mask = np.zeros((40, 40), np.uint8)
        mask[10:30, 10 + shift : 30 + shift] = 1
        tifffile.imwrite(folder / name, mask)
    return find_files(folder)


def test_what_only_one_of_them_drew_is_no_failure(tmp_path):
    first, second = drawn(tmp_path / "a", "1.tif", "2.tif"), drawn(tmp_path / "b", "2.tif", "3.tif", shift=2)
    evaluation = evaluate_files(first, second, ComparisonSettings(annotators=True))
    assert not evaluation.failed
    assert evaluation.scores.foreground_iou == pytest.approx(18 / 22)
    said = " ".join(map(str, (*evaluation.findings, *evaluation.rows)))
    assert {finding.severity for finding in evaluation.findings} == {"note"}
    assert not {"true", "predicted", "truth", "Segment"} & set(said.replace(".", " ").split())
    assert evaluate_files(first, second, ComparisonSettings()).failed


def test_what_both_drew_and_nobody_can_read_is_a_failure(tmp_path):
    first, second = drawn(tmp_path / "a", "1.tif", "2.tif"), drawn(tmp_path / "b", "1.tif", "2.tif")
    second[0].write_bytes(second[0].read_bytes()[:100])
    assert evaluate_files(first, second, ComparisonSettings(annotators=True)).failed


def test_the_agreement_is_said_with_its_spread(tmp_path):
    names = [f"{number}.tif" for number in range(6)]
    first, second = drawn(tmp_path / "a", *names), drawn(tmp_path / "b", *names, shift=2)
    words = agreement_in_words(evaluate_files(first, second, ComparisonSettings(annotators=True)).scores)
    assert "foreground IoU of 0.818, in the middle half of the images 0.818 to 0.818" in words
