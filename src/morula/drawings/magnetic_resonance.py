"""A heart in its chest under magnetic resonance imaging: contrasts, uneven signal, and the noise of a magnitude.

Lengths are shares of the side of the frame. Levels go from 0, no signal, to 1, the brightest tissue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from morula.drawings.hearts import AROUND, Heart
from morula.drawings.shapes import rician
from morula.drawings.star_shapes import StarShape

BRIGHTEST = 170.0
"""The grey level of the brightest tissue."""
NOISE = (4.0, 12.0)
"""The least and the largest standard deviation of the noise of both parts of the complex signal, in grey levels."""
UNEVEN = 0.3
"""How much more or less signal comes from one side than from the middle, as a logarithm: the coil is nearer to it."""
RIM = 0.014
"""How thick the wall of the right ventricle is."""
MOTTLE = 0.1
"""How much the level of a tissue varies from place to place, as a share."""
PATCHES = 0.8
"""How far out, in standard deviations of this unevenness, muscle around the heart gives way to fat."""
BLUR = 0.5
"""The standard deviation of the blur in pixels: no more of a signal is recorded than pixels tell."""


@dataclass(frozen=True)
class Contrast:
    """How bright each tissue is."""

    blood: float
    wall: float
    scar: float
    fat: float
    muscle: float
    lung: float
    liver: float


CONTRASTS = {
    "bright blood": Contrast(blood=0.85, wall=0.36, scar=0.42, fat=0.95, muscle=0.4, lung=0.06, liver=0.34),
    "dark blood": Contrast(blood=0.07, wall=0.55, scar=0.72, fat=0.95, muscle=0.45, lung=0.05, liver=0.36),
    "late enhancement": Contrast(blood=0.62, wall=0.14, scar=0.9, fat=0.7, muscle=0.2, lung=0.05, liver=0.3),
    "first pass": Contrast(blood=0.95, wall=0.28, scar=0.16, fat=0.3, muscle=0.22, lung=0.05, liver=0.18),
}
"""By name, in the order of channels."""


@dataclass(frozen=True)
class Chest:
    """What lies around a heart.

    Attributes:
        fat: how wide the seam of fat around the heart is at each of `hearts.AROUND`, seen from the left ventricle.
        lungs: their outlines.
        liver: its outline.
        vessel: the y, x and radius of the aorta on its way down: round and full of blood, and no heart.
    """

    fat: np.ndarray
    lungs: tuple[StarShape, ...]
    liver: StarShape
    vessel: tuple[float, float, float]

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Chest:
        """One of many chests."""
        fat = rng.uniform(0, 0.04) * np.clip(1.2 * np.cos(AROUND - rng.uniform(-np.pi, np.pi)), 0, 1)

        def blob(y: float, x: float, radius: float) -> StarShape:
            place = (y + rng.normal(0, 0.03), x + rng.normal(0, 0.03))
            bend = rng.uniform(0.08, 0.2) * np.cos(2 * (AROUND - rng.uniform(-np.pi, np.pi)))
            return StarShape(place, radius * rng.uniform(0.9, 1.15) * (1 + bend))

        return cls(fat, (blob(0.4, 1.02, 0.26), blob(0.08, 0.1, 0.24)), blob(1.02, 0.16, 0.33),
                   (rng.uniform(0.86, 0.93), rng.uniform(0.7, 0.85), rng.uniform(0.03, 0.05)))


def pictures(
    heart: Heart, chest: Chest, contrasts: Sequence[Contrast], size: int, noise: float, rng: np.random.Generator, *,
    uneven: float = UNEVEN,
) -> np.ndarray:
    """A section under each of several contrasts, uint8 `(contrasts, size, size)`.

    Args:
        heart: what is seen.
        chest: what is around it.
        contrasts: how bright each tissue is.
        size: the side in pixels.
        noise: the standard deviation of the noise of both parts of the complex signal, in grey levels.
        rng: textures, noise and uneven signal come from it.
        uneven: see `UNEVEN`; 0 for none.
    """
    y, x = pixel_places(size)
    direction = rng.uniform(-np.pi, np.pi)
    slope = 2 * uneven * rng.uniform(0.3, 1) * ((y - 0.5) * np.sin(direction) + (x - 0.5) * np.cos(direction))
    texture = _mottled(size, rng)
    levels = np.stack([_painted(heart, chest, contrast, texture) for contrast in contrasts])
    return np.clip(np.rint(rician(BRIGHTEST * levels * np.exp(slope), noise, rng)), 0, 255).astype(np.uint8)


def pixel_places(size: int) -> tuple[np.ndarray, np.ndarray]:
    """The middles of the pixels of a square frame: y `(size, 1)` and x `(1, size)`."""
    along = (np.arange(size) + 0.5) / size
    return along[:, None], along[None, :]


def _painted(heart: Heart, chest: Chest, contrast: Contrast, texture: np.ndarray) -> np.ndarray:
    """The level of each pixel without noise: one tissue laid over the other, their edges a pixel wide.

    Args:
        heart: as of `pictures`.
        chest: likewise.
        contrast: likewise.
        texture: how uneven tissues are, `(size, size)`, see `_mottled`.
    """
    size = len(texture)
    y, x = pixel_places(size)
    mottle = 1 + MOTTLE * texture
    levels = contrast.muscle * mottle + (contrast.fat - contrast.muscle) * np.clip(texture - PATCHES, 0, 1)

    def lay(level: float | np.ndarray, depth: np.ndarray) -> None:
        nonlocal levels
        levels = levels + np.clip(depth * size + 0.5, 0, 1) * (level - levels)

    for organ, level in ((chest.liver, contrast.liver), *((lung, contrast.lung) for lung in chest.lungs)):
        lay(level * mottle, organ.depth(y, x))
    lay(contrast.blood, _disc(chest.vessel, y, x))
    left, right = heart.outer.depth(y, x), heart.right.depth(y, x)
    angle = np.arctan2(y - heart.outer.centre[0], x - heart.outer.centre[1])
    seam = np.interp(angle, AROUND, chest.fat, period=2 * np.pi)
    lay(contrast.fat, np.maximum(left, right + RIM) + np.where(seam > 0.004, seam, -1))
    lay(contrast.wall, right + RIM)
    lay(contrast.blood, right)
    lay(np.where(heart.scarred(y, x), contrast.scar, contrast.wall) * mottle, left)
    lay(contrast.blood, heart.inner.depth(y, x))
    for muscle in heart.muscles:
        lay(contrast.wall, np.minimum(_disc(muscle, y, x), heart.inner.depth(y, x)))
    return ndimage.gaussian_filter(levels, BLUR)


def _disc(disc: tuple[float, float, float], y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """How deep points lie in a disc of a centre and a radius."""
    return disc[2] - np.hypot(y - disc[0], x - disc[1])


def _mottled(size: int, rng: np.random.Generator) -> np.ndarray:
    """Slow unevenness `(size, size)` of mean 0 and standard deviation 1."""
    slow = ndimage.gaussian_filter(rng.standard_normal((size, size)), size / 40, mode="wrap")
    return (slow - slow.mean()) / slow.std()
