"""Sums over a frame, and what they say: known from shapes and from second implementations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import ndimage

from morula.models.preprocessing import binned
from morula.trust.signals import Tally, halved, tempered
from morula.trust.views import Views

RNG = np.random.default_rng(0)


def answer(*foreground: np.ndarray) -> np.ndarray:
    """Probabilities with the background that is left."""
    planes = np.stack(foreground).astype(np.float32)
    return np.concatenate([1 - planes.sum(0, keepdims=True), planes])


def disc(side: int = 64, radius: float = 20, axes: int = 2) -> np.ndarray:
    grid = np.indices((side,) * axes) - (side - 1) / 2
    return (grid**2).sum(0) <= radius**2


def tally_of(image: np.ndarray, *views: np.ndarray) -> Tally:
    tally = Tally.empty(len(views[0]) - 1, len(image))
    tally.look(image.astype(np.float32), Views(views), tuple(map(slice, image.shape[1:])))
    return tally


def smooth(*shape: int) -> np.ndarray:
    return ndimage.gaussian_filter(RNG.standard_normal(shape), 3).astype(np.float32) * 8


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_tiles_add_up_to_the_frame(axes):
    """But for the outlines between them, of which a tile sees one side."""
    space = (64,) * axes
    image, found = smooth(2, *space), [answer(1 / (1 + np.exp(-smooth(*space)))) for _ in range(2)]
    whole = tally_of(image, *found)
    parts = Tally.empty(1, 2)
    for corner in itertools.product((0, 32), repeat=axes):
        parts.look(image, Views(found), tuple(slice(start, start + 32) for start in corner))
    for name in ("pixels", "powers", "counts", "within", "shared", "sums"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-4, atol=1e-2)
    for name in ("faces", "coarse"):
        assert 0.8 < getattr(parts, name).sum() / getattr(whole, name).sum() <= 1


def test_overlap_is_the_expected_intersection_over_the_expected_union():
    """Of an ideal mask drawn again and again from the probabilities."""
    probability = np.where(disc(), 0.9, 0.05)
    signals = tally_of(np.zeros((1, 64, 64)), answer(probability)).signals(1.0)
    truths = RNG.random((200, 64, 64)) < probability
    ious = [(truth & disc()).sum() / (truth | disc()).sum() for truth in truths]
    assert 1 / (1 + np.exp(-signals[0, 0])) == pytest.approx(np.mean(ious), abs=0.01)


def test_certainty_is_the_iou_to_expect_where_the_probabilities_are_right():
    """Of truths drawn from the probabilities again and again."""
    probability = 1 / (1 + np.exp(-RNG.standard_normal((200, 200)) * 2))
    mask = probability > 0.5
    truths = RNG.random((20, 200, 200)) < probability
    ious = [(mask & truth).sum() / (mask | truth).sum() for truth in truths]
    assert tally_of(np.zeros((1, 200, 200)), answer(probability)).certainty == pytest.approx(np.mean(ious), abs=0.002)


def test_classes_count_alike_in_certainty_and_absent_ones_not_at_all():
    large, small = np.zeros((2, 10, 10))
    large[:, :8] = 1
    small[:, 8:] = 0.6
    tally = tally_of(np.zeros((1, 10, 10)), answer(large, small, np.zeros((10, 10))))
    assert tally.certainty == pytest.approx((1 + 0.6) / 2)


def test_an_empty_mask_has_no_certainty():
    assert tally_of(np.zeros((1, 10, 10)), answer(np.full((10, 10), 0.3))).certainty is None


def test_a_little_probability_in_millions_of_pixels_counts_for_what_it_is():
    probability = np.full((1500, 1500), 1e-4)
    probability[:150, :150] = 0.9
    expected = 0.9 * 150**2 / (150**2 + 1e-4 * (1500**2 - 150**2))
    assert tally_of(np.zeros((1, 1500, 1500)), answer(probability)).certainty == pytest.approx(expected, abs=1e-5)


def test_a_view_that_differs_is_heard():
    one, other = answer(disc() * 0.98 + 0.01), answer(np.roll(disc(), 6, 0) * 0.98 + 0.01)
    assert np.isnan(tally_of(np.zeros((1, 64, 64)), one).signals(1.0)[0, 3])
    same, apart = (tally_of(np.zeros((1, 64, 64)), one, each).signals(1.0)[0, 3] for each in (one, other))
    jaccard = np.minimum(one[1], other[1]).sum() / np.maximum(one[1], other[1]).sum()
    assert 1 / (1 + np.exp(-apart)) == pytest.approx(jaccard, abs=0.01)
    assert same > 4


@pytest.mark.parametrize("axes", [2, 3])
def test_what_is_doubtful_says_less_in_every_signal(axes):
    ball = disc(32, 9, axes).astype(np.float32)
    image = np.zeros((1, *ball.shape))
    sharp, soft = (ndimage.gaussian_filter(ball, width).clip(0.01, 0.99) for width in (0.5, 3))
    of_sharp, of_soft = (tally_of(image, answer(view)).signals(1.0)[0, :3] for view in (sharp, soft))
    assert (of_sharp > of_soft).all()


def test_each_class_has_signals_of_its_own():
    first, second = disc() & (np.arange(64) < 32), disc() & (np.arange(64) >= 32)
    signals = tally_of(np.zeros((1, 64, 64)), answer(first * 0.95, second * 0.6)).signals(1.0)
    assert signals.shape == (2, 4)
    assert signals[0, 0] > signals[1, 0]


def test_the_step_at_an_outline_is_the_contrast_of_what_it_encloses():
    image = np.stack([np.where(disc(), 2.0, -1.0), np.where(disc(), 0.0, 0.5)])
    tally = tally_of(image, answer(disc() * 0.9))
    np.testing.assert_allclose(tally.steps[0] / tally.faces[0], [3, -0.5], rtol=0.05)
    pairs = sum(np.count_nonzero(np.diff(disc().astype(int), axis=axis)) for axis in (0, 1))
    assert tally.faces[0] == pairs


def test_inversion_noise_and_size_are_seen_in_what_a_frame_looks_like():
    image, found = smooth(1, 64, 64) + 2 * disc(), answer(disc() * 0.9)
    image = (image - image.mean()) / image.std()
    usual = tally_of(image, found).appearance()
    for other in (-image, image + RNG.standard_normal(image.shape), ndimage.zoom(image, (1, 2, 2))[:, 32:96, 32:96]):
        assert np.abs(tally_of(other, found).appearance() - usual).max() > 0.5
    assert np.abs(tally_of(image[:, ::-1], found[:, ::-1]).appearance() - usual).max() < 0.05


def test_empty_and_full_masks_are_told_in_numbers_too():
    for share in (0.0, 1.0):
        tally = tally_of(np.zeros((1, 20, 30)), answer(np.full((20, 30), share)))
        assert np.isfinite(tally.appearance()).all()
        assert np.isfinite(tally.signals(1.0)[0, :3]).all()
    assert tally_of(np.zeros((1, 20, 30)), answer(np.zeros((20, 30)))).signals(1.0)[0, 0] < -6


def test_a_temperature_divides_logits():
    logits = torch.linspace(-6, 6, 50)
    expected = torch.stack([torch.zeros(50), logits / 1.7]).softmax(0)[1]
    np.testing.assert_allclose(tempered(logits.sigmoid().numpy(), 1.7), expected.numpy(), atol=1e-5)


def test_halving_averages_blocks():
    planes = RNG.random((2, 6, 8, 4)).astype(np.float32)
    np.testing.assert_allclose(halved(planes), binned(planes, (2, 2, 2)), rtol=1e-6)
    assert halved(planes[:, :5, :1]).shape == (2, 2, 1, 2)


@pytest.mark.parametrize(("axes", "side"), [(1, 128), (2, 128), (3, 64)])
def test_of_a_ball_the_outline_is_left_at_every_size(axes, side):
    for radius in (side / 5, side / 2.5):
        ball = disc(side, radius, axes) * 0.9
        np.testing.assert_allclose(tally_of(smooth(1, *ball.shape), answer(ball)).form(), 0, atol=0.12)


def test_form_does_not_depend_on_the_image():
    found = answer(disc() * 0.9)
    np.testing.assert_array_equal(tally_of(smooth(1, 64, 64), found).form(), tally_of(smooth(2, 64, 64), found).form())


def test_what_is_small_or_ragged_vanishes_at_coarser_levels():
    """Single pixels are gone at half of the size, squares of two pixels at a quarter."""
    dust, crumbs = np.zeros((2, 64, 64))
    dust[::4, ::4] = 0.9
    for row, column in itertools.product((0, 1), repeat=2):
        crumbs[row::8, column::8] = 0.9
    forms = [tally_of(np.zeros((1, 64, 64)), answer(found)).form() for found in (dust, crumbs)]
    np.testing.assert_array_less(forms[0][0], -4)
    assert forms[1][0] == pytest.approx(0, abs=0.01)
    np.testing.assert_array_less(forms[1][1], -4)


def test_each_class_has_a_form_of_its_own():
    body, dust = disc(radius=12) * 0.9, np.zeros((64, 64))
    dust[::4, :16:4] = 0.9
    both = tally_of(np.zeros((1, 64, 64)), answer(body, dust)).form().reshape(2, 2)
    for place, found in enumerate((body, dust)):
        np.testing.assert_allclose(both[:, place], tally_of(np.zeros((1, 64, 64)), answer(found)).form())
