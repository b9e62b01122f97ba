"""Spoiled frames: spoiled as they say, the more the stronger, and their annotation with them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from morula.examples.example import Piece
from morula.judging.alterations import altered, kinds
from morula.models.plan import Intensity

MOVING = ("enlargement", "shrinking")


def piece(axes: int = 2, channels: int = 1, side: int = 40) -> Piece:
    """Bodies on a slope, annotated where they are brightest."""
    rng = np.random.default_rng(1)
    body = ndimage.gaussian_filter(rng.standard_normal((side,) * axes), 3)
    body = (body / body.std()).astype(np.float32)
    inside = body > 0.8
    image = np.stack([np.roll(body, 5 * channel, 0) + (2 + channel) * inside for channel in range(channels)])
    image = (image - image.mean()) / image.std()
    return Piece(image, np.stack([~inside, inside]) * np.uint8(255))


def spoiled(kind: str, strength: float, seed: int = 0, **of: int) -> Piece:
    return altered(piece(**of), kind, strength, np.random.default_rng(seed), Intensity(low=0, high=100))


@pytest.mark.parametrize(("axes", "channels"), [(1, 1), (2, 1), (2, 3), (3, 1)])
def test_every_way_serves_every_kind_of_image(axes, channels):
    for kind in kinds(channels):
        made = spoiled(kind, 0.7, axes=axes, channels=channels)
        assert made.image.dtype == np.float32
        assert made.shares.dtype == np.uint8
        assert made.image.shape[1:] == made.shares.shape[1:]
        assert made.image.mean() == pytest.approx(0, abs=1e-3)
        assert made.image.std() == pytest.approx(1, abs=0.3)
        if kind not in MOVING:
            np.testing.assert_array_equal(made.shares, piece(axes, channels).shares)


@pytest.mark.parametrize("kind", [kind for kind in kinds(3) if kind not in MOVING])
def test_little_stays_little_and_much_is_more(kind):
    before = piece(channels=3).image
    weak, strong = (np.mean([np.abs(spoiled(kind, strength, seed, channels=3).image - before).mean()
                             for seed in range(3)]) for strength in (0.02, 0.95))
    assert weak < 0.25
    assert strong > 2 * weak


def test_at_full_strength_bright_and_dark_change_places():
    np.testing.assert_allclose(spoiled("inversion", 1.0).image, -piece().image, atol=1e-4)


@pytest.mark.parametrize("kind", MOVING)
@pytest.mark.parametrize("axes", [2, 3])
def test_what_moves_takes_its_annotation_with_it(kind, axes):
    """An image that is its own annotation stays that."""
    before = piece(axes)
    itself = Piece(before.shares[1:].astype(np.float32), before.shares)
    made = altered(itself, kind, 0.5, np.random.default_rng(0), Intensity(low=0, high=100))
    bright = made.image[0] > (made.image.min() + made.image.max()) / 2
    assert (bright == (made.shares[1] > 127)).mean() > 0.999
    if kind == "enlargement":
        assert made.image.shape == itself.image.shape
    else:
        assert made.image.shape[1:] == (20,) * axes


def test_the_same_chance_spoils_the_same_way():
    for kind in kinds(1):
        np.testing.assert_array_equal(spoiled(kind, 0.4, 3).image, spoiled(kind, 0.4, 3).image)


def test_only_images_with_channels_are_recoloured():
    assert set(kinds(3)) - set(kinds(1)) == {"colours"}
