"""Columns of measures as they are said: their quantity and unit on an axis, and the columns that a name means."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from typing import Literal

from morula.errors import RequestError

_SUFFIX = re.compile(r"(?P<name>.*?)(?P<unit>_deg|(?:_per)?_(?:um|px)[23]?)?(?P<per>_per_(?:h|frame))?", re.DOTALL)
_WORDS = {"um": "µm", "px": "px", "2": "²", "3": "³", "deg": "°"}

LIMITS = ("_low", "_high")
"""What the ends of an interval are called, behind the name of their measure."""


def quantity(column: str) -> str:
    """What a column holds, with its unit, as it stands at an axis.

    >>> quantity("area_um2"), quantity("curvature_max_per_um"), quantity("elongation_per_h"), quantity("mean_GFP")
    ('area (µm²)', 'curvature max (1/µm)', 'elongation (1/h)', 'mean GFP')
    """
    name, _, unit = _parts(column)
    return f"{name.replace('_', ' ')} ({unit})" if unit else name.replace("_", " ")


def unit_of(column: str) -> str:
    """The unit of a column, empty where it has none.

    >>> unit_of("area_um2_per_h"), unit_of("aspect_ratio")
    ('µm²/h', '')
    """
    return _parts(column)[2]


def is_angle(column: str) -> bool:
    """Whether a column goes round in a circle, so that its mean says nothing."""
    return column.endswith("_deg")


def number(value: float, sign: Literal["", "+"] = "") -> str:
    """A number to three digits, as people write it.

    >>> number(-30123.4), number(0.0068349), number(2.0, "+")
    ('−30,100', '0.00683', '+2.00')
    """
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    return f"{round(value, digits):{sign},.{max(0, digits)}f}".replace("-", "−")


def columns_of(names: Iterable[str], columns: Collection[str]) -> list[str]:
    """The columns that are meant by names with their unit or without.

    Raises:
        RequestError: no column has such a name.

    >>> columns_of(["area", "solidity"], ["file", "area_um2", "solidity"])
    ['area_um2', 'solidity']
    """
    chosen: list[str] = []
    for name in names:
        found = [column for column in columns if name in (column, _parts(column)[1])]
        if not found:
            raise RequestError(f"The table has no column {name!r}. It has {', '.join(columns)}.")
        chosen += [column for column in found if column not in chosen]
    return chosen


def _parts(column: str) -> tuple[str, str, str]:
    """Its quantity, its name without the unit of the quantity, and its unit."""
    found = _SUFFIX.fullmatch(column)
    assert found is not None  # a name alone matches
    unit, per = found["unit"] or "", found["per"] or ""
    words = "".join(_WORDS[part] for part in re.findall(r"um|px|deg|[23]", unit))
    if unit.startswith("_per"):
        words = f"1/{words}"
    if per:
        words = f"{words or '1'}/{per.removeprefix('_per_')}"
    return found["name"], found["name"] + per, words
