"""How far a set of points reaches: its farthest pair, the smallest ball around it and the largest inside it.

Balls are circles in planes and spheres in volumes.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

REACH = 4
"""So many steps the centre of a ball may move before the points near it are looked up again."""


def farthest_pair(points: np.ndarray) -> np.ndarray:
    """The two points that are farthest apart, `(2, axes)`.

    Args:
        points: `(points, axes)`, at least one.
    """
    from scipy.spatial.distance import cdist

    one, other = _far_pair(points)
    apart = np.linalg.norm(other - one)
    # Both of a pair that is farther apart than these two lie near the surface of any ball around all points.
    from_middle = np.linalg.norm(points - (one + other) / 2, axis=1)
    far = points[from_middle >= apart - from_middle.max() * (1 + 1e-9)]
    distances = cdist(far, far)
    first, second = divmod(int(distances.argmax()), len(far))
    return far[[first, second]]


def smallest_ball_around(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre and radius of the smallest ball that holds all points.

    The ball around a few points is exact; the farthest point outside joins them until there is none
    (Gärtner 1999, "Fast and robust smallest enclosing balls").

    Args:
        points: `(points, axes)`, at least one.
    """
    tolerance = 1e-9 * float(np.ptp(points, axis=0).max())
    support = np.stack(_far_pair(points))
    centre = support.mean(axis=0)
    radius = float(np.linalg.norm(support[1] - centre))
    while True:
        distances = np.linalg.norm(points - centre, axis=1)
        farthest = int(distances.argmax())
        if distances[farthest] <= radius + tolerance:
            return centre, radius
        support = np.concatenate([support, points[farthest : farthest + 1]])
        before = radius
        centre, radius, support = _ball_around_few(support, tolerance)
        if radius <= before:  # what is still outside is a matter of rounding
            return centre, radius


def largest_ball_inside(boundary: np.ndarray, start: np.ndarray, step: float) -> tuple[np.ndarray, float]:
    """Centre and radius of the largest ball that no point of a boundary lies in.

    Args:
        boundary: `(points, axes)`, close together.
        start: a centre that is best to within about a step.
        step: how far the search goes at first, or half the first radius; it ends at a 32nd of that.
    """
    from scipy.spatial.distance import cdist

    around = np.concatenate([np.zeros((1, len(start))), np.eye(len(start)), -np.eye(len(start))])
    distances = np.linalg.norm(boundary - start, axis=1)
    centre, radius = start, float(distances.min())
    step = min(step, radius / 2)  # a longer one could leap over the boundary, and outside there is no largest ball
    finest, reach = step / 32, REACH * step
    near = boundary[distances <= radius + 2 * reach]  # farther points touch no ball whose centre lies within reach
    while step > finest:
        centres = centre + step * around
        radii = cdist(centres, near).min(axis=1)
        best = int(radii.argmax())
        if best == 0:
            step /= 2
            continue
        centre, radius = centres[best], float(radii[best])
        if np.linalg.norm(centre - start) > reach - step:
            return largest_ball_inside(boundary, centre, step)
    return centre, radius


def _far_pair(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two points far apart, often the farthest: one far from the first, and that which is farthest from it."""
    one = points[((points - points[0]) ** 2).sum(axis=1).argmax()]
    return one, points[((points - one) ** 2).sum(axis=1).argmax()]


def _ball_around_few(points: np.ndarray, tolerance: float) -> tuple[np.ndarray, float, np.ndarray]:
    """The smallest ball around at most `axes + 2` points whose last lies on its surface, and the points it rests on."""
    *others, last = range(len(points))
    best = None
    for count in range(1, min(len(others), points.shape[1]) + 1):
        for chosen in combinations(others, count):
            through = points[[*chosen, last]]
            centre, radius = _ball_through(through)
            reach = np.linalg.norm(points - centre, axis=1).max()
            if reach <= radius + tolerance and (best is None or radius < best[1]):
                best = centre, radius, through
        if best is not None and count == 1:
            break  # no ball that holds both of two points is smaller
    assert best is not None  # the ball through the right few always holds the others
    return best


def _ball_through(points: np.ndarray) -> tuple[np.ndarray, float]:
    """The smallest ball with all points on its surface."""
    if len(points) == 2:
        centre = (points[0] + points[1]) / 2
        return centre, float(np.linalg.norm(points[0] - centre))
    edges = points[1:] - points[0]
    offset, *_ = np.linalg.lstsq(2 * edges, (edges**2).sum(axis=1), rcond=None)
    return points[0] + offset, float(np.linalg.norm(offset))
