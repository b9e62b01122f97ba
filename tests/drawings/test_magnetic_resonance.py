"""Tissues under each contrast against the distribution of Rice, and uneven signal against a plane."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage, stats

from morula.drawings.hearts import Heart
from morula.drawings.magnetic_resonance import BRIGHTEST, CONTRASTS, Chest, pictures, pixel_places

SIZE, NOISE = 200, 8.0
HEARTS = [Heart.drawn(np.random.default_rng(seed)) for seed in range(6)]


def chest() -> Chest:
    return Chest.drawn(np.random.default_rng(1))


def deep(where: np.ndarray) -> np.ndarray:
    return ndimage.distance_transform_edt(where) > 3


def expected(level: float) -> float:
    return float(stats.rice(b=level * BRIGHTEST / NOISE, scale=NOISE).mean())


@pytest.mark.parametrize("name", CONTRASTS)
def test_tissues_are_as_bright_as_their_contrast_says(name):
    y, x = pixel_places(SIZE)
    contrast, seen = CONTRASTS[name], {"blood": [], "wall": [], "scar": [], "papillary": []}
    for seed, heart in enumerate(HEARTS):
        [image] = pictures(heart, chest(), [contrast], SIZE, NOISE, np.random.default_rng(seed), uneven=0)
        mask, scar = heart.mask(y, x), heart.scarred(y, x)
        muscle = np.any([np.hypot(y - v, x - u) < radius for v, u, radius in heart.muscles], axis=0)
        for tissue, where in (("blood", (mask == 2) & ~muscle), ("wall", (mask == 1) & ~scar),
                              ("scar", (mask == 1) & scar), ("papillary", (mask == 2) & muscle)):
            seen[tissue].append(image[deep(where)])
    for tissue, level, tolerance in (("blood", contrast.blood, 0.02), ("wall", contrast.wall, 0.07),
                                     ("scar", contrast.scar, 0.09), ("papillary", contrast.wall, 0.05)):
        assert np.concatenate(seen[tissue]).mean() == pytest.approx(expected(level), rel=tolerance), tissue


def test_wall_is_darker_than_blood_in_some_contrasts_and_brighter_in_others():
    assert len({contrast.wall > contrast.blood for contrast in CONTRASTS.values()}) == 2


def test_signal_falls_along_one_direction():
    contrasts = [CONTRASTS["bright blood"]]
    [even], [uneven] = (
        pictures(HEARTS[0], chest(), contrasts, SIZE, 0.0, np.random.default_rng(3), uneven=strength)
        for strength in (0, 0.3))
    y, x = np.nonzero((even > 60) & (uneven < 255))
    ratio = np.log(uneven[y, x] / even[y, x])
    plane = np.stack([y, x, np.ones(len(y))], axis=1)
    slope, *_ = np.linalg.lstsq(plane, ratio, rcond=None)
    assert np.abs(ratio - plane @ slope).max() < 0.02
    assert 0.05 < SIZE / 2 * np.hypot(*slope[:2]) < 0.31


def test_several_contrasts_show_the_same_section():
    """What is muscle and what is fat around the heart lies in the same places."""
    one, other = pictures(HEARTS[1], chest(), [CONTRASTS["bright blood"], CONTRASTS["dark blood"]], SIZE, 1.0,
                          np.random.default_rng(5))
    around = deep(HEARTS[1].mask(*pixel_places(SIZE)) == 0)
    assert np.corrcoef(one[around], other[around])[0, 1] > 0.9
