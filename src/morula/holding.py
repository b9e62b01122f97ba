"""What one process works on is not another's: it is held until it is let go, or whoever holds it ends."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from morula.errors import OutputError


@contextmanager
def held(path: Path, by: Path) -> Iterator[None]:
    """Hold a path. The system lets it go when this process ends; where its disk knows no holding, all goes on without.

    Args:
        path: what is held.
        by: a file that says who holds it.

    Raises:
        OutputError: another process holds it.
    """
    try:
        file = _held(by)
    except BlockingIOError:
        with suppress(OSError):
            raise OutputError(f"{path} is being made by {by.read_text(encoding='utf-8')}. Wait until it is done, or "
                              "choose another --out.") from None
        raise OutputError(f"{path} is being made by another process. Choose another --out.") from None
    except OSError:  # where nothing can be written is said by whoever writes there
        yield
        return
    try:
        os.ftruncate(file, 0)
        since = time.strftime("%Y-%m-%d %H:%M")
        os.write(file, f"process {os.getpid()} on {socket.gethostname()} since {since}".encode())
        yield
    finally:
        by.unlink(missing_ok=True)
        os.close(file)


def _held(by: Path) -> int:
    """The file, opened and held."""
    by.parent.mkdir(parents=True, exist_ok=True)
    while True:
        file = os.open(by, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(file)
            if by.exists() and os.path.samestat(os.fstat(file), by.stat()):
                return file
        except OSError:
            os.close(file)
            raise
        os.close(file)  # whoever held it has just let it go, and removed it


def _lock(file: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, 2**20, os.SEEK_SET)  # far behind what is read
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error
        finally:
            os.lseek(file, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
