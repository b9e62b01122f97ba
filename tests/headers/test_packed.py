"""Strips and tiles that say themselves how large they are, packed by the libraries of each format."""

from __future__ import annotations

import struct
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile

from morula.errors import FileError
from morula.headers.packed import SIZES
from morula.images.read import open_image

COMPRESSIONS = {"jpeg": 7, "jpeg2000": 34712, "jpegxr": 22610, "lerc": 34887, "png": 34933, "webp": 50001}
PACKED = {
    "jpeg": imagecodecs.jpeg8_encode, "jpeg2000": imagecodecs.jpeg2k_encode, "jpegxr": imagecodecs.jpegxr_encode,
    "lerc": imagecodecs.lerc_encode, "png": imagecodecs.png_encode,
    "webp": lambda pixels: imagecodecs.webp_encode(np.stack([pixels] * 3, -1)),
}


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("sides", [(1, 300), (70, 33), (64, 64)])
def test_what_other_programs_packed_says_its_size(name, sides):
    data = PACKED[name](noise(*sides))
    assert SIZES[COMPRESSIONS[name]](data) == (*sides, 1)


@pytest.mark.parametrize(("level", "lossless"), [(50, False), (None, True)])
def test_webp_lossy_and_lossless(level, lossless):
    data = imagecodecs.webp_encode(noise(40, 50, 3), level=level, lossless=lossless)
    assert SIZES[50001](data) == (40, 50, 1)


def test_numbers_of_a_pixel_count_where_they_may_be_any():
    assert SIZES[34887](imagecodecs.lerc_encode(noise(40, 50, 3))) == (40, 50, 3)


def test_jpeg_2000_in_its_own_file_and_progressive_jpeg():
    assert SIZES[34712](imagecodecs.jpeg2k_encode(noise(40, 50), codecformat="jp2")) == (40, 50, 1)
    assert SIZES[7](b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xff\xc2\0\x0b\x08" + struct.pack(">HH", 40, 50)) == (40, 50, 1)


@pytest.mark.parametrize("name", PACKED)
def test_what_is_cut_anywhere_is_unknown_and_no_fault(name):
    data = PACKED[name](noise(20, 20))
    for length in range(1, min(len(data), 120)):
        try:
            size = SIZES[COMPRESSIONS[name]](data[:length])
        except (struct.error, IndexError):
            continue
        assert size in (None, (20, 20, 1))


def strip_of_another(path: Path, name: str, sides: tuple[int, int]) -> None:
    """A picture of 40 × 48 pixels, whose only strip is a packed picture of another size."""
    data = PACKED[name](np.zeros(sides, np.uint8))
    pixels = np.zeros((40, 48, 3) if name == "webp" else (40, 48), np.uint8)
    tifffile.imwrite(path, pixels, metadata=None)
    with tifffile.TiffFile(path, mode="r+b") as tif:
        tags, end = tif.pages.first.tags, tif.filehandle.size
        for tag, value in (("Compression", COMPRESSIONS[name]), ("StripByteCounts", len(data)), ("StripOffsets", end)):
            tags[tag].overwrite(value)
    with path.open("ab") as file:
        file.write(data)


@pytest.mark.parametrize("name", PACKED)
def test_a_strip_that_would_unpack_to_far_more_is_refused_before_it_does(tmp_path, name):
    strip_of_another(tmp_path / "a.tif", name, (1200, 1100))
    with pytest.raises(FileError, match=r"a\.tif cannot be read .*of [15],\d{3} numbers says that it has 1,200 × 1,1"):
        open_image(tmp_path / "a.tif").frame()


@pytest.mark.parametrize("name", ["jpeg", "jpeg2000", "lerc", "png", "webp"])
def test_what_tifffile_writes_is_read(tmp_path, name):
    """Tiles that reach over the edge, too."""
    pixels = noise(100, 130, 3)
    tifffile.imwrite(tmp_path / "a.tif", pixels, tile=(64, 64), compression=name, photometric="rgb")
    expected = tifffile.imread(tmp_path / "a.tif")
    assert np.array_equal(open_image(tmp_path / "a.tif").frame().transpose(1, 2, 0), expected)
