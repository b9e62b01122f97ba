"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from morula.errors import OutputError


@contextmanager
def whole_file(path: Path, *, option: str | None = "--out") -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; it takes the name of `path` only after success.

    `option` is the flag that names another place, if there is one.

    Raises:
        OutputError: the folder cannot be made or written to.
    """
    path = Path(path)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", suffix="".join(path.suffixes[-2:]), dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o666 & ~_umask())  # mkstemp makes files private to their owner
        temporary.replace(path)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        mend = "make room on its disk" if full else "make the folder writable"
        what = f"Choose another place with {option}, or {mend}" if option else mend.capitalize()
        raise OutputError(f"{path} cannot be written ({error.strerror or error}). {what}.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


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
    """Write `text` as UTF-8, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
