"""What is seen and not drawn, and drawn and not seen: the stoutest place of each kind, and how stout objects are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from morula.objects.labels import connected_pieces
from morula.pairs.masks import NOT_ANNOTATED
from morula.proofreading.sights import Sight

LEAST = 1.5
"""Places that are less stout, in pixels, are the width of a line."""


@dataclass(frozen=True)
class OddObject:
    """A place where drawn and seen differ.

    Attributes:
        radius: half the side of the largest square within, in pixels; 0 where there is no such place.
        sure: how sure the networks are there, from 0.5 to 1.
        pixels: how large it is.
        centre: of the square, in pixels along each axis.
    """

    radius: float = 0.0
    sure: float = 0.5
    pixels: int = 0
    centre: tuple[int, ...] = ()


@dataclass(frozen=True)
class OddObjects:
    """The oddest places of a frame.

    Attributes:
        missed: what is seen, and not drawn.
        invented: what is drawn, and not seen.
        usual: the radius of the middle one of all objects that are drawn, in pixels; not a number where there is none.
    """

    missed: OddObject
    invented: OddObject
    usual: float


def odd_objects(sight: Sight) -> OddObjects:
    """The places in a frame that differ most."""
    annotated, drawn = sight.classes != NOT_ANNOTATED, (sight.classes > 0) & (sight.classes != NOT_ANNOTATED)
    seen = sight.foreground > 0.5
    return OddObjects(
        _oddest(seen & ~drawn & annotated, sight.foreground),
        _oddest(drawn & ~seen, 1 - sight.foreground),
        _usual_radius(drawn),
    )


def _oddest(odd: np.ndarray, sure: np.ndarray) -> OddObject:
    """Of all places, the one that is stoutest, where the networks are sure of it."""
    depth = _depth(odd)
    places, pixels = connected_pieces((depth > LEAST).astype(np.uint8))
    if len(pixels) < 2:
        return OddObject()
    radii = _deepest(depth, places, len(pixels))
    means = np.bincount(places.ravel(), sure.ravel()) / np.maximum(pixels, 1)
    best = int((radii * (2 * means - 1)).argmax())
    centre = np.unravel_index(np.where(places == best, depth, 0).argmax(), depth.shape)
    return OddObject(float(radii[best]), float(means[best]), int(pixels[best]), tuple(map(int, centre)))


def _usual_radius(drawn: np.ndarray) -> float:
    pieces, sizes = connected_pieces(drawn.astype(np.uint8))
    return float(np.median(_deepest(_depth(drawn), pieces, len(sizes))[1:])) if len(sizes) > 1 else float("nan")


def _deepest(depth: np.ndarray, pieces: np.ndarray, count: int) -> np.ndarray:
    """The greatest depth within each piece, `(count,)`, the first of which is 0."""
    deepest, inside = np.zeros(count), pieces > 0
    np.maximum.at(deepest, pieces[inside], depth[inside])
    return deepest


def _depth(drawn: np.ndarray) -> np.ndarray:
    """How far each pixel lies within, counted in squares around it, which takes a tenth of the time of circles."""
    return np.asarray(ndimage.distance_transform_cdt(np.pad(drawn, 1), "chessboard"))[(slice(1, -1),) * drawn.ndim]
