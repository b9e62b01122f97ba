"""Stained sections and smears: light that dyes take away, each its own colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from morula.specimens import breadths
from morula.specimens.crowds import Manner, crowd
from morula.specimens.exposure import developed
from morula.specimens.things import Things
from morula.specimens.warps import bent
from morula.worlds.textures import grain

DYES = {
    "haematoxylin": (0.65, 0.70, 0.29), "methylene blue": (0.75, 0.60, 0.20), "eosin": (0.10, 0.95, 0.25),
    "diaminobenzidine": (0.27, 0.57, 0.78), "azure": (0.55, 0.80, 0.15), "orange": (0.05, 0.40, 0.90),
    "fast green": (0.85, 0.30, 0.35),
}
"""How much each takes away of red, green and blue; after Ruifrok and Johnston 2001 and by eye."""


def _dye(names: tuple[str, ...], rng: np.random.Generator) -> np.ndarray:
    """One of the dyes, no batch of which is like another; now and then any colour."""
    taken = np.array(DYES[names[int(rng.integers(len(names)))]]) if rng.random() < 0.85 else rng.uniform(0.05, 1, 3)
    taken = np.clip(taken + rng.normal(0, 0.07, 3), 0.02, None)
    return (taken / np.linalg.norm(taken)).astype(np.float32)


def _through(dyes: list[np.ndarray], amounts: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """The light that is left, `(rows, columns, 3)`, of a lamp that is white or yellowish."""
    lamp = np.array([1, 1 - rng.uniform(0, 0.15), 1 - rng.uniform(0, 0.5) * (rng.random() < 0.4)]) * rng.uniform(0.8, 1.0)
    density = sum(np.clip(amount, 0, None)[..., None] * dye for dye, amount in zip(dyes, amounts, strict=True))
    return (lamp * np.exp(-density)).astype(np.float32)


def tissue(shape: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A stained section, uint8 `(rows, columns, 3)`, and its nuclei, int32 `(rows, columns)`."""
    radius = breadths.Range(5, 30, logarithmic=True).drawn(rng)
    manner = replace(Manner.drawn(rng, radius, longest=3.5), cover=breadths.NUCLEI_COVER.drawn(rng), square=2.0)
    hollow = np.zeros(shape, bool)
    if rng.random() < 0.5:
        hollows = Manner.drawn(rng, rng.uniform(0.08, 0.25) * min(shape), longest=2.5)
        hollow = crowd(shape, (1.0, 1.0), replace(hollows, cover=rng.uniform(0.05, 0.3), square=2.0), rng).inside
    nuclei = crowd(shape, (1.0, 1.0), manner, rng)
    if rng.random() < breadths.EMPTY:
        nuclei = Things(np.zeros(shape, np.int32), (1.0, 1.0))
    drowned = np.unique(nuclei.labels[hollow])
    nuclei = Things.numbered(np.where(np.isin(nuclei.labels, drowned), 0, nuclei.labels), (1.0, 1.0))
    ground = _stroma(shape, rng) * ~hollow
    if rng.random() < 0.4:  # bodies of cells around nuclei
        ground += rng.uniform(-0.2, 0.3) * np.exp(-nuclei.away / rng.uniform(3, 12)) * ~hollow
    blue = _nuclear(nuclei, rng) + rng.uniform(0, 0.15) * np.clip(1 + 0.5 * grain(shape, 8, rng), 0, None) * ~hollow
    dyes = [_dye(("haematoxylin", "haematoxylin", "methylene blue", "diaminobenzidine", "azure"), rng),
            _dye(("eosin", "eosin", "eosin", "azure", "orange", "haematoxylin", "fast green"), rng)]
    amounts = [blue, ground * (1 - 0.6 * nuclei.inside)]
    return developed(_through(dyes, amounts, rng), rng), nuclei.labels


def _stroma(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """What lies between nuclei: cloudy, or in wavy fibres."""
    amount = rng.uniform(0.1, 0.7)
    cloudy = 1 + rng.uniform(0.05, 0.4) * grain(shape, rng.uniform(5, 40), rng)
    if rng.random() < 0.6:
        noise = rng.standard_normal(shape, dtype=np.float32)
        strands = ndimage.gaussian_filter(noise, (rng.uniform(0.8, 2.5), rng.uniform(10, 30)), mode="wrap")
        places = bent(shape, (1.0, 1.0), rng.uniform(2, 12), rng.uniform(20, 60), rng)
        angle = rng.uniform(-np.pi, np.pi)
        turned = (np.cos(angle) * places[0] - np.sin(angle) * places[1], np.sin(angle) * places[0] + np.cos(angle) * places[1])
        at = tuple(np.rint(place).astype(int) % length for place, length in zip(turned, shape, strict=True))
        cloudy += rng.uniform(0.1, 0.45) * strands[at] / strands.std()
    return amount * np.clip(cloudy, 0.1, None)


def _nuclear(nuclei: Things, rng: np.random.Generator) -> np.ndarray:
    """How much dye nuclei take up: at least so much that they are seen, more at the rim in some, with clots."""
    amounts = rng.uniform(0.6, 1.6) * np.clip(rng.lognormal(0, rng.uniform(0, 0.4), nuclei.count + 1), 0.6, 2)
    amounts[0] = 0
    texture = 1 + rng.uniform(0.05, 0.3) * grain(nuclei.shape, rng.uniform(1, 4), rng)
    texture += rng.uniform(0, 0.7) * np.clip(grain(nuclei.shape, rng.uniform(2, 6), rng) - 1, 0, 1)
    if rng.random() < 0.4:
        width = np.minimum(1.5, nuclei.thickness / 2)[nuclei.labels]
        texture += rng.uniform(0.2, 0.9) * np.exp(-((nuclei.depth / width) ** 2)) - rng.uniform(0, 0.3)
    return amounts[nuclei.labels].astype(np.float32) * np.clip(texture, 0.4, None)


def _kernels(white: Things, radius: float, rng: np.random.Generator) -> np.ndarray:
    """Where the nuclei of white cells lie, bool `(rows, columns)`: round ones, kidneys, or several lobes."""
    if rng.random() < 0.35:
        lobes = replace(Manner.drawn(rng, rng.uniform(0.35, 0.6) * radius), cover=4.0, closeness=rng.uniform(0.6, 0.9),
                        elongation=rng.uniform(1, 1.8), heaps=0)
        return crowd(white.shape, (1.0, 1.0), lobes, rng).inside & (white.share > rng.uniform(0.1, 0.3))
    places = bent(white.shape, (1.0, 1.0), rng.uniform(0.05, 0.25) * radius, rng.uniform(0.6, 1.5) * radius, rng)
    at = tuple(np.clip(np.rint(place).astype(int), 0, length - 1)
               for place, length in zip(places, white.shape, strict=True))
    return (white.share[at] > rng.uniform(0.2, 0.6)) & (white.share > 0.08)


def smear(shape: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A stained smear, uint8 `(rows, columns, 3)`, and its things: red cells, bodies of white cells, and their nuclei."""
    radius = breadths.Range(7, 34, logarithmic=True).drawn(rng)
    red = crowd(shape, (1.0, 1.0), replace(Manner.drawn(rng, radius, longest=1.6), spread=rng.uniform(0, 0.15),
                                           bend=rng.uniform(0.01, 0.06), square=2.0), rng)
    large = min(radius * rng.uniform(1.1, 2.2), 0.35 * min(shape))
    white = crowd(shape, (1.0, 1.0), replace(Manner.drawn(rng, large, longest=1.4), cover=rng.uniform(0.02, 0.5), square=2.0,
                                             closeness=rng.uniform(0.85, 1.2)), rng)
    kernel = _kernels(white, large, rng)
    if rng.random() < breadths.EMPTY:
        red = white = Things(np.zeros(shape, np.int32), (1.0, 1.0))
        kernel &= False
    bodies = np.where(white.inside, white.labels, red.labels + (red.labels > 0) * np.int32(white.count))
    things = Things.numbered(np.where(kernel, white.labels + np.int32(white.count + red.count), bodies), (1.0, 1.0))
    seen = red.inside & ~white.inside
    paleness = rng.uniform(0, 1.0)
    reds = rng.uniform(0.25, 0.7) * seen * (1 - paleness * np.clip(red.share, 0, 1) ** 2)
    plasma = white.inside * rng.uniform(0.2, 0.7) * (1 + rng.uniform(0.1, 0.4) * grain(shape, rng.uniform(1, 5), rng))
    plasma += 0.4 * white.inside * np.exp(-((white.depth / 1.5) ** 2)) * (rng.random() < 0.4)
    dark = kernel * rng.uniform(0.8, 2.0) * (1 + rng.uniform(0.05, 0.25) * grain(shape, rng.uniform(2, 8), rng))
    dyes = [_dye(("eosin", "orange"), rng), _dye(("azure", "methylene blue", "eosin", "fast green"), rng),
            _dye(("haematoxylin", "methylene blue", "azure"), rng)]
    dirt = 0.05 * np.clip(grain(shape, rng.uniform(3, 30), rng), 0, None)
    return developed(_through(dyes, [reds + dirt, plasma, dark], rng), rng), things.labels
