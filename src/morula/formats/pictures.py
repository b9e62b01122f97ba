"""PNG, JPEG, BMP, GIF and PNM: one frame, decoded as a whole."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import ImageOps
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile

from morula.errors import FileError
from morula.formats.stored import Box, Contents
from morula.headers.limits import require_decodable, require_memory
from morula.headers.units import micrometres
from morula.names.endings import ending
from morula.whereabouts import is_elsewhere

# The formats are opened by name, not by PIL.Image.open: that would try every format it knows, and would warn of
# large but honest pictures by a limit that can be moved for the whole process only. Ours is in `limits`.
_FORMATS: dict[bytes, type[ImageFile]] = {
    b"\x89PNG": PngImageFile, b"\xff\xd8": JpegImageFile, b"BM": BmpImageFile, b"GIF8": GifImageFile,
    **{b"P%d" % number: PpmImageFile for number in range(1, 7)},
}
_ORIENTATION = 0x0112
_CHANNELS = {
    "1": ("grey",), "L": ("grey",), "I;16": ("grey",), "I;16B": ("grey",), "I": ("grey",), "F": ("grey",),
    "LA": ("grey", "alpha"), "RGB": ("red", "green", "blue"), "RGBA": ("red", "green", "blue", "alpha"),
}
_TYPES = {"1": "bool", "I;16": "uint16", "I;16B": "uint16", "I": "int32", "F": "float32"}


@dataclass(frozen=True)
class Picture:
    """A picture in a file, of the shape `(y, x)` or `(y, x, channels)`."""

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype

    def read(self, where: Box) -> np.ndarray:
        return _decoded(self.path, self.path.stat().st_mtime_ns)[where].copy()


def open_picture(path: Path) -> Contents:
    """What a PNG, JPEG, BMP, GIF or PNM file holds; palettes become colours, and a camera's turning is undone.

    Raises:
        FileError: the file is none of these, has more pixels than are decoded at once, or several frames, or would be
            decoded to other numbers than are stored.
    """
    with _opened(path) as file:
        width, height = file.size
        require_decodable(path, (width, height))
        _require_plain(path, file)
        if isinstance(file, JpegImageFile) and file.getexif().get(_ORIENTATION, 1) >= 5:
            width, height = height, width
        mode = _mode(file)
        dtype = np.dtype("uint16" if _has_deep_colour(path) else _TYPES.get(mode, "uint8"))
        dots_per_inch = file.info.get("dpi", (0, 0))
    names = _CHANNELS[mode]
    several = len(names) > 1
    sizes = {
        letter: size
        for letter, dots in zip("XY", dots_per_inch, strict=True)
        if dots and (size := micrometres(1 / dots, "inch"))
    }
    picture = Picture(path, (height, width, len(names)) if several else (height, width), dtype)
    require_memory(path, 2 * math.prod(picture.shape) * dtype.itemsize)  # as decoded, and the part that is given
    return Contents(picture, "YXC" if several else "YX", sizes, names)


@lru_cache(maxsize=1)  # tiles of one picture are asked for one after another
def _decoded(path: Path, modified: int) -> np.ndarray:
    if _has_deep_colour(path):
        import imagecodecs

        return imagecodecs.png_decode(path.read_bytes())  # Pillow would halve the depth in silence
    with _opened(path) as file:
        mode = _mode(file)
        upright = ImageOps.exif_transpose(file) if isinstance(file, JpegImageFile) else file
        return np.asarray(upright if upright.mode == mode else upright.convert(mode))


def _opened(path: Path) -> ImageFile:
    with path.open("rb") as file:
        beginning = file.read(4)
    for magic, kind in _FORMATS.items():
        if beginning.startswith(magic):
            return kind(path if not is_elsewhere(path) else path.open("rb"))
    raise FileError(
        f"{path} is not a {ending(path)[1:].upper()} picture, whatever its name says. "
        "Open it in the program it came from and save it as TIFF or PNG."
    )


def _require_plain(path: Path, file: ImageFile) -> None:
    """Raise a FileError if Pillow would pass over frames, or stretch numbers to all that 8 or 16 bits can hold."""
    if isinstance(file, GifImageFile) and file.n_frames > 1:
        raise FileError(f"{path} is a moving picture of {file.n_frames} frames. Save it as a TIFF stack.")
    if isinstance(file, PpmImageFile) and isinstance(told := file.tile[0].args, tuple):
        _, most = told
        if most != (65535 if file.mode == "I" else 255):
            raise FileError(f"{path} holds numbers up to {most:,}, which would be stretched. Save it as PNG or TIFF.")


def _has_deep_colour(path: Path) -> bool:
    """Whether this is a PNG with 16 bits in each of several channels, by the header chunk of the format."""
    with path.open("rb") as file:
        header = file.read(26)
    depth, colour_type = header[24:25], header[25:26]
    return header.startswith(b"\x89PNG") and depth == b"\x10" and colour_type in (b"\x02", b"\x04", b"\x06")


def _mode(file: ImageFile) -> str:
    """The Pillow mode whose numbers we hand out."""
    if file.mode in _CHANNELS:
        return file.mode
    if file.mode == "P" and "transparency" in file.info:
        return "RGBA"
    palette = np.array(file.getpalette() or [0, 1, 2]).reshape(-1, 3)
    return "L" if (palette == palette[:, :1]).all() else "RGB"
