"""The shape of one object: its axes, how far it is from a circle or a sphere, how wide it is from each side.

Angles are in degrees, as seen on the screen: 0° points right and 90° up, though rows are counted downwards.
"""

from __future__ import annotations

import numpy as np

from morula.measures.bodies import Body


def principal_lengths(body: Body) -> np.ndarray:
    """The axes of the ellipse or ellipsoid with the same variances, the longest first, `(axes,)`.

    The variance of a solid ellipsoid in n dimensions along a half axis a is a² / (n + 2).
    """
    variances, _ = body.spread
    return 2 * np.sqrt((body.axes + 2) * variances)


def aspect_ratio(body: Body) -> float:
    longest, second, *_ = principal_lengths(body)
    return longest / second


def elongation(body: Body) -> float:
    longest, second, *_ = principal_lengths(body)
    return 1 - second / longest


def flatness(body: Body) -> float:
    _, second, third = principal_lengths(body)
    return 1 - third / second


def eccentricity(body: Body) -> float:
    longest, shortest = principal_lengths(body)
    return np.sqrt(1 - (shortest / longest) ** 2)


def orientation(body: Body) -> float:
    _, directions = body.spread
    return screen_angle(directions[0]) % 180


def long_axis(body: Body) -> np.ndarray:
    """The direction of the longest axis, a unit vector whose last component that is not 0 is positive."""
    _, directions = body.spread
    longest = directions[0]
    return longest * np.sign(longest[np.flatnonzero(np.abs(longest) > 1e-9)[-1]])


def screen_angle(direction: np.ndarray) -> float:
    """The angle of a direction `(y, x)` in degrees, 0 to 360: 0 points right and 90 up.

    >>> screen_angle(np.array([-1.0, 0.0]))
    90.0
    """
    down, right = direction
    return float(np.degrees(np.arctan2(-down, right)) % 360)


def circularity(body: Body) -> float:
    return min(1.0, 4 * np.pi * body.volume / body.outlines.length**2)


def sphericity(body: Body) -> float:
    return min(1.0, np.cbrt(36 * np.pi * body.volume**2) / body.surface)


def solidity(body: Body) -> float:
    return min(1.0, body.volume / body.hull.volume)


def convexity(body: Body) -> float:
    return min(1.0, body.hull.area / body.outlines.outer_length)  # of a plane hull, `area` is the perimeter


def feret_max(body: Body) -> float:
    return float(np.linalg.norm(body.longest))


def feret_max_angle(body: Body) -> float:
    return screen_angle(body.longest) % 180


def feret_min(body: Body) -> float:
    width, _ = _narrowest(body)
    return width


def feret_min_angle(body: Body) -> float:
    _, direction = _narrowest(body)
    return screen_angle(direction) % 180


def bounding_box(body: Body) -> np.ndarray:
    """The first and the last row, column and plane, in pixels of the frame, `(axes, 2)`."""
    return np.stack([body.places.min(axis=0), body.places.max(axis=0)], axis=1) + body.corner[:, None]


def concave_share(body: Body) -> float:
    return float((body.curvature < 0).mean())


def protrusion_angle(body: Body) -> float:
    if not len(body.protrusions):
        return np.nan
    return screen_angle(body.even_outline[body.protrusions[0]] - body.centroid)


def harmonic_sizes(body: Body) -> np.ndarray:
    """The size of each harmonic from the second on over that of the first, `(harmonics - 1,)`."""
    sizes = np.linalg.norm(body.harmonics, axis=1)
    return sizes[1:] / sizes[0]


def first_harmonic_elongation(body: Body) -> float:
    longer, shorter = body.harmonics[0]
    return 1 - shorter / longer


def second_harmonic_elongation(body: Body) -> float:
    """Missing where the second harmonic is smaller than half a pixel, and so made of steps."""
    longer, shorter = body.harmonics[1]
    return 1 - shorter / longer if longer >= body.spacing.max() / 2 else np.nan


def _narrowest(body: Body) -> tuple[float, np.ndarray]:
    """The smallest distance of two parallel lines around a plane object, and its direction.

    One of them lies on a side of the hull (Freeman and Shapira 1975).
    """
    directions = body.hull.equations[:, :-1]
    widths = np.ptp(body.corners @ directions.T, axis=0)
    narrowest = int(widths.argmin())
    return float(widths[narrowest]), directions[narrowest]
