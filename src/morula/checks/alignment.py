"""How one plane lies on another, and whether they are the same picture there.

A plane here is `(y, x)`, dtype float32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from morula.checks.landmarks import SYMMETRIES

NEAR = 2.0  # pixels by which a landmark may miss its place, and half its size
FEWEST = 4  # landmarks that must agree
FEWEST_RESIZED = 6  # the same, where the size changed too
LARGEST_CHANGE = 3.0  # of size
VAGUE = 0.1  # share of the way between two landmarks by which one may miss its place at first
FITS = 4
PLAIN = 0.8  # share of the agreement at which the same size explains it as well as another
FINE, COARSE = 0.7, 2.0  # blurs in pixels; detail is what the second takes away and the first does not
BLOCK = 8  # pixels along the side of what is compared at once
FAINT = 0.25  # of the usual contrast; weaker detail tells nothing
SETTLE = 2  # pixels by which a placement may be wrong
DISSENT = 0.25  # share of the blocks that may disagree
CHANCE = 0.5  # over the root of the number of blocks: what luck may do among few
LEAST_SEEN = 0.2  # share of the smaller plane that must lie on the other


@dataclass(frozen=True)
class Placement:
    """Where the pixels of one plane lie on another: turned and flipped, then resized, then shifted.

    Attributes:
        symmetry: which of `SYMMETRIES`.
        scale: by how much larger the picture is on the other, along y and x.
        shift: in pixels of the other, along y and x.
    """

    symmetry: int
    scale: tuple[float, float]
    shift: tuple[float, float]

    @property
    def resized(self) -> bool:
        return self.scale != (1, 1)

    def in_words(self) -> str:
        """Such as `flipped and resized`; empty where the planes are the same way up and of the same size."""
        mirrored = np.linalg.det(SYMMETRIES[self.symmetry]) < 0
        turned = "flipped" if mirrored else "turned" if self.symmetry else ""
        return " and ".join(filter(None, (turned, "resized" if self.resized else "")))


def place(
    symmetries: np.ndarray, ours: np.ndarray, theirs: np.ndarray, our_sizes: np.ndarray, their_sizes: np.ndarray
) -> Placement | None:
    """The placement on which most pairs of landmarks agree; None where too few do.

    Args:
        symmetries: what each pair says about turns and flips, shape `(n,)`.
        ours, theirs: the places of each pair, shape `(n, 2)`.
        our_sizes, their_sizes: its sizes, shape `(n,)`.
    """
    reach = NEAR + their_sizes / 2
    turned = ours @ SYMMETRIES[symmetries].transpose(0, 2, 1)  # (n, n, 2): as each pair says, the place of each
    from_us = turned - turned.diagonal().T[:, None]
    from_them = theirs - theirs[:, None]
    alike = symmetries == symmetries[:, None]
    unchanged = alike & (np.linalg.norm(from_us - from_them, axis=2) < reach)
    resized = from_us * (their_sizes / our_sizes)[:, None, None]
    loose = reach + VAGUE * np.linalg.norm(from_them, axis=2)
    changed = alike & (np.linalg.norm(resized - from_them, axis=2) < loose)
    plain = unchanged.sum(axis=1).max() >= PLAIN * changed.sum(axis=1).max()
    votes = unchanged if plain else changed
    leader = int(np.argmax(votes.sum(axis=1)))
    symmetry, agree = int(symmetries[leader]), votes[leader]
    if plain:
        return _shifted(symmetry, turned[leader][agree], theirs[agree])
    said = alike[leader]
    return _resized(symmetry, turned[leader][said], theirs[said], reach[said], agree[said])


def _shifted(symmetry: int, ours: np.ndarray, theirs: np.ndarray) -> Placement | None:
    """The shift by whole pixels that most of these landmarks need."""
    if _distinct(theirs) < FEWEST:
        return None
    y, x = np.median(theirs - ours, axis=0).round().tolist()
    return Placement(symmetry, (1.0, 1.0), (y, x))


def _resized(
    symmetry: int, ours: np.ndarray, theirs: np.ndarray, reach: np.ndarray, agree: np.ndarray
) -> Placement | None:
    """The sizes and the shift of least squares for those that agree, then for those that agree with it."""
    scale = shift = np.zeros(2)
    for _ in range(FITS):
        us, them = ours[agree], theirs[agree]
        if _distinct(them) < FEWEST_RESIZED:
            return None
        scale = np.mean((us - us.mean(axis=0)) * (them - them.mean(axis=0)), axis=0) / np.maximum(us.var(axis=0), 1)
        if not ((scale > 1 / LARGEST_CHANGE) & (scale < LARGEST_CHANGE)).all():
            return None
        shift = them.mean(axis=0) - scale * us.mean(axis=0)
        agree = np.linalg.norm(scale * ours + shift - theirs, axis=1) < reach
    (tall, wide), (y, x) = scale.tolist(), shift.tolist()
    return Placement(symmetry, (tall, wide), (y, x))


def _distinct(places: np.ndarray) -> int:
    """How many different places there are: a landmark in doubt of its position is there twice."""
    return len(set(map(tuple, places.round().tolist())))


class Plane:
    """Pixels, shape `(y, x)`, with their detail, which is found out once."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels

    @cached_property
    def detail(self) -> np.ndarray:
        return _detail_of(self.pixels)


def shared_view(ours: Plane, theirs: Plane, placement: Placement) -> float:
    """How much of all that two planes show is on both, from 0 to 1."""
    first, stop, _ = _box(ours.pixels.shape, theirs.pixels.shape, placement)
    both = float(np.prod(stop - first))
    return both / (math.prod(placement.scale) * ours.pixels.size + theirs.pixels.size - both)


def likeness(ours: Plane, theirs: Plane, placement: Placement) -> float:
    """How alike the detail of two planes is where they lie on each other: nearly 1 for copies, about 0 for others.

    It is correlated block by block. Of all blocks in which both show anything, the lower quartile counts: what
    stands still in a movie is the same in every frame, but what moved, and the noise, is not. Few blocks may agree
    by luck, and so count for less.
    """
    if placement.resized:
        size = max(1.0, *placement.scale)
        piece, box = _laid(_smoothed(ours.pixels, placement), theirs.pixels.shape, placement)
        if piece.size == 0:
            return 0.0
        one, other = _detail_of(piece, size), _detail_of(theirs.pixels, size)[box]
    else:
        one, box = _laid(ours.detail, theirs.pixels.shape, placement)
        other = theirs.detail[box]
    smaller = min(math.prod(placement.scale) * ours.pixels.size, theirs.pixels.size)
    if one.size < LEAST_SEEN * smaller or min(one.shape) <= 2 * SETTLE:
        return 0.0
    return _agreement(*_settled(one, other))


def _detail_of(pixels: np.ndarray, size: float = 1) -> np.ndarray:
    """What is neither noise of single pixels nor slow change of brightness."""
    fine, coarse = (ndimage.gaussian_filter(pixels, blur * size, truncate=3) for blur in (FINE, COARSE))
    return fine - coarse


def _smoothed(pixels: np.ndarray, placement: Placement) -> np.ndarray:
    """Without the detail that has no room where the plane is laid."""
    scale = abs(placement.scale @ SYMMETRIES[placement.symmetry])  # along our own axes
    return ndimage.gaussian_filter(pixels, 0.5 * np.sqrt(np.maximum(scale**-2.0 - 1, 0)))


def _box(
    ours: tuple[int, ...], theirs: tuple[int, ...], placement: Placement
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first pixel of the other plane that is covered, the first beyond, and where our own first one lies."""
    symmetry, scale = SYMMETRIES[placement.symmetry], np.array(placement.scale)
    last = np.abs(symmetry) @ ours - 1
    start = placement.shift - np.where(symmetry.sum(axis=1) < 0, scale * last, 0)
    first = np.maximum(np.ceil(start), 0).astype(int)
    stop = np.minimum(np.floor(start + scale * last) + 1, theirs).astype(int)
    return first, np.maximum(stop, first), start


def _laid(pixels: np.ndarray, shape: tuple[int, ...], placement: Placement) -> tuple[np.ndarray, tuple[slice, ...]]:
    """The part of one plane that lies on another of this shape, pixel for pixel, and where that is."""
    first, stop, start = _box(pixels.shape, shape, placement)
    symmetry, scale = SYMMETRIES[placement.symmetry], np.array(placement.scale)
    down, right = symmetry.sum(axis=1)
    turned = (pixels.T if symmetry[0, 0] == 0 else pixels)[::down, ::right]
    offset = ((first - start) / scale).tolist()
    if placement.resized:
        piece = ndimage.affine_transform(turned, 1 / scale, offset, output_shape=tuple(stop - first), order=1)
    else:
        piece = turned[tuple(slice(int(a), int(a + b)) for a, b in zip(offset, stop - first, strict=True))]
    return piece, tuple(map(slice, first, stop))


def _settled(ours: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same, moved by the pixel or two by which the placement was wrong."""
    steps = [(y, x) for y in range(-SETTLE, SETTLE + 1) for x in range(-SETTLE, SETTLE + 1)]
    inner = theirs[SETTLE:-SETTLE, SETTLE:-SETTLE]
    height, width = inner.shape
    moved = [ours[SETTLE + y :, SETTLE + x :][:height, :width] for y, x in steps]
    return max(moved, key=lambda each: float(np.vdot(each, inner))), inner


def _agreement(ours: np.ndarray, theirs: np.ndarray) -> float:
    both, our_power, their_power = (_blocks(values) for values in (ours * theirs, ours**2, theirs**2))
    shown = (our_power > FAINT**2 * our_power.mean()) & (their_power > FAINT**2 * their_power.mean())
    if not shown.any():
        return 0.0
    correlations = both[shown] / np.sqrt(our_power[shown] * their_power[shown])
    return float(np.quantile(correlations, DISSENT) - CHANCE / np.sqrt(shown.sum()))


def _blocks(values: np.ndarray) -> np.ndarray:
    """The mean of each block; what is left at the far edges is left out."""
    side = min(BLOCK, *values.shape)
    height, width = (length // side for length in values.shape)
    blocks = values[: height * side, : width * side].reshape(height, side, width, side)
    return blocks.mean(axis=(1, 3)).ravel()
