"""An image made small, for a notebook."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO

import numpy as np

from morula.images.colours import COLOURS

LARGEST = 2**24
"""Numbers of a plane with all its channels; larger ones would have to be read as a whole for a small picture."""
SIDE = 192
"""Pixels of its longer side at most."""
NUMBERS = 2**16
"""Of all that is shown, which a notebook keeps: below 100 kB, even of noise."""
DARKEST, BRIGHTEST = 0.5, 99.5
"""Percentiles of a channel that become black and white."""


def thumbnail(planes: np.ndarray, channels: Sequence[str]) -> str:
    """An element of HTML that holds a small picture: in colours where the channels are such, and else the first three.

    Args:
        planes: numbers of any type `(channels, y, x)`.
        channels: their names.
    """
    from PIL import Image

    side = min(SIDE, int((NUMBERS / min(len(planes), 3)) ** 0.5))
    step = max(1, -(-max(planes.shape[1:]) // side))
    small = planes[:3, ::step, ::step].astype(np.float32)
    coloured = tuple(channels[:3]) == COLOURS
    grey = np.stack([_bytes(part) for part in ([small] if coloured else small[:, None])])
    pixels = np.moveaxis(grey[0], 0, -1) if coloured else np.concatenate(list(grey[:, 0]), axis=1)
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
    return f'<img alt="" src="data:image/png;base64,{b64encode(file.getvalue()).decode()}">'


def _bytes(numbers: np.ndarray) -> np.ndarray:
    """From black to white, uint8; what is no number is black."""
    finite = numbers[np.isfinite(numbers)]
    low, high = np.percentile(finite, (DARKEST, BRIGHTEST)) if finite.size else (0, 1)
    shown = (np.nan_to_num(numbers, nan=low) - low) / ((high - low) or 1)
    return np.rint(255 * shown.clip(0, 1)).astype(np.uint8)
