"""Numbers of objects that come together from two masks: each means one object."""

from __future__ import annotations

import numpy as np


def numbered_apart(new: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Objects whose number another object has already get a new one; those that are known in part keep theirs.

    Args:
        new: numbers of objects `(*space)`, whole, 0 for none.
        known: numbers `(*space)` of the objects that are there already, 0 for none.

    >>> numbered_apart(np.array([1, 1, 0, 2, 2, 0]), np.array([0, 0, 0, 0, 2, 1])).tolist()
    [3, 3, 0, 2, 2, 0]
    """
    taken, same = np.unique(known[known > 0]), np.unique(known[(known == new) & (known > 0)])
    clashing = np.setdiff1d(np.intersect1d(np.unique(new), taken), same)
    if not len(clashing):
        return new
    free = int(max(new.max(), known.max())) + 1
    apart = np.arange(free)
    apart[clashing] = free + np.arange(len(clashing))
    return apart[new.astype(int)]
