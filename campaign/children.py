"""The processes that others have begun, as Linux tells them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def children(process: int, running: str) -> list[int]:
    """The processes that a process has begun, and that run what is called so."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == process and running.encode() in (path / "cmdline").read_bytes():
                found.append(int(path.name))
    return found
