"""Frames spoiled on purpose: how masks fail is learned from masks that fail.

Each alteration takes an image float32 `(channels, *space)` of mean 0 and deviation 1, in planes and volumes alike, and
a strength from 0, hardly seen, to 1, where little is left to be found.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import fft, ndimage

from morula.examples.example import Piece
from morula.images.resizing import resized
from morula.models.plan import Intensity
from morula.models.preprocessing import measure_levels

Alteration = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]
BLOCK = 8
"""Side of the blocks that compression works on."""
SMALLEST = 16
"""Frames do not shrink below this side, in pixels, or below what they were."""


def altered(piece: Piece, kind: str, strength: float, rng: np.random.Generator, intensity: Intensity) -> Piece:
    """A frame spoiled in one way, normalised again as any image is before a network sees it.

    Args:
        piece: the frame; its annotation follows where things move.
        kind: one of `KINDS`.
        strength: from 0 to 1.
        rng: what is left to chance comes from it.
        intensity: how images are normalised.
    """
    if kind in MOVING:
        piece = MOVING[kind](piece, strength, rng)
        image = piece.image
    else:
        image = ALTERATIONS[kind](piece.image, strength, rng)
    return Piece(measure_levels(image, intensity).apply(image), piece.shares)


def _noisy(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    return image + 0.1 * 30**strength * rng.standard_normal(image.shape, np.float32)


def _grainy(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Noise with structures of some pixels, as debris, cells out of focus and camera patterns are."""
    width = _every_axis(image, rng.uniform(1, 4))
    grain = ndimage.gaussian_filter(rng.standard_normal(image.shape, np.float32), width)
    return image + 0.2 * 15**strength * grain / max(grain.std(), 1e-6)


def _blurred(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    return ndimage.gaussian_filter(image, _every_axis(image, 0.5 * 16**strength))


def _bent(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Another gamma, up to 5 or down to a fifth."""
    low, high = image.min(), image.max()
    return ((image - low) / max(high - low, 1e-6)) ** np.float32(np.exp(rng.choice([-1.6, 1.6]) * strength))


def _folded(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """What is brighter than a threshold becomes darker instead; at full strength, bright and dark change places."""
    threshold = np.quantile(image, 1 - strength)
    return np.minimum(image, 2 * threshold - image)


def _shaded(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Light that falls off towards one side."""
    direction = rng.standard_normal(image.ndim - 1)
    ramp = np.zeros(image.shape[1:], np.float32)
    for axis, part in enumerate(direction / np.linalg.norm(direction)):
        line = np.linspace(-part, part, ramp.shape[axis], dtype=np.float32)
        ramp += line.reshape(-1, *[1] * (ramp.ndim - 1 - axis))
    return (image - image.min()) * np.exp(2 * np.float32(strength) * ramp)


def _clipped(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """The bright or the dark part without detail, as after a wrong exposure."""
    lost = 0.02 + 0.75 * strength
    return image.clip(max=np.quantile(image, 1 - lost)) if rng.random() < 0.5 else image.clip(np.quantile(image, lost))


def _compressed(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Cosines of blocks rounded the more, the finer they are, as JPEG does."""
    space = image.shape[1:]
    padded = np.pad(image, [(0, 0), *((0, -side % BLOCK) for side in space)], mode="symmetric")
    blocks = padded.reshape(len(image), *(part for side in padded.shape[1:] for part in (side // BLOCK, BLOCK)))
    axes = tuple(range(2, blocks.ndim, 2))
    fineness = sum(np.arange(BLOCK).reshape([-1 if axis == place else 1 for place in range(blocks.ndim)])
                   for axis in axes)
    step = np.asarray(0.1 * 40**strength * (1 + fineness) / 4, np.float32)
    cosines = np.asarray(fft.dctn(blocks, axes=axes, norm="ortho"))
    whole = np.asarray(fft.idctn(np.rint(cosines / step) * step, axes=axes, norm="ortho")).reshape(padded.shape)
    return whole[(slice(None), *map(slice, space))]


def _haunted(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Its own mirror image shines through."""
    other = np.flip(image, axis=1 + int(rng.integers(image.ndim - 1)))
    return (1 - 0.7 * strength) * image + 0.7 * strength * other


def _outlined(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Edges in place of what they enclose, as another kind of contrast shows them."""
    edges = np.abs(image - ndimage.gaussian_filter(image, _every_axis(image, rng.uniform(1, 3))))
    return (1 - strength) * image + strength * edges / max(edges.std(), 1e-6)


def _recoloured(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Channels change places."""
    return (1 - strength) * image + strength * np.roll(image, rng.integers(1, max(2, len(image))), axis=0)


def _enlarged(piece: Piece, strength: float, rng: np.random.Generator) -> Piece:
    """A part of the frame, up to four times as large."""
    space = piece.image.shape[1:]
    sides = [max(min(side, SMALLEST), round(side / 4**strength)) for side in space]
    box = (slice(None), *(slice(start, start + side) for start, side in
                          ((rng.integers(whole - side + 1), side) for whole, side in zip(space, sides, strict=True))))
    return _resized(Piece(piece.image[box], piece.shares[box]), space)


def _shrunk(piece: Piece, strength: float, rng: np.random.Generator) -> Piece:
    """The frame, down to a quarter of its size."""
    return _resized(piece, tuple(max(min(side, SMALLEST), round(side / 4**strength)) for side in piece.image.shape[1:]))


def _resized(piece: Piece, space: tuple[int, ...]) -> Piece:
    return Piece(resized(piece.image, space), np.rint(resized(piece.shares, space)).astype(np.uint8))


def _every_axis(image: np.ndarray, width: float) -> tuple[float, ...]:
    """A width along each spatial axis, none across channels."""
    return (0.0, *[width] * (image.ndim - 1))


ALTERATIONS: dict[str, Alteration] = {
    "noise": _noisy,
    "grain": _grainy,
    "blur": _blurred,
    "gamma": _bent,
    "inversion": _folded,
    "light": _shaded,
    "exposure": _clipped,
    "compression": _compressed,
    "ghosts": _haunted,
    "edges": _outlined,
    "colours": _recoloured,
}
"""What changes the image alone."""
MOVING: dict[str, Callable[[Piece, float, np.random.Generator], Piece]] = {
    "enlargement": _enlarged,
    "shrinking": _shrunk,
}
"""What the annotation has to follow."""


def kinds(channels: int) -> list[str]:
    """All that can be altered of images with so many channels."""
    return [kind for kind in (*ALTERATIONS, *MOVING) if kind != "colours" or channels > 1]
