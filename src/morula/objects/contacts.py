"""The pieces of one class of a mask, and what lies beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from morula.images.room import Room, bands_of, kept_once
from morula.objects.merging import Merged, Merging


@dataclass(frozen=True, eq=False)
class ClassPieces:
    """The connected pieces of one class of a frame, which is gone through band by band if it is large.

    Pieces of background are connected by the sides of pixels, and those of all else by their corners, too.

    Attributes:
        mask: class or object numbers, unsigned `(*space)`.
        number: that of the class; 0 is the background.
        merged: the pieces of the frame.
        sizes: pixels of each piece, int64 `(pieces + 1,)`, the first of which is 0.
        of: the number of the piece at each pixel of a band, within it, int32 `(rows, *rest)`.
    """

    mask: Room
    number: int
    merged: Merged
    sizes: np.ndarray
    of: Callable[[slice], np.ndarray]

    @classmethod
    def found(cls, mask: Room, number: int) -> ClassPieces:
        """Those of a class in a mask."""
        of = kept_once(lambda band: _labelled(mask[band], number))
        merging, sizes = Merging(corners=number > 0), []
        for band in bands_of(mask.shape):
            pieces = of(band)
            sizes.append(np.bincount(pieces[pieces > 0], minlength=1))
            merging.add(pieces, len(sizes[-1]) - 1)
        merged = merging.done()
        return cls(mask, number, merged, merged.summed(sizes), of)

    @property
    def bands(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Each band, and for each of its own pieces which of the frame it belongs to."""
        return zip(bands_of(self.mask.shape), self.merged.numbers, strict=True)

    def within(self, chosen: np.ndarray) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """The pixels of some pieces: each band, where in it they lie, counted through it, and the piece of each.

        Args:
            chosen: which pieces, bool `(pieces + 1,)`, the first of which is False.
        """
        for band, numbers in self.bands:
            pieces = self.of(band)
            places = np.flatnonzero(chosen[numbers].take(pieces))
            yield band, places, numbers[pieces.ravel()[places]]

    def contacts(self, chosen: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The sides that pixels of some pieces share with pixels of other numbers: the piece, and the number beside it,
        of each.

        Args:
            chosen: as for `within`.
        """
        for band, places, pieces in self.within(chosen):
            above, below = self.mask[max(0, band.start - 1) : band.start], self.mask[band.stop : band.stop + 1]
            own = self.mask[band]
            values = np.concatenate([above, own, below])
            index = np.stack(np.unravel_index(places + above.size, values.shape))
            for axis, length in enumerate(values.shape):
                for step in (-1, 1):
                    inside = (index[axis] > 0) if step < 0 else (index[axis] < length - 1)
                    beside = index[:, inside]
                    beside[axis] += step
                    numbers = values[tuple(beside)]
                    others = numbers != self.number
                    yield pieces[inside][others], numbers[others]


def _labelled(mask: np.ndarray, number: int) -> np.ndarray:
    from scipy import ndimage

    pieces = np.empty(mask.shape, np.int32)
    ndimage.label(mask == number, ndimage.generate_binary_structure(mask.ndim, mask.ndim if number else 1), pieces)
    return pieces
