"""Tiles of every level show the image, whatever its size."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.images.image import Image
from morula.projects.project import NotThere
from morula.studio.pyramid import TILE, Place, Pyramid, overview, overview_step, shrunk


def image_of(height: int, width: int, *, axes: str = "YX") -> Image:
    rng = np.random.default_rng(0)
    return Image.from_array(rng.integers(0, 60_000, (2,) * (len(axes) - 2) + (height, width)).astype(np.uint16), axes)


@pytest.mark.parametrize("whole", [2**24, 1000])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_tiles_of_a_level_are_the_whole_shrunk(monkeypatch, whole, level):
    """However it is read: at once, or a part at a time."""
    monkeypatch.setattr("morula.studio.pyramid.WHOLE", whole)
    image = image_of(700, 530, axes="CYX")
    pyramid, side = Pyramid(), TILE << level
    rows = [np.concatenate([pyramid.tile(image, "a", Place(0, 0, level, x, y)) for x in range(-(-530 // side))], axis=2)
            for y in range(-(-700 // side))]
    assert np.allclose(np.concatenate(rows, axis=1), shrunk(image.frame(), 1 << level))


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 8))
def test_shrinking_takes_means(height, width, step):
    plane = np.random.default_rng(0).random((1, height, width)).astype(np.float32)
    small = shrunk(plane, step)
    for row in range(small.shape[1]):
        for column in range(small.shape[2]):
            part = plane[0, row * step : (row + 1) * step, column * step : (column + 1) * step]
            assert small[0, row, column] == pytest.approx(part.mean(), rel=1e-5)


def test_a_large_image_is_overlooked_by_few_of_its_pixels(monkeypatch):
    monkeypatch.setattr("morula.studio.pyramid.OVERVIEW", 256)
    monkeypatch.setattr("morula.studio.pyramid.WHOLE", 1000)
    monkeypatch.setattr("morula.studio.pyramid.BAND", 100)
    image = image_of(1000, 700)
    assert overview_step(image) == 4
    pixels = image.frame()[:, ::4, ::4]
    assert np.array_equal(overview(image, 0, 0), np.concatenate(
        [image.frame()[:, top : top + 100][:, ::4, ::4] for top in range(0, 1000, 100)], axis=1))
    assert np.array_equal(Pyramid().tile(image, "a", Place(0, 0, 2, 0, 0)), pixels[:, :256, :175])


def test_slices_and_frames_are_told_apart():
    image = image_of(40, 50, axes="TZYX")
    for t in range(2):
        for z in range(2):
            assert np.array_equal(Pyramid().tile(image, "a", Place(t, z, 0, 0, 0))[0], image.frame(t)[0, z])


@pytest.mark.parametrize("place", [Place(1, 0, 0, 0, 0), Place(0, 1, 0, 0, 0), Place(0, 0, 0, 1, 0),
                                   Place(0, 0, 0, 0, 1), Place(0, 0, 0, 2**31 - 1, 0)])
def test_there_is_nothing_outside(place):
    with pytest.raises(NotThere):
        Pyramid().tile(image_of(40, 50), "a", place)


def test_what_was_read_last_is_kept(monkeypatch):
    monkeypatch.setattr("morula.studio.pyramid.KEPT", 5 * 40 * 50)  # two planes of 16 bits
    pyramid, read = Pyramid(), []
    image = image_of(40, 50, axes="TYX")
    region = type(image).region
    monkeypatch.setattr(Image, "region", lambda self, t, box: read.append(t) or region(self, t, box))
    for key, t in (("a", 0), ("a", 1), ("a", 0), ("b", 0), ("a", 1)):
        pyramid.tile(image, key, Place(t, 0, 0, 0, 0))
    assert read == [0, 1, 0, 1]


def test_what_many_ask_for_at_once_is_read_once(monkeypatch):
    pyramid, read, all_ask = Pyramid(), [], Barrier(4)
    image = image_of(40, 50)
    region = type(image).region

    def slowly(self, t, box):
        read.append(t)
        time.sleep(0.05)
        return region(self, t, box)

    def ask(_):
        all_ask.wait()
        return pyramid.tile(image, "a", Place(0, 0, 0, 0, 0))

    monkeypatch.setattr(Image, "region", slowly)
    with ThreadPoolExecutor(4) as threads:
        tiles = list(threads.map(ask, range(4)))
    assert read == [0]
    assert all(np.array_equal(tile, tiles[0]) for tile in tiles)


def test_a_file_that_cannot_be_read_now_is_read_again_later(monkeypatch):
    pyramid, image = Pyramid(), image_of(40, 50)
    with monkeypatch.context() as broken:
        broken.setattr(Image, "region", lambda *_: (_ for _ in ()).throw(OSError("away")))
        with pytest.raises(OSError, match="away"):
            pyramid.tile(image, "a", Place(0, 0, 0, 0, 0))
    assert np.array_equal(pyramid.tile(image, "a", Place(0, 0, 0, 0, 0)), image.frame())
