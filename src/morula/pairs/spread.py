"""Some of many, where all would take too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def evenly(items: Sequence[Item], count: int) -> list[Item]:
    """At most so many of the items, evenly spread, with the first and the last.

    >>> evenly("abcdefg", 3)
    ['a', 'd', 'g']
    """
    return [items[place] for place in np.linspace(0, len(items) - 1, min(count, len(items))).astype(int)]
