"""Volumes are the same for the same seed, are seen where their truth says, and are blurred most along their axis."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from morula.specimens import breadths
from morula.specimens.solids import SOLIDS, draw_volume
from morula.specimens.things import rims
from morula.worlds.ranges import Range

SHAPE = (20, 64, 64)


@pytest.mark.parametrize("kind", SOLIDS)
def test_the_same_seed_draws_the_same(kind):
    one, again, other = (draw_volume(kind, seed, 2, SHAPE) for seed in (0, 0, 1))
    assert np.array_equal(one.image, again.image)
    assert np.array_equal(one.mask, again.mask)
    assert not np.array_equal(one.image, other.image)
    assert one.image.shape == one.mask.shape == SHAPE
    assert (one.image.dtype, one.mask.dtype, one.axes) == (np.uint8, np.int32, "ZYX")


@pytest.mark.parametrize("kind", SOLIDS)
def test_volumes_change_where_the_truth_does(kind):
    seen = []
    for number in range(12):
        drawn = draw_volume(kind, 4, number, SHAPE)
        outlines = rims(drawn.mask, (9.0, 1.0, 1.0))
        if outlines.any():
            smooth = ndimage.gaussian_filter(drawn.image.astype(np.float32), (0, 1.2, 1.2))
            steep = np.hypot(*np.gradient(smooth, axis=(1, 2)))
            seen.append(steep[outlines].mean() / steep.mean())
    assert len(seen) > 8
    assert np.median(seen) > 1.25


def correlation(light: np.ndarray, axis: int) -> float:
    one, other = (np.delete(light, place, axis).ravel() for place in (0, -1))
    return float(np.corrcoef(one, other)[0, 1])


def test_optics_blur_most_along_their_axis(monkeypatch):
    """Of planes as near as pixels, neighbours across planes are more alike than those within; things are as round."""
    monkeypatch.setattr(breadths, "APART", Range(1, 1))
    monkeypatch.setattr(breadths, "DEEP_BLUR", Range(3, 3))
    monkeypatch.setattr(breadths, "BLUR", Range(1, 1))
    monkeypatch.setattr(breadths, "NOISE", Range(0, 0))
    more = 0
    for number in range(10):
        light = draw_volume("membranes in volumes", 1, number, (40, 40, 40)).image.astype(float)
        more += correlation(light, 0) > max(correlation(light, 1), correlation(light, 2))
    assert more >= 9


def test_things_are_flat_where_planes_lie_apart(monkeypatch):
    """A ball takes up as many pixels of a row as planes times how far these lie apart."""
    monkeypatch.setattr(breadths, "APART", Range(3, 3))
    ratios = []
    for number in range(30):
        drawn = draw_volume("nuclei in a light sheet", 2, number, (24, 72, 72))
        if drawn.pixel_size[0] == 3:
            for part in ndimage.find_objects(drawn.mask):
                inside = all(side.start > 0 and side.stop < length for side, length in zip(part, drawn.mask.shape,
                                                                                           strict=True))
                if inside and part[1].stop - part[1].start > 9:
                    high, long = (part[axis].stop - part[axis].start for axis in (0, 1))
                    ratios.append(high * 3 / long)
    assert len(ratios) > 20
    assert np.median(ratios) == pytest.approx(1, abs=0.2)


def test_touching_things_have_numbers_of_their_own():
    drawn = [draw_volume("nuclei in a light sheet", 6, number, SHAPE) for number in range(12)]
    assert sum(each.mask.max() > ndimage.label(each.mask > 0)[1] for each in drawn) > 3
