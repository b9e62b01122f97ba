"""How sure a network is of the mask that it makes."""

from __future__ import annotations

import numpy as np

from morula.models.sweep import Band


class Certainty:
    """Sums over the bands of one frame, from which follows how sure its mask is.

    Shown each band once (`model.mask(image, watch=certainty.add)`), it keeps three numbers a class.
    """

    def __init__(self):
        self._sums: np.ndarray | float = 0.0

    def add(self, band: Band) -> None:
        """Take the next band into account."""
        self._sums = self._sums + np.array([
            _sums(probability, band.classes == number)
            for number, probability in enumerate(band.probabilities[1:], start=1)
        ])

    @property
    def value(self) -> float | None:
        """The IoU that the mask would have if the probabilities were right, as the mean over the classes in it.

        Of a class it is the expected intersection with the truth over the expected union: the probability inside the
        mask over the pixels inside and the probability outside. None where the mask is empty, and so has no outline.
        """
        sums = np.atleast_2d(self._sums)
        pixels, inside, everywhere = sums[sums[:, 0] > 0].T
        return float((inside / (pixels + everywhere - inside)).mean()) if len(pixels) else None


def _sums(probability: np.ndarray, mask: np.ndarray) -> tuple[float, float, float]:
    """Pixels of the mask, and the probability inside and everywhere; row by row, so that sums of float32 stay right."""
    rows, chosen = probability.reshape(len(mask), -1), mask.reshape(len(mask), -1)
    inside = np.einsum("ij,ij->i", rows, chosen)
    return float(np.count_nonzero(mask)), float(inside.sum(dtype=float)), float(rows.sum(dtype=float))
