"""What tells whether a file is the same as before."""

from __future__ import annotations

import hashlib
from pathlib import Path


def mark(path: Path) -> tuple[int, int] | None:
    """What changes with a file: when it was written, and how large it is; None where there is none."""
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return stat.st_mtime_ns, stat.st_size


def digest(path: Path) -> str:
    """What changes with the content of a file, wherever it lies; empty where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return ""
