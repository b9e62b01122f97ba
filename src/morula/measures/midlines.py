"""The midline of an object, from one end to the other, however it is bent, in planes and in volumes.

Skeletons fork at every corner and follow every dent. Instead, something is left to diffuse inside the object until
one slow wave is left, which falls from one end to the other: the first eigenfunction of the Laplacian that is not
constant (Lévy 2006, "Laplace-Beltrami eigenfunctions: towards an algorithm that understands geometry"). Its level
sets cut the object across, and the midline runs through their middles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

CELLS = 1000
"""Diffusion is computed on about so many cells: the wave is as long as the object, and needs no finer ones."""

LEAST_SHARE = 0.1
"""A cell belongs to the object if it holds so much of it."""

SLICES = 24
"""Level sets whose middles make the midline."""

PIXELS_A_SLICE = 1.5
"""Or more; the middles of thinner slices would follow the pixels."""

ROUNDS = 40
"""Steps of subspace iteration at most; they begin with slopes, and few are needed."""

ALIKE = 0.08
"""Waves whose speeds differ by less than this share are equally slow: of less, pixels make any mixture."""

SETTLED = 1e-4
"""When a step changes the wave by no more than this share of its height, it is found."""


@dataclass(frozen=True)
class Midline:
    """The line through the middle of an object, and what lies along it.

    Attributes:
        points: from the thicker end to the thinner, `(points, axes)`.
        along: how far along the midline each pixel lies, `(pixels,)`, 0 to `length`.
        cell: the volume of a pixel.
        clarity: one minus the speed of the slowest wave over that of the second: 0 where nothing tells a direction.
    """

    points: np.ndarray
    along: np.ndarray
    cell: float
    clarity: float

    def moved(self, offset: np.ndarray) -> Midline:
        """The same midline elsewhere."""
        return replace(self, points=self.points + offset)

    def of(self, chosen: np.ndarray) -> Midline:
        """The same midline with only the chosen pixels along it, bool `(pixels,)`."""
        return replace(self, along=self.along[chosen])

    @property
    def length(self) -> float:
        """From end to end along the midline."""
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())

    @property
    def bend(self) -> float:
        """One minus the distance of the ends over the length: 0 where the midline is straight."""
        return 1 - float(np.linalg.norm(self.points[-1] - self.points[0])) / self.length

    def bins(self, count: int) -> np.ndarray:
        """In which of `count` equal parts of the midline each pixel lies, from 0."""
        return np.minimum((self.along * (count / self.length)).astype(int), count - 1)

    def widths(self, count: int) -> np.ndarray:
        """The mean width across each of `count` equal parts of the midline; of volumes, the diameter."""
        sections = np.bincount(self.bins(count), minlength=count) * self.cell * count / self.length
        return sections if self.points.shape[1] == 2 else 2 * np.sqrt(sections / np.pi)


def find_midline(
    inside: np.ndarray, field: np.ndarray, level: float, spacing: np.ndarray, direction: np.ndarray
) -> Midline:
    """The midline of an object.

    Args:
        inside: bool `(*space)`, without holes.
        field: the same object, blurred; the midline ends where it falls to `level`.
        level: see `field`.
        spacing: the size of a pixel along each axis.
        direction: how the object lies, `(axes,)`, as long as it is; of equally slow waves, such as in a disc or a
            square, the one along it is taken.
    """
    places = np.argwhere(inside)
    wave, steepness, clarity = _slowest_wave(inside, places, spacing, direction)
    ranks = np.empty(len(wave), int)
    ranks[np.argsort(wave)] = np.arange(len(wave))
    most = int(np.linalg.norm(direction) / spacing.max() / PIXELS_A_SLICE)
    slices = ranks * min(SLICES, max(3, most), len(wave)) // len(wave)  # pieces far apart have more slices than pixels
    # Weighted by the gradient, an area mean becomes a mean along the level sets: a bent object is wider outside.
    weights = np.bincount(slices, steepness)
    middles = np.stack([np.bincount(slices, steepness * place) / weights for place in places.T], axis=1)
    heights = np.bincount(slices, wave) / np.bincount(slices)
    if len(middles) > 6:  # at its ends the wave is flat, and says little of what lies across
        middles, heights = middles[1:-1], heights[1:-1]
    middles[1:-1] = (middles[:-2] + 2 * middles[1:-1] + middles[2:]) / 4
    first, last = _end(middles, field, level), _end(middles[::-1], field, level)
    points = np.concatenate([[first], middles, [last]]) * spacing
    along_points = np.concatenate([[0], np.linalg.norm(np.diff(points, axis=0), axis=1).cumsum()])
    along = np.interp(wave, [wave.min(), *heights, wave.max()], along_points)
    length = along_points[-1]
    if along.mean() > length / 2:
        points, along = points[::-1], length - along
    return Midline(points, along, float(spacing.prod()), clarity)


def _slowest_wave(
    inside: np.ndarray, places: np.ndarray, spacing: np.ndarray, direction: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """The slowest wave and the length of its gradient at each pixel inside, and how clear it is."""
    from scipy import ndimage

    side = (len(places) * spacing.prod() / CELLS) ** (1 / inside.ndim)
    binning = np.maximum(1, np.round(side / spacing).astype(int))
    shares = _shares(inside, binning)
    cells = _largest_piece(shares >= min(LEAST_SHARE, shares.max()))
    size = spacing * binning
    if np.count_nonzero(cells) == 1:  # pixels that touch by their corners alone: nothing flows between them
        return places * spacing @ direction, np.ones(len(places)), 0.0
    wave, clarity = _diffused(cells, shares, size, direction)
    nearest = ndimage.distance_transform_edt(~cells, sampling=size, return_distances=False, return_indices=True)
    wave = wave[tuple(np.asarray(nearest))]  # no flow through the boundary: the wave goes on as it is there
    steepness = np.linalg.norm(np.gradient(wave, *size), axis=0)
    where = ((places + _before(inside, binning) + 0.5) / binning - 0.5).T
    return (
        ndimage.map_coordinates(wave, where, order=1, mode="nearest"),
        ndimage.map_coordinates(steepness, where, order=1, mode="nearest") + 1e-12 * np.ptp(wave),
        clarity,
    )


def _diffused(
    cells: np.ndarray, shares: np.ndarray, size: np.ndarray, direction: np.ndarray
) -> tuple[np.ndarray, float]:
    """The first eigenfunction of the Laplacian that is not constant, 0 outside the cells, and how clear it is.

    As many are sought as there are axes, by subspace iteration. Of those that are as slow as the first, such as in a
    disc, the sum along the direction is taken.

    A cell holds as much as its share of the object, and between two cells flows as much as the smaller share lets.
    """
    from scipy.linalg import cho_solve_banded, cholesky_banded

    order = np.argsort(cells.shape, kind="stable")[::-1]  # cells that touch have near numbers, and the band is narrow
    cells, shares, size, direction = cells.transpose(order), shares.transpose(order), size[order], direction[order]
    places = np.argwhere(cells)
    count = len(places)
    number = np.full(cells.shape, -1)
    number[cells] = np.arange(count)
    held = shares[cells]
    pairs = []
    for axis in range(cells.ndim):
        lower = np.moveaxis(number, axis, 0)[:-1].ravel()
        upper = np.moveaxis(number, axis, 0)[1:].ravel()
        both = (lower >= 0) & (upper >= 0)
        lower, upper = lower[both], upper[both]
        pairs.append((lower, upper, np.minimum(held[lower], held[upper]) / size[axis] ** 2))
    lower, upper, flow = map(np.concatenate, zip(*pairs, strict=True))
    outflow = np.bincount(lower, flow, count) + np.bincount(upper, flow, count)
    band = np.zeros(((upper - lower).max() + 1, count))
    band[0] = outflow + 1e-9 * outflow.mean()
    band[upper - lower, lower] = -flow
    factor = cholesky_banded(band, lower=True, overwrite_ab=True, check_finite=False), True
    positions = _centred(places * size, held)
    variances, axes = np.linalg.eigh(positions.T @ positions)
    waves = positions @ axes[:, variances > 1e-9 * variances[-1]]
    slope, wave, speeds = positions @ direction, np.zeros(count), np.ones(1)
    for _ in range(ROUNDS):
        before = wave
        waves = cho_solve_banded(factor, held[:, None] * waves, check_finite=False)
        driven = held[:, None] * waves
        waves = _centred(cho_solve_banded(factor, driven, check_finite=False), held)
        speeds, sums = _slowest_first(waves.T @ driven, waves.T @ (held[:, None] * waves))
        waves = waves @ sums
        alike = speeds < speeds[0] * (1 + ALIKE)
        pull = (held * slope) @ waves[:, alike]
        wave = waves[:, alike] @ (pull if pull.any() else np.ones(len(pull)))
        wave /= np.linalg.norm(wave)
        if np.abs(wave - before).max() < SETTLED * np.ptp(wave):
            break
    everywhere = np.zeros(cells.shape)
    everywhere[cells] = wave
    clarity = float(1 - speeds[0] / speeds[1]) if len(speeds) > 1 else 1.0
    return everywhere.transpose(np.argsort(order)), clarity


def _slowest_first(stiffness: np.ndarray, mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How fast the waves are that are sums of others, the slowest first, and these sums (Rayleigh and Ritz)."""
    whitened = np.linalg.inv(np.linalg.cholesky(mass))
    speeds, sums = np.linalg.eigh(whitened @ stiffness @ whitened.T)
    return speeds, whitened.T @ sums


def _centred(waves: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Waves around 0."""
    return waves - held @ waves / held.sum()


def _shares(inside: np.ndarray, binning: np.ndarray) -> np.ndarray:
    """Which share of each cell is inside."""
    before = _before(inside, binning)
    padded = np.pad(inside, list(zip(before, -np.array(inside.shape) % binning - before, strict=True)))
    shape = [part for size, step in zip(padded.shape, binning, strict=True) for part in (size // step, step)]
    return padded.reshape(shape).mean(axis=tuple(range(1, 2 * inside.ndim, 2)))


def _before(inside: np.ndarray, binning: np.ndarray) -> np.ndarray:
    """Pixels added before the first of each axis, so that cells lie evenly."""
    return -np.array(inside.shape) % binning // 2


def _largest_piece(cells: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    pieces = np.empty(cells.shape, np.int32)
    ndimage.label(cells, output=pieces)
    return pieces == np.bincount(pieces[cells]).argmax()


def _end(middles: np.ndarray, field: np.ndarray, level: float) -> np.ndarray:
    """Where the way on from the first of the middles leaves the object, in pixels; it goes on turning as before."""
    from scipy import ndimage

    back = min(3, (len(middles) - 1) // 2)
    start, before, earlier = middles[0], middles[back], middles[2 * back]
    direction = 3 * (start - before) - (before - earlier)
    step = direction / max(np.linalg.norm(direction), 1e-12) / 4
    way = start + np.arange(4 * sum(field.shape))[:, None] * step
    left = ndimage.map_coordinates(field, way.T, order=1, mode="constant") < level
    return way[int(left.argmax())]
