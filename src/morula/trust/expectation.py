"""How good a mask probably is: an expected IoU with its interval, in numbers and in a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from morula.spreadsheets import number

UNLIKE = "unlike the training images"
POOR = "low expected IoU"

_ENDS = ("", "_low", "_high")


@dataclass(frozen=True)
class Estimate:
    """An expected IoU, and the interval in which the true one lies nine times of ten."""

    iou: float
    low: float
    high: float


@dataclass(frozen=True)
class Expected:
    """What is expected of the mask of one frame.

    Attributes:
        mean: of its foreground classes, those that are expected to be there; None where there is none.
        classes: the same of each of several classes, by its name; a class that is missing here is not expected.
        unlike: whether the frame is unlike those that the model learned from, so that nobody can be sure.
        poor: whether the mask may well be worse than those of other frames.
    """

    mean: Estimate | None
    classes: Mapping[str, Estimate] = field(default_factory=dict)
    unlike: bool = False
    poor: bool = False

    def iou_of(self, name: str) -> float:
        """That of a class, or of all where there is but one; 0 where none is expected to be there."""
        estimate = self.classes.get(name) if self.classes else self.mean
        return estimate.iou if estimate else 0.0

    @property
    def flags(self) -> tuple[str, ...]:
        """What there is to look at, in words."""
        return tuple(words for words, said in ((UNLIKE, self.unlike), (POOR, self.poor)) if said)

    def as_text(self) -> dict[str, str]:
        """The cells of a table, by their columns; what is not expected has none."""
        whole = {"": self.mean} if self.mean else {}
        named = {f"_{name}": estimate for name, estimate in self.classes.items()}
        return {column: f"{value:.4f}" for suffix, estimate in (whole | named).items()
                for column, value in zip(_columns(suffix), (estimate.iou, estimate.low, estimate.high), strict=True)}

    @classmethod
    def from_text(cls, row: Mapping[str, str]) -> Self | None:
        """What stands in a table; None where nothing does."""
        found = {}
        for column in row:
            if column and column.startswith("expected_iou") and not column.endswith(_ENDS[1:]):
                suffix = column.removeprefix("expected_iou")
                cells = [row.get(each) for each in _columns(suffix)]
                if all(cells):
                    found[suffix.removeprefix("_")] = Estimate(*map(number, cells))  # type: ignore[arg-type]
        mean = found.pop("", None)
        return cls(mean, found) if mean else None


def expected_columns(*classes: str) -> list[str]:
    """The columns of a table, for the mean and for each of these classes."""
    return [column for suffix in ("", *(f"_{name}" for name in classes)) for column in _columns(suffix)]


def classes_in(columns: Iterable[str]) -> tuple[str, ...]:
    """The classes that columns of a table are about, in their order.

    >>> classes_in(["file", *expected_columns("cell", "wall")])
    ('cell', 'wall')
    """
    first = _columns("_")[0]
    return tuple(column.removeprefix(first) for column in columns
                 if column.startswith(first) and not column.endswith(_ENDS[1:]))


def _columns(suffix: str) -> list[str]:
    return [f"expected_iou{suffix}{end}" for end in _ENDS]
