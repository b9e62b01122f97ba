"""Which pairs show the same picture, or almost, and so must stay in one group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from morula.checks.copies import Copy, Families, find_copies
from morula.checks.explaining import difference
from morula.checks.flattened import plane_of
from morula.checks.looks import Look
from morula.images.image import Image


@dataclass(frozen=True)
class Duplicate:
    """Two pairs of which some frames show the same picture, or almost.

    Attributes:
        first, second: their places among all looks, `first < second`.
        exact: all pixels are equal.
        change: what was done to the one to give the other, in words; empty where that is brightness, contrast or
            compression, and where it cannot be told.
        explained: that is all in which they differ. Where it is not, they only look almost the same.
    """

    first: int
    second: int
    exact: bool
    change: str = ""
    explained: bool = True


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

    def place_of(number: int) -> tuple[Image, int]:
        place, frame = frames[number]
        return looks[place].pair.image, frame

    landmarks = [looks[place].landmarks[frame] for place, frame in frames]
    for copy in find_copies(landmarks, lambda number: plane_of(*place_of(number))):
        one, other = sorted((frames[copy.first][0], frames[copy.second][0]))
        known = found.get((one, other))
        if one != other and not (known and known.explained):
            ours, theirs = (image.frame(frame) for image, frame in map(place_of, (copy.first, copy.second)))
            duplicate = _duplicate(one, other, copy, ours, theirs)
            if duplicate.explained or not known:
                found[one, other] = duplicate
    return [found[places] for places in sorted(found)]


def _duplicate(one: int, other: int, copy: Copy, ours: np.ndarray, theirs: np.ndarray) -> Duplicate:
    """What a copy is called that was found between two pairs."""
    differ = difference(ours, theirs, copy.placement)
    change = copy.change
    if differ == "none":
        change = change or "saved otherwise"
    elif differ == "explained" and change:
        change = f"{change}, and in brightness, contrast or compression"
    return Duplicate(one, other, exact=False, change=change, explained=differ != "unexplained")


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
