"""A gastruloid under phase contrast: a bright grainy disc on the dark floor of a round well.

Lengths are in pixels of a frame 160 pixels wide, grey levels from 0 to 255.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from morula.drawings.gastruloids import FRAME, Body, Cells


@dataclass(frozen=True)
class Ring:
    """A reflection of the meniscus: a thin bright circle on the floor of the well."""

    centre: tuple[float, float]
    radius: float
    width: float
    level: float


@dataclass(frozen=True)
class PhaseContrast:
    """What the microscope, the well and the medium of one movie add to what is there."""

    body: float
    """The mean grey level of the body."""
    rim: float
    """How much brighter the rim is than the inside, as a share."""
    rim_depth: float
    """How deep within the outline the rim is brightest, in radii."""
    edge: float
    """The half-width of the fall from body to floor, in radii."""
    mottle: float
    """The slow unevenness within the body, as a share of its level."""
    grain: float
    """The standard deviation of the grain."""
    grain_width: float
    """The distance at which the grain's autocorrelation has fallen to half."""
    floor: float
    """The grey level of the floor."""
    cells: float
    """The grey level of the ring of a shed cell."""
    blur: float
    """The standard deviation of the optical blur."""
    noise: float
    """The standard deviation of the camera's noise."""
    light: tuple[float, float]
    """How the light changes from the middle to the edge along y and x, as a share."""
    well: tuple[float, float]
    """The centre of the well."""
    well_radius: float
    wall: float
    """The grey level of the wall of the well."""
    bands: float
    """The wall is darkest a quarter of this beyond its lip, then the bands widen."""
    rings: tuple[Ring, ...]

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> PhaseContrast:
        """One of the many ways in which a microscope can be set up and a well can lie."""
        middle = FRAME / 2
        well = tuple((middle + rng.normal(0, 7, 2)).tolist())
        well_radius = rng.uniform(88, 101)
        rings = tuple(
            Ring(
                centre=tuple((np.asarray(well) + rng.normal(0, 3, 2)).tolist()),
                radius=well_radius * rng.uniform(0.86, 1.0),
                width=rng.uniform(0.6, 2.5),
                level=rng.uniform(15, 70),
            )
            for _ in range(rng.integers(0, 4))
        )
        return cls(
            body=rng.uniform(102, 127),
            rim=rng.uniform(0.445, 0.475),
            rim_depth=rng.uniform(0.04, 0.06),
            edge=rng.uniform(0.02, 0.038),
            mottle=rng.uniform(0.015, 0.03),
            grain=rng.uniform(15.2, 18.8),
            grain_width=rng.uniform(1.05, 1.3),
            floor=rng.uniform(7, 28),
            cells=rng.uniform(150, 205),
            blur=rng.uniform(0.2, 0.8),
            noise=rng.uniform(1, 5),
            light=tuple(rng.normal(0, 0.06, 2).tolist()),
            well=well,
            well_radius=well_radius,
            wall=rng.uniform(65, 100),
            bands=rng.uniform(4, 20),
            rings=rings,
        )

    def picture(self, body: Body, depth: np.ndarray, cells: Cells, rng: np.random.Generator) -> np.ndarray:
        """A picture of a gastruloid and its shed cells.

        Args:
            body: the gastruloid.
            depth: how deep each pixel lies within it, shape `(size, size)`.
            cells: the shed cells around it.
            rng: grain, unevenness and noise come from it.

        Returns:
            The picture, shape `(size, size)`, dtype uint8.
        """
        size = len(depth)
        scale = size / FRAME
        y, x = pixel_centres(size)
        depth = depth / body.radius
        cover = 0.5 + 0.5 * np.tanh(depth / self.edge)
        light, opacity = _cell_light(cells, size)

        scene = self._well(y, x)
        scene += cover * (self._body(body, depth, y, x, rng) - scene)
        scene += self.cells * light - opacity * scene
        scene = ndimage.gaussian_filter(scene, self.blur * scale)
        visible = 1 - ndimage.gaussian_filter(opacity, self.blur * scale)
        # The measured grain is the grain as seen, so it is laid on after the blur.
        scene += self.grain * _grain(size, self.grain_width * scale, rng) * cover * visible
        scene += 0.15 * self.floor * _grain(size, 3 * scale, rng) * (1 - cover)
        scene *= 1 + self.light[0] * (2 * y / FRAME - 1) + self.light[1] * (2 * x / FRAME - 1)
        scene += self.noise * rng.standard_normal((size, size), dtype=np.float32)
        return np.clip(np.rint(scene), 0, 255).astype(np.uint8)

    def _well(self, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        beyond = np.hypot(y - self.well[0], x - self.well[1]) - self.well_radius
        bands = 0.8 + 0.3 * np.cos(2 * np.pi * np.sqrt(np.maximum(beyond, 0) / self.bands))  # wider outwards
        scene = self.floor + self.wall * bands * (0.5 + 0.5 * np.tanh(beyond / 1.5))
        for ring in self.rings:
            away = np.hypot(y - ring.centre[0], x - ring.centre[1]) - ring.radius
            scene += ring.level * np.exp(-((away / ring.width) ** 2))
        return scene.astype(np.float32)

    def _body(
        self, body: Body, depth: np.ndarray, y: np.ndarray, x: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        fading = np.clip((depth - self.rim_depth) * 3, 0, 1)  # over a third of the radius
        level = 1 + self.rim * np.cos(fading * np.pi / 2) ** 2
        level *= 1 + self.mottle * _mottle(len(depth), rng)
        if body.darkness:
            away = np.hypot(y - body.patch[0], x - body.patch[1])
            level *= 1 - body.darkness * np.exp(-((away / (0.22 * body.radius)) ** 2))
        return (self.body / level[depth > 0].mean() * level).astype(np.float32)


def pixel_centres(size: int) -> tuple[np.ndarray, np.ndarray]:
    """The y (as a column) and x (as a row) of the pixels of a frame `size` pixels wide."""
    centres = ((np.arange(size, dtype=np.float32) + 0.5) * (FRAME / size)).astype(np.float32)
    return centres[:, None], centres[None, :]


def cell_discs(cells: Cells, size: int) -> np.ndarray:
    """Which pixels shed cells cover, shape `(size, size)`, bool, without their halos."""
    covered = np.zeros((size, size), bool)
    _, pixels, _ = _neighbourhoods(cells, 1.0, size)
    covered.flat[pixels] = True
    return covered


def _cell_light(cells: Cells, size: int) -> tuple[np.ndarray, np.ndarray]:
    """What shed cells give (relative to the level of a ring) and how much they hide, each `(size, size)`."""
    light = np.zeros(size * size, np.float32)
    opacity = np.zeros(size * size, np.float32)
    pixel = FRAME / size

    # Within a heap each pixel shows the cell whose centre is nearest in radii, so that heaps look like foam.
    sharp = cells.where(~cells.blurred)
    which, pixels, away = _neighbourhoods(sharp, 1.5, size)
    nearness = np.full(size * size, np.inf, np.float32)
    np.minimum.at(nearness, pixels, away / sharp.radius[which])
    np.maximum.at(opacity, pixels, np.clip((sharp.radius[which] - away) / pixel + 0.5, 0, 1))
    light[pixels] = sharp.brightness[which]
    light *= opacity * (0.4 + 0.6 * np.exp(-(((nearness - 0.75) / 0.35) ** 2)))

    vague = cells.where(cells.blurred)
    which, pixels, away = _neighbourhoods(vague, 3.5, size)
    away /= vague.radius[which]
    heart = np.exp(-(away**2))
    halo = np.exp(-(((away - 2.2) / 0.6) ** 2))
    np.maximum.at(light, pixels, vague.brightness[which] * (0.6 * heart + 0.2 * halo))
    np.maximum.at(opacity, pixels, 0.6 * heart)
    return light.reshape(size, size), opacity.reshape(size, size)


def _neighbourhoods(cells: Cells, reach: float, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pixels within `reach` radii of each cell's centre, at least half a pixel's diagonal.

    Returns three arrays of equal length: which cell, the flat index of the pixel, its distance.
    """
    scale = size / FRAME
    within = np.maximum(reach * cells.radius, 0.71 / scale)
    span = int(np.ceil(within.max(initial=0) * scale))
    steps = np.arange(-span, span + 1)
    y, x = cells.y[:, None, None], cells.x[:, None, None]
    rows = np.floor(y * scale).astype(int) + steps[:, None]
    columns = np.floor(x * scale).astype(int) + steps
    away = np.hypot((rows + 0.5) / scale - y, (columns + 0.5) / scale - x)
    inside = (rows >= 0) & (rows < size) & (columns >= 0) & (columns < size)
    near = inside & (away <= within[:, None, None])
    return np.nonzero(near)[0], (rows * size + columns)[near], away[near].astype(np.float32)


def _grain(size: int, width: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian texture of mean 0 and variance 1 whose autocorrelation falls to half within `width` pixels."""
    sigma = width / (2 * np.sqrt(np.log(2)))  # white noise so blurred correlates as exp(-(r / 2 sigma)^2)
    grain = ndimage.gaussian_filter(rng.standard_normal((size, size), dtype=np.float32), sigma, mode="wrap")
    return grain / grain.std()


def _mottle(size: int, rng: np.random.Generator) -> np.ndarray:
    """Slow unevenness of mean 0 and variance near 1: soft bumps a tenth of a frame apart."""
    places = (np.arange(size, dtype=np.float32) + 0.5) / size * 10
    bumps = np.exp(-((places[:, None] - np.arange(-1, 12, dtype=np.float32)) ** 2))  # (size, 13)
    heights = rng.standard_normal((13, 13), dtype=np.float32)
    return bumps @ heights @ bumps.T / np.mean(np.sum(bumps**2, axis=1))
