"""Masks that say what they hold: a file for each object, or classes by the names under which people drew them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from morula.errors import RequestError
from morula.exchange.collection import Annotations
from morula.images.image import Image
from morula.names.endings import zarr_of
from morula.pairs.census import Census
from morula.pairs.masks import MaskReading, ReadAs
from morula.pairs.recognition import decide


def as_wanted(drawn: Annotations | None, read_as: ReadAs, classes: Sequence[str] | None) -> Annotations | None:
    """What was drawn, with the classes that a person wants; None where masks are files.

    Raises:
        RequestError: masks shall be read in a way that only stored values can be.
        DataError: something else was drawn than the classes that are named.
    """
    if drawn is None:
        return None
    if read_as in ("inverted", "colours"):
        raise RequestError(f"{min(drawn.sources)} holds annotations, whose classes have names: they cannot be read as "
                           f"{read_as}. Leave out --read-masks-as.")
    return drawn.told(classes, objects=read_as in ("binary", "objects"))


def told_reading(masks: Sequence[Image], read_as: ReadAs, not_annotated: int | None) -> tuple[ReadAs, int | None]:
    """How masks are read, and what marks in them what nobody annotated, where they say so and nobody said otherwise."""
    meaning = masks[0].meaning if masks else None
    if meaning:
        return "objects" if meaning.objects else "classes", meaning.unknown
    gathered = all(mask.path is not None and mask.path.is_dir() and not zarr_of(mask.path) for mask in masks)
    return "objects" if gathered and read_as == "auto" else read_as, not_annotated


def read_masks(
    masks: Sequence[Image], censuses: Sequence[Census], read_as: ReadAs, not_annotated: int | None
) -> MaskReading:
    """One reading for masks, by what they say of themselves or by what they hold.

    Raises:
        DataError: the values mean nothing that is known here.
        RequestError: the values do not fit `read_as`.
    """
    reading = decide(censuses, *told_reading(masks, read_as, not_annotated))
    names = told_classes(masks)
    if len(names) < 2:
        return reading
    numbers = range(len(names) + 1)
    unknown = [(code, number) for code, number in zip(reading.codes, reading.numbers, strict=True)
               if number not in numbers]
    return replace(reading, codes=(*((float(number),) for number in numbers), *(code for code, _ in unknown)),
                   numbers=(*numbers, *(number for _, number in unknown)), sentence=in_words(names), doubt="")


def told_numbers(mask: Image, frame: int) -> np.ndarray | None:
    """The number of the object at each pixel of a frame, `(*space)`, if a mask holds classes and knows its objects."""
    numbers = mask.meaning.numbers if mask.meaning else None
    return numbers.read(frame, mask.whole)[0] if numbers else None


def in_words(names: Sequence[str]) -> str:
    """How masks are read that were drawn under names.

    >>> in_words(("cell", "wall"))
    'drawn by name: cell is 1, wall is 2'
    """
    return f"drawn by name: {', '.join(f'{name} is {number}' for number, name in enumerate(names, start=1))}"


def told_classes(masks: Sequence[Image]) -> tuple[str, ...]:
    """The names of the classes, if the masks say them."""
    return masks[0].meaning.classes if masks and masks[0].meaning else ()
