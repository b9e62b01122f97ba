"""Specks: pieces of a class that are far smaller than annotated ones are, and take the class around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from morula.images.room import Room, room_for
from morula.objects.contacts import ClassPieces
from morula.plurals import listed

NOTABLE = 0.5
"""Pieces smaller than this share of the smallest objects, a twentieth of them all, are specks."""
SMALLEST = 0.05
"""The share of all pieces that are the smallest."""


def speck_size(sizes: np.ndarray) -> float:
    """The pixels below which a piece is a speck, where true ones have so many, `(pieces,)`; 0 if there are none."""
    return round(NOTABLE * float(np.quantile(sizes, SMALLEST)), 1) if len(sizes) else 0.0


def speck_sizes(masks: Iterable[np.ndarray], classes: int, enough: int) -> tuple[float, ...]:
    """The same for each class of true masks; 0 where fewer pieces of it than enough are there.

    Args:
        masks: class numbers, uint8 `(*space)` each.
        classes: how many there are, background left out.
        enough: pieces to tell.
    """
    sizes: list[list[np.ndarray]] = [[] for _ in range(classes)]
    for mask in masks:
        for number, those in enumerate(sizes, start=1):
            those.append(ClassPieces.found(mask, number).sizes[1:])
    joined = [np.concatenate(those) if those else np.zeros(0) for those in sizes]
    return tuple(speck_size(those) if len(those) >= enough else 0.0 for those in joined)


def specks_in_words(sizes: Sequence[float], classes: Sequence[str]) -> str:
    """Which sizes these are, of which classes.

    >>> specks_in_words((39.5, 2.0), ("body", "cells"))
    '39.5 pixels of body, 2 of cells'
    """
    told = [(size, name) for size, name in zip(sizes, classes, strict=True) if size > 1]
    return listed([f"{size:g}{'' if place else ' pixels'} of {name}" for place, (size, name) in enumerate(told)])


def without_specks(mask: Room, least: Sequence[float]) -> Room:
    """The mask whose specks have taken the class that most of the sides around them lie in.

    Args:
        mask: class numbers, uint8 `(*space)`; it stays as it is.
        least: for each class, background left out, the pixels that a piece has at least; empty: all are kept.

    >>> without_specks(np.array([[1, 1, 1, 0, 0, 2], [1, 2, 1, 0, 0, 0]], np.uint8), (2, 2)).tolist()
    [[1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0]]
    """
    for number, size in enumerate(least, start=1):
        if size > 1:
            mask = _without(mask, number, size)
    return mask


def _without(mask: Room, number: int, least: float) -> Room:
    pieces = ClassPieces.found(mask, number)
    small = pieces.sizes < least
    small[0] = False
    if not small.any():
        return mask
    becomes, found = _becomes(pieces, small).astype(mask.dtype), room_for(mask.shape, mask.dtype)
    for band, places, those in pieces.within(small):
        here = mask[band].copy()
        here.reshape(-1)[places] = becomes[those]
        found[band] = here
    return found


def _becomes(pieces: ClassPieces, small: np.ndarray) -> np.ndarray:
    """The class of each piece once specks have taken that around them; of equal parts, the lower one."""
    counted = [np.unique(piece.astype(np.int64) << 8 | beside, return_counts=True)
               for piece, beside in pieces.contacts(small)]
    sides, place = np.unique(np.concatenate([pairs for pairs, _ in counted]), return_inverse=True)
    times = np.bincount(place, np.concatenate([times for _, times in counted]), len(sides))
    most_last = np.lexsort((-(sides & 255), times, sides >> 8))
    becomes = np.full(len(small), pieces.number)
    becomes[sides[most_last] >> 8] = sides[most_last] & 255  # the last of each piece stays
    return becomes
