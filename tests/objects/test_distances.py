"""Distances from the edges of objects, held against analytic ones."""

from __future__ import annotations

import numpy as np
import pytest

from morula.objects.distances import edge_distances, mean_error


def ball(space, centre, radius: float, spacing=None) -> tuple[np.ndarray, np.ndarray]:
    """Which pixels lie in it, and how far from the centre all do."""
    spacing = spacing or (1.0,) * len(space)
    places = np.moveaxis(np.indices(space), 0, -1) * spacing
    away = np.linalg.norm(places - np.multiply(centre, spacing), axis=-1)
    return away < radius, away


@pytest.mark.parametrize(
    ("space", "centre", "spacing"),
    [((90, 100), (44, 51), (1.0, 1.0)), ((90, 200), (44, 101), (1.0, 0.5)), ((60, 64, 62), (29, 31, 30), (1.0,) * 3),
     ((30, 64, 62), (14, 31, 30), (2.0, 1.0, 1.0))],
)
def test_in_a_ball_they_fall_from_the_centre_to_the_edge(space, centre, spacing):
    radius = 26.0
    inside, away = ball(space, centre, radius, spacing)
    found = edge_distances(inside.astype(np.uint8), spacing) / 255
    assert found[centre] == 1
    assert (found[~inside] == 0).all()
    assert (found[inside] > 0).all()
    np.testing.assert_allclose(found[inside], (1 - away / radius)[inside], atol=1.1 * max(spacing) / radius)


def test_in_a_box_they_grow_with_the_nearest_side():
    labels = np.zeros((40, 60), np.uint16)
    labels[5:26, 10:51] = 700
    y, x = np.indices(labels.shape)
    nearest = np.minimum(np.minimum(y - 4.5, 25.5 - y), np.minimum(x - 9.5, 50.5 - x))
    expected = np.where(labels, nearest / nearest.max(), 0)
    np.testing.assert_allclose(edge_distances(labels, (1, 1)) / 255, expected, atol=0.003)


def test_objects_that_touch_have_edges_against_each_other():
    labels = np.ones((21, 42), np.int64)
    labels[:, 21:] = 2**40  # numbers may be of any size
    found = edge_distances(labels, (1, 1)) / 255
    along = np.arange(21)  # the frame is no edge: each is deepest where it is cut
    np.testing.assert_allclose(found[10], [*(20.5 - along) / 20.5, *(along + 0.5) / 20.5], atol=0.003)


def test_neither_the_frame_nor_what_is_unknown_is_an_edge():
    whole, _ = ball((61, 61), (30, 30), 25)
    cut = edge_distances(whole[:31].astype(np.uint8), (1, 1))
    np.testing.assert_array_equal(cut, edge_distances(whole.astype(np.uint8), (1, 1))[:31])
    labels, unknown = whole.astype(np.uint8), np.zeros(whole.shape, bool)
    labels[31:], unknown[31:] = 0, True
    np.testing.assert_array_equal(edge_distances(labels, (1, 1), unknown)[:31], cut)
    assert (edge_distances(np.ones((5, 6), np.uint8), (1, 1)) == 255).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.uint64])
def test_numbers_of_any_type_and_order(dtype):
    labels = np.zeros((20, 30), dtype)
    labels[2:9, 3:12], labels[9:15, 3:12], labels[5, 20] = 200, 3, 7
    found = edge_distances(labels, (1, 1))
    assert found[5, 20] == 255  # a single pixel is as deep as it gets
    np.testing.assert_array_equal(found > 0, labels > 0)
    for number in (200, 3):
        alone = np.where(labels == number, labels, 0)
        np.testing.assert_array_equal(found[labels == number], edge_distances(alone, (1, 1))[labels == number])


def test_without_objects_there_are_none():
    assert not edge_distances(np.zeros((4, 5), np.uint16), (1, 1)).any()
    assert not edge_distances(np.zeros((4, 5), np.int64), (1, 1)).any()


def test_the_mean_error_is_that_of_true_objects():
    true = np.array([0, 0, 100, 200], np.uint8)
    assert mean_error(np.array([90, 0, 151, 200], np.uint8), true) == pytest.approx(51 / 2 / 255)
    assert mean_error(true, np.zeros(4, np.uint8)) == 0
