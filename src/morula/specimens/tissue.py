"""Stained sections of tissue: nuclei among cloudy or fibrous matter, and hollows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from morula.specimens import breadths
from morula.specimens.crowds import Manner, crowd
from morula.specimens.exposure import developed
from morula.specimens.mottles import mottle
from morula.specimens.stains import dye, left
from morula.specimens.things import Things
from morula.specimens.warps import bent

FLAT = (1.0, 1.0)


def tissue(shape: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A stained section, uint8 `(rows, columns, 3)`, and its nuclei, int32 `(rows, columns)`."""
    radius = breadths.NUCLEUS_RADIUS.drawn(rng)
    manner = replace(Manner.drawn(rng, radius, longest=3.5), cover=breadths.NUCLEI_COVER.drawn(rng), square=2.0)
    hollow = np.zeros(shape, bool)
    if rng.random() < 0.5:
        hollows = Manner.drawn(rng, rng.uniform(0.08, 0.25) * min(shape), longest=2.5)
        hollow = crowd(shape, FLAT, replace(hollows, cover=rng.uniform(0.05, 0.3), square=2.0), rng).inside
    nuclei = crowd(shape, FLAT, manner, rng)
    if rng.random() < breadths.EMPTY:
        nuclei = Things(np.zeros(shape, np.int32), FLAT)
    drowned = np.unique(nuclei.labels[hollow & nuclei.inside])
    if 2 * drowned.size > nuclei.count:  # there is no room for both
        hollow, drowned = np.zeros(shape, bool), drowned[:0]
    nuclei = Things.numbered(np.where(np.isin(nuclei.labels, drowned), 0, nuclei.labels), FLAT)
    ground = _stroma(shape, rng) * ~hollow
    if rng.random() < 0.4:  # bodies of cells around nuclei
        ground += rng.uniform(-0.2, 0.3) * np.exp(-nuclei.away / rng.uniform(3, 12)) * ~hollow
    blue = _nuclear(nuclei, rng) + rng.uniform(0, 0.15) * np.clip(1 + 0.5 * mottle(shape, 8, rng), 0, None) * ~hollow
    dyes = [dye(("haematoxylin", "haematoxylin", "methylene blue", "diaminobenzidine", "azure"), rng),
            dye(("eosin", "eosin", "eosin", "azure", "orange", "haematoxylin", "fast green"), rng)]
    amounts = [blue, ground * (1 - 0.6 * nuclei.inside)]
    return developed(left(dyes, amounts, rng), rng), nuclei.labels


def _stroma(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """What lies between nuclei: cloudy, or in wavy fibres."""
    amount = rng.uniform(0.1, 0.7)
    cloudy = 1 + rng.uniform(0.05, 0.4) * mottle(shape, rng.uniform(5, 40), rng)
    if rng.random() < 0.6:
        noise = rng.standard_normal(shape, dtype=np.float32)
        strands = ndimage.gaussian_filter(noise, (rng.uniform(0.8, 2.5), rng.uniform(10, 30)), mode="wrap")
        y, x = bent(shape, FLAT, rng.uniform(2, 12), rng.uniform(20, 60), rng)
        angle = rng.uniform(-np.pi, np.pi)
        turned = np.cos(angle) * y - np.sin(angle) * x, np.sin(angle) * y + np.cos(angle) * x
        at = tuple(np.rint(place).astype(int) % length for place, length in zip(turned, shape, strict=True))
        cloudy += rng.uniform(0.1, 0.45) * strands[at] / strands.std()
    return amount * np.clip(cloudy, 0.1, None)


def _nuclear(nuclei: Things, rng: np.random.Generator) -> np.ndarray:
    """How much dye nuclei take up: at least so much that they are seen, more at the rim in some, with clots."""
    amounts = rng.uniform(0.6, 1.6) * np.clip(rng.lognormal(0, rng.uniform(0, 0.4), nuclei.count + 1), 0.6, 2)
    amounts[0] = 0
    texture = 1 + rng.uniform(0.05, 0.3) * mottle(nuclei.shape, rng.uniform(1, 4), rng)
    texture += rng.uniform(0, 0.7) * np.clip(mottle(nuclei.shape, rng.uniform(2, 6), rng) - 1, 0, 1)
    if rng.random() < 0.4:
        width = np.minimum(1.5, nuclei.thickness / 2)[nuclei.labels]
        texture += rng.uniform(0.2, 0.9) * np.exp(-((nuclei.depth / width) ** 2)) - rng.uniform(0, 0.3)
    return amounts[nuclei.labels].astype(np.float32) * np.clip(texture, 0.4, None)
