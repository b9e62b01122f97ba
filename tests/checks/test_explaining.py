"""What brightness and compression explain is told from new noise, and from what moved."""

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image as Picture
from scipy import ndimage

from morula.checks.alignment import Placement
from morula.checks.explaining import difference
from morula.checks.landmarks import SYMMETRIES
from morula.drawings.synthetic import draw_gastruloids

HERE = Placement(0, (1.0, 1.0), (0.0, 0.0))
FLIPPED = next(number for number, turn in enumerate(SYMMETRIES.tolist()) if turn == [[1, 0], [0, -1]])


def cells(seed: int = 0, *, side: int = 160, moved: float = 0.0, only: int | None = None) -> np.ndarray:
    """A scene of cells; each moves by so many pixels in a direction of its own, or one of them alone."""
    rng = np.random.default_rng(seed)
    places, radii, angles = rng.uniform(8, side - 8, (25, 2)), rng.uniform(4, 9, 25), rng.uniform(0, 2 * np.pi, 25)
    steps = moved * np.stack([np.sin(angles), np.cos(angles)], axis=1)
    steps[[number for number in range(25) if only not in (None, number)]] = 0
    y, x = np.mgrid[:side, :side]
    scene = 30 + 4 * ndimage.gaussian_filter(rng.standard_normal((side, side)), 2) / 0.14
    for (down, right), radius in zip(places + steps, radii, strict=True):
        scene += 30 * (1 - np.tanh(0.75 * (np.hypot(y - down, x - right) - radius)))
    return scene


def exposure(scene: np.ndarray, noise: float, seed: int) -> np.ndarray:
    noisy = scene + np.random.default_rng(seed).normal(0, noise, scene.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)[None]


def jpeg(frame: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Picture.fromarray(np.ascontiguousarray(np.moveaxis(frame, 0, -1).squeeze())).save(file, "JPEG", quality=quality)
    back = np.asarray(Picture.open(file))
    return back[None] if back.ndim == 2 else np.moveaxis(back, -1, 0)


def brighter(frame: np.ndarray) -> np.ndarray:
    return np.clip(frame * 1.4 + 20, 0, 255).astype(np.uint8)


def gamma(frame: np.ndarray) -> np.ndarray:
    return np.rint(255 * (frame / 255) ** 0.6).astype(np.uint8)


FRAMES = {
    "gastruloids": next(iter(draw_gastruloids(1, movies=1, seed=5))).image[None],
    "cells": exposure(cells(), 3, 1),
    "colours": np.concatenate([exposure(cells(seed), 3, seed) for seed in (1, 2, 3)]),
}
ALTERED = {
    "brightness": brighter,
    "gamma": gamma,
    "both, one after the other": lambda frame: gamma(brighter(frame)),
    "brightness in sixteen bits": lambda frame: frame.astype(np.uint16) * 37 + 11,
    "fractions": lambda frame: (frame / 255).astype(np.float32),
    **{f"JPEG {quality}": lambda frame, quality=quality: jpeg(frame, quality) for quality in (50, 65, 80, 95)},
    "JPEG, then brightness": lambda frame: brighter(jpeg(frame, 75)),
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_what_was_altered_is_explained(frame, change):
    assert difference(frame, change(frame), HERE) == "explained"
    assert difference(change(frame), frame, HERE) == "explained"


def test_what_was_altered_and_flipped_or_cropped_is_explained():
    frame = FRAMES["gastruloids"]
    flip = Placement(FLIPPED, (1.0, 1.0), (0.0, 159.0))
    assert difference(frame, frame[..., ::-1], flip) == "none"
    assert difference(frame, jpeg(frame, 75)[..., ::-1], flip) == "explained"
    assert difference(frame, jpeg(frame[..., ::-1], 75), flip) == "explained"
    crop = Placement(0, (1.0, 1.0), (-21.0, -29.0))  # a pixel off: landmarks are no nearer
    assert difference(frame, frame[:, 20:140, 30:150], crop) == "none"
    assert difference(frame, gamma(frame)[:, 20:140, 30:150], crop) == "explained"


@pytest.mark.parametrize("noise", [1, 2, 4, 8])
def test_two_exposures_of_one_scene_are_not(noise):
    first, second = (exposure(cells(), noise, seed) for seed in (1, 2))
    assert difference(first, second, HERE) == "unexplained"
    assert difference(jpeg(first, 80), jpeg(second, 80), HERE) == "unexplained"


@pytest.mark.parametrize("noise", [0, 2])
@pytest.mark.parametrize("moved", [0.3, 1, 3])
def test_neighbours_in_a_movie_are_not(moved, noise):
    first, second = (exposure(scene, noise, seed) for seed, scene in enumerate((cells(), cells(moved=moved))))
    assert difference(first, second, HERE) == "unexplained"


def test_one_cell_that_moved_counts_even_where_all_else_is_explained():
    still, moved = exposure(cells(), 0, 0), exposure(cells(moved=3, only=4), 0, 0)
    assert difference(still, brighter(still), HERE) == "explained"
    assert difference(still, brighter(moved), HERE) == "unexplained"
    assert difference(still, jpeg(moved, 75), HERE) == "unexplained"


@pytest.mark.parametrize("blur", [2, 6])
def test_slices_of_a_smooth_volume_are_not(blur):
    volume = ndimage.gaussian_filter(np.random.default_rng(0).standard_normal((12, 96, 96)), blur)
    slices = np.rint(120 + 40 * volume / volume.std()).clip(0, 255).astype(np.uint8)
    for first, second in pairwise(slices):
        assert difference(first[None], second[None], HERE) == "unexplained"


def test_large_frames_are_compressed_in_part_first():
    first = exposure(cells(side=400), 3, 1)
    assert difference(first, jpeg(first, 70), HERE) == "explained"
    assert difference(first, exposure(cells(side=400), 3, 2), HERE) == "unexplained"


def test_volumes_and_what_cannot_be_told():
    volume = np.stack([exposure(cells(), 2, seed) for seed in range(3)], axis=1)
    assert difference(volume, brighter(volume), HERE) == "explained"
    assert difference(volume, volume[:, :, ::-1] + 1, HERE) == "unexplained"
    assert difference(volume, volume[:, :2], HERE) == "unexplained"
    frame = FRAMES["cells"]
    assert difference(frame, frame, Placement(0, (1.1, 1.1), (0.0, 0.0))) == "unexplained"
    assert difference(frame, frame, Placement(0, (1.0, 1.0), (900.0, 0.0))) == "unexplained"
