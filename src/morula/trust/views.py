"""What a network answers about the same pixels, seen as they are and mirrored: view after view, and their mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np


class Views:
    """Views that come one by one, of which each may be gone when the next one comes: of a tile of a volume, eight of
    them would take as much memory as all else.

    Attributes:
        classes: how many of the maps in each are classes, background included; None: all.
    """

    def __init__(self, several: Iterable[np.ndarray], classes: int | None = None):
        """
        Args:
            several: float32 `(maps, …)`, all of one shape. They are not changed.
            classes: how many maps of each are classes.
        """
        self.classes = classes
        self._coming, self._count = iter(several), 0
        self._total: np.ndarray | None = None

    def __iter__(self) -> Iterator[np.ndarray]:
        """The classes of each view that has not come yet, `(classes, …)`."""
        for view in self._coming:
            self._add(view)
            yield view[: self.classes]
            del view  # else it would be there still while the next one is made

    @property
    def mean(self) -> np.ndarray:
        """The mean of all views with all their maps, those included that have not come yet; of a single one, itself."""
        for view in self._coming:
            self._add(view)
        assert self._total is not None, "there is no view"
        if self._count > 1:
            self._total /= np.float32(self._count)
            self._count = 1
        return self._total

    def _add(self, view: np.ndarray) -> None:
        self._count += 1
        if self._count > 2:
            self._total += view
        else:  # the first is not ours to change
            self._total = view if self._total is None else self._total + view
