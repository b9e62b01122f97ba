"""Drawn sections of hearts: what is outlined, what follows from what, and that a threshold does not find it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from morula.drawings.magnetic_resonance import CONTRASTS
from morula.drawings.short_axis import draw_hearts
from morula.errors import RequestError


def test_more_classes_mark_more_of_the_same_sections():
    for one, two, three in zip(*(draw_hearts(3, classes=classes, size=96) for classes in (1, 2, 3)), strict=True):
        np.testing.assert_array_equal(one.image, three.image)
        assert [set(np.unique(each.mask)) for each in (one, two, three)] == [{0, 1}, {0, 1, 2}, {0, 1, 2, 3}]
        np.testing.assert_array_equal(one.mask, three.mask == 1)
        assert one.image.shape == (1, 96, 96)
        assert one.image.dtype == one.mask.dtype == np.uint8


def test_a_section_follows_from_the_seed_and_its_number_alone():
    few, many = list(draw_hearts(2, channels=3, seed=3, size=64)), list(draw_hearts(4, channels=3, seed=3, size=64))
    for one, other in zip(few, many, strict=False):
        np.testing.assert_array_equal(one.image, other.image)
        np.testing.assert_array_equal(one.mask, other.mask)
    masks = [each.mask for each in (*many, *draw_hearts(4, channels=3, seed=4, size=64))]
    for number, one in enumerate(masks):
        assert all((one != other).mean() > 0.01 for other in masks[number + 1 :])


def test_with_one_channel_sections_differ_in_contrast():
    """About one in four has dark blood."""
    medians = [[np.median(each.image[0][each.mask == number]) for number in (1, 2)]
               for each in draw_hearts(24, classes=2, size=96)]
    assert 2 <= sum(wall > blood for wall, blood in medians) <= 12


@pytest.mark.parametrize("channel", range(len(CONTRASTS)), ids=CONTRASTS)
def test_no_range_of_brightness_is_the_wall(channel):
    """A network reaches far more; see the story."""
    best = []
    for drawing in draw_hearts(6, channels=len(CONTRASTS), seed=2):
        smooth, wall = ndimage.gaussian_filter(drawing.image[channel].astype(float), 1), drawing.mask == 1
        levels = np.quantile(smooth, np.linspace(0, 1, 21))
        bands = [(smooth >= low) & (smooth <= high) for low in levels for high in levels if high > low]
        best.append(max((band & wall).sum() / (band | wall).sum() for band in bands))
    assert np.mean(best) < 0.6


def test_hearts_scale_with_the_frame():
    small, large = (np.mean([each.mask.mean() for each in draw_hearts(8, size=size)]) for size in (64, 192))
    assert small == pytest.approx(large, rel=0.02)


@pytest.mark.parametrize("wrong", [{"count": 0}, {"channels": 0}, {"channels": 5}, {"classes": 0}, {"classes": 4},
                                   {"seed": -1}, {"size": 31}], ids=str)
def test_what_cannot_be_drawn_is_refused_at_once(wrong):
    with pytest.raises(RequestError, match=next(iter(wrong))):
        draw_hearts(**{"count": 1, **wrong})
