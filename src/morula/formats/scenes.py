"""Files of microscopes, which may hold several images, called scenes: what each says, in the words that all share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from morula.errors import FileError
from morula.formats.stored import default_channels
from morula.plurals import many

_LISTED = 12
"""Scenes that an error names."""
_COLOURS = ("red", "green", "blue")


@dataclass(frozen=True)
class Scene:
    """One of the images in a file.

    Attributes:
        name: as the file calls it; empty where it has no name.
        sizes: the length of each axis, by letter.
    """

    name: str
    sizes: Mapping[str, int]

    @property
    def in_words(self) -> str:
        sizes = " × ".join(f"{letter} {length}" for letter, length in self.sizes.items() if length > 1)
        return f"{self.name} ({sizes})" if self.name else sizes


def chosen(file: Path, scenes: Sequence[Scene], number: int | None) -> int:
    """Which scene of a file is meant, counted from 0.

    Args:
        file: that holds them.
        scenes: of the file.
        number: counted from 1; None where nobody said.

    Raises:
        FileError: there are several and none is said, or there is no such scene. It lists those that there are.
    """
    if not scenes:
        raise FileError(f"{file} holds no image. Save it again where it came from, or leave it out.")
    if number is None and len(scenes) == 1:
        return 0
    if number is not None and 1 <= number <= len(scenes):
        return number - 1
    listed = "; ".join(f"{file.name}:{place} is {scene.in_words}" for place, scene in enumerate(scenes[:_LISTED], 1))
    more = f"; and so on to {file.name}:{len(scenes)}" if len(scenes) > _LISTED else ""
    what = "one is read at a time" if number is None else f"none of them is number {number}"
    raise FileError(f"{file} holds {many(len(scenes), 'image')}, and {what}. Give one of them: {listed}{more}.")


def require_known(file: Path, sizes: Mapping[str, int], known: Mapping[str, str]) -> None:
    """Refuse axes that an image has none for.

    Args:
        file: that has them.
        sizes: the length of each axis, by the letter of the file's format.
        known: what other axes than those of `TCZYX` are called in words, by this letter.

    Raises:
        FileError: one is longer than one.
    """
    if other := next((letter for letter, length in sizes.items() if letter not in "TCZYX" and length > 1), None):
        raise FileError(f"{file} has {sizes[other]} {known.get(other, f'entries along an axis {other}')} for each "
                        "plane, and t, c, z, y and x are read. Save those that matter as a file of their own, with the "
                        "program that it came from.")


def whole_moments(there: Sequence[int], each: int) -> tuple[int, str]:
    """How many moments are read of a file that may have been stopped early, and what is said of what it lacks.

    Args:
        there: the planes that are there of each moment.
        each: the planes that a moment has.

    >>> whole_moments([6, 6, 2], 6)[0], whole_moments([6, 2, 6], 6)[0], whole_moments([6, 6], 6)
    (2, 3, (2, ''))
    """
    if all(planes >= each for planes in there):
        return len(there), ""
    whole = next(place for place, planes in enumerate(there) if planes < each)
    held = f"the file holds {sum(there)} of the {many(each * len(there), 'plane')} that it names"
    mend = "If it was not stopped early, copy it again from where it came from."
    if whole and not any(there[whole + 1 :]):
        return whole, f"{held}, enough for {many(whole, 'moment')}, and is read as far as that. {mend}"
    return len(there), f"{held}, and the others are read as 0. {mend}"


def with_colours(names: Sequence[str], samples: Sequence[int]) -> tuple[str, ...]:
    """The names of channels of which some have three colours.

    >>> with_colours(["DAPI", ""], [1, 1]), with_colours(["camera"], [3]), with_colours(["DAPI", "HE"], [1, 3])
    (('DAPI', 'channel 2'), ('red', 'green', 'blue'), ('DAPI', 'HE red', 'HE green', 'HE blue'))
    """
    if list(samples) == [3]:
        return _COLOURS
    own = named(names)
    return tuple(f"{name} {colour}".strip() for name, count in zip(own, samples, strict=True)
                 for colour in (_COLOURS if count == 3 else ("",))) if own else ()


def named(names: Sequence[str]) -> tuple[str, ...]:
    """The names of channels, with those that nobody gave; none where two would have the same."""
    full = tuple(name or other for name, other in zip(names, default_channels(len(names)), strict=True))
    return full if len(set(full)) == len(full) else ()
