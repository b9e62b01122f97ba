"""What a step learns from: how large patches are, and how many."""

from __future__ import annotations

import numpy as np

from morula.errors import RequestError
from morula.models.batch_sizes import BatchSizes
from morula.networks.architecture import Architecture
from morula.planning.given import Given, Pixels

LARGEST_WHOLE = {1: 8192, 2: 192, 3: 64}
"""Frames of at most this side are shown whole, by the number of spatial axes."""
PART = {1: 4096, 2: 128, 3: 48}
"""Side of a patch of larger frames, likewise; of the longest side, where pixels are not as long as they are wide."""
SEEN = {1: 8 * 4096, 2: 8 * 128**2, 3: 2**18}
"""Pixels that one of the last steps learns from, likewise: a voxel takes longer than a pixel."""
FOLDED_FIRST, FINE_FIRST = 1 / 2, 1 / 6
"""The part of them that the first steps learn from, where pixels are folded, and where each keeps its own features: a
step takes three times as long there, and the shortest trainings need some steps, too."""
FEWEST = 4
"""The first steps learn from at least so many patches, or half of those of the last: fewer show too little."""


def plan_patch(
    pixels: Pixels, multiple: tuple[int, ...], asked: int | None, reasons: list[str]
) -> tuple[int, ...]:
    """A typical frame if that is small, a part of it otherwise: many small patches teach more than few large ones."""
    typical, spacing = pixels.typical, pixels.spacing
    axes = len(typical)
    whole = typical.max() <= LARGEST_WHOLE[axes]
    largest = asked or (LARGEST_WHOLE[axes] if whole else PART[axes])
    wanted = np.minimum(typical, largest if whole or asked else largest * spacing.min() / spacing)
    patch = tuple(int(max(side // step if side < length else -(-length // step), 1) * step)
                  for side, length, step in zip(wanted, typical, multiple, strict=True))
    words = " × ".join(map(str, patch))
    reasons.append(f"Patches are {words} pixels; a typical frame has {' × '.join(f'{s:.0f}' for s in typical)}.")
    return patch


def plan_batches(given: Given, patch: tuple[int, ...], architecture: Architecture, reasons: list[str]) -> BatchSizes:
    """So many patches that each step learns from about as many pixels."""
    asked, patches = given.settings.batch, SEEN[given.axes] / float(np.prod(patch))
    part = FOLDED_FIRST if architecture.stem > 1 else FINE_FIRST
    first = asked or max(2, round(max(part * patches, min(FEWEST, patches / 2))))
    last = asked or max(2, round(patches))
    if first * np.prod(patch) == np.prod(architecture.multiple):
        raise RequestError(f"One patch of {' × '.join(map(str, patch))} px leaves a network of {architecture.depth} "
                           "stages a single pixel, of which nothing can be learned. Give a larger --patch or --batch.")
    sizes = BatchSizes(first, last)
    reasons.append(f"A step learns from {sizes} patches{', and from more the later it comes' if last > first else ''}.")
    return sizes
