"""Drawn short-axis sections of hearts, with the outlines of wall and cavities known exactly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from morula.drawings.drawn import Drawing
from morula.drawings.hearts import CLASSES, Heart
from morula.drawings.magnetic_resonance import CONTRASTS, NOISE, Chest, pictures, pixel_places
from morula.errors import RequestError

FIELD = 320_000.0
"""The side of a section in µm, whatever its size in pixels."""


def draw_hearts(
    count: int, *, channels: int = 1, classes: int = 1, seed: int = 0, size: int = 160
) -> Iterator[Drawing]:
    """Draw `count` sections, each of a heart of its own.

    Args:
        count: how many.
        channels: with one, each section has any of `CONTRASTS`; with several, each channel has one of its own.
        classes: 1 to mark the wall of the left ventricle, 2 also its cavity, 3 also that of the right ventricle.
        seed: everything follows from it and the number of the section.
        size: width and height in pixels; all things scale with it.

    Raises:
        RequestError: a number that cannot be drawn.

    >>> drawing = next(draw_hearts(1, channels=3, size=64))
    >>> drawing.name, drawing.image.shape, drawing.mask.shape
    ('heart_000', (3, 64, 64), (64, 64))
    """
    numbers = {"count": (count, 1, None), "channels": (channels, 1, len(CONTRASTS)),
               "classes": (classes, 1, len(CLASSES)), "seed": (seed, 0, None), "size": (size, 32, None)}
    for name, (number, least, most) in numbers.items():
        if number < least:
            raise RequestError(f"{name} must be at least {least}, not {number}.")
        if most is not None and number > most:
            raise RequestError(f"{name} must be at most {most}, not {number}.")
    return (_draw(f"heart_{number:03d}", channels, classes, size, np.random.default_rng([seed, number]))
            for number in range(count))


def _draw(name: str, channels: int, classes: int, size: int, rng: np.random.Generator) -> Drawing:
    heart, chest = Heart.drawn(rng), Chest.drawn(rng)
    contrasts = list(CONTRASTS.values())
    shown = contrasts[:channels] if channels > 1 else [contrasts[rng.integers(len(contrasts))]]
    mask = heart.mask(*pixel_places(size))
    return Drawing(
        name=name,
        image=pictures(heart, chest, shown, size, rng.uniform(*NOISE), rng),
        mask=np.where(mask <= classes, mask, 0).astype(np.uint8),
        pixel_size=(FIELD / size, FIELD / size),
        axes="CYX",
    )
