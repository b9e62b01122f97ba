"""Where files lie, here or elsewhere: what was given becomes a path, and folders are gone through alike."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from morula.errors import FileError
from morula.remote_paths import RemotePath
from morula.sites import Site, is_of_the_way
from morula.urls import address, is_url

if TYPE_CHECKING:
    from zarr.abc.store import Store


def as_path(given: str | Path, /, **options: Any) -> Path:
    """A path on this machine, or one elsewhere that is used as such.

    Args:
        given: a path, or the URL of something that fsspec reaches, such as `s3://bucket/plate.zarr`,
            `https://example.org/a.tif` or `zip://images::s3://bucket/all.zip`.
        options: what the library behind a URL is told, such as `key` and `secret`; of several links, the last is.

    Raises:
        RequestError: a library for such URLs is missing, or does not know an option.
        FileError: what the URL leads through cannot be reached.

    >>> as_path("images/a.tif").name, str(as_path("memory://plates/7.zarr") / "B" / "03")
    ('a.tif', 'memory://plates/7.zarr/B/03')
    """
    if isinstance(given, str) and is_url(given):
        return RemotePath(Site.of(given, options), PurePosixPath(address(given).way))
    return given if isinstance(given, Path) else Path(given)


def is_elsewhere(path: Path) -> bool:
    """Whether a path is none of this machine."""
    return isinstance(path, RemotePath)


def lists(folder: Path) -> bool:
    """Whether what lies in a folder can be told for certain; a server of pages need not say it."""
    return not isinstance(folder, RemotePath) or folder.site.lists


def can_be_written(path: Path) -> bool:
    """Whether anything may be written there; whether one is let is another question."""
    return not isinstance(path, RemotePath) or path.site.writes


def gives_parts(file: Path) -> bool:
    """Whether a part of a file can be had without the rest; some servers give the whole alone."""
    return not isinstance(file, RemotePath) or file.gives_parts()


def entries(folder: Path) -> Iterator[tuple[Path, bool]]:
    """What lies in a folder, and whether each is a folder."""
    if isinstance(folder, RemotePath):
        yield from folder.entries()
        return
    with os.scandir(folder) as found:
        yield from ((Path(entry), _is_folder(entry)) for entry in found)


def _is_folder(entry: os.DirEntry) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that nobody can follow, or may follow
        return False


def files_below(folder: Path, but: Collection[str] = ()) -> Iterator[Path]:
    """All files in a folder and in those in it, without folders of certain names."""
    if isinstance(folder, RemotePath):
        found = folder.files_below()
        yield from (file for file in found if set(but).isdisjoint(file.relative_to(folder).parts[:-1]))
        return
    for parent, below, names in os.walk(folder):
        below[:] = [name for name in below if name not in but]
        yield from (Path(parent, name) for name in names)


def staying(file: Path) -> Path:
    """A file of which parts are read one after the other; elsewhere, it is refused once it is another than at first."""
    return file.staying() if isinstance(file, RemotePath) else file


def way_failed(path: Path, error: Exception) -> FileError | None:
    """What an error says of the way to a file elsewhere; None where it is about what is in it."""
    return path.failure(error) if isinstance(path, RemotePath) and is_of_the_way(error) else None


def store_of(path: Path) -> Path | Store:
    """What zarr opens; chunks elsewhere are asked for several at a time.

    Raises:
        FileError: what lets in stands behind a `?`, where zarr looks for the names of chunks.
    """
    if not isinstance(path, RemotePath):
        return path
    if path.site.link.query:
        raise FileError(f"{path} is one of many files, and what stands behind the ? of a URL lets in to one. Give the "
                        "URL without it, and what lets in with --storage-option.")
    from zarr.storage import FsspecStore

    return FsspecStore(path.site.several_at_once(), read_only=True, path=path.site.asked(path.way))
