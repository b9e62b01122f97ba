"""Numbers become the colours one expects."""

from __future__ import annotations

import numpy as np

from morula.plots import palette
from morula.plots.display import Display, channel_colours


def shown(image: np.ndarray, *channels: str) -> np.ndarray:
    display = Display.of(image, channels)
    return display.picture(image, (image.shape[1], image.shape[2]))


def test_each_channel_has_its_colour_and_its_own_range():
    image = np.zeros((2, 10, 10), np.uint16)
    image[0, :5], image[1, :, :5] = 60_000, 12
    found = shown(image, "actin", "DNA")
    one, other = (np.array(palette.rgb(colour)) for colour in channel_colours(("actin", "DNA")).values())
    np.testing.assert_allclose(found[2, 7], one, atol=0.1)
    np.testing.assert_allclose(found[7, 2], other, atol=0.1)
    np.testing.assert_allclose(found[2, 2], (one + other).clip(0, 255), atol=0.1)
    assert not found[7, 7].any()


def test_the_colours_of_channels_are_told_apart():
    colours = [palette.rgb(colour) for colour in channel_colours(("a", "b", "c")).values()]
    for number, one in enumerate(colours):
        for other in colours[:number]:
            assert np.abs(np.subtract(one, other)).sum() > 150


def test_of_many_channels_the_first_three_are_shown():
    image = np.zeros((5, 4, 4), np.float32)
    image[4, :2] = 1
    assert not shown(image).any()
    assert list(channel_colours([f"channel {number}" for number in range(1, 6)])) == [
        "channel 1", "channel 2", "channel 3",
    ]


def test_a_colour_picture_keeps_its_colours():
    rgb = ("red", "green", "blue")
    picture = np.random.default_rng(0).integers(0, 256, (3, 6, 7), np.uint8)
    np.testing.assert_allclose(shown(picture, *rgb), np.moveaxis(picture, 0, -1), atol=0.01)
    deep = shown(picture.astype(np.uint16) * 10, *rgb)
    order = np.argsort(picture.ravel())
    assert (np.diff(np.moveaxis(deep, -1, 0).ravel()[order]) >= -0.01).all()  # one range for all three
    np.testing.assert_array_equal(shown(np.concatenate([picture, picture[:1]]), *rgb, "alpha"), shown(picture, *rgb))


def test_one_channel_is_grey():
    found = shown(np.linspace(-3, 9, 1000).reshape(1, 10, 100))
    assert (found == found[..., :1]).all()
    assert (found.min(), found.max()) == (0, 255)
