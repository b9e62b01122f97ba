"""What a file holds of light: blurred, noisy, stretched to its range, turned round, compressed, in false colours."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image
from scipy import ndimage

from morula.specimens import breadths
from morula.worlds.marks import burn_in

TINTS = (
    ((0, 0, 0), (0, 1, 0)), ((0, 0, 0), (0, 0.2, 1), (0.6, 0.8, 1)), ((0, 0, 0), (1, 0, 1)), ((0, 0, 0), (1, 0.1, 0)),
    ((0, 0, 0), (0, 1, 1)), ((0, 0, 0), (0.6, 0, 0), (1, 0.6, 0), (1, 1, 0.8)),
    ((0.27, 0, 0.33), (0.13, 0.57, 0.55), (0.99, 0.91, 0.14)), ((0.2, 0.1, 0), (0.7, 0.5, 0.3), (1, 0.95, 0.85)),
)
"""False colours, from dark to light."""


def photographed(light: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture of grey light `(rows, columns)` in contrasts, as uint8 `(rows, columns, 3)`."""
    kept = recorded(light, breadths.BLUR.drawn(rng), rng)
    if rng.random() < breadths.MARKED:
        kept = burn_in(kept, rng)
    kept = _compressed(kept, rng) if rng.random() < breadths.COMPRESSED else kept
    if rng.random() < breadths.TINTED:
        tint = np.array(TINTS[int(rng.integers(len(TINTS)))])
        table = np.stack([np.interp(np.arange(256), np.linspace(0, 255, len(tint)), part) for part in tint.T], axis=1)
        return np.rint(255 * table).astype(np.uint8)[kept]
    return np.repeat(kept[..., None], 3, axis=2)


def recorded(light: np.ndarray, blur: float | tuple[float, ...], rng: np.random.Generator) -> np.ndarray:
    """Grey light `(*space)` in contrasts after optics and detector, as uint8 `(*space)`."""
    picture = ndimage.gaussian_filter(light * uneven(light.shape, rng), blur)
    low, high = np.percentile(picture[..., ::2, ::2], [0.5, 99.7])
    picture += _noise(picture, breadths.NOISE.drawn(rng), rng)
    ends = (rng.uniform(0, 0.25), rng.uniform(0.6, 1.05))
    stretch = (picture - low) / max(float(high - low), 1.0)
    picture = ends[0] + (ends[1] - ends[0]) * np.sign(stretch) * np.abs(stretch) ** breadths.GAMMA.drawn(rng)
    if rng.random() < breadths.INVERTED:
        picture = 1 - picture
    return np.clip(np.rint(255 * picture), 0, 255).astype(np.uint8)


def developed(light: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture of coloured light `(rows, columns, 3)` of 0 to 1, as uint8 of the same shape."""
    blur = breadths.BLUR.drawn(rng)
    picture = ndimage.gaussian_filter(light * uneven(light.shape[:2], rng)[..., None], (blur, blur, 0))
    picture += _noise(picture, 0.2 * breadths.NOISE.drawn(rng), rng)
    kept = np.clip(np.rint(255 * picture), 0, 255).astype(np.uint8)
    return _compressed(kept, rng) if rng.random() < 2 * breadths.COMPRESSED else kept


def uneven(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """How light falls: brighter on one side, and darker away from a middle somewhere; about 1, float32 `shape`."""
    field = np.ones(shape, np.float32)
    for along in np.meshgrid(*(np.linspace(-1, 1, length, dtype=np.float32) for length in shape), indexing="ij",
                             sparse=True):
        field += np.float32(breadths.UNEVEN.drawn(rng) * rng.uniform(-1, 1)) * along
        field -= np.float32(breadths.UNEVEN.drawn(rng) * rng.random()) * (along - np.float32(rng.normal(0, 0.3))) ** 2
    return np.maximum(field, 0.2)


def _noise(picture: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Noise of a standard deviation; in half of the pictures more of it where light is, in some of neighbours alike."""
    noise = strength * rng.standard_normal(picture.shape, dtype=np.float32)
    if rng.random() < 0.2:
        noise = 1.5 * ndimage.gaussian_filter(noise, [0.7] * 2 + [0] * (picture.ndim - 2))
    if rng.random() < 0.5:
        noise *= np.sqrt(np.clip(picture / max(float(picture.max()), 1e-6), 0.05, 1))
    return noise


def _compressed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=int(rng.integers(35, 92)))
    return np.asarray(Image.open(file))
