"""Which images must never be split between training and validation, by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from morula.errors import RequestError
from morula.images.names import plain_stem

COUNTERS = "timepoint|time|tp|t|frame|slice|z"


def group_of(path: Path, frames: int = 1) -> str:
    """The group that a file's name speaks of: the name without its counter of time or depth.

    `movie03_t012.tif` is of the group `movie03`; `t012.tif` of its folder's; a movie is a group of its own.
    """
    stem = plain_stem(path)
    if frames > 1:
        return stem
    counter = rf"(?:(?:^|[ _.-]+)(?:{COUNTERS})|[ _.-]+s)[ _-]?\d+"  # s01.tif alone is rather a sample
    group = re.sub(rf"(?:{counter})+$", "", stem, flags=re.IGNORECASE)
    return group or path.parent.name


def group_by(pattern: str, paths: Sequence[Path]) -> dict[Path, str]:
    """The group of each file: the first bracket of `pattern` in its name, or all that matches.

    Files whose names do not match are groups of their own.

    Raises:
        RequestError: the pattern is no regular expression, or fits no name.
    """
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise RequestError(f"--groups {pattern!r} is not a regular expression: {error}.") from error
    found = {path: expression.search(path.name) for path in paths}
    if not any(found.values()):
        example = f", such as {paths[0].name}" if paths else ""
        raise RequestError(f"--groups {pattern!r} fits none of the {len(paths)} image names{example}.")
    return {
        path: (match[1] if expression.groups and match[1] is not None else match[0]) if match else plain_stem(path)
        for path, match in found.items()
    }
