"""Libraries that Morula does without until something is asked for that needs one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from morula.errors import RequestError


@contextmanager
def asked_of(library: str, what: str) -> Iterator[None]:
    """Import a library within this; where it is missing, that is said in words.

    Args:
        library: as it is installed and imported.
        what: what is asked for, the beginning of a sentence.

    Raises:
        RequestError: it is not installed; with what installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise RequestError(f"{what} needs {library}, which Morula does not bring along. Install it with: "
                           f"python -m pip install {library}") from error
