"""Files in the order of time, or of slices: which follow one another, and how far apart, by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from statistics import median

from morula.names.endings import last_number
from morula.names.table import Name


@dataclass(frozen=True)
class Series:
    """Files of one thing in their order.

    Attributes:
        before, after: what stands in the first name before the number of the moment, and behind it.
        files: in order.
        numbers: of the moments, whole; where names tell times, as many apart as there are usual steps between them.
        minutes: of the usual step, where names tell times.
    """

    before: str
    after: str
    files: tuple[Path, ...]
    numbers: tuple[int, ...]
    minutes: float | None = None


@dataclass(frozen=True)
class _Placed:
    file: Path
    value: float
    before: str
    after: str
    timed: bool = False


def series_of(names: Mapping[Path, Name], *, by_last_number: bool = False) -> list[Series]:
    """Files whose names differ in a moment (else in a slice) alone, folder by folder, where folders are no moments.

    Args:
        names: of all files, read together.
        by_last_number: whether the last number of a name counts moments where nothing else does; without, such files
            are left out.
    """
    placed: dict[tuple[Path, str], list[_Placed]] = defaultdict(list)
    for file, name in names.items():
        if name.counting:
            role, part = name.counting
            (start, end), rest = part.digits, name.without(role, "ignored")
            above = name.stem.count("/", part.end)  # folders that lie beneath the moment, the file's own among them
            before, after = (rest.rpartition("/")[2], "") if above else (name.stem[:start], name.stem[end:])
            found = _Placed(file, part.value, before.rpartition("/")[2], after, part.kind in ("duration", "clock"))
            placed[file.absolute().parents[above], rest].append(found)
        elif by_last_number:
            before, number, after = last_number(name.stem.rpartition("/")[2])
            placed[file.parent.absolute(), f"{before}\0{after}"].append(_Placed(file, number, before, after))
    return [_in_order(found) for found in placed.values()]


def common_step(steps: Iterable[float | None]) -> float | None:
    """The step that series have in common, in minutes; None where one has none, or they differ by more than 2 %.

    >>> common_step([30, 30.2, 30]), common_step([30, 60]), common_step([30, None])
    (30, None, None)
    """
    steps = list(steps)
    known = [step for step in steps if step]
    if not known or len(known) < len(steps) or max(known) > 1.02 * min(known):
        return None
    return median(known)


def _in_order(found: list[_Placed]) -> Series:
    found = sorted(found, key=lambda each: each.value)
    files = tuple(each.file for each in found)
    if not found[0].timed:
        return Series(found[0].before, found[0].after, files, tuple(int(each.value) for each in found))
    apart = [later.value - earlier.value for earlier, later in pairwise(found)]
    step = median(apart) if apart else 0.0
    steps = [max(1, round(minutes / step)) if step else 1 for minutes in apart]
    return Series(found[0].before, found[0].after, files, tuple(accumulate(steps, initial=0)), step or None)
