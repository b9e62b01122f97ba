"""PNG, JPEG, BMP, GIF and PNM files that other programs wrote."""

import os
import struct
import subprocess
import sys
import zlib
from itertools import product

import imagecodecs
import numpy as np
import PIL.Image
import pytest

from morula.errors import FileError
from morula.images.read import open_image

RNG = np.random.default_rng(1)
GREY = RNG.integers(0, 256, (40, 50), np.uint8)
DEEP = RNG.integers(0, 2**16, (40, 50), np.uint16)
COLOURS = RNG.integers(0, 256, (40, 50, 3), np.uint8)
RGB = ("red", "green", "blue")


def channels_first(array):
    return array[None] if array.ndim == 2 else np.moveaxis(array, -1, 0)


MODES = {
    "1": ("grey",), "L": ("grey",), "RGB": RGB, "LA": ("grey", "alpha"), "RGBA": (*RGB, "alpha"),
}
WITHOUT_ALPHA = {
    "bmp": ("1", "L", "RGB"), "gif": ("L",), "pbm": ("1",), "pgm": ("L",), "ppm": ("RGB",), "pnm": ("L", "RGB"),
}


@pytest.mark.parametrize(
    ("ending", "mode"),
    [*product(("png", "tif"), MODES), *((ending, mode) for ending, modes in WITHOUT_ALPHA.items() for mode in modes)],
)
def test_modes_of_pictures(tmp_path, ending, mode):
    picture = PIL.Image.fromarray(COLOURS).convert(mode)
    if "A" in mode:
        picture.putalpha(PIL.Image.fromarray(GREY))
    path = tmp_path / f"Größe 细胞.{ending}"
    picture.save(path)
    image = open_image(path)
    assert image.channels == MODES[mode]
    assert image.dtype == (bool if mode == "1" else np.uint8)
    assert (image.frame() == channels_first(np.array(picture))).all()


def test_sixteen_bits_in_png(tmp_path):
    PIL.Image.fromarray(DEEP).save(tmp_path / "grey.png")
    assert (open_image(tmp_path / "grey.png").frame()[0] == DEEP).all()
    colours = RNG.integers(0, 2**16, (40, 50, 3), np.uint16)
    (tmp_path / "colours.png").write_bytes(imagecodecs.png_encode(colours))
    image = open_image(tmp_path / "colours.png")
    assert image.dtype == np.uint16
    assert (image.frame() == channels_first(colours)).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_turned_upright(tmp_path, orientation):
    """The corner that is bright in the scene is found where the table of the EXIF standard puts it."""
    pixels = np.zeros((32, 48), np.uint8)
    pixels[:16, :16] = 255
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    PIL.Image.fromarray(pixels).save(tmp_path / "a.jpg", exif=exif, quality=95)
    image = open_image(tmp_path / "a.jpg")
    assert image.space == ((32, 48) if orientation < 5 else (48, 32))
    assert image.frame().shape[1:] == image.space
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    y, x = corner[orientation]
    assert image.frame()[0, y, x] > 250
    assert image.frame()[0, -1 - y, -1 - x] < 5


def test_print_resolution_of_a_picture(tmp_path):
    PIL.Image.fromarray(GREY).save(tmp_path / "page.png", dpi=(300, 300))
    PIL.Image.fromarray(GREY).save(tmp_path / "scan.png", dpi=(25400, 25400))
    assert open_image(tmp_path / "page.png").pixel_size is None
    assert open_image(tmp_path / "scan.png").pixel_size == pytest.approx((1, 1), rel=1e-3)


def test_colours_of_a_gif_are_those_of_its_palette(tmp_path):
    picture = PIL.Image.fromarray(COLOURS).quantize(7)
    picture.save(tmp_path / "classes.gif")
    image = open_image(tmp_path / "classes.gif")
    assert image.channels == RGB
    assert (image.frame() == channels_first(np.array(picture.convert("RGB")))).all()


def test_a_moving_gif_is_refused_and_says_how_many_frames_would_be_lost(tmp_path):
    first, *others = (PIL.Image.fromarray(GREY + np.uint8(number)) for number in range(3))
    first.save(tmp_path / "a.gif", save_all=True, append_images=others)
    with pytest.raises(FileError, match=r"a\.gif is a moving picture of 3 frames\. Save it as a TIFF stack"):
        open_image(tmp_path / "a.gif")


@pytest.mark.parametrize("written", [b"P5\n2 2\n65535\n\0\7\1\0\2\0\xff\xff", b"P2\n2 2\n65535\n7 256 512 65535"])
def test_pnm_of_sixteen_bits_is_read_as_it_is(tmp_path, written):
    (tmp_path / "a.pgm").write_bytes(written)
    assert open_image(tmp_path / "a.pgm").frame().tolist() == [[[7, 256], [512, 65535]]]


@pytest.mark.parametrize(
    "written", [b"P5\n2 2\n3\n\0\1\2\3", b"P2\n2 2\n4095\n0 1 2 3", b"P6\n1 1\n65535\n\0\1\0\2\0\3"]
)
def test_pnm_whose_numbers_pillow_would_stretch_is_refused(tmp_path, written):
    """Class numbers up to 3 would become 0, 85, 170 and 255."""
    (tmp_path / "a.pnm").write_bytes(written)
    with pytest.raises(FileError, match=r"a\.pnm holds numbers up to [\d,]+, which would be stretched"):
        open_image(tmp_path / "a.pnm")


def png_header(width, height):
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"")
    chunks = b"".join(
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, data)
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


def test_large_pictures_open_and_absurd_ones_do_not(tmp_path):
    (tmp_path / "large.png").write_bytes(png_header(25_000, 20_000))
    assert open_image(tmp_path / "large.png").space == (20_000, 25_000)
    (tmp_path / "absurd.png").write_bytes(png_header(500_000, 400_000))
    with pytest.raises(FileError, match="500,000 × 400,000 pixels"):
        open_image(tmp_path / "absurd.png")


def test_a_picture_that_changes_is_read_anew(tmp_path):
    for value in (10, 200):
        PIL.Image.fromarray(np.full((9, 9), value, np.uint8)).save(tmp_path / "a.png")
        os.utime(tmp_path / "a.png", ns=(value, value))
        assert open_image(tmp_path / "a.png").frame().max() == value


BITMAPS = """
import sys
from pathlib import Path
from morula.errors import FileError
from morula.images.read import open_image
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        open_image(path).frame()
    except FileError as error:
        assert path.name in str(error)
print("alive")
"""


def test_bitmaps_of_118_bytes_end_no_process(tmp_path):
    """Such a file, packed in runs, ends Python where imagecodecs unpacks it; here Pillow does."""
    for bits, packing in product((1, 4, 8, 16, 24, 32), range(4)):
        for sides in ((8, 8), (8, -8), (2**15, 3), (0, 8)):
            head = struct.pack("<IiiHHIIiiII", 40, *sides, 1, bits, packing, 0, 0, 0, 0, 0)
            data = b"BM" + struct.pack("<IHHI", 118, 0, 0, 54) + head
            (tmp_path / f"{bits} {packing} {sides[0]} {sides[1]}.bmp").write_bytes(data.ljust(118, b"\xff"))
    done = subprocess.run([sys.executable, "-c", BITMAPS, tmp_path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
