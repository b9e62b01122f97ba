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
            sizes.append(np.bincount(pieces.ravel()))
            sizes[-1][0] = 0
            merging.add(pieces, len(sizes[-1]) - 1)
        merged = merging.done()
        return cls(mask, number, merged, merged.summed(sizes), of)

    @property
    def bands(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Each band, and for each of its own pieces which of the frame it belongs to."""
        return zip(bands_of(self.mask.shape), self.merged.numbers, strict=True)

    def contacts(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The sides that pixels share with pixels of other numbers: the piece, and the number beside it, of each."""
        for band, numbers in self.bands:
            own = self.mask[band]
            above, below = self.mask[max(0, band.start - 1) : band.start], self.mask[band.stop : band.stop + 1]
            pieces = np.zeros((len(above) + len(own) + len(below), *own.shape[1:]), np.int32)
            pieces[len(above) : len(above) + len(own)] = numbers.astype(np.int32)[self.of(band)]
            values = np.concatenate([above, own, below])
            for axis in range(own.ndim):
                before, after = ((*[slice(None)] * axis, part) for part in (slice(None, -1), slice(1, None)))
                for beside, piece in ((values[before], pieces[after]), (values[after], pieces[before])):
                    both = (beside != self.number) & (piece > 0)
                    yield piece[both], beside[both]


def _labelled(mask: np.ndarray, number: int) -> np.ndarray:
    from scipy import ndimage

    pieces = np.empty(mask.shape, np.int32)
    ndimage.label(mask == number, ndimage.generate_binary_structure(mask.ndim, mask.ndim if number else 1), pieces)
    return pieces
