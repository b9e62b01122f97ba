"""What a model says of a new mask, from what it knows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from morula.trust.quality import Quality, nearness, oddness, strangeness
from morula.trust.signals import Tally
from morula.trust.views import Views


def tally(certainty: float = 0.95, found: float = 1.0) -> Tally:
    """Of a square of one class on nothing."""
    mask = np.zeros((32, 32), np.float32)
    mask[8:24, 8:24] = found
    probability = mask * certainty + (1 - mask) * (1 - certainty) * found
    made = Tally.empty(1, 1)
    made.look(2 * mask[None] - 1, Views([np.stack([1 - probability, probability])]), (slice(32), slice(32)))
    return made


@pytest.fixture
def quality() -> Quality:
    return Quality(
        temperature=1.0,
        slopes=np.array([[0.3, 0.3, 0.3, 0.3, 0.3, 1.0]] * 2),
        levels=np.full((2, 1), 0.2),
        spread=np.array([-0.5, 0.7, 0.3]),
        reach=np.array([[2.0, 1.5], [2.5, 2.0]]),
        known=np.stack([tally(certainty).appearance() for certainty in (0.9, 0.95, 0.99)]),
        scale=np.full(len(tally().appearance()), 0.3),
        usual=0.5,
        farthest=1.0,
        forms=np.stack([tally(certainty).form() for certainty in (0.9, 0.95, 0.99)]),
        form_scale=np.full(len(tally().form()), 0.3),
        form_usual=0.3,
        lowest=0.5,
        absent=np.array([0.0]),
    )


def test_it_comes_back_from_its_arrays(quality):
    again = Quality.from_arrays(quality.arrays())
    for name, array in quality.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)
    assert isinstance(again.farthest, float)
    assert again.expect(tally(), ["body"]) == quality.expect(tally(), ["body"])
    with pytest.raises(TypeError):
        Quality.from_arrays({"temperature": np.array(1.0)})


def test_the_surer_the_mask_the_more_is_expected_and_the_narrower(quality):
    sure, unsure = (quality.expect(tally(certainty), ["body"]).mean for certainty in (0.99, 0.9))
    assert sure.iou > unsure.iou > 0.5
    assert sure.high - sure.low < unsure.high - unsure.low
    for estimate in (sure, unsure):
        assert 0 <= estimate.low < estimate.iou < estimate.high <= 1


def test_better_than_any_that_was_judged_is_no_surer(quality):
    usual = quality.expect(tally(0.99), ["body"]).mean
    unseen = replace(quality, surest=0.8).expect(tally(0.99), ["body"]).mean
    features = [np.log(iou * (1 - iou) + 0.003) for iou in (0.8, usual.iou)]
    wider = np.exp(quality.spread[1] * (features[0] - features[1]))
    assert unseen.iou == usual.iou > 0.8
    assert unseen.iou - unseen.low == pytest.approx(wider * (usual.iou - usual.low))
    assert replace(quality, surest=usual.iou).expect(tally(0.99), ["body"]).mean == usual


def test_a_frame_that_is_known_by_heart_is_nothing_special(quality):
    heart = replace(quality, known=np.stack([tally().appearance()] * 3))
    assert heart.expect(tally(), ["body"]).mean.iou >= quality.expect(tally(), ["body"]).mean.iou


def strange_image() -> Tally:
    """The usual mask, of an image that looks like no other."""
    return replace(tally(), powers=10 * tally().powers, steps=-tally().steps)


def strange_mask() -> Tally:
    """As much of the usual image, in crumbs."""
    return replace(tally(), faces=8 * tally().faces, coarse=0 * tally().coarse)


def test_a_strange_image_is_flagged_and_less_is_expected_and_less_surely(quality):
    usual, told = quality.expect(tally(), ["body"]), quality.expect(strange_image(), ["body"])
    assert (usual.unlike, told.unlike) == (False, True)
    assert told.mean.iou < usual.mean.iou
    assert told.mean.high - told.mean.low > usual.mean.high - usual.mean.low


def test_less_is_expected_of_a_strange_mask_than_of_a_strange_image(quality):
    image, mask = (quality.expect(each, ["body"]).mean.iou for each in (strange_image(), strange_mask()))
    assert mask < image - 0.2
    assert image > quality.expect(tally(), ["body"]).mean.iou - 0.2


def test_frames_are_strange_beyond_five_times_the_usual_distance_and_forms_odd_beyond_three_times():
    beyond = np.array([0.1, 1, np.e, np.e**2])
    np.testing.assert_allclose(strangeness(2.5 * beyond, 0.5), [0, 0, -1, -4])
    np.testing.assert_allclose(oddness(1.5 * beyond, 0.5), [0, 0, -1, -2])
    # A movie of frames that are all alike says nothing of others.
    assert strangeness(1.4, 0.01) == oddness(0.23, 0.01) == 0


def test_less_is_expected_the_farther_a_frame_or_its_mask_is_compared_with_what_is_usual(quality):
    close, far = (replace(quality, usual=usual).expect(strange_image(), ["body"]).mean.iou for usual in (9.0, 0.3))
    assert far < close
    close, far = (replace(quality, form_usual=usual).expect(strange_mask(), ["body"]).mean.iou for usual in (9.0, 0.3))
    assert far < close - 0.1


def test_a_low_end_below_the_usual_is_a_warning(quality):
    low = quality.expect(tally(), ["body"]).mean.low
    assert replace(quality, lowest=low + 0.01).expect(tally(), ["body"]).poor
    assert not replace(quality, lowest=low - 0.01).expect(tally(), ["body"]).poor


def test_little_expected_is_a_warning_however_wide_intervals_usually_are(quality):
    told = quality.expect(tally(), ["body"])
    assert not told.poor
    for most, poor in ((told.mean.iou + 0.01, True), (told.mean.iou - 0.01, False)):
        assert replace(quality, lowest=0.0, poorest=most).expect(tally(), ["body"]).poor == poor


def test_an_empty_mask_is_a_failure_only_where_something_must_be_found(quality):
    assert quality.expect(tally(found=0), ["body"]).mean.iou < 0.3
    often = replace(quality, absent=np.array([0.4]))
    assert often.expect(tally(found=0), ["body"]).mean is None
    assert often.expect(tally(), ["body"]) == quality.expect(tally(), ["body"])


def test_nearness_is_the_mean_distance_to_the_two_nearest():
    known = np.array([[0.0, 0], [3, 4], [30, 40]])
    assert nearness(np.zeros(2), known, np.ones(2)) == pytest.approx((0 + 5 / 2**0.5) / 2)
    assert nearness(np.zeros(2), known, np.full(2, 5.0)) == pytest.approx(0.5 / 2**0.5)
    assert nearness(np.zeros(2), known[:0], np.ones(2)) == 1
