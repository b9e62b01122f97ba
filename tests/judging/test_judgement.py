"""A made-up model of discs in noise, whose masks become worse as noise grows: what it learns holds for new frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from morula.judging.judgement import learn_quality
from morula.judging.known_masks import Look
from morula.trust.quality import Quality, nearness
from morula.trust.signals import BINS, Tally
from morula.trust.views import Views


def look(
    rng: np.random.Generator, frame: int, noise: float, kind: str = "", *, inverted: bool = False, haze: float = 0
) -> Look:
    """A disc somewhere, found by a threshold on the smoothed image, in two views with some noise of their own.

    With `haze` it is a network that has hardly learned: nowhere is it sure that there is nothing.
    """
    y, x = np.indices((64, 64))
    centre, radius = rng.uniform(24, 40, 2), rng.uniform(10, 18)
    truth = np.hypot(y - centre[0], x - centre[1]) < radius
    image = ndimage.gaussian_filter(truth * 2.0 - 1, 1) + noise * ndimage.gaussian_filter(
        rng.standard_normal(truth.shape), 1)
    seen = (-image if inverted else image).astype(np.float32)[None]
    views = []
    for _ in range(2):
        logits = 5 * ndimage.gaussian_filter(seen[0] + 0.3 * noise * rng.standard_normal(truth.shape), 1)
        body = haze + (1 - haze) / (1 + np.exp(-logits))
        views.append(np.stack([1 - body, body]).astype(np.float32))
    tally = Tally.empty(1, 1)
    tally.look(seen, Views(views), (slice(64), slice(64)))
    body = (views[0] + views[1])[1] / 2
    found, steps = body > 0.5, (body * (BINS - 0.01)).astype(int)
    iou = (found & truth).sum() / max((found | truth).sum(), 1)
    right = np.stack([np.bincount(steps[each], minlength=BINS) for each in (~truth, truth)])
    return Look(frame, f"group {frame // 2}", kind, False, tally, np.array([iou]), np.array([False]), right)


def frames(count: int, seed: int, haze: float = 0) -> list[Look]:
    """Frames as they are and spoiled ones of each."""
    rng = np.random.default_rng(seed)
    made = []
    for frame in range(count):
        made.append(look(rng, frame, rng.uniform(0.3, 1.5), haze=haze))
        made += [look(rng, frame, noise, "noise", haze=haze) for noise in rng.uniform(1.5, 12, 8)]
    return made


@pytest.fixture(scope="module")
def quality() -> Quality:
    found = learn_quality(frames(24, seed=0)).quality
    assert found is not None
    return found


def expectations(quality: Quality, looks: list[Look]) -> tuple[np.ndarray, np.ndarray]:
    """Expected IoU with its interval, `(frames, 3)`, and the true one."""
    means = [quality.expect(look.tally, ["disc"]).mean for look in looks]
    return np.array([[mean.iou, mean.low, mean.high] for mean in means]), np.array([look.ious[0] for look in looks])


def test_it_holds_for_frames_it_has_never_seen(quality):
    new = [look for look in frames(60, seed=1) if not look.kind]
    told, true = expectations(quality, new)
    assert np.abs(told[:, 0] - true).mean() < 0.02
    assert 0.8 <= ((told[:, 1] <= true) & (true <= told[:, 2])).mean() <= 1
    assert (told[:, 2] - told[:, 1]).mean() < 0.2
    unlike = [quality.expect(look.tally, ["disc"]) for look in new]
    assert np.mean([bool(each.flags) for each in unlike]) <= 0.15


def test_it_tells_good_from_bad(quality):
    told, true = expectations(quality, frames(20, seed=2))
    assert true.min() < 0.5 < 0.9 < true.max()
    assert np.corrcoef(told[:, 0], true)[0, 1] > 0.95


def test_it_knows_how_far_frames_of_the_kind_usually_are(quality):
    new = [each.tally.appearance() for each in frames(60, seed=1) if not each.kind]
    distances = [nearness(each, quality.known, quality.scale) for each in new]
    assert quality.usual == pytest.approx(np.exp(np.mean(np.log(distances))), rel=0.2)
    assert quality.usual < quality.farthest


def test_what_it_has_never_seen_fail_is_flagged(quality):
    rng = np.random.default_rng(3)
    inverted = [quality.expect(look(rng, 0, 0.5, inverted=True).tally, ["disc"]) for _ in range(20)]
    assert all(each.flags for each in inverted)


def test_a_frame_never_judges_itself():
    """Its record tells of estimates by fits without the frame: as far off as new frames show."""
    judgement = learn_quality(frames(24, seed=0))
    new = [look for look in frames(60, seed=1) if not look.kind]
    told, true = expectations(judgement.quality, new)
    assert judgement.record["mean_error"] == pytest.approx(np.abs(told[:, 0] - true).mean(), rel=0.5)
    assert judgement.record["calibration_error"][1] <= judgement.record["calibration_error"][0]


def test_few_frames_know_less(quality):
    few = learn_quality(frames(3, seed=0)).quality
    new = [look for look in frames(30, seed=1) if not look.kind]
    told = (expectations(each, new)[0] for each in (few, quality))
    wide, narrow = (np.mean(each[:, 2] - each[:, 1]) for each in told)
    assert wide > narrow


def test_little_expected_is_flagged_even_if_a_poor_frame_is_among_the_few_that_judge():
    """What is usual of a good frame and a poor one includes nearly everything; but less than 0.65 is little."""
    judging = frames(4, seed=0)
    judging[9] = look(np.random.default_rng(0), 1, 3.0)
    learned = learn_quality(judging).quality
    told = [learned.expect(look.tally, ["disc"]) for look in frames(20, seed=2)]
    little = [each for each in told if each.mean.iou < 0.6]
    assert len(little) > 20
    assert all(each.poor for each in little)
    assert not any(each.poor for each in told if each.mean.iou > 0.8)


def test_a_mask_that_is_surely_good_is_no_warning_even_if_all_others_are_better():
    rng = np.random.default_rng(0)
    easy = [each if each.kind else look(rng, each.frame, 0.3) for each in frames(24, seed=0)]
    learned = learn_quality(easy).quality
    told = [learned.expect(look(rng, 0, noise).tally, ["disc"]) for noise in rng.uniform(0.3, 3, 200)]
    surely = [each for each in told if each.mean.low > 0.7]
    assert 20 < len(surely) < len(told)
    assert not any(each.poor for each in surely)
    assert any(each.poor for each in told)


def test_where_little_is_usual_it_is_no_warning():
    """Annotations in which a ring is missing: no mask is worth more than 0.6."""
    looks = [replace(each, ious=0.6 * each.ious) for each in frames(24, seed=0)]
    learned, new = learn_quality(looks).quality, [each for each in frames(40, seed=1) if not each.kind]
    assert np.mean([learned.expect(each.tally, ["disc"]).poor for each in new]) <= 0.15


def test_frames_of_one_unit_know_less():
    """Those of one row or movie are alike, however many they are."""
    apart = frames(12, seed=0)
    new = [look for look in frames(30, seed=1) if not look.kind]
    widths = []
    for looks in (apart, [replace(look, group="a row") for look in apart]):
        told, _ = expectations(learn_quality(looks).quality, new)
        widths.append((told[:, 2] - told[:, 1]).mean())
    assert widths[1] > 2 * widths[0]


def test_frames_are_compared_with_what_the_model_itself_makes_of_those_it_knows():
    """Networks that have hardly learned see haze where the model sees none: nothing about a frame is strange."""
    held = frames(6, seed=0, haze=0.3)
    own = [replace(look, trained=True) for look in frames(6, seed=0) if not look.kind]
    new = [look.tally for look in frames(30, seed=1) if not look.kind]
    flagged = [np.mean([learned.expect(tally, ["disc"]).unlike for tally in new])
               for learned in (learn_quality(held).quality, learn_quality(held, own).quality)]
    assert flagged[0] > 0.9
    assert flagged[1] < 0.15


def test_nothing_to_be_found_is_nothing_to_learn_from():
    rng = np.random.default_rng(0)
    empty = look(rng, 0, 0.5)
    nothing = Look(0, "", "", False, empty.tally, np.array([np.nan]), np.array([True]), empty.right)
    judgement = learn_quality([nothing])
    assert judgement.quality is None
    assert "reason" in judgement.record
