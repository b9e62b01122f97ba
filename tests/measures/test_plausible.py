"""Plausible outlines, against what follows from how far they were to be displaced."""

from __future__ import annotations

import numpy as np
import pytest

from morula.measures.bodies import cut_out
from morula.measures.plausible import OutlineErrors, UnsureBody, signed_depth
from morula.objects.labels import connected_objects
from morula.objects.selection import ObjectSettings, choose_objects


def unsure(probability: np.ndarray, spacing: tuple[float, ...] | None = None, room: float = 0.25) -> list[UnsureBody]:
    """The objects of a field of probabilities, each with its doubt."""
    labels, classes = connected_objects((probability > 0.5).astype(np.uint8))
    objects = choose_objects(labels, np.arange(len(classes)), classes, ObjectSettings(), pixel_volume=1, most_classes=1)
    doubt = np.rint(255 * np.minimum(probability, 1 - probability)).astype(np.uint8)
    bodies = cut_out(objects, np.array(spacing or (1.0,) * probability.ndim), room=room)
    return [UnsureBody.of(body, doubt) for body in bodies]


def depth_of_ball(shape: tuple[int, ...], radius: float, spacing: tuple[float, ...] | None = None) -> np.ndarray:
    """How deep the centre of each pixel lies in a ball in the middle, `(*shape)`."""
    places = np.indices(shape).T - (np.array(shape) - 1) / 2 + 0.21
    return radius - np.linalg.norm(places * (spacing or 1), axis=-1).T


def edge(depth: np.ndarray, softness: np.ndarray | float) -> np.ndarray:
    """Probabilities that fall from 1 to 0 across an outline."""
    return 1 / (1 + np.exp(-depth / softness))


def test_the_depth_of_a_disc():
    depth = depth_of_ball((90, 96), 30)
    found = signed_depth(depth > 0, np.ones(2))
    assert np.abs(found - depth)[np.abs(depth) < 20].max() < 0.8


@pytest.mark.parametrize("softness", [0.3, 1, 3])
def test_probabilities_tell_the_depth_at_the_outline_more_finely_than_a_mask(softness):
    depth = depth_of_ball((100, 100), 30)
    [disc] = unsure(edge(depth, softness))
    start = disc.body.corner
    truth = depth[tuple(slice(max(s, 0), s + n) for s, n in zip(start, disc.depth.shape, strict=True))]
    found = disc.depth[tuple(slice(max(-s, 0), max(-s, 0) + n) for s, n in zip(start, truth.shape, strict=True))]
    at = np.abs(truth) < 0.7
    error = (found - truth)[at]
    of_mask = (signed_depth(truth > 0, np.ones(2)) - truth)[at]
    assert np.sqrt((error**2).mean()) < 0.15 < np.sqrt((of_mask**2).mean())


@pytest.mark.parametrize(("shape", "radius", "spacing"), [((120, 120), 40, (1, 1)), ((60, 120), 40, (2, 1)),
                                                          ((40, 48, 48), 14, (1, 1, 1))])
@pytest.mark.parametrize("softness", [0.8, 1.6])
def test_the_doubt_across_an_outline_is_the_mean_distance_it_stands_for(shape, radius, spacing, softness):
    """The integral of the smaller of p and 1 − p across a logistic edge is 2 ln 2 times its softness."""
    [ball] = unsure(edge(depth_of_ball(shape, radius, spacing), softness), spacing)
    width = ball.width[np.abs(ball.depth) < 1]
    assert width.mean() == pytest.approx(2 * np.log(2) * softness, rel=0.15)
    assert width.std() < 0.15 * width.mean()


def test_without_doubt_there_is_but_one_outline():
    [disc] = unsure((depth_of_ball((80, 80), 25) > 0).astype(float))
    for body in disc.plausible(OutlineErrors(least=0), 5):
        np.testing.assert_array_equal(body.inside, disc.body.inside)


@pytest.mark.parametrize(("shape", "radius"), [((100, 100), 30), ((44, 44, 44), 12)])
def test_what_is_displaced_all_around_changes_the_radius(shape, radius):
    softness = 1
    [ball] = unsure(edge(depth_of_ball(shape, radius), softness))
    errors = OutlineErrors(strength=1, least=0, shared=1)
    radii = [body.diameter / 2 for body in ball.plausible(errors, 200)]
    assert np.mean(radii) == pytest.approx(radius, abs=0.25)
    assert np.std(radii) == pytest.approx(2 * np.log(2) * softness, rel=0.2)


def test_what_is_displaced_from_place_to_place_cancels_as_its_reach_says():
    """The variance of an area is the double integral of the covariance along the outline."""
    radius, softness, reach = 40, 1, 0.1
    [disc] = unsure(edge(depth_of_ball((130, 130), radius), softness))
    areas = [body.volume for body in disc.plausible(OutlineErrors(strength=1, least=0, shared=0, reach=reach), 300)]
    angles = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    chords = 2 * radius * np.sin(angles / 2)
    covariance = (2 * np.log(2) * softness) ** 2 * np.exp(-((chords / (reach * 2 * radius)) ** 2) / 2)
    expected = np.sqrt((2 * np.pi * radius) ** 2 * covariance.mean())
    assert np.std(areas) == pytest.approx(expected, rel=0.15)


def test_an_outline_is_displaced_where_it_is_unsure():
    depth = depth_of_ball((120, 120), 35)
    right = np.arange(120) > 59.5
    [disc] = unsure(edge(depth, np.where(right, 4, 0.3)[None]))
    inside = np.stack([body.inside for body in disc.plausible(OutlineErrors(least=0), 40)])
    changed = (inside != disc.body.inside).mean(axis=0)
    middle = changed.shape[1] // 2
    assert changed[:, middle + 12 :].sum() > 5 * changed[:, : middle - 12].sum()


def test_plausible_objects_are_connected_and_do_not_enter_others():
    probability = np.maximum(edge(depth_of_ball((80, 120), 24), 3), 0)
    probability = np.maximum(np.roll(probability, -26, axis=1), np.roll(probability, 26, axis=1))
    probability[:, 59:61] = 0.3
    left, _ = unsure(probability)
    from scipy import ndimage

    for body in left.plausible(OutlineErrors(), 20):
        assert not (body.inside & ~left.allowed).any()
        assert ndimage.label(body.inside, np.ones((3, 3)))[1] == 1
        assert (body.inside & left.body.inside).any()


def test_what_is_hardly_there_vanishes_in_some():
    depth = depth_of_ball((60, 60), 4)
    [speck] = unsure(0.49 * edge(depth, 1) + 0.1 * (depth > 0))
    [disc] = unsure(edge(depth, 0.4))
    errors = OutlineErrors(shared=0.5)
    assert 0 < len(list(speck.plausible(errors, 40))) < 40
    assert len(list(disc.plausible(errors, 40))) == 40


def test_the_same_object_has_the_same_outlines():
    [disc] = unsure(edge(depth_of_ball((80, 80), 25), 2))
    [again] = unsure(edge(depth_of_ball((80, 80), 25), 2))
    for one, other in zip(disc.plausible(OutlineErrors(), 4), again.plausible(OutlineErrors(), 4), strict=True):
        np.testing.assert_array_equal(one.inside, other.inside)
