"""Whether colours tell more than brightness does: stains do, tints and noise do not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.color import hed2rgb

from morula.images.colours import colours_tell

RNG = np.random.default_rng(0)
SMOOTH = gaussian_filter(RNG.random((2, 160, 200)), (0, 6, 6))
STAINS = (SMOOTH - SMOOTH.min()) / np.ptp(SMOOTH)
"""How much of two stains lies where."""


def as_bytes(picture: np.ndarray) -> np.ndarray:
    return np.rint(picture.clip(0, 1) * 255).astype(np.uint8)


def tinted(red: float, green: float, blue: float, noise: float) -> np.ndarray:
    """A grey picture under a light of this colour, each pixel of which a camera saw with noise."""
    light = STAINS[0] * np.array([red, green, blue])[:, None, None]
    return as_bytes(light + noise * RNG.standard_normal(light.shape))


@pytest.mark.parametrize("light", [(1, 1, 1), (1, 0.9, 0.6), (0.5, 0.8, 1)])
@pytest.mark.parametrize("noise", [0, 0.02])
def test_a_grey_picture_with_a_tint_and_noise_tells_nothing_by_its_colours(light, noise):
    assert not colours_tell(tinted(*light, noise))


@pytest.mark.parametrize("scale", [1, 257])
def test_two_stains_tell_something(scale):
    """Haematoxylin and eosin, as scikit-image mixes them."""
    stained = hed2rgb(np.stack([0.2 * STAINS[0], 0.1 * STAINS[1], np.zeros_like(STAINS[0])], axis=-1))
    pixels = as_bytes(np.moveaxis(stained, -1, 0)).astype(np.uint16 if scale > 1 else np.uint8)
    assert colours_tell(pixels * scale)
    assert colours_tell(pixels / np.float32(255 * scale) * scale)


def test_the_smallest_pictures_are_looked_at_too():
    assert not colours_tell(np.full((3, 1, 1), 7, np.uint8))
    assert colours_tell(np.eye(3, dtype=np.uint8)[:, None].repeat(4, axis=2) * np.uint8(255))
