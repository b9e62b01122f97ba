"""Stained smears of blood: red cells, and white ones with their nuclei."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from morula.specimens import breadths
from morula.specimens.crowds import Manner, crowd
from morula.specimens.exposure import developed
from morula.specimens.mottles import mottle
from morula.specimens.stains import dye, left
from morula.specimens.things import Things
from morula.specimens.warps import bent

FLAT = (1.0, 1.0)


@dataclass(frozen=True)
class Blood:
    """What lies in a smear: red cells, white ones over them, and where the nuclei of these are, bool."""

    red: Things
    white: Things
    nuclei: np.ndarray

    @classmethod
    def drawn(cls, shape: tuple[int, int], rng: np.random.Generator) -> Blood:
        """Any blood, or none."""
        if rng.random() < breadths.EMPTY:
            none = Things(np.zeros(shape, np.int32), FLAT)
            return cls(none, none, none.inside)
        radius = breadths.RED_RADIUS.drawn(rng)
        round_ones = replace(Manner.drawn(rng, radius, longest=1.6), spread=rng.uniform(0, 0.15),
                             bend=rng.uniform(0.01, 0.06), square=2.0)
        large = min(radius * rng.uniform(1.1, 2.2), 0.35 * min(shape))
        few = replace(Manner.drawn(rng, large, longest=1.4), cover=rng.uniform(0.02, 0.5), square=2.0,
                      closeness=rng.uniform(0.85, 1.2))
        white = crowd(shape, FLAT, few, rng)
        return cls(crowd(shape, FLAT, round_ones, rng), white, _kernels(white, large, rng))

    @property
    def labels(self) -> np.ndarray:
        """Red cells, bodies of white cells and their nuclei, each with a number of its own."""
        white = self.white.labels + self.white.inside * np.int32(self.red.count)
        bodies = np.where(self.white.inside, white, self.red.labels)
        return Things.numbered(np.where(self.nuclei, white + np.int32(self.white.count), bodies), FLAT).labels


def _kernels(white: Things, radius: float, rng: np.random.Generator) -> np.ndarray:
    """Where the nuclei of white cells lie, bool `(rows, columns)`: round ones, kidneys, or several lobes."""
    if rng.random() < 0.35:
        lobes = replace(Manner.drawn(rng, rng.uniform(0.35, 0.6) * radius), cover=4.0, closeness=rng.uniform(0.6, 0.9),
                        elongation=rng.uniform(1, 1.8), heaps=0)
        return crowd(white.shape, FLAT, lobes, rng).inside & (white.share > rng.uniform(0.1, 0.3))
    places = bent(white.shape, FLAT, rng.uniform(0.05, 0.25) * radius, rng.uniform(0.6, 1.5) * radius, rng)
    at = tuple(np.clip(np.rint(place).astype(int), 0, length - 1)
               for place, length in zip(places, white.shape, strict=True))
    return (white.share[at] > rng.uniform(0.2, 0.6)) & (white.share > 0.08)


def smear(shape: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A stained smear, uint8 `(rows, columns, 3)`, and the numbers of its cells and of nuclei in them, int32."""
    blood = Blood.drawn(shape, rng)
    red, white = blood.red, blood.white
    reds = rng.uniform(0.25, 0.7) * (red.inside & ~white.inside) * (1 - rng.uniform(0, 1) * red.share**2)
    plasma = white.inside * rng.uniform(0.2, 0.7) * (1 + rng.uniform(0.1, 0.4) * mottle(shape, rng.uniform(1, 5), rng))
    plasma += 0.4 * white.inside * np.exp(-((white.depth / 1.5) ** 2)) * (rng.random() < 0.4)
    dark = blood.nuclei * rng.uniform(0.8, 2.0)
    dark = dark * (1 + rng.uniform(0.05, 0.25) * mottle(shape, rng.uniform(2, 8), rng))
    dyes = [dye(("eosin", "orange"), rng), dye(("azure", "methylene blue", "eosin", "fast green"), rng),
            dye(("haematoxylin", "methylene blue", "azure"), rng)]
    dirt = 0.05 * np.clip(mottle(shape, rng.uniform(3, 30), rng), 0, None)
    return developed(left(dyes, [reds + dirt, plasma, dark], rng), rng), blood.labels
