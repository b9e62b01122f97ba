"""An elongated object straightened along its midline: its shape and its image, as if it had never been bent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.images.image import Image
from morula.images.write import write_stack
from morula.measures.bodies import Body
from morula.names.endings import stem

MARGIN = 3
"""Pixels beside the object and beyond its ends."""


@dataclass(frozen=True)
class Straightened:
    """What lies along and across a midline, in pixels as small as the shortest side of one of the frame.

    Attributes:
        pixels: the image, float32 `(channels, *across, along)`; the thicker end comes first.
        shape: 1 inside the object and 0 outside, float32 `(*across, along)`.
        pixel: the side of a pixel, in the unit of the body's spacing.
    """

    pixels: np.ndarray
    shape: np.ndarray
    pixel: float


def straightened(body: Body) -> Straightened:
    """Sample a body along its midline and across it, by linear interpolation.

    What lies across does not turn round the midline on the way from end to end (Bishop 1975, "There is more than one
    way to frame a curve"). Where the object bends with a radius shorter than its half width, its inner side is seen
    more than once.
    """
    from scipy.ndimage import map_coordinates
    from scipy.spatial import KDTree

    pixel = float(body.spacing.min())
    line, tangents = _smooth_line(body.midline.points, pixel)
    half = KDTree(line).query(body.positions)[0].max() + MARGIN * pixel
    steps = np.arange(-np.ceil(half / pixel), np.ceil(half / pixel) + 1) * pixel
    across = np.stack(np.meshgrid(*[steps] * (body.axes - 1), indexing="ij"), axis=-1)  # (*across, axes - 1)
    places = line + np.einsum("...k,lka->...la", across, _normals(tangents))  # (*across, along, axes)
    where = np.moveaxis(places / body.spacing - body.corner, -1, 0)
    field, level = body.smooth
    channels = () if body.pixels is None else body.pixels
    pixels = [map_coordinates(channel, where, order=1, mode="constant") for channel in channels]
    shape = map_coordinates(field, where, order=1, mode="constant") >= level
    return Straightened(np.array(pixels, np.float32).reshape(-1, *shape.shape), shape.astype(np.float32), pixel)


def write_straightened(path: Path, of: Straightened, channels: tuple[str, ...], *, micrometres: bool) -> None:
    """Write a straightened object as a TIFF whose last channel, called object, is its shape.

    Raises:
        OutputError: the file cannot be written.
    """
    pixel_size = (of.pixel,) * of.shape.ndim if micrometres else None
    array = np.concatenate([of.pixels, of.shape[None]])
    names = (*channels, "object")
    axes = "C" + "ZYX"[-of.shape.ndim :]
    write_stack(path, Image.from_array(array, axes, channels=names, name=stem(path), pixel_size=pixel_size))


def _smooth_line(points: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Points at equal distances along a line and beyond its ends, `(along, axes)`, and its directions there."""
    from scipy.interpolate import CubicSpline

    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    curve = CubicSpline(np.concatenate([[0], lengths.cumsum()]), points, bc_type="natural")
    length = float(lengths.sum())
    along = np.arange(-MARGIN, np.ceil(length / step) + MARGIN + 1) * step
    within = along.clip(0, length)
    directions = curve(within, 1)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return curve(within) + (along - within)[:, None] * directions, directions


def _normals(tangents: np.ndarray) -> np.ndarray:
    """Directions across a line, `(along, axes - 1, axes)`, each turned from the one before as little as can be."""
    normals = np.linalg.svd(tangents[:1])[2][1:]
    if np.linalg.det(np.concatenate([normals, tangents[:1]])) < 0:
        normals[0] *= -1  # a picture and not its mirror image
    every = []
    for tangent in tangents:
        normals = normals - np.outer(normals @ tangent, tangent)
        turned, signs = np.linalg.qr(normals.T)
        normals = turned.T * np.sign(signs.diagonal())[:, None]
        every.append(normals)
    return np.stack(every)
