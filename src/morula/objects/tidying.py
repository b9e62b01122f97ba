"""Masks of networks made such as annotators leave them."""

from __future__ import annotations

from collections.abc import Sequence

from morula.images.room import Room
from morula.objects.labels import main_object
from morula.objects.specks import without_specks


def tidied(mask: Room, specks: Sequence[float], *, alone: bool, unit: float = 1.0) -> Room:
    """A mask without specks and, where annotators outline a single object, with the largest one alone.

    Args:
        mask: class numbers, uint8 `(*space)`; it stays as it is.
        specks: as for `without_specks`.
        alone: whether only the largest piece of all foreground is kept.
        unit: of the pixels of specks, how many are one of the mask's.
    """
    mask = without_specks(mask, [size / unit for size in specks])
    return main_object(mask) if alone else mask
