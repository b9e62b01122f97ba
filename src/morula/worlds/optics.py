"""How a field is imaged: in phase contrast, brightfield, relief or fluorescence, or in a way that no microscope has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from morula.worlds import ranges
from morula.worlds.aggregates import Body
from morula.worlds.scene import Scene
from morula.worlds.shed import Cells, around
from morula.worlds.surroundings import soil, surround
from morula.worlds.textures import grain, packed

VISIBLE = 0.09
"""How much a body must stand out, all its contrasts taken together: else nobody could outline it."""
FAR = 6.0
"""Widths of a halo beyond which nothing of it is seen."""


@dataclass(frozen=True)
class Contrast:
    """How bodies and cells of one field stand out; grey levels of 0 to 1, lengths in radii, see `ranges`."""

    microscope: str
    floor: float
    body: float
    rim: float
    rim_width: float
    halo: float
    halo_width: float
    edge: float
    dome: float
    grain: float
    grain_width: float
    mottle: float
    mottle_width: float
    packed: bool
    patch: float
    cell_middle: float
    cell_rim: float
    relief: float
    light_from: float

    @classmethod
    def drawn(cls, microscope: str, rng: np.random.Generator) -> Contrast:
        """One under which bodies can be seen."""
        while True:
            one = cls(
                microscope,
                floor=ranges.FLOOR[microscope].drawn(rng),
                body=ranges.BODY[microscope].drawn(rng),
                rim=ranges.RIM[microscope].drawn(rng),
                rim_width=ranges.RIM_WIDTH.drawn(rng),
                halo=ranges.HALO[microscope].drawn(rng),
                halo_width=ranges.HALO_WIDTH.drawn(rng),
                edge=ranges.EDGE.drawn(rng),
                dome=ranges.DOME.drawn(rng),
                grain=ranges.GRAIN.drawn(rng),
                grain_width=ranges.GRAIN_WIDTH.drawn(rng),
                mottle=ranges.MOTTLE.drawn(rng) * (3 if microscope == "fluorescence" else 1),
                mottle_width=ranges.MOTTLE_WIDTH.drawn(rng),
                packed=bool(rng.random() < 0.3),
                patch=ranges.DARK_PATCH.drawn(rng) * (rng.random() < 0.6),
                cell_middle=ranges.CELL_CONTRAST.drawn(rng) * rng.choice([-1, 1]),
                cell_rim=ranges.CELL_CONTRAST.drawn(rng) * rng.choice([-1, 1]),
                relief=ranges.RELIEF.drawn(rng) if microscope == "relief" else 0.0,
                light_from=rng.uniform(-np.pi, np.pi),
            )
            if one.stands_out > VISIBLE:
                return one

    @property
    def stands_out(self) -> float:
        """All of its contrasts taken together."""
        texture = np.hypot(self.grain, self.mottle)
        return float(abs(self.body) + 0.4 * abs(self.rim) + 0.3 * max(self.halo, 0) + 0.8 * texture + 0.5 * self.relief)


def light_of(scene: Scene, contrast: Contrast, rng: np.random.Generator) -> np.ndarray:
    """The light that comes from a field, float32 of the shape of the scene, about 0 to 1."""
    rough = min(ranges.FLOOR_GRAIN.drawn(rng), contrast.stands_out / 3)
    light = contrast.floor + rough * grain(scene.shape, ranges.FLOOR_WIDTH.drawn(rng), rng)
    if rng.random() < ranges.SURROUNDED:
        around_all = np.zeros(scene.shape)
        surround(around_all, rng)
        loudest = ranges.LOUDEST.drawn(rng) * contrast.stands_out
        light = light + around_all * min(1.0, loudest / max(float(np.ptp(around_all)), 1e-6))
    fields = _Fields(scene.shape, contrast, rng)
    height = np.zeros(scene.shape, np.float32)
    for body in scene.bodies:
        _add_body(light, height, body, contrast, fields)
    _add_cells(light, height, scene.cells, contrast, rng)
    if contrast.relief:
        light += _relief(height, fields, contrast)
    if rng.random() < ranges.DIRT:
        soil(light, rng)
    return light.astype(np.float32)


class _Fields:
    """The textures of all bodies of a field."""

    def __init__(self, shape: tuple[int, int], contrast: Contrast, rng: np.random.Generator):
        make = packed if contrast.packed else grain
        self.fine = make(shape, contrast.grain_width * (2.5 if contrast.packed else 1), rng)
        self.coarse = grain(shape, max(2.0, contrast.mottle_width * 0.25 * min(shape)), rng)


def _add_body(light: np.ndarray, height: np.ndarray, body: Body, contrast: Contrast, fields: _Fields) -> None:
    away = body.reach + FAR * contrast.halo_width * body.radius
    rows, columns, _ = around(light.shape, *body.centre, away, 1.0)
    y, x = np.arange(rows.start, rows.stop)[:, None], np.arange(columns.start, columns.stop)[None]
    if not y.size or not x.size:
        return
    depth = body.depth(y, x) / body.radius
    edge = max(contrast.edge, 0.5 / body.radius)
    cover = 0.5 + 0.5 * np.tanh(depth / edge)
    within = np.maximum(depth, 0)
    level = contrast.body * (1 + contrast.dome * (np.minimum(within, 1) - 0.5))
    level += contrast.rim * np.exp(-((within / contrast.rim_width) ** 2))
    level += contrast.grain * fields.fine[rows, columns] + contrast.mottle * fields.coarse[rows, columns]
    if body.tip:
        level -= contrast.patch * (contrast.floor + contrast.body) * np.exp(
            -((np.hypot(y - body.tip[0], x - body.tip[1]) / (0.25 * body.radius)) ** 2))
    if body.wall:
        level *= 1 - 0.85 * (0.5 + 0.5 * np.tanh((depth - body.wall) / (2 * edge)))
    halo = contrast.halo * np.exp(-np.maximum(-depth, 0) / contrast.halo_width) * (1 - cover)
    light[rows, columns] += cover * (contrast.floor + level - light[rows, columns]) + halo
    dome = np.sqrt(np.clip(within * (2 - within), 0, 1)) * body.radius
    height[rows, columns] = np.maximum(height[rows, columns], dome)


def _add_cells(
    light: np.ndarray, height: np.ndarray, cells: Cells, contrast: Contrast, rng: np.random.Generator
) -> None:
    glow = 0.5 * (rng.random() < 0.5)
    middle, rim = contrast.cell_middle, contrast.cell_rim
    for y, x, radius, strength, blurred in zip(*vars(cells).values(), strict=True):
        rows, columns, away = around(light.shape, y, x, radius, 4.0 if blurred else 2.5)
        if not away.size:
            continue
        part, near = light[rows, columns], away / radius
        if blurred:
            part += 0.4 * strength * middle * (np.exp(-(near**2) / 2) + glow * _ring(near, 2.2, 0.6))
            continue
        cover = np.clip((radius - away) + 0.5, 0, 1)
        look = middle * np.exp(-((near / 0.6) ** 2)) + rim * _ring(near, 0.85, 0.3)
        part += cover * (contrast.floor + strength * look - part)
        part += 0.3 * glow * middle * _ring(near, 1.4, 0.35) * (1 - cover)
        height[rows, columns] = np.maximum(height[rows, columns], np.sqrt(np.clip(radius**2 - away**2, 0, None)))


def _ring(away: np.ndarray, radius: float, width: float) -> np.ndarray:
    return np.exp(-(((away - radius) / width) ** 2))


def _relief(height: np.ndarray, fields: _Fields, contrast: Contrast) -> np.ndarray:
    """Light and shade on the slopes of what lies there, as in differential interference contrast."""
    rough = height + (height > 0) * (8 * contrast.grain * fields.fine + 20 * contrast.mottle * fields.coarse)
    down, right = np.gradient(ndimage.gaussian_filter(rough, 0.8))
    slope = np.sin(contrast.light_from) * down + np.cos(contrast.light_from) * right
    return contrast.relief * 0.5 * np.tanh(slope)
