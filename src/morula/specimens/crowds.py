"""Cells and nuclei that lie about: apart, side by side or over each other; round, long, square or crooked."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from scipy import ndimage

from morula.specimens import breadths
from morula.specimens.darts import thrown
from morula.specimens.things import Things
from morula.specimens.warps import bent

TEARING = 0.1
"""Radii: space bent more than this can tear bits off things, which are then left out."""


@dataclass(frozen=True)
class Manner:
    """How the things of a crowd are and lie.

    Attributes:
        radius: theirs, in pixels of a row.
        spread: how much they differ in size: the standard deviation of the logarithm.
        elongation: the long axis over the short ones.
        bend: how crooked they are, in radii.
        square: the power of their norm: 2 for ellipses, more for rods with blunt ends.
        cover: which share of the frame they would cover if they all found room.
        closeness: how near centres may come, as a share of both radii.
        heaps: how many heaps they lie in; 0 for anywhere.
        aligned: whether they lie the same way round.
        over: whether one may hide a part of another; else they meet in a seam.
    """

    radius: float
    spread: float
    elongation: float
    bend: float
    square: float
    cover: float
    closeness: float
    heaps: int
    aligned: bool
    over: bool

    @classmethod
    def drawn(cls, rng: np.random.Generator, radius: float, *, longest: float = breadths.ELONGATION.high) -> Manner:
        """Any manner of things of this radius, whose elongation is limited."""
        return cls(
            radius,
            spread=breadths.SPREAD.drawn(rng),
            elongation=1 + min(longest - 1, (breadths.ELONGATION.high - 1) * rng.random() ** 3.5),
            bend=breadths.BEND.drawn(rng),
            square=2.0 if rng.random() < 0.8 else rng.uniform(2, 4),
            cover=breadths.COVER.drawn(rng),
            closeness=breadths.CLOSENESS.drawn(rng),
            heaps=int(rng.integers(1, 5)) if rng.random() < breadths.HEAPED else 0,
            aligned=bool(rng.random() < breadths.ALIGNED),
            over=bool(rng.random() < breadths.OVER),
        )


def crowd(shape: tuple[int, ...], spacing: tuple[float, ...], manner: Manner, rng: np.random.Generator) -> Things:
    """Things of a manner in a plane or volume of this shape, whose neighbours lie `spacing` apart."""
    extent, axes = np.multiply(shape, spacing), len(shape)
    one = (pi if axes == 2 else 4 / 3 * pi) * manner.radius**axes
    wanted = int(np.clip(manner.cover * extent.prod() / one, 1, breadths.MANY))
    sizes = manner.radius * np.clip(rng.lognormal(0, manner.spread, 2 * wanted), 0.4, 2.5)
    centres, radii = thrown(extent, sizes, manner.closeness, rng, heaps=manner.heaps if wanted > 5 else 0)
    centres, radii = centres[:wanted], radii[:wanted]
    places = bent(shape, spacing, manner.bend * manner.radius, manner.radius * rng.uniform(0.7, 2), rng)
    labels, nearness = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    base = rng.standard_normal((axes, axes))
    for number, (centre, radius) in enumerate(zip(centres, radii, strict=True), start=1):
        ratio = 1 + (manner.elongation - 1) * rng.uniform(0.6, 1)
        lengths = radius * np.array([ratio] + (axes - 1) * [1.0]) / ratio ** (1 / axes)
        turn = np.linalg.qr(base * manner.aligned + rng.normal(0, 0.2 if manner.aligned else 1, (axes, axes)))[0]
        reach = lengths.max() * (2 if manner.square > 2 else 1) + 2 * manner.bend * manner.radius
        window = tuple(slice(int(max(0, (at - reach) / step)), int(max(0, (at + reach) / step + 2)))
                       for at, step in zip(centre, spacing, strict=True))
        offsets = np.stack([at[window] - middle for at, middle in zip(places, centre, strict=True)])
        turned = np.tensordot((turn / lengths).T.astype(np.float32), offsets.astype(np.float32), axes=1)
        inner = 1 - (np.abs(turned) ** manner.square).sum(axis=0)
        if manner.bend > TEARING and (inner > 0).any():
            pieces = np.zeros(inner.shape, np.int32)
            ndimage.label(inner > 0, output=pieces)
            inner[pieces != pieces.flat[inner.argmax()]] = 0
        won = inner > (0 if manner.over else nearness[window])
        labels[window][won] = number
        nearness[window][won] = inner[won]
    return Things.numbered(labels, spacing)
