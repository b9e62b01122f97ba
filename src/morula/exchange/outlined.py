"""Objects of a mask on their way to other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from morula.exchange.edges import Part, parts_of


@dataclass(frozen=True, eq=False)
class OutlinedObject:
    """One object of a frame.

    Attributes:
        frame: the number of the moment in time, from 0.
        number: of the object.
        kind: the number of its class.
        inside: where it is in a box, bool `(rows, columns)`.
        corner: the row and the column of the first pixel of the box in the frame.
        measured: what was measured of it, by name.
    """

    frame: int
    number: int
    kind: int
    inside: np.ndarray
    corner: tuple[int, int]
    measured: Mapping[str, float] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """A name by which lists sort in time."""
        return f"{self.frame:04d}_{self.number}"

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Its outlines along the edges of pixels, in pixels from the corner of the frame."""
        return parts_of(self.inside, self.corner)

    @cached_property
    def cropped(self) -> tuple[np.ndarray, tuple[int, int]]:
        """The same in the smallest box, and the corner of that."""
        rows, columns = (np.flatnonzero(self.inside.any(axis=axis)) for axis in (1, 0))
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        return self.inside[box], (int(self.corner[0] + rows[0]), int(self.corner[1] + columns[0]))


@dataclass(frozen=True, eq=False)
class OutlinedMask:
    """All objects of a mask that are measured.

    Attributes:
        name: of the mask.
        image: the file of its image, or its own where nobody gave that.
        size: rows and columns of a frame.
        classes: the names of the classes 1, 2 and so on.
        objects: in the order of their frames.
        pixel_size: µm along y and x, None where it is not known.
    """

    name: str
    image: Path
    size: tuple[int, int]
    classes: Sequence[str]
    objects: Sequence[OutlinedObject]
    pixel_size: tuple[float, ...] | None = None

    def class_of(self, each: OutlinedObject) -> str:
        """The name of its class."""
        return self.classes[each.kind - 1]
