"""Kinds of volumes of things in general, as light sheets, scanners and series of sections show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from morula.drawings.drawn import Drawing
from morula.specimens import breadths
from morula.specimens.branches import branches
from morula.specimens.crowds import Manner, crowd
from morula.specimens.exposure import recorded
from morula.specimens.micrographs import micrograph
from morula.specimens.organs import organs
from morula.specimens.partitions import partition
from morula.specimens.shading import Look, shaded
from morula.specimens.things import Things

Shape = tuple[int, int, int]
Spacing = tuple[float, float, float]
Solid = Callable[[Shape, Spacing, np.random.Generator], tuple[np.ndarray, Things]]
"""Draws the light of a volume, in contrasts, and what lies where in it."""


def _nuclei(shape: Shape, spacing: Spacing, rng: np.random.Generator) -> tuple[np.ndarray, Things]:
    """Compact ones, or shells."""
    radius = min(breadths.SOLID_RADIUS.drawn(rng), 0.4 * min(shape[1:]))
    manner = replace(Manner.drawn(rng, radius, longest=2.5), cover=breadths.SOLID_COVER.drawn(rng))
    things = crowd(shape, spacing, manner, rng)
    look = replace(Look.drawn("fluorescence", rng), defocused=False)
    if rng.random() < 0.3:
        look = replace(look, dome=-0.9, rim=0.5)
    return shaded(things, look, rng), things


def _membranes(shape: Shape, spacing: Spacing, rng: np.random.Generator) -> tuple[np.ndarray, Things]:
    """Packed cells, between light membranes or dark ones."""
    size = min(breadths.CELL_SIZE.drawn(rng), 0.5 * min(shape[1:]))
    seam = min(breadths.SEAM.drawn(rng), size / 6)
    cells = partition(shape, spacing, size, seam, rng)
    return micrograph(cells, seam, rng), cells


def _tubes(shape: Shape, spacing: Spacing, rng: np.random.Generator) -> tuple[np.ndarray, Things]:
    tubes = branches(shape, spacing, breadths.SOLID_TUBE.drawn(rng), rng)
    look = Look.drawn(str(rng.choice(["fluorescence", "anything"])), rng).plain()
    return shaded(tubes, look, rng), tubes


def _organs(shape: Shape, spacing: Spacing, rng: np.random.Generator) -> tuple[np.ndarray, Things]:
    parts, levels = organs(shape, spacing, rng)
    return shaded(parts, Look.drawn("section", rng), rng, levels), parts


SOLIDS: dict[str, Solid] = {
    "nuclei in a light sheet": _nuclei,
    "membranes in volumes": _membranes,
    "tubes in volumes": _tubes,
    "organs in a scanner": _organs,
}
"""All volumes that are drawn."""


def draw_volume(kind: str, seed: int, number: int, shape: Shape = (32, 96, 96)) -> Drawing:
    """A volume of a kind; the same seed and number draw the same.

    Its image is uint8 `(planes, rows, columns)`, and its mask int32 of the same shape: each thing has a number of its
    own, and 0 are the floor and the membranes between cells. Planes lie as far apart as `pixel_size` says.
    """
    rng = np.random.default_rng([seed, number, list(SOLIDS).index(kind)])
    apart = breadths.APART.drawn(rng) if rng.random() < 0.7 else 1.0
    spacing = (apart, 1.0, 1.0)
    light, things = SOLIDS[kind](shape, spacing, rng)
    blur = breadths.BLUR.drawn(rng)
    deep = blur * breadths.DEEP_BLUR.drawn(rng) / apart  # optics blur most along their axis
    if kind == "organs in a scanner":
        light = _ricean(light, rng)
    return Drawing(f"{kind.replace(' ', '-')}-{number:05d}_0", recorded(light, (deep, blur, blur), rng), things.labels,
                   spacing, "ZYX")


def _ricean(light: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The magnitude of a signal with noise in both of its parts, as scanners record it."""
    level = light - light.min()
    strength = breadths.NOISE.drawn(rng)
    one, other = (strength * rng.standard_normal(light.shape, dtype=np.float32) for _ in range(2))
    return np.hypot(level + one, other).astype(np.float32)
