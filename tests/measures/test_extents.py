"""Farthest pairs and balls, against brute force and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize
from scipy.spatial.distance import pdist

from morula.measures.extents import farthest_pair, largest_ball_inside, smallest_ball_around

POINTS = st.sampled_from([2, 3]).flatmap(
    lambda axes: arrays(float, st.tuples(st.integers(1, 25), st.just(axes)), elements=st.integers(-30, 30).map(float))
)


@given(POINTS)
def test_the_ball_holds_all_points_and_rests_on_its_surface(points):
    centre, radius = smallest_ball_around(points)
    distances = np.linalg.norm(points - centre, axis=1)
    assert distances.max() == pytest.approx(radius, abs=1e-6)
    # It is smallest if its centre lies among the points that it rests on: no direction leads away from all of them.
    resting = points[distances > radius - 1e-6] - centre
    for direction in np.random.default_rng(0).normal(size=(50, points.shape[1])):
        assert (resting @ direction).min() <= 1e-6 * (1 + radius) * np.linalg.norm(direction)


def test_no_smaller_ball_is_found_by_searching():
    points = np.random.default_rng(3).normal(size=(40, 3))
    _, radius = smallest_ball_around(points)
    found = minimize(lambda centre: np.linalg.norm(points - centre, axis=1).max(), points.mean(axis=0),
                     method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000})
    assert found.fun - 1e-3 < radius <= found.fun + 1e-9


@given(POINTS)
def test_the_farthest_pair_is_that_of_brute_force(points):
    first, second = farthest_pair(points)
    assert np.linalg.norm(first - second) == pytest.approx(pdist(points).max(initial=0))


def test_the_search_does_not_leave_a_narrow_shape():
    """A strip as wide as the first step; outside, balls would grow for ever."""
    along = np.linspace(0, 60, 200)
    boundary = np.concatenate([np.stack([np.full(200, side), along], axis=1) for side in (0.0, 1.0)])
    centre, radius = largest_ball_inside(boundary, np.array([0.4, 30.0]), 1.0)
    assert 0 < centre[0] < 1
    assert radius == pytest.approx(0.5, abs=0.03)


def test_the_largest_ball_in_a_triangle_is_its_incircle():
    corners = np.array([[0.0, 0.0], [0.0, 40.0], [30.0, 0.0]])
    share = np.linspace(0, 1, 2000)[:, None]
    boundary = np.concatenate([a + share * (b - a) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])
    centre, radius = largest_ball_inside(boundary, np.array([8.0, 9.0]), 1.0)
    assert radius == pytest.approx(10, abs=0.05)
    assert centre == pytest.approx([10, 10], abs=0.1)
