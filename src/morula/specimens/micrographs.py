"""Electron micrographs: cells whose membranes are to be found, and all that lies in cells and looks like membranes."""

from __future__ import annotations

import numpy as np

from morula.specimens.darts import thrown
from morula.specimens.mottles import mottle
from morula.specimens.things import Things


def micrograph(cells: Things, seam: float, rng: np.random.Generator) -> np.ndarray:
    """The light of a section of cells whose membranes are so wide, float32 `(*space)`, in contrasts."""
    light = -np.exp(-((cells.depth / max(0.2 * seam, 0.6)) ** 2)) * cells.inside - 1.0 * ~cells.inside
    if seam > 3 and rng.random() < 0.4:  # two membranes, and a gap between them
        light += rng.uniform(0.3, 0.9) * np.clip(cells.away / (0.5 * seam), 0, 1)
    shade = rng.normal(0, rng.uniform(0, 0.2), cells.count + 1).astype(np.float32)
    shade[0] = 0
    light += shade[cells.labels]
    light += rng.uniform(0.05, 0.35) * mottle(cells.shape, rng.uniform(0.7, 3), rng, cells.spacing)
    light += rng.uniform(0.02, 0.15) * mottle(cells.shape, rng.uniform(6, 30), rng, cells.spacing)
    if rng.random() < 0.7:
        _add(light, cells, _vesicle, int(rng.integers(0, 250)), rng.uniform(1.5, 4.5), rng)
    if rng.random() < 0.7:
        _add(light, cells, _mitochondrion, int(rng.integers(1, 20)), rng.uniform(5, 16), rng)
    return (rng.uniform(1, 3) + (light if rng.random() < 0.85 else -light)).astype(np.float32)


def _add(light: np.ndarray, cells: Things, organelle, wanted: int, radius: float, rng: np.random.Generator) -> None:
    """Organelles where cells have room for them."""
    extent = np.multiply(cells.shape, cells.spacing)
    sizes = radius * rng.uniform(0.7, 1.4, wanted)
    for centre, size in zip(*thrown(extent, sizes, 1.1, rng), strict=True):
        at = np.clip((centre / cells.spacing).astype(int), 0, np.array(cells.shape) - 1)
        if cells.depth[tuple(at)] < size + 1.5:
            continue
        window = tuple(slice(max(0, int((middle - 3 * size) / step)), int((middle + 3 * size) / step) + 2)
                       for middle, step in zip(centre, cells.spacing, strict=True))
        offsets = np.stack(np.meshgrid(*(step * np.arange(length)[part] - middle for part, middle, step, length in
                                         zip(window, centre, cells.spacing, cells.shape, strict=True)), indexing="ij"))
        light[window] += organelle(offsets, size, rng) * (cells.depth[window] > 1.5)


def _vesicle(offsets: np.ndarray, radius: float, rng: np.random.Generator) -> np.ndarray:
    """A small ball with a dark skin, some with a dark core."""
    away = np.sqrt((offsets**2).sum(axis=0))
    skin = -rng.uniform(0.3, 0.8) * np.exp(-(((away - radius) / 0.9) ** 2))
    return skin + rng.uniform(-0.6, 0.2) * (away < radius) * (rng.random() < 0.3)


def _mitochondrion(offsets: np.ndarray, radius: float, rng: np.random.Generator) -> np.ndarray:
    """An ellipse with a dark skin, darker within, and with folds."""
    turn = np.linalg.qr(rng.standard_normal((len(offsets),) * 2))[0]
    turned = np.tensordot(turn, offsets, axes=1)
    turned[0] /= rng.uniform(1.2, 2.4)
    away = np.sqrt((turned**2).sum(axis=0))
    within = np.clip(radius - away, 0, 1)
    skin = -rng.uniform(0.3, 0.8) * np.exp(-(((away - radius) / 1.2) ** 2))
    folds = np.sin(turned[0] * 2 * np.pi / rng.uniform(3, 6) + rng.uniform(0.2, 0.6) * turned[-1])
    return skin + within * (-rng.uniform(0.1, 0.5) + rng.uniform(0.1, 0.35) * folds)

