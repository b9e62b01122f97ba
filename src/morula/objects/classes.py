"""From probabilities to classes."""

from __future__ import annotations

import numpy as np


def most_probable(probabilities: np.ndarray) -> np.ndarray:
    """What `argmax(0)` gives of `(classes, *space)`, as uint8: class by class, in a small part of its time.

    >>> most_probable(np.array([[0.5, 0.2, 0.1], [0.5, 0.3, 0.2], [0.0, 0.5, 0.7]])).tolist()
    [0, 2, 2]
    """
    classes = (probabilities[1] > probabilities[0]).view(np.uint8)
    highest = probabilities[0] if len(probabilities) == 2 else np.maximum(probabilities[0], probabilities[1])
    for number, probability in enumerate(probabilities[2:], start=2):
        np.putmask(classes, probability > highest, number)
        highest = np.maximum(highest, probability)
    return classes
