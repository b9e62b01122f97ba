"""Separate objects in a mask."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from morula.pairs.census import FEW, Census, carried, number_objects
from morula.pairs.masks import NOT_ANNOTATED, MaskReading, ReadAs

BAND = 2**24
"""Pixels of a mask whose pieces are numbered at once."""


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


def main_object(mask: np.ndarray) -> np.ndarray:
    """The mask with its largest connected piece alone; the others become background.

    It takes the memory of another mask and little more: of a large one, piece numbers are held for some rows at a time.

    >>> main_object(np.array([[1, 1, 2, 0, 1]], np.uint8)).tolist()
    [[1, 1, 2, 0, 0]]
    """
    if mask.size <= BAND:
        pieces, sizes = connected_pieces(mask)
        return mask if len(sizes) < 3 else _alone(mask, pieces == sizes.argmax())
    rows = max(1, BAND // mask[:1].size)
    bands = [mask[row : row + rows] for row in range(0, len(mask), rows)]
    largest = _largest(bands)
    if largest is None:
        return mask
    kept = np.empty_like(mask)
    for place, (band, here) in enumerate(zip(bands, largest, strict=True)):
        pieces, _ = connected_pieces(band)
        kept[place * rows : place * rows + len(band)] = _alone(band, here[pieces])
    return kept


def _alone(mask: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The mask with what is kept of it, besides what is not annotated."""
    return np.where(kept | (mask == NOT_ANNOTATED), mask, 0).astype(mask.dtype)


def _largest(bands: Sequence[np.ndarray]) -> list[np.ndarray] | None:
    """Which pieces of each band belong to the largest of all, bool `(pieces + 1,)` as numbered by `connected_pieces`.

    None where there is only one piece, or none.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sizes: list[np.ndarray] = []
    pairs = [np.empty((2, 0), int)]
    before, above = 0, None
    for band in bands:
        pieces, here = connected_pieces(band)
        first = sum(map(len, sizes))
        if above is not None:
            pairs.append(_touching(above, pieces[0]) + np.array([[before], [first]]))
        sizes.append(here)
        before, above = first, pieces[-1]
    joined, size = np.concatenate(pairs, axis=1), np.concatenate(sizes)
    graph = coo_array((np.ones(joined.shape[1]), tuple(joined)), (len(size), len(size)))
    _, piece = connected_components(graph, directed=False)
    whole = np.bincount(piece, size)
    if np.count_nonzero(whole) < 2:
        return None
    chosen = (piece == piece[whole[piece].argmax()]) & (size > 0)
    return np.split(chosen, np.cumsum([len(here) for here in sizes])[:-1])


def _touching(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Pairs of pieces of two neighbouring rows `(*rest)` that touch, if only by a corner, `(2, pairs)`."""
    around = np.pad(above, 1)
    pairs = [np.empty((2, 0), int)]
    for shift in product(range(3), repeat=below.ndim):
        beside = around[tuple(slice(start, start + length) for start, length in zip(shift, below.shape, strict=True))]
        both = (beside > 0) & (below > 0)
        pairs.append(np.unique(np.stack([beside[both], below[both]]), axis=1))
    return np.concatenate(pairs, axis=1)


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
    if any(value != int(value) for value in values):
        return False
    pieces = [(np.count_nonzero(~np.isin(census.codes, (0, -1)).all(axis=1)), census.pieces) for census in censuses]
    return (len(values) >= FEW and number_objects(censuses)) or all(count == found for count, found in pieces)
