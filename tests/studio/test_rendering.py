"""Numbers become the picture that was asked for."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from morula.studio.rendering import Rendering, automatic_limits, colours, first_shown, whole_range


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)))


def test_limits_and_gamma():
    ramp = np.array([[[0, 100, 150, 200, 300]]], np.uint16)
    assert opened(Rendering([(100, 200)], 1, [0], ["#ffffff"]).png(ramp)).tolist() == [[0, 0, 128, 255, 255]]
    assert opened(Rendering([(100, 200)], 2, [0], ["#ffffff"]).png(ramp)).tolist() == [[0, 0, 180, 255, 255]]


def test_colours_add_up():
    both = np.array([[[0, 255]], [[255, 255]]], np.uint8)
    shown = Rendering([(0, 255)] * 2, 1, [0, 1], ["#ff0000", "#00ff80"])
    assert opened(shown.png(both)).tolist() == [[[0, 255, 128], [255, 255, 128]]]
    alone = Rendering([(0, 255)] * 2, 1, [1], ["#ff0000", "#00ff80"])
    assert opened(alone.png(both)).tolist() == [[[0, 255, 128], [0, 255, 128]]]
    assert not opened(Rendering([(0, 255)] * 2, 1, [], ["#ff0000", "#00ff80"]).png(both)).any()


def test_sixteen_bits_are_shown_by_what_is_there():
    rng = np.random.default_rng(0)
    dim = rng.normal(3000, 100, (1, 200, 200)).astype(np.uint16)
    dim[0, 0, 0] = 65535
    [(low, high)] = automatic_limits(dim, ("grey",))
    assert 2700 < low < 2800
    assert 3200 < high < 3300
    assert whole_range(dim) == [(dim.min(), 65535)]


def test_colour_pictures_stay_as_they_are():
    picture = np.random.default_rng(0).integers(50, 90, (3, 8, 8)).astype(np.uint8)
    channels = ("red", "green", "blue")
    shown = Rendering(automatic_limits(picture, channels), 1, first_shown(channels), colours(channels))
    assert np.array_equal(opened(shown.png(picture)), np.moveaxis(picture, 0, -1))


@pytest.mark.parametrize("plane", [np.full((1, 4, 4), 7, np.uint8), np.full((1, 4, 4), np.nan, np.float32)])
def test_what_is_all_the_same_is_black(plane):
    assert not opened(Rendering(automatic_limits(plane, ("grey",)), 1, [0], ["#ffffff"]).png(plane)).any()
