"""Which format a file is in, by its first bytes, and the module here that reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from morula.errors import FileError
from morula.formats.stored import Contents
from morula.names.endings import IMAGE_ENDINGS, READ_ENDINGS, ending, zarr_of

FORMATS: Mapping[bytes, str] = {
    **dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "tiff:open_tiff"),
    b"\x93NUMPY": "npy:open_npy",
    # Packed, or the size of the header of versions 1 and 2 in either byte order.
    **dict.fromkeys((b"\x1f\x8b", b"\x5c\1\0\0", b"\0\0\1\x5c", b"\x1c\2\0\0", b"\0\0\2\x1c"), "nifti:open_nifti"),
}
"""What files begin with, and the module that reads them with its function. All else is a picture, or none."""
_PICTURES = "pictures:open_picture"
_LONGEST = max(map(len, FORMATS))


def open_file(path: Path) -> Contents:
    """What a file, or an image in an OME-Zarr, says that it holds.

    Raises:
        FileError: it cannot be understood. What else a decoder raises is left to who asks.
    """
    if zarr_of(path):
        return _reader("ome_zarr:open_ome_zarr")(path)
    if ending(path) not in IMAGE_ENDINGS:
        raise FileError(f"{path} ends in {ending(path) or 'nothing'}. Save it as one of {READ_ENDINGS}.")
    if path.exists() and not path.is_file():
        raise FileError(f"{path} is a pipe or a device, and no file. Leave it out.")
    with path.open("rb") as file:
        beginning = file.read(_LONGEST)
    if not beginning:
        raise FileError(f"{path} is empty. Copy it again from where it came from, or leave it out.")
    return _reader(next((reader for start, reader in FORMATS.items() if beginning.startswith(start)), _PICTURES))(path)


def _reader(named: str) -> Callable[[Path], Contents]:
    """The function that opens files of a format; its module, and what that needs, are loaded for the first of these."""
    module, _, function = named.partition(":")
    return getattr(import_module(f"morula.formats.{module}"), function)
