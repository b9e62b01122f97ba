"""One image with dark discs among many with bright ones: dark ones are found, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from scipy import ndimage
from skimage.draw import disk

from morula import workflows
from morula.planning.training_settings import NetworkSettings, TrainSettings

pytestmark = pytest.mark.slow

SETTINGS = TrainSettings(steps=80, batch=4)
NETWORK = NetworkSettings(width=8, depth=4)
SIDE = 96
DARK = 7
"""The image whose discs are dark."""


def draw(folder: Path, count: int, dark: set[int], seed: int) -> Path:
    """Discs in noise; dark ones lie in less dark ones as nuclei do in cells, of which only the inner are annotated."""
    rng = np.random.default_rng(seed)
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    for number in range(count):
        image, mask = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE), np.uint8)
        for _ in range(5):
            centre = rng.uniform(8, SIDE - 8, 2)
            cell = disk(centre, rng.uniform(13, 18), shape=mask.shape)
            nucleus = disk(centre, rng.uniform(5, 8), shape=mask.shape)
            image[cell] = np.maximum(image[cell], 40 if number in dark else 0)
            image[nucleus], mask[nucleus] = 90, 255
        image = ndimage.gaussian_filter(image, 0.7) + rng.normal(60, 8, image.shape)
        image = 255 - image if number in dark else image
        tifffile.imwrite(folder / "images" / f"cells{number:02d}x.tif", image.clip(0, 255).astype(np.uint8))
        tifffile.imwrite(folder / "masks" / f"cells{number:02d}x.tif", mask)
    return folder


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def training(tmp_path_factory, told) -> workflows.Training:
    known = draw(tmp_path_factory.mktemp("known") / "cells", 40, {DARK}, 0)
    return workflows.train(known / "images", known / "masks", known / "model.safetensors", SETTINGS, None, NETWORK,
                           tell=told.append)


def test_dark_ones_are_found_as_well(training, tmp_path):
    """Without showing that image more often, none of them is."""
    new = draw(tmp_path / "new", 8, {0, 1, 2, 3}, 1)
    workflows.segment(training.model, new / "images", tmp_path / "found")
    scores = [image.foreground_iou for image in workflows.evaluate(tmp_path / "found", new / "masks").scores.images]
    assert np.mean(scores[:4]) > 0.4
    assert np.mean(scores[4:]) > 0.95


def test_it_is_told_and_kept(training, told):
    assert training.model.plan.repeated == {f"cells{DARK:02d}x": 6}
    assert any("(cells07x), is shown 6 times as often" in sentence for sentence in told)
