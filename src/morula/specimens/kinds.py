"""Kinds of pictures of things in general, each by its name, with the truth about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from morula.drawings.drawn import Drawing
from morula.specimens import breadths
from morula.specimens.branches import branches
from morula.specimens.crowds import Manner, crowd
from morula.specimens.exposure import photographed, recorded
from morula.specimens.micrographs import micrograph
from morula.specimens.organs import organs
from morula.specimens.partitions import partition
from morula.specimens.shading import Look, shaded
from morula.specimens.smears import smear
from morula.specimens.things import Things
from morula.specimens.tissue import tissue

Shape = tuple[int, int]
Kind = Callable[[Shape, np.random.Generator], tuple[np.ndarray, np.ndarray]]
"""Draws a picture, uint8 `(rows, columns, 3)`, and the numbers of its things, int32 `(rows, columns)`."""
FLAT = (1.0, 1.0)


def _cells(shape: Shape, rng: np.random.Generator, longest: float = breadths.ELONGATION.high) -> Things:
    """Any crowd."""
    if rng.random() < breadths.EMPTY:
        return Things(np.zeros(shape, np.int32), FLAT)
    radius = min(breadths.RADIUS.drawn(rng), 0.4 * min(shape))
    return crowd(shape, FLAT, Manner.drawn(rng, radius, longest=longest), rng)


def _filled(shape: Shape, rng: np.random.Generator) -> tuple[Things, float]:
    """Cells that fill the frame, and how wide their seams are."""
    size = min(breadths.CELL_SIZE.drawn(rng), 0.5 * min(shape))
    seam = min(breadths.SEAM.drawn(rng), size / 6)
    return partition(shape, FLAT, size, seam, rng), seam


def _tubes(shape: Shape, rng: np.random.Generator) -> Things:
    if rng.random() < breadths.EMPTY:
        return Things(np.zeros(shape, np.int32), FLAT)
    return branches(shape, FLAT, breadths.TUBE.drawn(rng), rng)


def _fluorescent_nuclei(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    nuclei = _cells(shape, rng, longest=2.2)
    look = replace(Look.drawn("fluorescence", rng), rim=0.0)
    return photographed(shaded(nuclei, look, rng), rng), nuclei.labels


def _fluorescent_cells(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Bodies of cells, some with nuclei in another colour, or their membranes."""
    look = Look.drawn("fluorescence", rng)
    if rng.random() < 0.6:
        cells = _cells(shape, rng)
        if rng.random() < breadths.TWO_COLOURS:
            return _two_colours(cells, look, rng), cells.labels
        if rng.random() < 0.4:
            look = replace(look, dome=-0.8, rim=0.6)
        return photographed(shaded(cells, look, rng), rng), cells.labels
    cells, _ = _filled(shape, rng)
    membranes = Things(np.where(cells.inside, 0, 1).astype(np.int32), FLAT)
    look = replace(look, dome=0.0, rim=0.0, halo=rng.uniform(0, 0.4), spots=0.0, defocused=False)
    return photographed(shaded(membranes, look, rng), rng), cells.labels


def _two_colours(cells: Things, look: Look, rng: np.random.Generator) -> np.ndarray:
    """Bodies of cells in one colour and their nuclei in another, uint8 `(rows, columns, 3)`."""
    nuclei = Things(np.where(cells.share > rng.uniform(0.3, 0.7), cells.labels, 0).astype(np.int32), FLAT)
    lights = shaded(cells, look, rng), shaded(nuclei, replace(Look.drawn("fluorescence", rng), rim=0.0), rng)
    blur = breadths.BLUR.drawn(rng)
    one, other = (recorded(light, blur, rng).astype(np.float32) for light in lights)
    first, second = rng.permutation(np.array([[0, 1, 0], [0.1, 0.3, 1], [1, 0, 0], [1, 0, 1], [0.6, 0.6, 0.6]]))[:2]
    return np.clip(np.rint(one[..., None] * first + other[..., None] * second), 0, 255).astype(np.uint8)


def _transmitted(microscope: str) -> Kind:
    def drawn(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        cells = _cells(shape, rng)
        return photographed(shaded(cells, Look.drawn(microscope, rng), rng), rng), cells.labels

    return drawn


def _membranes(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    cells, seam = _filled(shape, rng)
    return photographed(micrograph(cells, seam, rng), rng), cells.labels


def _fibres(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    tubes = _tubes(shape, rng)
    look = Look.drawn(str(rng.choice(["fluorescence", "anything"])), rng).plain()
    return photographed(shaded(tubes, look, rng), rng), tubes.labels


def _sections(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    parts, levels = organs(shape, FLAT, rng)
    return photographed(shaded(parts, Look.drawn("section", rng), rng, levels), rng), parts.labels


def _anything(shape: Shape, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    dice, look = rng.random(), Look.drawn("anything", rng)
    if dice < 0.5:
        things = _cells(shape, rng)
    elif dice < 0.7:
        things, look = _filled(shape, rng)[0], look.plain()
    elif dice < 0.8:
        things, look = _tubes(shape, rng), look.plain()
    else:
        things, _ = organs(shape, FLAT, rng)
    return photographed(shaded(things, look, rng), rng), things.labels


KINDS: dict[str, Kind] = {
    "nuclei in fluorescence": _fluorescent_nuclei,
    "cells in fluorescence": _fluorescent_cells,
    "cells in phase contrast": _transmitted("phase contrast"),
    "cells in brightfield": _transmitted("brightfield"),
    "membranes in electron micrographs": _membranes,
    "tubes and fibres": _fibres,
    "stained tissue": tissue,
    "stained smears": smear,
    "organs in section": _sections,
    "anything": _anything,
}
"""All pictures that are drawn."""


def draw_specimen(kind: str, seed: int, number: int, size: int = 192) -> Drawing:
    """A picture of a kind, `size` pixels high and wide; the same seed and number draw the same.

    Its image is uint8 `(rows, columns, 3)`, red, green and blue, also where it is grey. Its mask is int32: each thing
    has a number of its own, and 0 are the floor and the membranes between cells.
    """
    rng = np.random.default_rng([seed, number, list(KINDS).index(kind)])
    picture, labels = KINDS[kind]((size, size), rng)
    return Drawing(f"{kind.replace(' ', '-')}-{number:05d}_0", picture, labels, FLAT, "YXC")
