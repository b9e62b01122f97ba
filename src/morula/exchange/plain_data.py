"""Words and numbers out of files that nobody vouches for: what is not as it should be is said in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from morula.errors import FileError, reason

MOST_BYTES = 2**30
"""Of a file that is read as a whole."""
MOST_PIXELS = 2**31
FARTHEST = 1e7
"""Pixels from the corner of an image."""

Kind = TypeVar("Kind")
_CALLED = {dict: "a table of names and values", list: "a list", str: "a text"}


def read_bytes(path: Path) -> bytes:
    """All of a file.

    Raises:
        FileError: it cannot be read, or is too large for annotations.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileError(f"{path} has {path.stat().st_size / 2**30:.1f} GiB, and annotations are read up to "
                            f"{MOST_BYTES / 2**30:.0f} GiB. Export fewer images at a time.")
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read ({reason(error)}). Look at its folder and its permissions.") from error


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises:
        FileError: it cannot be read, or is no JSON.
    """
    try:
        return json.loads(read_bytes(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is no JSON file ({reason(error)}). It is cut short or damaged: save it again in the "
                        "program it came from, or leave it out.") from error


def get(table: dict, key: str, kind: type[Kind], where: str) -> Kind:
    """What stands in a table under a key.

    Raises:
        ValueError: nothing, or something of another kind.
    """
    value = table.get(key)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        came = "nothing" if value is None else f"{type(value).__name__} {str(value)[:40]!r}"
        raise ValueError(f"{where} should hold under {key!r} {_CALLED.get(kind, 'a whole number')}, and holds {came}")
    return value


def tables(values: list, where: str) -> list[dict]:
    """A list of tables.

    Raises:
        ValueError: something in it is none.
    """
    for number, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            raise ValueError(f"number {number} in {where} is no table of names and values")
    return values


def numbers(value: Any, where: str, shape: tuple[int, ...]) -> np.ndarray:
    """Finite numbers that lie in reach of an image.

    Args:
        value: lists of numbers, as JSON has them.
        where: what they are, in words.
        shape: how many; -1 for any number.

    Raises:
        ValueError: they are others.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.empty(0, object)
    if array.dtype.kind not in "iuf" or array.ndim != len(shape):
        raise ValueError(f"{where} holds something else than the numbers that belong there")
    if any(wanted not in (-1, came) for wanted, came in zip(shape, array.shape, strict=True)):
        came = " × ".join(map(str, array.shape))
        wanted = " × ".join("any" if side < 0 else str(side) for side in shape)
        raise ValueError(f"{where} holds {came} numbers, and should hold {wanted}")
    array = array.astype(float)
    if array.size and not np.abs(array).max() <= FARTHEST:  # NaN, too
        raise ValueError(f"{where} holds numbers that lie in no image")
    return array


def size_of(height: Any, width: Any, where: str) -> tuple[int, int]:
    """Rows and columns of an image.

    Raises:
        ValueError: they are none, or too many.
    """
    sides = [side for side in (height, width) if isinstance(side, int) and not isinstance(side, bool) and side > 0]
    if len(sides) < 2 or sides[0] * sides[1] > MOST_PIXELS:
        raise ValueError(f"{where} has the height {str(height)[:20]} and the width {str(width)[:20]}, which is no size "
                         "of an image")
    return sides[0], sides[1]
