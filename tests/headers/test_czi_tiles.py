"""What is not believed of a CZI: each of these files ends Python where the library is given it."""

import struct

import numpy as np
import pytest

from microscopes import write_czi
from morula.errors import FileError
from morula.headers.czi_tiles import czi_tiles, require_sound
from morula.images.read import open_image

RNG = np.random.default_rng(8)
DIMENSIONS = 28
"""Bytes from the beginning of what is said of a tile to the number of its dimensions."""


@pytest.fixture
def file(tmp_path):
    scene = RNG.integers(0, 250, (2, 1, 3, 40, 60, 1)).astype(np.uint16)
    write_czi(tmp_path / "a.czi", [scene], tile=32, compression="zstd0:ExplicitLevel=1")
    return tmp_path / "a.czi"


def altered(path, place, form, value):
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, place, value)
    path.write_bytes(data)


def test_tiles_are_where_they_were_written(file):
    tiles = czi_tiles(file)
    assert len(tiles) == 2 * 3 * 4
    assert {(each["T"].item(), each["Z"].item()) for each in tiles} == {(t, z) for t in range(2) for z in range(3)}
    assert {tuple(each[["x", "y", "width", "height"]].item()) for each in tiles} == {
        (0, 7, 32, 32), (32, 7, 28, 32), (0, 39, 32, 8), (32, 39, 28, 8)}
    data = file.read_bytes()
    assert all(data[place:].startswith(b"ZISRAWSUBBLOCK") for place in tiles["position"].tolist())
    require_sound(file, tiles["position"].tolist())


@pytest.mark.parametrize("count", [0, 33, 2**16, 2**32 - 1])
def test_a_number_of_dimensions_that_no_tile_has(file, count):
    altered(file, file.read_bytes().index(b"ZISRAWDIRECTORY") + 32 + 128 + DIMENSIONS, "<I", count)
    with pytest.raises(FileError, match=rf"a\.czi is damaged .* names {count:,} dimensions"):
        open_image(file)


@pytest.mark.parametrize(("place", "form", "value", "words"), [
    (32 + 16 + DIMENSIONS, "<I", 2**32 - 1, "names 4,294,967,295 dimensions"),
    (32 + 16 + DIMENSIONS, "<I", 0, "names 0 dimensions"),
    (32 + 8, "<q", -1, "does not lie where it should"),
    (32 + 8, "<q", 2**62, "does not lie where it should"),
    (32, "<i", -1, "does not lie where it should"),
    (0, "<q", 0, "does not lie where it should"),
])
def test_a_tile_that_says_of_itself_what_none_can(file, place, form, value, words):
    tile = czi_tiles(file)["position"].min().item()
    altered(file, tile + place, form, value)
    with pytest.raises(FileError, match=words):
        open_image(file).frame()


def test_a_directory_that_is_elsewhere(file):
    altered(file, 84, "<q", 2**40)
    with pytest.raises(FileError, match=r"a\.czi is damaged or cut short"):
        open_image(file)
