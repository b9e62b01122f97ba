"""How the numbers of an image become colours on a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from morula.formats.stored import default_channels
from morula.plots import palette

COLOURED = ("red", "green", "blue")
"""The channels of a picture that is in colour already."""
ENDS = (0.5, 99.5)
"""Percentiles of a channel that are shown dark and bright."""
LARGEST_SAMPLE = 1_000_000


def channel_colours(channels: Sequence[str]) -> dict[str, str]:
    """The colour that each channel is shown in: of several the first three, of a lone one white.

    >>> channel_colours(("grey",))
    {'grey': '#ffffff'}
    """
    if tuple(channels[:3]) == COLOURED:
        return dict(zip(COLOURED, ("#ff0000", "#00ff00", "#0000ff"), strict=True))
    colours = palette.CHANNELS[min(len(channels), max(palette.CHANNELS))]
    return dict(zip(channels, colours, strict=False))


@dataclass(frozen=True)
class Display:
    """The range of numbers that is shown from dark to bright, and the colour, of each shown channel.

    Attributes:
        low: float32 `(shown,)`.
        high: float32 `(shown,)`.
        colours: float32 `(shown, 3)`, 0 to 1.
    """

    low: np.ndarray
    high: np.ndarray
    colours: np.ndarray

    @classmethod
    def of(cls, image: np.ndarray, channels: Sequence[str] = ()) -> Display:
        """What suits an image: colour pictures stay as they are, each channel of others fills its own range.

        Args:
            image: `(channels, *space)`, any dtype.
            channels: their names; without any, they are numbered.
        """
        names = tuple(channels) or default_channels(len(image))
        colours = channel_colours(names)
        values = _plain(image[: len(colours)]).reshape(len(colours), -1)
        low, high = np.percentile(values[:, :: max(1, values.shape[1] // LARGEST_SAMPLE)], ENDS, axis=1)
        if tuple(colours) == COLOURED:  # together, or a colour would become another
            low[:], high[:] = (0, 255) if image.dtype == np.uint8 else (low.min(), high.max())
        mixed = np.array([palette.rgb(colour) for colour in colours.values()]) / 255
        return cls(low.astype(np.float32), high.astype(np.float32), mixed.astype(np.float32))

    def picture(self, plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """A flat part of the image `(channels, y, x)` as float32 `(height, width, 3)`, 0 to 255."""
        from PIL import Image

        height, width = size
        bright = np.stack([
            np.asarray(Image.fromarray(channel).resize((width, height), Image.Resampling.BICUBIC))
            for channel in _plain(plane[: len(self.low)])
        ], axis=-1)
        shares = ((bright - self.low) / np.maximum(self.high - self.low, 1e-12)).clip(0, 1)
        return 255 * (shares @ self.colours).clip(0, 1)


def _plain(image: np.ndarray) -> np.ndarray:
    """float32, with zeros in place of what is no number."""
    return np.nan_to_num(image.astype(np.float32), posinf=0, neginf=0)
