"""Which objects of a mask are measured: the rules that people choose, in the order in which they apply.

Holes are filled; what is too small is left out; of the rest, the main object may be taken alone and the others
counted; what touches the border may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from morula.settings import Settings


class ObjectSettings(Settings):
    """Which objects are measured."""

    min_size: float = Field(default=0, ge=0)
    """Leave out what is smaller: µm² (volumes: µm³) where the pixel size is known, and pixels where it is not."""
    fill_holes: bool = False
    """Count holes in an object as part of it."""
    main_object: bool = False
    """Measure only the largest object of each frame, and count the others by class."""
    drop_border: bool = False
    """Leave out what touches the border of the frame."""


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of one frame that are measured.

    Attributes:
        labels: int32 `(*space)`: at each object its place in the following lists, counted from 1; 0 where there is no
            object, and -1 in objects that are not measured.
        numbers: what each object is called.
        classes: the class of each.
        cut: whether each touches the border.
        boxes: the smallest box around each.
        others: how many objects of each class there are beside the main one, from class 1 on.
    """

    labels: np.ndarray
    numbers: tuple[int, ...]
    classes: tuple[int, ...]
    cut: tuple[bool, ...]
    boxes: tuple[tuple[slice, ...], ...]
    others: tuple[int, ...] = ()


def choose_objects(
    labels: np.ndarray,
    numbers: np.ndarray,
    classes: np.ndarray,
    settings: ObjectSettings,
    *,
    pixel_volume: float,
    most_classes: int,
) -> Objects:
    """The objects that the settings leave.

    Args:
        labels: places in the two lists that follow, int32 `(*space)`; 0 is no object.
        numbers: what each object is called, `(objects + 1,)`, beginning with 0.
        classes: the class of each, likewise.
        settings: the rules.
        pixel_volume: of one pixel, in the unit of `min_size`.
        most_classes: for how many classes the others are counted.
    """
    from scipy import ndimage

    boxes = ndimage.find_objects(labels, len(numbers) - 1)
    if settings.fill_holes:
        labels = labels.copy()
        for place, box in _each(boxes):
            inside = labels[box] == place
            labels[box][ndimage.binary_fill_holes(inside) & (labels[box] == 0)] = place
    sizes = np.bincount(labels.ravel(), minlength=len(numbers)) * pixel_volume
    kept = sizes >= settings.min_size
    kept[0] = False
    others: tuple[int, ...] = ()
    if settings.main_object and kept.any():
        main = int(np.where(kept, sizes, 0).argmax())
        rest = kept.copy()
        rest[main] = False
        others = tuple(np.bincount(classes[rest], minlength=most_classes + 1)[1:].tolist())
        kept &= np.arange(len(kept)) == main
    cut = _touching_border(labels, len(numbers))
    if settings.drop_border:
        kept &= ~cut
    chosen = np.flatnonzero(kept)
    renumbered = np.full(len(numbers), -1, np.int32)
    renumbered[0] = 0
    renumbered[chosen] = np.arange(1, len(chosen) + 1)
    return Objects(
        renumbered[labels],
        tuple(numbers[chosen].tolist()),
        tuple(classes[chosen].tolist()),
        tuple(cut[chosen].tolist()),
        tuple(boxes[place - 1] for place in chosen),
        others,
    )


def _each(boxes: list) -> Iterator[tuple[int, tuple[slice, ...]]]:
    return ((place, box) for place, box in enumerate(boxes, 1) if box is not None)


def _touching_border(labels: np.ndarray, count: int) -> np.ndarray:
    """Of each label, whether it lies at an end of an axis."""
    touching = np.zeros(count, bool)
    for axis in range(labels.ndim):
        for end in (0, -1):
            touching[labels.take(end, axis)] = True
    return touching
