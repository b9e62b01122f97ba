"""Which objects a frame of a mask holds, and what the table calls them: so that the object of a row is found again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.measures.contours import Outlines, trace
from morula.measures.measure_settings import MeasureSettings
from morula.objects.labels import connected_objects, numbered_objects, numbers_objects
from morula.objects.selection import Objects, choose_objects
from morula.pairs.census import Census
from morula.pairs.masks import NOT_ANNOTATED, MaskReading
from morula.pairs.recognition import decide
from morula.pairs.stored_values import distinct_values


def objects_of(
    stored: np.ndarray, reading: MaskReading, settings: MeasureSettings, *, numbered: bool, pixel_volume: float,
    told: np.ndarray | None = None,
) -> Objects:
    """The objects of a frame that are measured.

    Args:
        stored: the mask, `(channels, *space)`.
        reading: what its values mean.
        settings: which objects count.
        numbered: whether the stored values are the numbers of objects; else connected pieces are counted.
        pixel_volume: of one pixel, in the unit of `settings.min_size`.
        told: the number of the object at each pixel, `(*space)`, where values are those of classes.

    Raises:
        ValueError: the mask holds values that mean nothing.
    """
    mask = reading.class_numbers(stored)
    if numbered or told is not None:
        found = numbered_objects(stored) if told is None else told
        labels, numbers, classes = _numbered(np.where(mask == NOT_ANNOTATED, 0, found), mask)
    else:
        labels, classes = connected_objects(mask)
        numbers = np.arange(len(classes))
    return choose_objects(labels, numbers, classes, settings, pixel_volume=pixel_volume,
                          most_classes=reading.classes)


def objects_again(stored: np.ndarray, settings: MeasureSettings, *, pixel_volume: float = 1) -> Objects:
    """The objects of a frame, numbered as in the table that was made with the same settings.

    Args:
        stored: the mask, `(channels, *space)`.
        settings: as they were. What masks mean must be told: one frame alone does not show it.
        pixel_volume: of one pixel, in the unit of `settings.min_size`.

    Raises:
        ValueError: the mask holds values that mean nothing.
        RequestError: it cannot be read as the settings say.
    """
    if settings.not_annotated is not None and (stored == settings.not_annotated).all():
        stored = np.zeros_like(stored)  # no object either
    taken = [Census.take(stored)]
    reading = decide(taken, settings.read_masks_as, settings.not_annotated)
    numbered = numbers_objects(taken, reading, settings.read_masks_as)
    return objects_of(stored, reading, settings, numbered=numbered, pixel_volume=pixel_volume)


def number_at(objects: Objects, point: Sequence[int]) -> int | None:
    """What the object at a pixel is called; None where there is none."""
    place = int(objects.labels[tuple(point)])
    return objects.numbers[place - 1] if place > 0 else None


def outlines_in(objects: Objects, number: int, level: int | None = None) -> tuple[int, Outlines] | None:
    """Where an object lies, in pixels from the corner of the frame; None where no object is called so.

    Args:
        objects: of a frame.
        number: what the object is called.
        level: the slice of a volume that is looked at; the object's middle one is taken where it is not there.

    Returns:
        The slice, 0 in a picture, and the outlines there.
    """
    if number not in objects.numbers:
        return None
    place = objects.numbers.index(number)
    box = objects.boxes[place]
    inside = objects.labels[box] == place + 1
    shown = 0
    if inside.ndim == 3:
        first, filled = box[0].start, np.flatnonzero(inside.any(axis=(1, 2)))
        shown = level if level is not None and level - first in filled else first + int(filled[len(filled) // 2])
        inside = inside[shown - first]
    corner = np.array([side.start for side in box[-2:]])
    found = trace(np.pad(inside, 1).astype(float), 0.5, np.ones(2))
    return shown, found.moved(corner - 0.5)  # padded by one pixel, and half of one from the corner to its centre


def _numbered(labels: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At each pixel the place of its object in the two lists, then what the objects are called and their classes."""
    codes, place = distinct_values(labels[None])
    codes = codes[:, 0].astype(np.int64)
    numbers = np.union1d(codes, [0])
    places = np.searchsorted(numbers, codes)[place]
    classes = np.zeros(len(numbers), int)
    classes[places] = mask
    classes[0] = 0
    return places, numbers, classes
