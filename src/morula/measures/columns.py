"""The columns of a table of measures: which there are, what they are called, and what stands in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from morula.measures.bodies import Body
from morula.measures.catalogue import MEASURES, SUFFIXES, Measure
from morula.measures.contours import HARMONICS


@dataclass(frozen=True)
class Layout:
    """What the columns follow from.

    Attributes:
        axes: the number of spatial axes.
        micrometres: whether lengths are in µm, and not in pixels.
        channels: the names of the image's channels; none without an image.
        parts: how many parts a profile has.
        classes: of the objects beside the main one, where these are counted.
        asked: which measures are wanted, as far as they exist here.
    """

    axes: int
    micrometres: bool
    channels: tuple[str, ...] = ()
    parts: int = 10
    classes: int = 0
    asked: Sequence[Measure] = tuple(MEASURES)

    @cached_property
    def measures(self) -> tuple[tuple[Measure, tuple[str, ...]], ...]:
        """The measures that exist here with their columns, in order."""
        named = ((measure, self._names(measure)) for measure in self.asked if self.axes in measure.axes)
        return tuple((measure, names) for measure, names in named if names)

    def row(self, body: Body) -> dict[str, Any]:
        """All measures of an object, by column; what does not exist is None."""
        row: dict[str, Any] = {}
        for measure, names in self.measures:
            if measure.tiny or body.has_shape:
                found = measure.of(body, self.parts) if "{part}" in measure.name else measure.of(body)
                values = np.ravel(found).tolist()
            else:
                values = [None] * len(names)
            row |= zip(names, map(_plain, values), strict=True)
        return row

    def _names(self, measure: Measure) -> tuple[str, ...]:
        places = {
            "axis": "zyx"[-self.axes :],
            "channel": column_words(self.channels),
            "part": range(1, self.parts + 1),
            "class": range(1, self.classes + 1),
            "harmonic": range(2, HARMONICS + 1),
            "end": ("first", "last"),
        }
        template = measure.name + SUFFIXES.get(measure.unit, "")
        unit = "um" if self.micrometres else "px"
        braces = re.findall(r"{(\w+)}", measure.name)
        chosen = product(*(places[brace] for brace in braces))
        return tuple(template.format(unit=unit, **dict(zip(braces, each, strict=True))) for each in chosen)


def column_words(names: Sequence[str]) -> list[str]:
    """The names of channels as parts of columns': letters, digits and underscores, each different.

    >>> column_words(("GFP (488)", "channel 2", "a-b", "a b"))
    ['GFP_488', 'channel_2', 'a_b_3', 'a_b_4']
    """
    words = [re.sub(r"\W+", "_", name).strip("_") or "channel" for name in names]
    often = Counter(words)
    return [word if often[word] == 1 else f"{word}_{place}" for place, word in enumerate(words, 1)]


def _plain(value: Any) -> Any:
    """A value as it stands in a table: None where it is missing."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
