"""Labels whose pixels do not hang together: one number, and several pieces."""

from __future__ import annotations

import numpy as np


def count_pieces(labels: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """How many connected pieces each object of a label image is in. Pixels that touch by a corner are connected.

    Args:
        labels: whole numbers `(*space)`, 0 for no object.
        numbers: those of the objects, ascending, `(objects,)`, without 0; each is there.

    Returns:
        int64 `(objects,)`.

    >>> count_pieces(np.array([[1, 1, 0, 2, 0, 1]]), np.array([1, 2])).tolist()
    [2, 1]
    """
    from skimage.measure import label

    pieces = np.asarray(label(labels, background=0, connectivity=labels.ndim))
    first = np.unique(pieces, return_index=True)[1]
    of = labels.ravel()[first]
    return np.bincount(np.searchsorted(numbers, of[of > 0]), minlength=len(numbers))


def in_pieces(count: int) -> str:
    """What is noted of an object; empty of one that hangs together.

    >>> in_pieces(2), in_pieces(1)
    ('in 2 pieces', '')
    """
    return f"in {count} pieces" if count > 1 else ""
