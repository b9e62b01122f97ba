"""Which pairs show the same picture, and so must stay in one group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from morula.checks.copies import Families, find_copies
from morula.checks.landmarks import plane_of
from morula.checks.looks import Look


@dataclass(frozen=True)
class Duplicate:
    """Two pairs of which some frames show the same picture.

    Attributes:
        first, second: their places among all looks, `first < second`.
        exact: all pixels are equal.
        change: what was done to the one to give the other, in words; empty where it cannot be told.
    """

    first: int
    second: int
    exact: bool
    change: str = ""


def find_duplicates(looks: Sequence[Look]) -> list[Duplicate]:
    """So many that all pairs of one picture are linked. Images are read again where copies are suspected.

    Raises:
        FileError: an image that was read before cannot be read any more.
    """
    first: dict[bytes, int] = {}
    found = {}
    for place, look in enumerate(looks):
        original = first.setdefault(look.digest, place)
        if original != place:
            found[original, place] = Duplicate(original, place, exact=True)
    frames = [(place, frame) for place in first.values() for frame in range(len(looks[place].landmarks))]

    def plane(number: int):
        place, frame = frames[number]
        return plane_of(looks[place].pair.image.frame(frame))

    for copy in find_copies([looks[place].landmarks[frame] for place, frame in frames], plane):
        one, other = sorted((frames[copy.first][0], frames[copy.second][0]))
        if one != other:
            found.setdefault((one, other), Duplicate(one, other, exact=False, change=copy.change))
    return [found[places] for places in sorted(found)]


def keep_together(looks: Sequence[Look], duplicates: Iterable[Duplicate]) -> list[Look]:
    """The same looks, with the groups joined that share a picture."""
    groups = list(dict.fromkeys(look.pair.group for look in looks))
    number = {group: place for place, group in enumerate(groups)}
    families = Families(len(groups))
    for each in duplicates:
        families.join(*(number[looks[place].pair.group] for place in (each.first, each.second)))
    return [
        replace(look, pair=replace(look.pair, group=groups[families.of(number[look.pair.group])])) for look in looks
    ]
