"""Separate objects in a mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.images.room import Room, bands_of, kept_once, room_for
from morula.objects.merging import Merging
from morula.pairs.census import FEW, Census, number_objects
from morula.pairs.masks import NOT_ANNOTATED, MaskReading, ReadAs
from morula.pairs.stored_values import carried

WHITE = 255
"""What many programs write for the foreground: alone, it numbers nothing."""


def connected_pieces(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The connected pieces of the foreground of a mask, whatever their classes.

    Pixels that touch by a corner are connected.

    Args:
        mask: class numbers `(*space)`; background and what is not annotated belong to no piece.

    Returns:
        The number of the piece at each pixel, int32 `(*space)`, 0 for none; and the pixels of each piece,
        `(pieces + 1,)`, the first of which is 0.
    """
    from scipy import ndimage

    pieces = np.empty(mask.shape, np.int32)
    ndimage.label((mask > 0) & (mask != NOT_ANNOTATED), np.ones((3,) * mask.ndim), output=pieces)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return pieces, sizes


def main_object(mask: Room) -> Room:
    """The mask with its largest connected piece alone; the others become background.

    It takes the memory of another mask and little more: of a large one, piece numbers are held for some rows at a time.

    >>> main_object(np.array([[1, 1, 2, 0, 1]], np.uint8)).tolist()
    [[1, 1, 2, 0, 0]]
    """
    pieces_of = kept_once(lambda band: connected_pieces(mask[band]))
    merging, sizes = Merging(), []
    for band in bands_of(mask.shape):
        pieces, here = pieces_of(band)
        merging.add(pieces, len(here) - 1)
        sizes.append(here)
    merged = merging.done()
    if merged.count < 2:
        return mask
    largest = merged.summed(sizes).argmax()
    kept = room_for(mask.shape, mask.dtype)
    for band, numbers in zip(bands_of(mask.shape), merged.numbers, strict=True):
        here = mask[band]
        kept[band] = np.where((numbers == largest)[pieces_of(band)[0]] | (here == NOT_ANNOTATED), here, 0)
    return kept


def mostly_annotated(mask: np.ndarray) -> bool:
    """Whether a mask is annotated for the greater part, so that its pieces say something about the frame."""
    return bool(2 * np.count_nonzero(mask == NOT_ANNOTATED) <= mask.size)


def has_one_object(mask: np.ndarray, share: float = 0.99) -> bool:
    """Whether one connected piece makes up nearly all of the foreground, or there is none at all.

    Of a mask that is not annotated for the most part that cannot be known, and the answer is no.
    """
    if not mostly_annotated(mask):
        return False
    _, sizes = connected_pieces(mask)
    return bool(sizes.max() >= share * sizes.sum())


def connected_objects(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the connected pieces of each class of a mask. Pixels that touch by a corner are connected.

    Args:
        mask: class numbers, uint8 `(*space)`; what is not annotated belongs to no object.

    Returns:
        Object numbers from 1, class after class, unsigned `(*space)`, 0 for none; and the class of each,
        `(objects + 1,)`, the first of which is 0.
    """
    from scipy import ndimage

    labels, pieces = np.zeros(mask.shape, np.int32), np.empty(mask.shape, np.int32)
    classes = [0]
    for number in np.flatnonzero(np.bincount(mask.ravel(), minlength=NOT_ANNOTATED + 1)[:NOT_ANNOTATED]):
        if number:
            ndimage.label(mask == number, np.ones((3,) * mask.ndim), output=pieces)
            labels[pieces > 0] = pieces[pieces > 0] + len(classes) - 1
            classes += [int(number)] * int(pieces.max())
    return labels.astype(np.min_scalar_type(len(classes))), np.array(classes)  # small numbers are counted much faster


def numbered_objects(stored: np.ndarray) -> np.ndarray:
    """The object number at each pixel of a label image.

    Args:
        stored: `(channels, *space)`; all colours must be the same, and transparency does not count.

    Returns:
        Whole numbers `(*space)`, 0 for no object; where -1 is stored there is none either.

    Raises:
        ValueError: there are colours, or numbers below -1 or between whole ones.
    """
    [values] = carried(stored, "grey")
    if values.dtype.kind == "b":
        values = values.astype(np.uint8)
    if values.dtype.kind == "f":
        whole = values.astype(np.int64)
        if (whole != values).any():
            raise ValueError("objects have whole numbers, and there are others between them")
        values = whole
    if values.dtype.kind == "i" and values.min(initial=0) == -1:
        values = np.where(values == -1, 0, values)
    if values.dtype.kind == "i" and values.min(initial=0) < 0:
        raise ValueError(f"objects have numbers from 1 on, and there is {values.min()}")
    return values


def numbers_objects(censuses: Sequence[Census], reading: MaskReading, read_as: ReadAs = "auto") -> bool:
    """Whether the values of a set of masks number objects, rather than being classes with any number of pieces.

    Where nobody says it, they do if there are many of them that are mostly one connected piece, or if each is one in
    every frame.

    Args:
        censuses: what each frame holds.
        reading: what the values mean as classes.
        read_as: what the masks were said to be.
    """
    if read_as != "auto":
        return read_as == "objects"
    if reading.carrier != "grey" or reading.nearest:
        return False  # colours, and what JPEG left, number nothing
    numbers = dict(zip(reading.codes, reading.numbers, strict=True))
    background = {code for code, number in numbers.items() if number == 0}
    if not background or background - {(0,), (-1,)} or numbers.get((0,)):
        return False  # where another value is the background, or 0 is none, values number nothing
    values = {value for census in censuses for value in census.codes[:, 0].tolist()} - {0, -1}
    if values == {WHITE} or any(value != int(value) for value in values):
        return False
    pieces = [(np.count_nonzero(~np.isin(census.codes, (0, -1)).all(axis=1)), census.pieces) for census in censuses]
    return (len(values) >= FEW and number_objects(censuses)) or all(count == found for count, found in pieces)
