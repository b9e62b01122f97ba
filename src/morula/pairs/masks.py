"""What a mask file means: from the values people store to class numbers.

Every set of masks gets one reading, said in one sentence. Inside Morula a mask holds class numbers as
`uint8`: 0 is background, 1 to K are the classes, and 255 is not annotated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np

from morula.pairs.census import Census
from morula.pairs.stored_values import Carrier, carried, distinct_values

NOT_ANNOTATED = 255
"""The class number of pixels that nobody annotated: they neither train nor count."""

ReadAs = Literal["auto", "binary", "inverted", "classes", "codes", "colours", "objects"]
"""How stored values become classes; `auto` looks at them and decides."""

Code = tuple[float, ...]
"""A stored value: one number for grey and alpha, three for a colour."""

COLOUR_NAMES: dict[tuple[float, ...], str] = {
    (0, 0, 0): "black", (255, 255, 255): "white", (255, 0, 0): "red", (0, 255, 0): "green",
    (0, 0, 255): "blue", (255, 255, 0): "yellow", (255, 0, 255): "magenta", (0, 255, 255): "cyan",
}


@dataclass(frozen=True)
class MaskReading:
    """How the stored values of a set of masks become class numbers.

    Attributes:
        carrier: the channels that count.
        codes: the known values, one row of one number (grey, alpha) or three (colour) each.
        numbers: the class number of each code.
        others: the class number of every other value, or None where another value is a mistake.
        nearest: every value means the nearest code, as after JPEG.
        sentence: all this in plain words.
        doubt: what else the masks could mean, and the option that says so; mostly empty.
    """

    carrier: Carrier
    codes: tuple[Code, ...]
    numbers: tuple[int, ...]
    others: int | None = None
    nearest: bool = False
    sentence: str = ""
    doubt: str = ""

    @property
    def classes(self) -> int:
        """The number of classes, background left out."""
        numbers = {*self.numbers, *([] if self.others is None else [self.others])} - {NOT_ANNOTATED}
        return max(numbers, default=0)

    def class_numbers(self, mask: np.ndarray) -> np.ndarray:
        """The class number of each pixel: `(channels, *space)` as stored → `(*space)` uint8.

        Raises:
            ValueError: the mask holds values or channels that this reading does not know.
        """
        codes, place = distinct_values(carried(mask, self.carrier))
        numbers = self._numbers_of(codes)
        if (numbers < 0).any():
            strange = ", ".join(shown(code) for code in codes[numbers < 0][:5])
            known = ", ".join(shown(code) for code in self.codes)
            raise ValueError(f"the mask holds the values {strange}, and only {known} are known")
        return numbers.astype(np.uint8)[place]

    def class_counts(self, census: Census) -> np.ndarray:
        """Pixels of each class in a frame, shape `(classes + 1,)`, those not annotated left out."""
        census = census.carried(self.carrier)
        numbers = self._numbers_of(census.codes)
        known = (numbers >= 0) & (numbers != NOT_ANNOTATED)
        counts = np.bincount(numbers[known], census.counts[known], self.classes + 1).astype(int)
        if self.others is not None:
            counts[self.others] += census.forgotten
        return counts

    def record(self) -> dict[str, Any]:
        """The reading as plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """The reading that `record` was made of."""
        codes = tuple(tuple(code) for code in record["codes"])
        return cls(**{**record, "codes": codes, "numbers": tuple(record["numbers"])})

    def _numbers_of(self, codes: np.ndarray) -> np.ndarray:
        """The class number of each row of `codes`; -1 for values that are not known."""
        unknown = -1 if self.others is None else self.others
        found = np.full(len(codes), unknown)
        if self.nearest:
            distance = np.abs(codes[:, None].astype(float) - np.array(self.codes)).max(axis=-1)
            return np.array(self.numbers)[distance.argmin(axis=1)]
        for code, number in zip(self.codes, self.numbers, strict=True):
            found[(codes == np.array(code)).all(axis=1)] = number
        return found


def class_names(classes: int) -> tuple[str, ...]:
    """What classes are called where nobody named them; background is left out.

    >>> class_names(1), class_names(2)
    (('foreground',), ('class 1', 'class 2'))
    """
    return ("foreground",) if classes == 1 else tuple(f"class {number}" for number in range(1, classes + 1))


def comparable(classes: Sequence[str]) -> tuple[str, ...]:
    """The names of classes as they would be among several: where nobody named it, the only one is class 1."""
    return class_names(2)[:1] if tuple(classes) == class_names(1) else tuple(classes)


def shown(code: Sequence[float] | np.ndarray) -> str:
    """A stored value as a person reads it; a colour with its name, where it has one."""
    numbers = tuple(int(value) if value == int(value) else round(float(value), 4) for value in code)
    if len(numbers) == 1:
        return str(numbers[0])
    near = (name for colour, name in COLOUR_NAMES.items() if np.abs(np.subtract(colour, numbers)).max() < 8)
    return f"{next(near, '')} {numbers}".strip()
