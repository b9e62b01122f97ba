"""Where an object ends, between pixels: a smooth boundary in place of steps, in planes and in volumes.

A mask says of each pixel only whether it is inside. Its edge is a staircase, which is up to 4/π times as long as
the outline that it stands for. Blurred a little, a mask becomes a field that falls from 1 inside to 0 outside,
and where this field passes a level near one half lies a boundary that is smooth and holds as much as the pixels.
"""

from __future__ import annotations

import numpy as np

BLUR = 0.9
"""Of the longest side of a pixel. More cuts off more of each corner, less leaves more of the stairs; both cost at most
2 % of a perimeter from a radius of 20 pixels (docs/experiments.md)."""

PIXELS_ACROSS = 5
"""Parts with fewer pixels from middle to edge are blurred less, or they would vanish."""

STEPS, SETTLED = 16, 1e-5
"""The level is sought in so many steps at most, until one changes it by less than this."""


def smooth_field(inside: np.ndarray, spacing: np.ndarray, thickness: float) -> tuple[np.ndarray, float]:
    """The blurred object, and the level at which its boundary encloses the volume of its pixels.

    Args:
        inside: bool `(*space)`, with background all around for three times the longest side of a pixel.
        spacing: the size of a pixel along each axis.
        thickness: from the middle of the object to its edge.

    Returns:
        The field, float32 `(*space)`, 0 to 1; and the level.
    """
    from scipy import ndimage

    coarsest = spacing.max()
    blur = BLUR * min(1.0, thickness / coarsest / PIXELS_ACROSS)
    field = ndimage.gaussian_filter(inside.astype(np.float32), blur * coarsest / spacing, truncate=3.0)
    steepness = min(1.0, 1 / (blur * np.sqrt(2 * np.pi)))  # across a straight edge, per pixel
    doubtful = field[(field > 0.01) & (field < 0.99)].astype(float)
    if not len(doubtful):
        return field, 0.5
    wanted = np.count_nonzero(inside) - np.count_nonzero(field >= 0.99)
    low, high, level = 0.25, 0.75, 0.5
    for _ in range(STEPS):  # Newton's method between bounds, since the slope of the sum is known with it
        ramp = (doubtful - level) / steepness + 0.5
        missing = wanted - np.clip(ramp, 0, 1).sum()
        low, high = (low, level) if missing > 0 else (level, high)
        slope = np.count_nonzero((ramp > 0) & (ramp < 1)) / steepness
        following = level - missing / max(slope, 1)
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - level) < SETTLED:
            return field, following
        level = following
    return field, level


def boundary_points(field: np.ndarray, level: float, spacing: np.ndarray) -> np.ndarray:
    """Where the field passes the level between neighbouring pixels, `(points, axes)`, in the unit of `spacing`.

    These are the corners of marching squares and of marching cubes (Lorensen and Cline 1987), in no order.
    Position 0 is the centre of the first pixel.
    """
    points = []
    above = field > level
    for axis in range(field.ndim):
        lower, upper = _neighbours(field.ndim, axis)
        places = np.argwhere(above[lower] != above[upper])
        here = tuple(places.T)
        before, after = field[lower][here], field[upper][here]
        points.append(places.astype(float))
        points[-1][:, axis] += (level - before) / (after - before)
    return np.concatenate(points) * spacing


def boundary_size(inside: np.ndarray, field: np.ndarray, spacing: np.ndarray) -> float:
    """The area of the surface of a volume, or the length around a plane shape.

    Each face between a pixel inside and one outside counts with the cosine of the angle between it and the
    boundary, whose normal is the gradient of the field. Where the pixels shrink, the sum goes to the true size
    (Lenoir, Malgouyres and Revenu 1996; Coeurjolly, Flin, Teytaud and Tougne 2003).

    Args:
        inside: bool `(*space)`.
        field: the same object as `smooth_field` makes it.
        spacing: the size of a pixel along each axis.
    """
    gradient = np.array(np.gradient(field, *spacing))
    total = 0.0
    for axis in range(field.ndim):
        lower, upper = _neighbours(field.ndim, axis)
        faces = inside[lower] != inside[upper]
        normals = gradient[:, *lower][:, faces] + gradient[:, *upper][:, faces]
        lengths = np.maximum(np.linalg.norm(normals, axis=0), np.finfo(np.float32).tiny)
        total += float((np.abs(normals[axis]) / lengths).sum() * spacing.prod() / spacing[axis])
    return total


def _neighbours(axes: int, axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """All pixels but the last along an axis, and those that follow them."""
    before = (slice(None),) * axis
    rest = (slice(None),) * (axes - axis - 1)
    return (*before, slice(None, -1), *rest), (*before, slice(1, None), *rest)
