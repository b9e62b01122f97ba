"""Which format a file is in, by its first bytes, and the module here that reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from morula.errors import FileError
from morula.formats.scenes import chosen
from morula.formats.stored import Contents, errors_naming
from morula.names.endings import FILE_ENDINGS, READ_ENDINGS, SCENE_ENDINGS, ending, file_of, scene_of, zarr_of
from morula.whereabouts import is_elsewhere


class Format(NamedTuple):
    """What reads a format: for a row of `FORMATS`.

    Attributes:
        opener: the module here, and its function that says what a file holds: `(path) -> Contents`, or
            `(path, scene) -> Contents` for a scene counted from 0.
        scenes: its function that lists the scenes of a file that may hold several: `(path) -> Sequence[Scene]`.
        library: what it needs that Morula does not bring along, as it is installed.
        kind: what its files are, in words.
    """

    opener: str
    scenes: str = ""
    library: str = ""
    kind: str = ""


_ND2 = Format("nd2:open_nd2", "nd2:nd2_scenes", "nd2", "ND2, as Nikon's NIS-Elements writes it")
FORMATS: Mapping[bytes, Format] = {
    **dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), Format("tiff:open_tiff")),
    b"\x93NUMPY": Format("npy:open_npy"),
    # Packed, or the size of the header of versions 1 and 2 in either byte order.
    **dict.fromkeys((b"\x1f\x8b", b"\x5c\1\0\0", b"\0\0\1\x5c", b"\x1c\2\0\0", b"\0\0\2\x1c"),
                    Format("nifti:open_nifti")),
    b"ZISRAWFILE": Format("czi:open_czi", "czi:czi_scenes", "pylibCZIrw", "CZI, as Zeiss' ZEN writes it"),
    **dict.fromkeys((b"\xda\xce\xbe\x0a", b"\0\0\0\x0cjP  "), _ND2),
    b"\x70\0\0\0": Format("lif:open_lif", "lif:lif_scenes", "liffile", "LIF, as Leica's LAS writes it"),
}
"""By what its files begin with. All else is a picture, or none."""
_PICTURES = Format("pictures:open_picture")
_LONGEST = max(map(len, FORMATS))


def open_file(path: Path) -> Contents:
    """What a file, a scene of one, or an image in an OME-Zarr, says that it holds.

    Raises:
        FileError: it cannot be understood. What else a decoder raises is left to who asks.
    """
    if zarr_of(path):
        return _function("ome_zarr:open_ome_zarr")(path)
    file = file_of(path)
    known = _format(file)
    if not known.scenes:
        return _function(known.opener)(file)
    with _library_of(known, file):
        number = chosen(file, _function(known.scenes)(file), scene_of(path))
        return _function(known.opener)(file, number)


def scenes_inside(path: Path) -> list[Path]:
    """The scenes of a file as paths, such as `a.lif:2`; the file itself where it holds only one, or none can be.

    Raises:
        FileError: it may hold several, and cannot be understood.
    """
    if ending(path) not in SCENE_ENDINGS or scene_of(path) is not None:
        return [path]
    with errors_naming(path):
        known = _format(path)
        if not known.scenes:
            return [path]
        with _library_of(known, path):
            count = len(_function(known.scenes)(path))
    return [path] if count < 2 else [path.with_name(f"{path.name}:{number}") for number in range(1, count + 1)]


def _format(file: Path) -> Format:
    if ending(file) not in FILE_ENDINGS:
        raise FileError(f"{file} ends in {ending(file) or 'nothing'}. Save it as one of {READ_ENDINGS}. Or "
                        "convert it by a plug-in of bioio that reads such files: morula convert --reader.")
    if file.exists() and not file.is_file():
        raise FileError(f"{file} is a pipe or a device, and no file. Leave it out.")
    with file.open("rb") as opened:
        beginning = opened.read(_LONGEST)
    if not beginning:
        raise FileError(f"{file} is empty. Copy it again from where it came from, or leave it out.")
    known = next((known for start, known in FORMATS.items() if beginning.startswith(start)), _PICTURES)
    if known.scenes and is_elsewhere(file):
        raise FileError(f"{file} is {known.kind}, which is read on this machine alone. Copy it here first.")
    return known


def _function(named: str) -> Callable[..., Any]:
    """A function of a module here; the module, and what that needs, are loaded when it is first asked for."""
    module, _, function = named.partition(":")
    return getattr(import_module(f"morula.formats.{module}"), function)


@contextmanager
def _library_of(known: Format, file: Path) -> Iterator[None]:
    """Say in words that the library of a format is missing, or something that this needs."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise FileError(f"{file} is {known.kind}, which {known.library} reads, and Morula does not bring that along. "
                        f"Install it with: python -m pip install {known.library}") from error
