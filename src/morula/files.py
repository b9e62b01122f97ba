"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from morula.errors import OutputError
from morula.remote_paths import RemotePath
from morula.urls import is_url
from morula.whereabouts import as_path, is_elsewhere

if TYPE_CHECKING:
    import numpy as np

PART = f".part-{hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]}-"
"""With what the name of a file begins that is being written, on this machine; the number of the process follows."""
MENDS = {
    errno.ENOSPC: "make room on its disk",
    errno.EDQUOT: "make room on its disk",
    errno.EIO: "look after its disk, which is failing",
    errno.EFBIG: "allow larger files there (ulimit -f)",
    errno.EMFILE: "allow more open files (ulimit -n)",
    errno.EEXIST: "remove what is in the way of its folder: a file, or links that lead round in a circle",
    errno.ELOOP: "mend the links, which lead round in a circle",
    errno.ENAMETOOLONG: "shorten the name",
}
"""What to do about an output that cannot be written, by the number of the error."""
_ASKING = Lock()


@contextmanager
def whole_file(path: Path, *, option: str | None = "--out") -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; it takes the name of `path` only after success.

    `option` is the flag that names another place, if there is one.

    Raises:
        OutputError: the folder cannot be made or written to.
    """
    path = as_path(path)
    if isinstance(path, RemotePath):
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder, path.name)
            path.write(Path(folder, path.name))
        return
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OutputError(f"{path} is a device or a pipe, which a file would replace. Give the name of a file.")
    with errors_of_writing(path, option=option):
        path.parent.mkdir(parents=True, exist_ok=True)
        _tidy(path.parent.absolute())
        suffix = "".join(path.suffixes[-2:])[-32:]
        handle, name = tempfile.mkstemp(prefix=f"{PART}{os.getpid()}-", suffix=suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("r+b") as written:
                reach_the_disk(written.fileno())  # before it has its name, or that could be all there is of it
            temporary.chmod(0o666 & ~_umask())  # mkstemp makes files private to their owner
            temporary.replace(path)
            _name_reaches_the_disk(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def errors_of_writing(path: Path, *, option: str | None = "--out") -> Iterator[None]:
    """Turn what the system refuses while a file is written into an OutputError that names it and says what to do.

    `option` is the flag that names another place, if there is one.
    """
    if is_url(f"{path.parts[0]}//" if path.parts else "") and not Path(path.parts[0]).exists():
        raise OutputError(f"{path.parts[0]}//… is a URL, and files are written on this machine. Give a folder here, "
                          "and copy what comes into it.")
    try:
        yield
    except OSError as error:
        mend = MENDS.get(error.errno or 0, "make the folder writable")
        what = f"Choose another place with {option}, or {mend}" if option else mend.capitalize()
        raise OutputError(f"{path} cannot be written ({error.strerror or error}). {what}.") from error


@contextmanager
def whole_folder(path: Path, *, option: str | None = "--out", last: Sequence[str] = ()) -> Iterator[Path]:
    """Give a temporary folder beside `path` to fill; it takes the name of `path`, and its place, only after success.

    Args:
        path: the folder; what lies there is replaced.
        option: the flag that names another place, if there is one.
        last: names of files that come last, in this order, and go first, where a folder elsewhere takes no place at
            once.

    Raises:
        OutputError: the folder cannot be made or written to.
    """
    if isinstance(path, RemotePath):
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
            path.write_all(Path(folder), last)
        return
    with errors_of_writing(path, option=option):
        path.parent.mkdir(parents=True, exist_ok=True)
        _tidy(path.parent.absolute())
        temporary = Path(tempfile.mkdtemp(prefix=f"{PART}{os.getpid()}-", dir=path.parent))
        try:
            yield temporary
            _contents_reach_the_disk(temporary)
            temporary.chmod(0o777 & ~_umask())
            if path.exists():
                path.replace(temporary.with_name(f"{temporary.name}-old"))
            temporary.replace(path)
            _name_reaches_the_disk(path.parent)
        finally:
            for left in path.parent.glob(f"{temporary.name}*"):
                shutil.rmtree(left, ignore_errors=True)


def ensure_writable(path: Path) -> None:
    """Find out before long work whether `path` can be written at its end.

    Raises:
        OutputError: its folder cannot be made or written to, or the path is a folder.
    """
    if Path(path).is_dir():
        raise OutputError(f"{path} is a folder. Give the name of a file.")
    with suppress(_Untouched), whole_file(path):
        raise _Untouched


def ensure_new_folder(path: Path, *, option: str = "--out") -> None:
    """Find out whether `path` can become a folder without anything in it that was there before.

    Raises:
        OutputError: there is a file, or a folder that holds something.
    """
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists():
        what = "holds files already" if path.is_dir() else "is a file"
        raise OutputError(f"{path} {what}. Choose another folder with {option}, or delete it.")


class _Untouched(Exception):
    """Leaves `whole_file` without taking its name."""


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all; of names that are no text, the bytes are written as escapes."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


def read_json(path: Path) -> Any:
    """What a JSON file says, in whichever Unicode.

    Raises:
        ValueError: it is no JSON, or nested more deeply than anything is.
        OSError: it cannot be read.
    """
    try:
        return json.loads(path.read_bytes())
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays in a `.npz` file, by their names.

    Raises:
        ValueError: it is damaged, or no such file.
        OSError: it cannot be read.
    """
    import numpy as np

    try:
        with np.load(path) as kept:
            return {name: kept[name] for name in kept.files}
    except Exception as error:  # archives and NumPy fail in their own ways, and promise none
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # as where a place lies before the beginning
            raise
        raise ValueError("it is damaged") from error


def write_somewhere(path: Path, write: Callable[[Path], None]) -> Path:
    """Write what must not be lost: where it should be, or else into the home folder or that of temporary files.

    Args:
        path: where it should be.
        write: writes it, to where it is told, or raises an OutputError.

    Returns:
        Where it is.

    Raises:
        OutputError: it can be written nowhere; of where it should be.
    """
    try:
        write(path)
        return path
    except OutputError:
        for folder in (Path.home(), Path(tempfile.gettempdir())):
            other = folder / f"{path.stem} of {time.strftime('%Y-%m-%d %H.%M.%S')}{path.suffix}"
            with suppress(OutputError):
                write(other)
                return other
        raise


def settled(path: Path) -> Path:
    """Where a path leads through all links; where these lead round in a circle, or it is elsewhere, it is itself."""
    return path if is_elsewhere(path) else Path(os.path.realpath(path))


@cache
def _tidy(folder: Path) -> None:
    """Remove what processes left that were killed while they wrote into a folder."""
    for left in folder.glob(f"{PART}*"):
        owner = left.name.removeprefix(PART).partition("-")[0]
        if owner.isdecimal() and not lives(int(owner)):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def lives(process: int) -> bool:
    """Whether a process of this machine still runs; where nobody can tell, it does."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except OSError as error:
        return error.errno != errno.ESRCH
    return True


def reach_the_disk(file: int) -> None:
    """Wait until what was written to an open file is safe from a pulled plug.

    Raises:
        OSError: the disk fails.
    """
    os.fsync(file)


def _contents_reach_the_disk(folder: Path) -> None:
    """The same for all that lies in a folder, and for its name there."""
    for place, _, names in os.walk(folder):
        for name in names:
            with Path(place, name).open("r+b") as written:
                reach_the_disk(written.fileno())
        _name_reaches_the_disk(Path(place))


def _name_reaches_the_disk(folder: Path) -> None:
    """The same for the names in a folder; some systems know no such thing, and some disks in networks."""
    if os.name != "posix":
        return
    try:
        opened = os.open(folder, os.O_RDONLY)
    except PermissionError:  # one may write into it, and not look
        return
    try:
        reach_the_disk(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(opened)


def _umask() -> int:
    with _ASKING:  # of two threads, one would take the other's 0 for what it was
        mask = os.umask(0)
        os.umask(mask)
    return mask
