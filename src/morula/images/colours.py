"""The channels of pictures with and without colours, and whether colours tell more than brightness does."""

from __future__ import annotations

import numpy as np

COLOURS = ("red", "green", "blue")
"""Those of a colour picture."""
GREY = ("grey",)
"""That of a picture without colours."""
LUMA = (0.299, 0.587, 0.114)
"""How much each of the colours counts in how bright a pixel is (ITU-R BT.601)."""
TELLING = 0.01
"""Colours tell something that stray so far, in shares of full light, from those that follow from brightness."""
SPOT = 4
"""Pixels of a side of what is averaged first, in which the noise of a camera goes under."""


def colours_tell(pixels: np.ndarray) -> bool:
    """Whether the colours of a picture do not follow from its brightness, as those of a stain do not.

    In a grey picture that was saved in colours, or with a tint, all lie on a line, along which they become brighter.
    How far they stray from it is what the second and third principal component of spots of pixels have.

    Args:
        pixels: of whole numbers, or of floats up to 1, `(3, rows, columns)` or with more spatial axes.
    """
    from scipy.ndimage import uniform_filter

    full = np.iinfo(pixels.dtype).max if pixels.dtype.kind in "iu" else 1.0
    planes = pixels.reshape(len(pixels), -1, pixels.shape[-1]).astype(np.float32) / full
    spots = uniform_filter(planes, (0, SPOT, SPOT))[:, ::SPOT, ::SPOT]  # type: ignore[arg-type]
    deviations = np.cov(spots.reshape(len(pixels), -1), bias=True)
    *astray, _ = np.linalg.eigvalsh(deviations)  # the last is the largest
    return bool(np.sqrt(max(0.0, sum(astray))) > TELLING)
