"""What filters see of blobs, ramps and rough ground whose derivatives are known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.sketches.features import (
    EACH,
    KINDS,
    MOST_PIXELS,
    ROUGH,
    WIDTHS,
    Filtered,
    binned,
    choose_bin,
    features,
    normalised,
)


def seen(plane: np.ndarray, spacing=None) -> dict[str, np.ndarray]:
    """What is known of one channel, `(widths, *space)` for each kind, in the numbers of the plane itself."""
    low, high = np.percentile(plane, (1, 99))
    found = features(plane[None], spacing) * (high - low)
    kinds = found[:-ROUGH].reshape(len(WIDTHS), len(KINDS), *plane.shape)
    named = {kind: kinds[:, place] for place, kind in enumerate(KINDS)}
    return named | {"brightness": named["brightness"] + low, "roughness": found[-ROUGH:]}


def blob(shape: tuple[int, ...], width: float, spacing=None) -> np.ndarray:
    """A Gaussian of height 1 in the middle."""
    lengths = np.array(spacing or [1.0] * len(shape))
    places = np.moveaxis(np.indices(shape), 0, -1) - np.array(shape) // 2
    return np.exp(-((places * lengths) ** 2).sum(-1) / (2 * width**2))


@pytest.mark.parametrize(("shape", "spacing"), [((81, 81), None), ((41, 81), (2.0, 1.0)), ((41, 41, 41), None),
                                                ((21, 41, 41), (2.0, 1.0, 1.0))])
def test_a_blob_is_as_bright_and_as_curved_in_its_middle_as_its_formula_says(shape, spacing):
    """A Gaussian of width s is one of width √(s² + σ²) after smoothing, lower as its volume stays what it was."""
    width, axes = 5.0, len(shape)
    found = seen(blob(shape, width, spacing), spacing)
    middle = tuple(side // 2 for side in shape)
    for number, sigma in enumerate(WIDTHS[1:3], start=1):
        height = (width**2 / (width**2 + sigma**2)) ** (axes / 2)
        curvature = -(sigma**2) * height / (width**2 + sigma**2)
        assert found["brightness"][number][middle] == pytest.approx(height, rel=0.03)
        for kind in ("least curvature", "greatest curvature"):
            assert found[kind][number][middle] == pytest.approx(curvature, rel=0.05)
        laplacian = sum(found[kind][number][middle] for kind in ("least curvature", "greatest curvature")) * axes / 2
        assert laplacian == pytest.approx(axes * curvature, rel=0.05)
        assert found["slope"][number][middle] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(("axes", "angle"), [(2, 0.0), (2, 0.5), (3, 0.5)])
def test_a_ridge_is_curved_across_and_not_along_whatever_its_direction(axes, angle):
    """In a plane the bounds are the eigenvalues; of a tube in space they enclose -1, -1, 0, in shares of its own."""
    side, width = 41, 4.0
    *_, y, x = np.indices((side,) * axes) - side // 2
    found = seen(np.exp(-((y * np.cos(angle) - x * np.sin(angle)) ** 2) / (2 * width**2)))
    middle, sigma = (side // 2,) * axes, WIDTHS[1]
    across = -(sigma**2) * width / (width**2 + sigma**2) ** 1.5
    assert found["least curvature"][1][middle] == pytest.approx(across, rel=0.05)
    # Mean m = a / n and spread s √(n − 1) = |a| (n − 1) / n, so that the upper bound is a (2 − n) / n.
    assert found["greatest curvature"][1][middle] == pytest.approx(across * (2 - axes) / axes, abs=0.05 * abs(across))


@pytest.mark.parametrize("spacing", [None, (3.0, 1.0), (1.0, 2.5)])
def test_a_ramp_is_as_steep_at_every_width(spacing):
    y, x = np.indices((90, 120))
    dy, dx = spacing or (1.0, 1.0)
    found = seen(0.3 * y * dy + 0.4 * x * dx, spacing)
    for number, sigma in enumerate(WIDTHS[:3]):
        inner = (number, slice(30, -30), slice(30, -30))
        np.testing.assert_allclose(found["slope"][inner], 0.5 * sigma * min(dy, dx), rtol=0.01)
        np.testing.assert_allclose(found["greatest curvature"][inner], 0, atol=1e-3)


def test_noise_is_as_rough_as_its_formula_says():
    """What one Gaussian keeps and the next takes varies as the noise, times the squares of their difference."""
    found = seen(np.random.default_rng(0).normal(0, 3, (128, 128)))["roughness"]
    y, x = np.indices((129, 129)) - 64
    gaussians = [np.exp(-(y**2 + x**2) / (2 * width**2)) for width in (0.01, *WIDTHS[:ROUGH])]
    gaussians = [each / each.sum() for each in gaussians]
    for number, (before, after) in enumerate(pairwise(gaussians)):
        expected = 3 * np.sqrt(((before - after) ** 2).sum())
        assert np.sqrt((found[number] ** 2).mean()) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("axes", [2, 3])
def test_a_turned_image_has_the_turned_features(axes):
    plane = np.random.default_rng(1).normal(size=(24,) * axes)
    turned = features(np.rot90(plane, axes=(axes - 2, axes - 1))[None])
    np.testing.assert_allclose(turned, np.rot90(features(plane[None]), axes=(axes - 1, axes)), atol=1e-4)


@given(gain=st.floats(0.01, 200), offset=st.floats(-1e3, 1e3))
def test_gain_and_offset_make_no_difference(gain, offset):
    plane = np.random.default_rng(2).uniform(0, 255, (24, 24))
    np.testing.assert_allclose(features((gain * plane + offset)[None]), features(plane[None]), atol=0.01)


def test_sixteen_bits_look_like_eight():
    plane = np.random.default_rng(3).integers(0, 256, (2, 32, 32), np.uint8)
    wide = features(plane.astype(np.uint16) * 257)
    assert wide.dtype == np.float32
    assert wide.shape == (2 * EACH, 32, 32)
    np.testing.assert_allclose(wide, features(plane), atol=1e-4)


@pytest.mark.parametrize("value", [0, 7, np.nan])
def test_what_is_all_alike_or_no_number_has_finite_features(value):
    assert np.isfinite(features(np.full((1, 9, 9), value, np.float32))).all()


def test_few_bright_pixels_and_no_numbers_do_not_set_the_scale():
    plane = np.random.default_rng(4).uniform(0, 1, (64, 64))
    spoilt = plane.copy()
    spoilt[0, :4] = 1e6, np.nan, np.inf, -1e6
    np.testing.assert_allclose(normalised(spoilt)[1:], normalised(plane)[1:], atol=0.01)
    sparse = np.zeros((64, 64), np.uint8)
    sparse[3, 3] = 200
    assert normalised(sparse).max() == 1


def test_large_frames_are_binned_until_they_are_small_enough():
    assert choose_bin((2048, 2048), (1, 1), MOST_PIXELS) == (3, 3)
    assert choose_bin((724, 724), (1, 1), MOST_PIXELS) == (1, 1)
    assert choose_bin((20, 1024, 1024), (5, 1, 1), MOST_PIXELS) == (2, 6, 6)  # 10, 6 and 6 long
    assert choose_bin((1, 4096, 4096), (1, 1, 1), MOST_PIXELS) == (1, 6, 6)


def test_bins_are_means_and_are_enlarged_straight_between_their_middles():
    ramp = np.arange(36.0)[None, :, None] + np.zeros((1, 36, 24))
    frame = Filtered.of(ramp, most=100)
    assert frame.space == (36, 24)
    assert frame.values.shape[1:] == tuple(-(-side // size) for side, size in zip(frame.space, frame.bin, strict=True))
    enlarged = frame.enlarged(binned(ramp, frame.bin))
    size = frame.bin[0]
    np.testing.assert_allclose(enlarged[0, size:-size], ramp[0, size:-size], atol=1e-4)
    assert frame.channels == 1


@pytest.mark.parametrize(("shape", "spacing", "words"), [((3, 0, 4), None, "at least one pixel"), ((5,), None, "shape"),
                                                         ((1, 4, 4), (1.0,), "2 axes need one spacing each")])
def test_what_is_no_frame_is_refused(shape, spacing, words):
    with pytest.raises(ValueError, match=words):
        features(np.zeros(shape), spacing)
