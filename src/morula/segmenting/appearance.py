"""A frame as a few numbers, alike for frames that look alike."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter

from morula.images.image import Image
from morula.models.feature_maps import prepared_middle
from morula.models.model import Model

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Shares of the pixels, to each of which belongs a brightness that so many do not exceed."""
BLURS = (0, 1, 2, 4, 8)
"""Deviations of Gaussians in binned pixels: detail is what is there after one of them, and gone after the next."""
FAINT = 1e-3
"""Detail of so little contrast is as good as none."""


def appearance(model: Model, image: Image, frame: int = 0) -> np.ndarray:
    """How bright a frame is, and how much contrast its detail of each size has, as the network is given it.

    Of each channel: the quantiles of its pixels at `SHARES`, then the logarithms of the deviations of each band of
    detail and of what all blurs leave (the bands of Burt and Adelson 1983, doi 10.1109/TCOM.1983.1095851, without
    leaving out pixels). The weights of the network have no say in it: after few images they know little but these.
    Of a large frame, the middle is looked at.

    Returns:
        float32 `(10 × channels,)`.

    Raises:
        ModelError: the image does not fit the model.
        FileError: it cannot be read.
    """
    prepared = prepared_middle(model, image, frame)
    return np.concatenate([_of_channel(channel) for channel in prepared]).astype(np.float32)


def _of_channel(pixels: np.ndarray) -> np.ndarray:
    blurred = [gaussian_filter(pixels, width) for width in BLURS]
    bands = [finer - coarser for finer, coarser in pairwise(blurred)] + blurred[-1:]
    contrasts = [np.log(band.std() + FAINT) for band in bands]
    return np.array([*np.quantile(pixels, SHARES), *contrasts])
