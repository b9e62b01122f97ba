"""Lengths as files write them, and as people read them, in µm."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

_MICROMETRES = {
    "pm": 1e-6, "picometer": 1e-6, "å": 1e-4, "angstrom": 1e-4, "ångström": 1e-4, "nm": 1e-3, "nanometer": 1e-3,
    "µm": 1.0, "um": 1.0, "µ": 1.0, "mu": 1.0, "micron": 1.0, "micrometer": 1.0,
    "mm": 1e3, "millimeter": 1e3, "cm": 1e4, "centimeter": 1e4, "m": 1e6, "meter": 1e6,
    "in": 25400.0, "inch": 25400.0,
}
_UNITS_OF_PRINT = {"cm", "centimeter", "in", "inch"}
_NO_LENGTHS = {"", "pixel", "px", "voxel", "none", "null", "reference frame", "unknown", "undefined"}
"""What files name where nobody said how long a pixel is; OME has the reference frame."""
_LARGEST_PIXEL = 20.0
"""µm. Printers' defaults lie far above: 600 dpi is 42 µm, 300 dpi 85 µm, 72 dpi 353 µm."""


def micrometres(length: float, unit: str) -> float | None:
    """The length in µm, or None if the unit is unknown or the length is no pixel size.

    Centimetres and inches are what programs write when they mean a printed page, so these two are
    believed only if they make a pixel of at most 20 µm.

    >>> micrometres(0.65, "micron"), micrometres(1 / 300, "inch")
    (0.65, None)
    """
    unit = _plainly(unit)
    factor = _MICROMETRES.get(unit)
    if factor is None or not math.isfinite(length) or length <= 0:
        return None
    size = length * factor
    return None if unit in _UNITS_OF_PRINT and size > _LARGEST_PIXEL else size


def is_strange(unit: str) -> bool:
    """Whether this means a length that is not known here; what says that there is none is not strange.

    >>> is_strange("furlong"), is_strange("micrometres"), is_strange("pixels")
    (True, False, False)
    """
    return _plainly(unit) not in _MICROMETRES.keys() | _NO_LENGTHS


def _plainly(unit: str) -> str:
    """The unit as it stands in the tables: in small letters, one of it, with one sign for micro and `er` for `re`."""
    unit = unicodedata.normalize("NFC", unit).strip().lower().replace("\\u00b5", "µ").replace("μ", "µ")
    unit = re.sub(r"metre(?=s?$)", "meter", unit)
    return "inch" if unit == "inches" else re.sub(r"(?<=\w\w)s$", "", unit)


def pixel_size_in_words(pixel_size: Sequence[float]) -> str:
    """The size of a pixel along each axis, said once where all are equal.

    >>> pixel_size_in_words((0.65, 0.65)), pixel_size_in_words((2, 0.5, 0.5)), pixel_size_in_words((12500, 1000))
    ('0.65 µm', '2 × 0.5 × 0.5 µm', '12500 × 1000 µm')
    """
    sizes = [f"{size:.0f}" if size >= 1000 else f"{size:.4g}" for size in pixel_size]
    return f"{sizes[0] if len(set(sizes)) == 1 else ' × '.join(sizes)} µm"
