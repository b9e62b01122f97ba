"""Every error a user can meet, in one family.

    MorulaError
    ├── RequestError     what was asked for cannot be done: arguments, patterns, nothing to work on
    ├── FileError        an input file that cannot be read or understood
    ├── OutputError      an output that exists already or cannot be written
    ├── DataError        images and masks that would ruin a training; carries every problem found
    ├── ModelError       a model file that is damaged, foreign or unfit for the image
    └── TrainingError    a training that went wrong, with a diagnosis in words

Each message names what it is about, what was expected, what came, and what to do.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Sequence

from morula.urls import without_secrets


class MorulaError(Exception):
    """The base: catching it catches every mistake in data or arguments, and no bug.

    Advice names options as they are typed. A note beneath says what these are in Python.
    """

    def __init__(self, message: str = ""):
        super().__init__(message)
        options = dict.fromkeys(re.findall(r"(?<![\w-])--([a-z][a-z-]*[a-z])", message))
        if options:
            self.add_note("In Python, " + ", ".join(f"--{each} is {each.replace('-', '_')}=" for each in options) + ".")


class RequestError(MorulaError):
    """What was asked for cannot be done."""


class FileError(MorulaError):
    """An input file cannot be read or understood."""


class OutputError(MorulaError):
    """An output exists already, or cannot be written."""


class DataError(MorulaError):
    """Images and masks that would ruin a training; `problems` holds one sentence for each."""

    def __init__(self, problems: Sequence[str]):
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "1 problem must be mended first:" if count == 1 else f"{count} problems must be mended first:"
        super().__init__("\n".join([head, *(f"- {problem}" for problem in self.problems)]))


class ModelError(MorulaError):
    """A model file is damaged, foreign, or unfit for the image."""


class TrainingError(MorulaError):
    """A training went wrong; the message is a diagnosis in words."""


REFUSALS = {
    errno.EACCES: "Allow it to be read there, or give another.",
    errno.EPERM: "Allow it, or give another.",
    errno.ELOOP: "Its links lead round in a circle: give the file itself.",
    errno.ENAMETOOLONG: "Give it a shorter name.",
    errno.EROFS: "Give a place that can be written to.",
    errno.ENOSPC: "Make room on its disk, or give another place.",
    errno.EDQUOT: "Make room on its disk, or give another place.",
    errno.EFBIG: "Allow larger files there, or give another place.",
    errno.EMFILE: "Allow more open files (ulimit -n).",
    errno.EIO: "Its disk is failing: copy what is on it.",
}
"""What to do about a path that the system refuses, by the number of the error."""


LIBRARIES = re.compile("failed to map segment|cannot allocate memory in static TLS|can't start new thread", re.I)
ASKED = re.compile(r"tried to allocate (\d+) bytes|Unable to allocate ([\d.]+ \w+)")
"""What libraries say that got no memory, and that of PyTorch and NumPy of which how much that was says."""


def bytes_asked(error: Exception) -> str:
    """How much memory was asked for and not given, in words; empty where nobody says it."""
    asked = ASKED.search(str(error))
    return f"{int(asked[1]):,} bytes" if asked and asked[1] else asked[2] if asked else ""


def shortage(error: Exception) -> str | None:
    """What memory did not suffice for, in words; None where it was not that."""
    much = bytes_asked(error)
    if not (much or isinstance(error, MemoryError) or LIBRARIES.search(str(error))):
        return None
    what = f"for {much} more that were needed" if much else f"to go on ({reason(error)})"
    return (f"There is not enough memory {what}. Close other programs, allow more where a limit was set (ulimit -v, or "
            "what a batch job asked for), or use smaller images.")


def refusal(error: Exception) -> str | None:
    """What the system refused, in words that name the path; None where that was not it, but a fault of ours."""
    if isinstance(error, OSError) and error.filename and error.errno in REFUSALS:
        return f"{error.filename} cannot be used ({reason(error)}). {REFUSALS[error.errno]}"
    if isinstance(error, RuntimeError) and str(error).startswith("Symlink loop"):  # as pathlib says it before 3.13
        return f"{str(error).rpartition(' from ')[2].strip(chr(39))} cannot be used. {REFUSALS[errno.ELOOP]}"
    return None


def reason(error: BaseException) -> str:
    """Why something failed, on one line; without the number and the path that the system adds, as messages name it, and
    without what lets in by a URL."""
    words = error.strerror if isinstance(error, OSError) else None
    if several := getattr(error, "errors", None):  # pydantic's, which says first how many there are
        first = several()[0]
        words = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return without_secrets(words or next(iter(str(error).strip().splitlines()), type(error).__name__))
