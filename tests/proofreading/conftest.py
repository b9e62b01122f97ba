"""What tests of second looks start from."""

from __future__ import annotations

import numpy as np
import pytest


def drawn_discs(*discs: tuple[int, int, int], space: tuple[int, int] = (80, 96), number: int = 1) -> np.ndarray:
    """Class numbers of discs, each row, column and radius of its own."""
    rows, columns = np.indices(space)
    inside = [(rows - y) ** 2 + (columns - x) ** 2 <= radius**2 for y, x, radius in discs]
    return np.where(np.any(inside, axis=0), number, 0).astype(np.uint8)


@pytest.fixture
def discs():
    """Class numbers of discs: `discs((row, column, radius), …)`."""
    return drawn_discs
