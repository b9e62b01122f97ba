"""Drawn boxes and discs in Rician noise, in two or three spatial axes, of any number of channels and classes.

They are the plainest pictures on which a network can be shown to work, and no threshold solves them: a pixel
drowns in the noise, boxes and discs share their brightness, and with several channels each class shows in a
combination of channels of its own, so that none of them is enough. In volumes they are cuboids and balls.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from morula.drawings.drawn import Drawing
from morula.errors import RequestError
from morula.images.image import Box as Window

SIZES = {2: 160, 3: 48}
"""The sides of pictures and volumes in pixels, unless another is asked for."""
NOISE = 20.0
"""The standard deviation of the noise of both parts of the complex signal, in grey levels."""
LEVELS = (3.0, 5.0, 8.0)
"""How bright a shape can be, in standard deviations of the noise."""
VARIATION = 0.12
"""Each shape is brighter or darker than its level by up to this share, in each channel for itself."""
SHAPES = (7, 12)
"""The least and the largest number of shapes of an image."""
SHARE = (0.012, 0.045)
"""The least and the largest share of the image that a shape covers."""
STRETCH = 0.25
"""The standard deviation of the logarithm of a box's sides."""
GAP = 2.0
"""Shapes are at least so many pixels apart."""
MARGIN = 0.06
"""Centres are away from the border by at least this share of the side, so that enough of each shape is in sight."""
TRIES = 40
"""How often room for a shape is looked for; if there is none, the image is without it."""


@dataclass(frozen=True)
class Box:
    """A rectangle or cuboid, turned by any angle.

    Attributes:
        centre: in pixels, shape `(axes,)`; whole numbers are the centres of pixels.
        half: half of each side, shape `(axes,)`.
        turn: the directions of the sides as columns, orthogonal, shape `(axes, axes)`.
    """

    centre: np.ndarray
    half: np.ndarray
    turn: np.ndarray

    @classmethod
    def drawn(cls, centre: np.ndarray, volume: float, rng: np.random.Generator) -> Box:
        """A box of this area or volume (pixels), with random sides and a random turn."""
        axes = len(centre)
        stretch = rng.normal(0, STRETCH, axes)
        turn, _ = np.linalg.qr(rng.standard_normal((axes, axes)))
        return cls(centre, volume ** (1 / axes) / 2 * np.exp(stretch - stretch.mean()), turn)

    @property
    def reach(self) -> float:
        """The distance of the farthest corner from the centre."""
        return float(np.linalg.norm(self.half))

    def depth(self, places: np.ndarray) -> np.ndarray:
        """How deep places `(*space, axes)` lie within, `(*space)`: the distance from the surface, negative outside."""
        beyond = np.abs((places - self.centre) @ self.turn) - self.half
        outside = np.linalg.norm(np.maximum(beyond, 0), axis=-1)
        return -outside - np.minimum(beyond.max(axis=-1), 0)


@dataclass(frozen=True)
class Ball:
    """A disc or ball; `centre` as of a `Box`."""

    centre: np.ndarray
    radius: float

    @classmethod
    def drawn(cls, centre: np.ndarray, volume: float, rng: np.random.Generator) -> Ball:
        """A ball of this area or volume (pixels)."""
        axes = len(centre)
        unit = math.pi ** (axes / 2) / math.gamma(axes / 2 + 1)  # the volume of a ball of radius 1
        return cls(centre, (volume / unit) ** (1 / axes))

    @property
    def reach(self) -> float:
        """The radius."""
        return self.radius

    def depth(self, places: np.ndarray) -> np.ndarray:
        """As of a `Box`."""
        return self.radius - np.linalg.norm(places - self.centre, axis=-1)


FORMS: tuple[type[Box], type[Ball]] = (Box, Ball)


@dataclass(frozen=True)
class Kind:
    """What the shapes of one class have in common.

    Attributes:
        forms: the forms they can have.
        levels: how bright they are in each channel, in standard deviations of the noise.
    """

    forms: tuple[type[Box] | type[Ball], ...]
    levels: tuple[float, ...]


def kinds_of(channels: int) -> tuple[Kind, ...]:
    """The kinds of shapes that are told apart in so many channels, at most so many as an image has shapes.

    In one channel they differ in form and brightness. In several they differ in the channels that show them:
    first two and more of these together, then one alone.

    >>> [kind.levels for kind in kinds_of(2)]
    [(3.0, 3.0), (3.0, 0.0), (0.0, 3.0)]
    """
    if channels == 1:
        return tuple(Kind((form,), (level,)) for level in LEVELS for form in FORMS)
    sizes = (*range(2, channels + 1), 1)
    shown = [together for size in sizes for together in combinations(range(channels), size)]
    levels = [tuple(LEVELS[0] * (channel in together) for channel in range(channels)) for together in shown]
    return tuple(Kind(FORMS, each) for each in levels[: SHAPES[0]])


def draw_shapes(
    count: int, *, axes: int = 2, channels: int = 1, classes: int = 1, seed: int = 0, size: int | None = None
) -> Iterator[Drawing]:
    """Draw `count` images of shapes that do not touch, each with its mask.

    Args:
        count: how many.
        axes: 2 for pictures, 3 for volumes.
        channels: from one on.
        classes: 1 to mark every shape as class 1; otherwise the number of kinds (`kinds_of`), of which each
            is a class. The same images are drawn for 1 and for 2 classes.
        seed: everything follows from it and the number of the image.
        size: all sides in pixels, with which all shapes scale; left out, as in `SIZES`.

    Raises:
        RequestError: a number that cannot be drawn.

    >>> drawing = next(draw_shapes(1, axes=3, channels=2, classes=3, size=32))
    >>> drawing.image.shape, drawing.mask.shape
    ((2, 32, 32, 32), (32, 32, 32))
    """
    if axes not in SIZES:
        raise RequestError(f"axes must be 2 (pictures) or 3 (volumes), not {axes}.")
    size = SIZES[axes] if size is None else size
    least_numbers = {"count": (count, 1), "channels": (channels, 1), "classes": (classes, 1), "seed": (seed, 0),
                     "size": (size, 32)}
    for name, (number, least) in least_numbers.items():
        if number < least:
            raise RequestError(f"{name} must be at least {least}, not {number}.")
    kinds = kinds_of(channels)
    if classes > len(kinds):
        raise RequestError(f"classes must be at most {len(kinds)}, not {classes}: so many kinds of shapes are told "
                           f"apart by {'the channel' if channels == 1 else f'{channels} channels'}.")
    return (
        _draw(f"shapes_{number:03d}", kinds[: max(classes, 2)], classes, (size,) * axes,
              np.random.default_rng([seed, number]))
        for number in range(count)
    )


def rician(signal: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    """The magnitude of a signal with complex Gaussian noise, as in magnetic resonance imaging.

    Without signal it follows the Rayleigh distribution (Gudbjartsson and Patz 1995,
    doi 10.1002/mrm.1910340618).

    Args:
        signal: any shape, at least 0.
        noise: the standard deviation of the real and of the imaginary part.
        rng: the noise comes from it.
    """
    real, imaginary = noise * rng.standard_normal((2, *signal.shape), dtype=np.float32)
    return np.hypot(signal + real, imaginary)


def _draw(
    name: str, kinds: tuple[Kind, ...], classes: int, space: tuple[int, ...], rng: np.random.Generator
) -> Drawing:
    signal = np.zeros((len(kinds[0].levels), *space), np.float32)
    mask = np.zeros(space, np.uint8)
    count = rng.integers(*SHAPES, endpoint=True)
    for number in rng.permutation(np.arange(count) % len(kinds)):
        found = _find_room(kinds[number], mask, rng)
        if found is None:
            continue
        window, depth = found
        mask[window][depth > 0] = number + 1
        cover = np.clip(depth + 0.5, 0, 1)  # an edge is one pixel wide
        brightness = np.array(kinds[number].levels) * rng.uniform(1 - VARIATION, 1 + VARIATION, len(signal))
        signal[:, *window] += brightness.reshape(-1, *[1] * len(space)) * cover
    pixels = np.clip(np.rint(rician(signal * NOISE, NOISE, rng)), 0, 255).astype(np.uint8)
    return Drawing(
        name=name,
        image=pixels,
        mask=np.minimum(mask, classes),
        pixel_size=(1.0,) * len(space),
        axes="CZYX" if len(space) == 3 else "CYX",
    )


def _find_room(kind: Kind, mask: np.ndarray, rng: np.random.Generator) -> tuple[Window, np.ndarray] | None:
    """A shape that keeps away from all that is in the mask: a window around it and how deep its pixels lie within."""
    sides = np.array(mask.shape)
    for _ in range(TRIES):
        form = kind.forms[rng.integers(len(kind.forms))]
        centre = rng.uniform(MARGIN, 1 - MARGIN, mask.ndim) * sides - 0.5
        shape = form.drawn(centre, rng.uniform(*SHARE) * mask.size, rng)
        first = np.floor(centre - shape.reach - GAP).clip(0, sides).astype(int)
        last = np.ceil(centre + shape.reach + GAP).clip(0, sides - 1).astype(int)
        window = tuple(slice(start, stop + 1) for start, stop in zip(first, last, strict=True))
        taken = np.argwhere(mask[window]) + first
        if (shape.depth(taken) <= -GAP).all():
            return window, shape.depth(np.moveaxis(np.mgrid[window], 0, -1))
    return None
