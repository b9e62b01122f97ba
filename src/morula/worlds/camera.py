"""What a file holds of the light: uneven, blurred, noisy, clipped, compressed, turned round, and marked."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image
from scipy import ndimage

from morula.worlds import ranges
from morula.worlds.marks import burn_in


def photograph(light: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture of light `(rows, columns)` of about 0 to 1, as uint8."""
    picture = ndimage.gaussian_filter(_lit(light, rng), ranges.BLUR.drawn(rng))
    if rng.random() < ranges.MOVED:
        picture = ndimage.uniform_filter1d(picture, int(rng.integers(2, 6)), axis=int(rng.integers(2)))
    picture = _exposed(picture, rng)
    picture = np.clip(picture, 0, None) ** ranges.GAMMA.drawn(rng)
    noise = ranges.NOISE.drawn(rng) * (np.sqrt(np.clip(picture, 0.02, 1)) if rng.random() < 0.5 else 1)
    picture = picture + noise * rng.standard_normal(picture.shape, dtype=np.float32)
    if rng.random() < ranges.INVERTED:
        picture = 1 - picture
    if rng.random() < ranges.COARSE:
        levels = int(rng.integers(12, 64))
        picture = np.rint(picture * levels) / levels
    kept = np.clip(np.rint(255 * picture), 0, 255).astype(np.uint8)
    if rng.random() < ranges.BURNT:
        kept = burn_in(kept, rng)
    return _compressed(kept, rng) if rng.random() < ranges.COMPRESSED else kept


def _lit(light: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Under light that is brighter on one side, and darker in the corners."""
    y, x = (np.linspace(-1, 1, length, dtype=np.float32) for length in light.shape)
    angle, strength = rng.uniform(-np.pi, np.pi), ranges.UNEVEN.drawn(rng) * rng.random()
    field = 1 + strength * (np.sin(angle) * y[:, None] + np.cos(angle) * x)
    if rng.random() < 1 / 3:
        middle = rng.normal(0, 0.2, 2)
        field -= ranges.VIGNETTE.drawn(rng) * 0.5 * ((y[:, None] - middle[0]) ** 2 + (x - middle[1]) ** 2)
    return light * np.clip(field, 0.1, None)


def _exposed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """With its range where cameras have theirs; some too bright or too dark, so that a share is clipped."""
    low, high = np.percentile(picture, [0.5, 99.5])
    if rng.random() < ranges.CLIPPED:
        ends = np.sort(rng.uniform([-0.25, 0.75], [0.1, 1.3]))
    else:
        ends = np.sort(rng.uniform([0.0, 0.45], [0.35, 1.0]))
    return ends[0] + (picture - low) / max(high - low, 0.05) * (ends[1] - ends[0])


def _compressed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=int(rng.integers(25, 90)))
    return np.asarray(Image.open(file))
