"""How far a set of points reaches: its farthest pair, the smallest ball around it and the largest inside it.

Balls are circles in planes and spheres in volumes.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np


def farthest_pair(points: np.ndarray, centre: np.ndarray, radius: float) -> np.ndarray:
    """The two points that are farthest apart, `(2, axes)`.

    Args:
        points: `(points, axes)`, at least one.
        centre: of a ball around all of them.
        radius: of that ball.
    """
    from scipy.spatial.distance import cdist

    one = points[np.linalg.norm(points - points[0], axis=1).argmax()]
    from_one = np.linalg.norm(points - one, axis=1)
    # Both of a pair that is farther apart than this one lie near the surface of the ball.
    far = points[np.linalg.norm(points - centre, axis=1) >= from_one.max() - radius * (1 + 1e-9)]
    distances = cdist(far, far)
    first, second = np.unravel_index(int(distances.argmax()), distances.shape)
    return far[[first, second]]


def smallest_ball_around(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre and radius of the smallest ball that holds all points.

    The ball around a few points is exact; the farthest point outside joins them until there is none
    (Gärtner 1999, "Fast and robust smallest enclosing balls").

    Args:
        points: `(points, axes)`, at least one.
    """
    tolerance = 1e-9 * float(np.ptp(points, axis=0).max())
    centre, radius, support = points[0], 0.0, points[:1]
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
    from scipy.spatial import KDTree

    tree = KDTree(boundary)
    around = np.concatenate([np.eye(len(start)), -np.eye(len(start))])
    centre, radius = start, tree.query(start)[0]
    step = min(step, radius / 2)  # a longer one could leap over the boundary, and outside there is no largest ball
    finest = step / 32
    while step > finest:
        centres = centre + step * around
        radii, _ = tree.query(centres)
        best = int(radii.argmax())
        if radii[best] > radius:
            centre, radius = centres[best], radii[best]
        else:
            step /= 2
    return centre, float(radius)


def _ball_around_few(points: np.ndarray, tolerance: float) -> tuple[np.ndarray, float, np.ndarray]:
    """The smallest ball around at most `axes + 2` points whose last lies on its surface, and the points it rests on."""
    *others, last = range(len(points))
    best = None
    for count in range(min(len(others), points.shape[1]) + 1):
        for chosen in combinations(others, count):
            through = points[[*chosen, last]]
            centre, radius = _ball_through(through)
            reach = np.linalg.norm(points - centre, axis=1).max()
            if reach <= radius + tolerance and (best is None or radius < best[1]):
                best = centre, radius, through
    assert best is not None  # the ball through the right few always holds the others
    return best


def _ball_through(points: np.ndarray) -> tuple[np.ndarray, float]:
    """The smallest ball with all points on its surface."""
    edges = points[1:] - points[0]
    offset, *_ = np.linalg.lstsq(2 * edges, (edges**2).sum(axis=1), rcond=None)
    return points[0] + offset, float(np.linalg.norm(offset))
