"""The demo says what to expect, and whether it came so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import morula
from morula.scores.compare import compare_masks, summarise
from morula.workflows.demonstration import EXPECTED, PUBLISHED, Demo, demo


@pytest.mark.slow
def test_a_short_demo_tells_what_to_expect_once_and_what_it_reached(tmp_path):
    told: list[str] = []
    shown = demo(tmp_path / "demo", minutes=0.1, tell=told.append)
    [outlook] = told
    steps = int(outlook.split("some ")[1].split(" steps")[0])
    made = morula.load(shown.model).record["steps_done"]
    assert 0.5 * made < steps < 2 * made
    share = next(share for least, share in EXPECTED if steps >= least)
    assert f"about {share:.1%} of the pixels" in outlook
    accuracy = shown.scores.pixel_accuracy
    assert accuracy is not None
    assert accuracy > share - 0.01
    assert f"{accuracy:.2%} of the pixels are right" in shown.verdict
    assert ("not reached" in shown.verdict) == (accuracy < PUBLISHED)


def test_what_more_steps_are_expected_to_bring_is_never_less():
    steps, shares = zip(*EXPECTED, strict=True)
    assert list(steps) == sorted(steps, reverse=True)
    assert list(shares) == sorted(shares, reverse=True)
    assert steps[-1] == 0


@pytest.mark.parametrize(("wrong", "reached"), [
    (0, "reached"), (145, "reached"), (146, "not reached"), (500, "not reached")])
def test_what_was_published_counts_as_reached_from_9855_pixels_of_10000(wrong, reached):
    truth = np.zeros((100, 100), np.uint8)
    truth[:50] = 1
    predicted = truth.copy()
    predicted.flat[:wrong] = 0
    scores = summarise([compare_masks(truth, predicted, 1, name="one")], ("body",))
    verdict = Demo(Path(), Path(), Path(), scores, 1.0).verdict
    assert verdict.startswith(f"{(10000 - wrong) / 10000:.2%} of the pixels are right.")
    assert verdict.endswith(f"that was {reached}.")
