"""How sure each measure is: intervals that follow from the outlines that an object might have as well.

An object is measured again with plausible outlines. How far the values spread tells how much this measure of this
object hangs on what the model was unsure of. How many such spreads the truth is away was learned for each measure on
objects whose truth is known; what it holds for nine in ten of them becomes the interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field, ValidationError

from morula.errors import FileError, reason
from morula.files import write_text
from morula.measures.catalogue import Measure
from morula.measures.columns import Layout
from morula.measures.plausible import OutlineErrors, UnsureBody
from morula.plurals import many
from morula.settings import Settings

DRAWS = 16
"""Plausible outlines of an object: the spread of so many is known to a fifth."""

LEVEL = 0.9
"""The share of true values that intervals hold."""

NORMAL = 1.645
"""Standard deviations to both sides of the mean that hold this share of a normal distribution."""

USUAL = 2.0
"""Spreads to both sides that hold this share of true values, where nothing was learned of a measure, as they did in
drawn frames (docs/experiments.md)."""

ROOM = 0.25
"""How much larger plausible outlines may become, as a share of the object's longest side."""

FILE = "calibration.json"
"""Beside the doubt of masks: what it means."""

CERTAIN = ("touches_border", "others_class_{class}")
"""Measures of the frame rather than of the outline, which have no interval."""

PERIODS: Mapping[str, float] = {
    "orientation": 180, "feret_max_angle": 180, "feret_min_angle": 180, "protrusion_angle": 360,
    "polarisation_angle_{channel}": 360,
}
"""After how many degrees each angle is the same again."""

NEVER_NEGATIVE = ("length", "area", "volume")
"""Units of what cannot be below 0, where it is no position."""

WITHIN: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys(("elongation", "flatness", "eccentricity", "circularity", "sphericity", "solidity", "convexity",
                     "concave_share", "harmonic_1_elongation", "harmonic_2_elongation", "midline_bend",
                     "polarisation_{channel}"), (0, 1)),
    **dict.fromkeys(("long_axis_{axis}", "contrast_{channel}", "polarisation_{axis}_{channel}"), (-1, 1)),
    **dict.fromkeys(("harmonic_{harmonic}", "straight_aspect_ratio", "centroid_offset_{channel}"), (0, np.inf)),
    "aspect_ratio": (1, np.inf),
}
"""Between which values a ratio always lies."""


class Calibration(Settings):
    """What a model learned, on objects whose truth is known, of how far its outlines and measures of them are off."""

    errors: OutlineErrors = OutlineErrors()
    """How outlines err."""
    spreads: dict[str, tuple[float, float]] = Field(default_factory=dict)
    """For each measure, how many spreads below and above what is measured the interval ends; `USUAL` where one is not
    named."""
    objects: int = 0
    """How many held-out objects tell it; 0 if there were none, and the probabilities are taken at their word."""
    trained: int = 0
    """How many objects tell it beside them that the model learned from."""

    @property
    def sentence(self) -> str:
        """What the intervals can be trusted to hold."""
        if not self.objects:
            return "as the model's probabilities say, which no held-out frame has confirmed"
        others = f", and of {self.trained} that were learned from" if self.trained else ""
        return f"hold {LEVEL:.0%} of the true values of {many(self.objects, 'held-out object')}{others}"


def columns_with_interval(measure: Measure, name: str) -> tuple[str, ...]:
    """A column of a measure, and those of its interval if it has one."""
    return (name,) if measure.name in CERTAIN else (name, *_ends(name))


def intervals(
    layout: Layout, unsure: UnsureBody, row: Mapping[str, Any], calibration: Calibration
) -> tuple[dict[str, float | None], int]:
    """The interval of each measure of an object, by column, and in how many of `DRAWS` outlines it vanishes.

    What is counted lies between the smallest and the largest count. The two ends of an angle are not wrapped, so that
    one of them may be below 0 or above 360; where nothing is known of a direction, they are a whole period apart. A
    measure that is missing, or is so in half of the plausible outlines, has none.

    Args:
        layout: of the table.
        unsure: the object.
        row: its measures.
        calibration: of the model that outlined it.
    """
    drawn = [layout.row(body) for body in unsure.plausible(calibration.errors, DRAWS)]
    found: dict[str, float | None] = {}
    for measure, names in layout.measures:
        if measure.name in CERTAIN:
            continue
        for name in names:
            value = row[name]
            values = [each[name] for each in drawn if each[name] is not None]
            if value is None or 2 * len(values) < DRAWS:
                ends = (None, None)
            else:
                ends = _interval(measure, value, np.array(values), calibration)
            found |= zip(_ends(name), ends, strict=True)
    return found, DRAWS - len(drawn)


def spread(measure: Measure, value: float, values: np.ndarray) -> float:
    """The standard deviation of a measure over plausible outlines; of an angle, around what was measured."""
    if measure.name in PERIODS:
        return float(np.sqrt(np.mean(departure(measure, value, values) ** 2)))
    return float(np.std(values))


def departure(measure: Measure, value: float, other: Any) -> Any:
    """How far other values are from one; angles the short way round."""
    if period := PERIODS.get(measure.name):
        return (np.asarray(other) - value + period / 2) % period - period / 2
    return np.asarray(other) - value


def _ends(name: str) -> tuple[str, str]:
    return f"{name}_low", f"{name}_high"


def _interval(
    measure: Measure, value: float, values: np.ndarray, calibration: Calibration
) -> tuple[float, float]:
    if measure.unit in ("count", "pixel"):
        return int(min(value, values.min())), int(max(value, values.max()))
    below, above = calibration.spreads.get(measure.name, (-USUAL, USUAL))
    wide = spread(measure, value, values)
    most = PERIODS.get(measure.name, np.inf) / 2
    lowest, highest = _limits(measure)
    return (max(value + max(min(below, 0) * wide, -most), lowest),
            min(value + min(max(above, 0) * wide, most), highest))


def _limits(measure: Measure) -> tuple[float, float]:
    if measure.unit in NEVER_NEGATIVE and not measure.name.startswith("centroid"):
        return 0, np.inf
    return WITHIN.get(measure.name, (-np.inf, np.inf))


def write_calibration(folder: Path, calibration: Calibration) -> None:
    """Keep with the doubt of masks what it means.

    Raises:
        OutputError: the folder cannot be made or written to.
    """
    write_text(folder / FILE, calibration.model_dump_json(indent=1))


def read_calibration(folder: Path) -> Calibration:
    """What the doubt in a folder means.

    Raises:
        FileError: `morula segment --doubt` did not write this folder.
    """
    path = folder / FILE
    try:
        return Calibration.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise FileError(f"{path} cannot be read ({reason(error)}). Give with --doubt the folder that "
                        "morula segment --doubt wrote beside its masks.") from error
