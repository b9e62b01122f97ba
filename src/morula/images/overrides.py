"""What a person says of files over what they say themselves: their axes and their pixel size, as types of settings."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from morula.headers.units import micrometres


def as_axes(letters: str | None) -> str | None:
    """Letters of axes in capitals.

    Raises:
        ValueError: they are not letters of `TCZYX`, each once, with Y and X among them.
    """
    if letters is None:
        return None
    axes = letters.upper()
    if set(axes) - set("TCZYX") or len(set(axes)) < len(axes) or not {"Y", "X"} <= set(axes):
        raise ValueError("should be letters of TCZYX, each once, with Y and X among them")
    return axes


def as_pixel_size(given: Any) -> Any:
    """A pixel size in µm from what a person types: with a unit or without, and `0,5` for half a µm.

    As no pixel is 0 µm large, two numbers of which the first is 0 are one with a comma in it.

    Raises:
        ValueError: it is no length, or not above 0.

    >>> as_pixel_size("500 nm"), as_pixel_size(["2", "0.5um", "0.5um"]), as_pixel_size(["0", "65"])
    (0.5, (2.0, 0.5, 0.5), 0.65)
    """
    if isinstance(given, list | tuple):
        if len(given) == 2 and given[0] == "0" and str(given[1])[:1].isdecimal():
            return _length(f"0.{given[1]}")
        return tuple(map(_length, given))
    return None if given is None else _length(given)


def _length(given: Any) -> float:
    found = re.fullmatch(r"([\d.eE+-]+)\s*(\D*)", str(given).strip())
    try:
        number = float(found[1]) if found else None
    except ValueError:
        number = None
    size = None if number is None or found is None else micrometres(number, found[2] or "µm")
    if size is None:
        raise ValueError("should be one number above 0, or one for each axis, in µm or with its unit, such as 0.5, "
                         "500nm or 2,0.5,0.5 (a point for decimals, a comma between axes)")
    return size


Axes = Annotated[str | None, AfterValidator(as_axes)]
"""Letters of TCZYX, or None for what the file says."""

PixelSize = Annotated[float | tuple[float, ...] | None, BeforeValidator(as_pixel_size)]
"""µm of all spatial axes or of each, or None for what the file says."""
