"""Whether things are brighter than their background is told from ranks, and rare frames are found by it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from morula.images.image import Image
from morula.pairs.pair import Frame, Pair
from morula.pairs.recognition import recognise
from morula.planning import polarity
from morula.planning.polarity import brighter_share, rare_frames

SIDE = 40


def squares(brightness: Sequence[float], *, groups: Sequence[str] | None = None, noise: float = 1.0):
    """Frames of noise, each with a square so much brighter, in each channel if there are several."""
    rng = np.random.default_rng(0)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[10:30, 10:30] = 1
    frames = []
    for number, step in enumerate(brightness):
        steps = np.atleast_1d(step)[:, None, None]
        image = rng.normal(0, noise, (steps.shape[0], SIDE, SIDE)) + steps * mask
        pair = Pair(Image.from_array(image.astype(np.float32), "CYX", name=f"{number}"),
                    Image.from_array(mask, "YX"), groups[number] if groups else f"{number}")
        frames.append(Frame(pair, 0))
    return frames, recognise([frame.pair.mask for frame in frames], read_as="classes")


@pytest.mark.parametrize("space", [(3000,), (60, 50), (10, 20, 15)])
def test_the_share_is_that_of_another_library(space):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 9, (2, *space)).astype(np.uint8)  # with many ties
    mask = rng.choice([0, 1, 2, 255], space).astype(np.uint8)
    inside, outside = (mask == 1) | (mask == 2), mask == 0
    expected = [stats.mannwhitneyu(each[inside], each[outside]).statistic / (inside.sum() * outside.sum())
                for each in pixels]
    np.testing.assert_allclose(brighter_share(pixels, mask), expected, rtol=1e-12)


def test_the_share_of_shifted_noise_is_known_and_survives_every_monotone_change():
    rng = np.random.default_rng(2)
    mask = np.zeros((400, 400), np.uint8)
    mask[100:300, 100:300] = 1
    pixels = (rng.normal(size=mask.shape) + 1.5 * mask)[None]
    share = brighter_share(pixels, mask)
    assert share == pytest.approx(stats.norm.cdf(1.5 / np.sqrt(2)), abs=0.01)
    np.testing.assert_allclose(brighter_share(np.exp(pixels), mask), share)
    np.testing.assert_allclose(brighter_share(-pixels, mask), 1 - share)


def test_without_foreground_or_background_nothing_is_compared():
    for mask in (np.zeros((8, 8), np.uint8), np.ones((8, 8), np.uint8), np.full((8, 8), 255, np.uint8)):
        assert np.isnan(brighter_share(np.zeros((2, 8, 8)), mask)).all()


@pytest.mark.parametrize(("usual", "rare"), [(5, -5), (-5, 5)])
def test_the_rarer_kind_is_shown_as_often_as_the_root_of_the_odds(usual, rare):
    assert rare_frames(*squares([usual] * 8 + [rare] + [usual] * 8)) == {"8": 4}
    assert rare_frames(*squares([usual] * 12 + [rare] * 2)) == {"12": 2, "13": 2}
    assert rare_frames(*squares([usual] * 6 + [rare] * 5)) == {}


def test_where_all_are_alike_or_most_are_unclear_none_is_rare():
    assert rare_frames(*squares([5] * 17)) == {}
    assert rare_frames(*squares([-5] * 17)) == {}
    assert rare_frames(*squares([0.5] * 9 + [5] * 7 + [-5])) == {}


def test_frames_of_a_rare_group_are_rare():
    groups = ["a"] * 9 + ["b"] * 9 + ["c"] * 2
    assert rare_frames(*squares([5] * 18 + [-5] * 2, groups=groups)) == {"18": 3, "19": 3}


def test_one_channel_is_enough():
    frames = squares([(5, -5)] * 9 + [(5, 5)])
    assert rare_frames(*frames) == {"9": 3}


def test_an_empty_mask_is_of_no_kind():
    frames, reading = squares([5] * 9 + [-5] + [5] * 3)
    empty = Image.from_array(np.zeros((SIDE, SIDE), np.uint8), "YX")
    frames[-3:] = [Frame(Pair(frame.pair.image, empty, frame.group), 0) for frame in frames[-3:]]
    assert rare_frames(frames, reading) == {"9": 3}


def test_of_large_frames_and_of_many_groups_some_are_looked_at(monkeypatch):
    frames = squares([5] * 8 + [-5] + [5] * 8)
    monkeypatch.setattr(polarity, "LOOKED_AT", 64)
    assert rare_frames(*frames) == {"8": 4}
    monkeypatch.setattr(polarity, "GROUPS", 9)  # every other one
    assert rare_frames(*frames) == {"8": 3}
