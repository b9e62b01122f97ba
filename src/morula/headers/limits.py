"""How much a file may ask for: what its header claims is weighed before anything is decoded or given room."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from morula.errors import FileError, RequestError, bytes_asked

MOST_DECODED = 2**29
"""Pixels of what can only be decoded as a whole: a PNG, a strip or tile of a TIFF. 23,170 × 23,170 are as many."""
MOST_PLANES = 2**22
"""Planes that a stack may name: 46 hours of a camera that takes 25 a second."""
LEAST = 2**30
"""Bytes of address space that are taken once all libraries are loaded."""
GROUP = Path("/sys/fs/cgroup")
"""Where a container sees what it may take."""
COMPARED = 2**26
"""Bytes that are given without asking how much memory is left."""


def require_planes(path: Path, planes: int) -> None:
    """Raise a FileError if a stack names more planes than any has."""
    if planes > MOST_PLANES:
        raise FileError(f"{path} names {planes:,} planes, and at most {MOST_PLANES:,} of a file are read. It is "
                        "damaged: copy it again, or leave it out.")


def require_decodable(path: Path, sides: Sequence[int], what: str = "it") -> None:
    """Raise a FileError if there are more pixels than are decoded at once.

    Args:
        path: the file.
        sides: pixels along each axis.
        what: has them, such as a tile.
    """
    if math.prod(sides) > MOST_DECODED:
        raise FileError(f"{path} cannot be read: {what} has {' × '.join(f'{side:,}' for side in sides)} pixels, and at "
                        f"most {MOST_DECODED:,} are decoded at once. Save it as a tiled TIFF, or leave it out.")


def require_memory(path: Path, needed: int) -> None:
    """Raise a FileError if there are not so many bytes of memory left."""
    if needed > COMPARED and needed > (left := memory_left()):
        raise FileError(f"{path} needs {_in_words(needed)} of memory, and {_in_words(left)} are left. Save it as a "
                        "tiled TIFF, or cut it into smaller ones.")


def too_large(path: Path, error: Exception) -> FileError:
    """Says that memory did not suffice for what a file holds, by the error that came of it."""
    much = f" ({asked} more)" if (asked := bytes_asked(error)) else ""
    return FileError(f"{path} needs more memory than there is{much}. Save it as a tiled TIFF, or cut it into smaller "
                     "ones.")


def memory_left() -> int:
    """Bytes that can be given without others having to go, and that this process, or what holds it, may still take."""
    return max(0, min(_left_on_the_machine(), left_in_the_group(), _left_to_the_process()))


def require_room() -> None:
    """Raise a RequestError if a limit leaves less than libraries take, some of which end a program without a word."""
    if (most := _address_space()) < LEAST:
        raise RequestError(f"Programs may take {_in_words(most)} of memory each here (ulimit -v), and Morula needs at "
                           f"least {_in_words(LEAST)} before it does anything. Allow more.")


def _address_space() -> int:
    """Bytes that a process may have in all."""
    with suppress(ImportError, OSError):
        import resource  # which Windows lacks

        most = resource.getrlimit(resource.RLIMIT_AS)[0]
        return sys.maxsize if most == resource.RLIM_INFINITY else most
    return sys.maxsize


def _left_to_the_process() -> int:
    with suppress(OSError, ValueError):
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
        return _address_space() - taken
    return sys.maxsize


def left_in_the_group(group: Path = GROUP) -> int:
    """Bytes that a container may still take, with those that it keeps of files which nobody reads any more."""
    with suppress(OSError, ValueError, KeyError):  # where it may take all, it says "max"
        most, taken = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        kept = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return most - taken + int(kept["inactive_file"])
    return sys.maxsize


def _left_on_the_machine() -> int:
    """What the machine has; half of all memory, where the system does not tell."""
    with suppress(OSError, ValueError, StopIteration):
        with Path("/proc/meminfo").open(encoding="ascii") as file:
            line = next(line for line in file if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 1024
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    return sys.maxsize


def _in_words(size: int) -> str:
    """Bytes as one reads them, in GB."""
    return f"{size / 1e9:,.1f} GB"
