"""Whether what is annotated is brighter or darker than the rest of its frame, and which frames are rare in that."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from morula.models.preprocessing import sample_frame
from morula.pairs.masks import NOT_ANNOTATED, MaskReading
from morula.pairs.pair import Frame
from morula.pairs.spread import evenly
from morula.planning.given import Given

CLEAR = 0.8
"""Foreground is brighter than background if its pixels are, in more than this share of comparisons; darker likewise."""
MOSTLY = 0.9
"""Frames are of two kinds if at least this share of them is clearly of one."""
COMPARED = 10_000
"""Pixels of each side that are compared at most, about."""
LOOKED_AT = 2**16
"""Pixels of a frame that are looked at at most, about."""
GROUPS = 2000
"""Groups that are looked at at most."""
NAMED = 3
"""Frames of a rare kind that are named at most."""


def plan_repeated(given: Given, reasons: list[str]) -> dict[str, int]:
    """Dark objects among bright ones, or bright among dark, are shown more often than they occur."""
    rare = rare_frames(given.frames, given.reading)
    if rare:
        named = ", ".join(list(rare)[:NAMED]) + (", …" if len(rare) > NAMED else "")
        often = " or ".join(f"{times} times" for times in sorted(set(rare.values())))
        reasons.append("What is annotated is darker than the rest in some frames and brighter in others. The rarer "
                       f"kind, {len(rare)} of {len(given.frames)} frames ({named}), is shown {often} as often.")
    return rare


def brighter_share(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """How often a pixel of the foreground is brighter than one of the background, for each channel.

    This is the statistic of Mann and Whitney as a share of all comparisons (doi 10.1214/aoms/1177730491), which no
    change of brightness, contrast or gamma moves. Equal pixels count half.

    Args:
        pixels: a frame, or a part of it, `(channels, *space)`.
        mask: its class numbers, `(*space)`; what is not annotated does not count.

    Returns:
        From 0 to 1, float64 `(channels,)`; not a number where there is nothing to compare.
    """
    inside, outside = (mask > 0) & (mask != NOT_ANNOTATED), mask == 0
    if not inside.any() or not outside.any():
        return np.full(len(pixels), np.nan)
    foreground, background = (_some(pixels[:, where]) for where in (inside, outside))
    below = [(np.searchsorted(ordered, channel, "left") + np.searchsorted(ordered, channel, "right")).mean() / 2
             for channel, ordered in zip(foreground, np.sort(background), strict=True)]
    return np.array(below) / background.shape[1]


def rare_frames(frames: Sequence[Frame], reading: MaskReading) -> dict[str, int]:
    """The frames whose foreground is darker where that of most is brighter, or the other way round.

    Frames of one group are taken for one kind, so that one of each is read; of very many groups, some that are evenly
    spread.

    Args:
        frames: those that train.
        reading: how their masks are read.

    Returns:
        How often a pass should show each of them, by name, if more than once: the square root of how many others come
        on one of them, so that their kind is neither missed nor learned by heart.
    """
    groups: dict[str, list[Frame]] = defaultdict(list)
    for frame in frames:
        groups[frame.group].append(frame)
    looked_at = evenly(list(groups.values()), GROUPS)
    shares = np.stack([_share_of(members[len(members) // 2], reading) for members in looked_at])
    counts = np.array([len(members) for members in looked_at])
    repeated: dict[str, int] = {}
    for share in shares.T:
        rare, times = _rare(share, counts)
        for frame in (each for members, found in zip(looked_at, rare, strict=True) if found for each in members):
            repeated[frame.name] = max(times, repeated.get(frame.name, 1))
    return {name: times for name, times in repeated.items() if times > 1}


def _rare(share: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, int]:
    """Which groups of so many frames are of the rarer kind, bool `(groups,)`, and how often they should be shown."""
    kinds = [share > CLEAR, share < 1 - CLEAR]
    kinds.sort(key=lambda kind: int(counts[kind].sum()))
    few, many = (int(counts[kind].sum()) for kind in kinds)
    if few == 0 or few + many < MOSTLY * counts[np.isfinite(share)].sum():
        return np.zeros(len(share), bool), 1
    return kinds[0], round((many / few) ** 0.5)


def _share_of(frame: Frame, reading: MaskReading) -> np.ndarray:
    pixels, stored = (sample_frame(image, frame.index) for image in (frame.pair.image, frame.pair.mask))
    apart = max(1, math.ceil((stored[0].size / LOOKED_AT) ** (1 / (stored.ndim - 1))))
    every = (slice(None), *[slice(None, None, apart)] * (stored.ndim - 1))
    return brighter_share(pixels[every], reading.class_numbers(stored[every]))


def _some(values: np.ndarray) -> np.ndarray:
    """Evenly spread columns of `(channels, pixels)`."""
    return values[:, :: max(1, values.shape[1] // COMPARED)]
