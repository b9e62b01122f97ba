"""Outlines cling to the edges of things whose true outline is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.sketches.clinging import LARGEST, Surroundings, clinging_way


def picture(side: int, radius: float, *, noise: float, seed: int = 0) -> np.ndarray:
    """A disc of 180 on a ground of 100 in the middle, one channel."""
    y, x = np.mgrid[:side, :side] + 0.5
    inside = np.hypot(y - side / 2, x - side / 2) <= radius
    return (100 + 80 * inside + np.random.default_rng(seed).normal(0, noise, inside.shape))[None]


def on_circle(side: int, radius: float, degrees: float) -> tuple[float, float]:
    angle = np.deg2rad(degrees)
    return side / 2 + radius * np.sin(angle), side / 2 + radius * np.cos(angle)


def off(points: np.ndarray, side: int, radius: float) -> np.ndarray:
    """How far points lie from the circle."""
    return np.abs(np.hypot(*(points - side / 2).T) - radius)


@pytest.mark.parametrize(("side", "radius"), [(80, 24), (256, 90), (1000, 350)])
@pytest.mark.parametrize("noise", [0, 10, 25])
@pytest.mark.parametrize("turn", [0, 45, 77])
def test_it_follows_a_circle_where_a_straight_line_does_not(side, radius, noise, turn):
    start, end = on_circle(side, radius, turn), on_circle(side, radius, turn + 100)
    way = clinging_way(picture(side, radius, noise=noise, seed=turn), start, end)
    straight = np.linspace(start, end, 50)
    assert off(way, side, radius).max() < 2
    assert off(way, side, radius).mean() < 0.8
    assert off(straight, side, radius).max() > 0.3 * radius
    assert np.array_equal(way[[0, -1]], [start, end])
    assert np.linalg.norm(np.diff(way, axis=0), axis=1).max() < 3  # without gaps


def test_it_goes_to_an_edge_and_leaves_it_again():
    """Points beside the edge: the way between them is along it."""
    side, radius = 200, 60
    start, end = on_circle(side, radius - 8, 10), on_circle(side, radius + 8, 120)
    way = clinging_way(picture(side, radius, noise=10), start, end)
    assert np.median(off(way, side, radius)) < 1
    assert (off(way, side, radius) < 2).mean() > 0.75


def test_the_channel_that_shows_an_edge_counts():
    flat = np.random.default_rng(1).normal(1000, 300, (1, 200, 200))
    planes = np.concatenate([flat, picture(200, 60, noise=10)])
    way = clinging_way(planes, on_circle(200, 60, 0), on_circle(200, 60, 90))
    assert off(way, 200, 60).max() < 3


def test_where_nothing_is_to_be_seen_it_is_straight():
    way = clinging_way(np.full((1, 60, 60), 7, np.uint16), (10.5, 10.5), (40.5, 40.5))
    assert np.allclose(way[:, 0], way[:, 1])
    assert len(clinging_way(np.zeros((1, 1, 1)), (0.2, 0.2), (0.7, 0.7))) == 2


@given(st.lists(st.floats(-50, 5000), min_size=4, max_size=4), st.integers(1, 4000), st.integers(1, 4000),
       st.sampled_from([1, 2, 16]))
def test_surroundings_lie_in_the_plane_and_are_not_too_large(places, height, width, step):
    start, end = (np.clip(place, 0, (height, width)) for place in np.reshape(places, (2, 2)))
    found = Surroundings.of(start, end, (height, width), step)
    assert found.step % step == 0
    for part, length, here, there in zip(found.box, (height, width), start, end, strict=True):
        assert part.start % found.step == 0
        assert 0 <= part.start < part.stop <= length
        assert part.start <= min(here, there)
        assert part.stop >= max(here, there)
    assert np.prod([(part.stop - part.start) / found.step for part in found.box]) <= LARGEST
