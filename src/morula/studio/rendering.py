"""Numbers of an image as a picture for a screen: limits, gamma, and a colour for each channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from morula.plots import palette
from morula.plots.display import COLOURED, ENDS, channel_colours

FAST = 1
"""How hard PNG is packed: a screen of it goes no farther than this machine."""
SAMPLE = 2**17
"""Numbers of a channel, at least, that its limits are taken from."""
THUMBNAIL = 160
"""Pixels along the longer side of a thumbnail."""


@dataclass(frozen=True)
class Rendering:
    """How channels are shown.

    Attributes:
        limits: what is black and what is bright, for each channel.
        gamma: above 1 shows dark parts brighter.
        shown: the numbers of the channels that are shown.
        colours: one for each channel, such as `#ffffff`.
    """

    limits: Sequence[tuple[float, float]]
    gamma: float
    shown: Sequence[int]
    colours: Sequence[str]

    def png(self, tile: np.ndarray) -> bytes:
        """Numbers `(channels, rows, columns)` as a picture."""
        return _packed(self._mixed(tile), "PNG", compress_level=FAST)

    def jpeg(self, plane: np.ndarray) -> bytes:
        """The same in little room, for what is only glanced at."""
        return _packed(self._mixed(plane), "JPEG", quality=85)

    def _mixed(self, tile: np.ndarray) -> np.ndarray:
        if len(self.shown) == 1 and self.colours[self.shown[0]] == "#ffffff":
            return (255 * self._bright(tile, self.shown[0]) + 0.5).astype(np.uint8)
        mixed = np.zeros((*tile.shape[1:], 3), np.float32)
        for channel in self.shown:
            mixed += self._bright(tile, channel)[..., None] * np.array(palette.rgb(self.colours[channel]), np.float32)
        return (mixed + 0.5).clip(0, 255).astype(np.uint8)

    def _bright(self, tile: np.ndarray, channel: int) -> np.ndarray:
        low, high = self.limits[channel]
        share = (np.nan_to_num(tile[channel].astype(np.float32)) - low) / max(high - low, 1e-12)
        share = share.clip(0, 1)
        return share if self.gamma == 1 else share ** (1 / self.gamma)


def colours(channels: Sequence[str]) -> list[str]:
    """The colour of each channel; one that has none of its own is white."""
    known = channel_colours(channels) if channels else {}
    return [known.get(channel, "#ffffff") for channel in channels]


def first_shown(channels: Sequence[str]) -> list[int]:
    """The channels that are shown at first."""
    known = channel_colours(channels)
    return [number for number, channel in enumerate(channels) if channel in known]


def automatic_limits(sample: np.ndarray, channels: Sequence[str]) -> list[tuple[float, float]]:
    """What to show black and bright of each channel `(channels, rows, columns)`: nearly all of what there is of it."""
    if tuple(channels[:3]) == COLOURED and sample.dtype == np.uint8:
        return [(0.0, 255.0)] * len(channels)
    return [_ends(channel, ENDS) for channel in sample]


def whole_range(sample: np.ndarray) -> list[tuple[float, float]]:
    """The least and the most of each channel."""
    return [_ends(channel, (0, 100)) for channel in sample]


def _ends(channel: np.ndarray, percentiles: tuple[float, float]) -> tuple[float, float]:
    numbers = channel.reshape(-1)
    numbers = numbers[:: numbers.size // SAMPLE | 1].astype(np.float32)  # an odd step meets every column
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return 0.0, 1.0
    low, high = map(float, np.percentile(numbers, percentiles))
    return low, high if high > low else low + 1


def _packed(pixels: np.ndarray, kind: str, **options: int) -> bytes:
    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()
