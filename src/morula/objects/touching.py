"""Objects that touch: where in a label image, and how many of all."""

from __future__ import annotations

import numpy as np


def touching(labels: np.ndarray) -> np.ndarray:
    """Where an object touches another, bool `(*space)`: pixels of both that share a face.

    Args:
        labels: object numbers, whole `(*space)`; 0 is no object.

    >>> touching(np.array([0, 1, 1, 2, 0, 3])).tolist()
    [False, False, True, True, False, False]
    """
    found = np.zeros(labels.shape, bool)
    for axis in range(labels.ndim):
        lower = (slice(None),) * axis + (slice(None, -1),)
        upper = (slice(None),) * axis + (slice(1, None),)
        meeting = (labels[lower] != labels[upper]) & (labels[lower] != 0) & (labels[upper] != 0)
        found[lower] |= meeting
        found[upper] |= meeting
    return found


def touching_share(labels: np.ndarray) -> tuple[int, int]:
    """How many objects touch another, and how many there are."""
    return len(np.unique(labels[touching(labels)])), len(np.unique(labels[labels != 0]))
