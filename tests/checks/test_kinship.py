"""Neighbours of a movie are known by their pixels; images of their own are not taken for any."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from morula.checks.kinship import find_kinship, thumbnail_of

RNG = np.random.default_rng(5)


def scene() -> np.ndarray:
    return gaussian_filter(RNG.standard_normal((96, 120)), 3)


def movie(frames: int) -> list[np.ndarray]:
    """A scene that drifts, a pixel and a half each moment, under noise."""
    first = scene()
    return [shift(first, 1.5 * at, mode="wrap") + 0.02 * RNG.standard_normal(first.shape) for at in range(frames)]


def own(frames: int) -> list[str]:
    return [f"image {number}" for number in range(frames)]


def test_a_movie_whose_moments_are_groups_of_their_own():
    found = find_kinship([thumbnail_of(plane) for plane in movie(12)], own(12))
    assert found
    assert found.second == found.first + 1
    assert found.neighbours > 0.7 > 0.3 > found.others


def test_two_such_movies():
    frames = [*movie(6), *movie(6)]
    assert find_kinship([thumbnail_of(plane) for plane in frames], own(12))


@pytest.mark.parametrize("light", [0.0, 50.0])
def test_images_of_their_own_under_one_uneven_light(light):
    y, x = np.mgrid[-1:1:96j, -1:1:120j]
    planes = [scene() - light * (y**2 + x**2) for _ in range(12)]
    assert find_kinship([thumbnail_of(plane) for plane in planes], own(12)) is None


def test_neighbours_of_one_group_say_nothing():
    assert find_kinship([thumbnail_of(plane) for plane in movie(12)], ["movie"] * 12) is None


def test_discs_at_one_place_are_all_alike_and_no_neighbours():
    y, x = np.mgrid[:96, :96]
    planes = [np.hypot(y - 48, x - 48) < radius for radius in RNG.permutation(np.linspace(20, 40, 12))]
    assert find_kinship([thumbnail_of(plane.astype(float)) for plane in planes], own(12)) is None


@pytest.mark.parametrize("shape", [(1, 1), (5, 300), (32, 32), (33, 31), (700, 20)])
def test_a_plane_of_any_size_has_a_thumbnail(shape):
    found = thumbnail_of(RNG.standard_normal(shape))
    assert found.shape == (1024,)
    assert np.isfinite(found).all()


def test_each_pixel_is_the_mean_of_its_share():
    """An image of 64 x 64 blocks of 2 x 2 gives what the blocks' means give."""
    plane = RNG.standard_normal((64, 64))
    means = plane.reshape(32, 2, 32, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(thumbnail_of(plane), thumbnail_of(means), atol=1e-3)
