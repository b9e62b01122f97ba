"""What a process did to a folder, read from what strace wrote."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHANGING = ("openat", "write", "pwrite64", "writev", "ftruncate", "truncate", "fsync", "fdatasync", "rename",
            "renameat", "renameat2", "link", "symlink", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "chmod",
            "fchmod", "sendfile", "copy_file_range")
"""The system calls that change a folder, and what is in it."""
_CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\((.*)| resumed>.*)$")
_PATHS = re.compile(r'"([^"]*)"|<(/[^>]*)>')


@dataclass(frozen=True)
class Call:
    """A system call that changed something in a folder.

    Attributes:
        name: of the call.
        number: how many of this name its thread had made, with this one.
        paths: the files that it names, as texts.
        creates: whether it opened a file that it may write to.
        failed: whether the system refused.
    """

    name: str
    number: int
    paths: tuple[str, ...]
    creates: bool
    failed: bool

    def __str__(self) -> str:
        return f"{self.name} {' to '.join(Path(path).name for path in self.paths)}"


def calls_on(trace: str, folder: Path) -> Iterator[Call]:
    """What was done to a folder and what is in it, in the order in which it began."""
    numbers: Counter[tuple[str, str]] = Counter()
    for line in trace.splitlines():
        found = _CALL.match(line)
        if not found or found[3] is None:
            continue  # the end of a call whose beginning was seen
        thread, name, told = found.groups()
        numbers[thread, name] += 1
        paths = tuple(one or other for one, other in _PATHS.findall(told))
        writes = "O_WRONLY" in told or "O_RDWR" in told or "O_CREAT" in told
        inside = tuple(path for path in paths if path.startswith(str(folder)) and "O_TMPFILE" not in told)
        if inside and (name != "openat" or writes):
            yield Call(name, numbers[thread, name], inside, writes, " = -1 " in told)
