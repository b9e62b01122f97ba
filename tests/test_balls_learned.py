"""Balls that touch in volumes, learned from label images and counted right, where connected pieces are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from scipy import ndimage

from morula import workflows
from morula.images.read import find_files
from morula.objects.labels import connected_objects
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.scores.matching import ObjectScores, match_objects

pytestmark = pytest.mark.slow

SETTINGS = TrainSettings(steps=110, batch=2, objects=True)
NETWORK = NetworkSettings(width=8, depth=3)
SHAPE = (24, 48, 48)


def draw(folder: Path, count: int, seed: int) -> Path:
    """Heaps of balls in noise, all of one brightness: only their form tells one from the next."""
    rng = np.random.default_rng(seed)
    places = np.moveaxis(np.indices(SHAPE), 0, -1)
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
    for number in range(count):
        labels = np.zeros(SHAPE, np.uint16)
        for each in range(1, 31):
            own = np.linalg.norm(places - rng.uniform(3, np.array(SHAPE) - 3), axis=-1) < rng.uniform(6, 9)
            if np.count_nonzero(labels[own]) < 0.1 * np.count_nonzero(own):
                labels[own & (labels == 0)] = each
        image = ndimage.gaussian_filter((labels > 0) * 100.0, 0.7) + rng.normal(40, 12, SHAPE)
        for kind, volume in (("images", image.clip(0, 255).astype(np.uint8)), ("labels", labels)):
            tifffile.imwrite(folder / kind / f"heap{number:02d}x.ome.tif", volume, metadata={"axes": "ZYX"})
    return folder


def test_balls_that_touch_are_counted_right(tmp_path):
    known, new = draw(tmp_path / "known", 16, 0), draw(tmp_path / "new", 3, 1)
    made = workflows.train(known / "images", known / "labels", tmp_path / "m.safetensors", SETTINGS, None, NETWORK)
    workflows.segment(made.model, new / "images", tmp_path / "found")
    truth, labels = ([tifffile.imread(path) for path in find_files(folder)]
                     for folder in (new / "labels", tmp_path / "found"))
    separate, connected = (ObjectScores.pool([match_objects(*both) for both in zip(truth, found, strict=True)])
                           for found in (labels, [connected_objects(volume > 0)[0] for volume in labels]))
    assert connected.f1() < 0.4
    assert separate.f1() > 0.8
    assert abs(separate.predicted - separate.true) < 0.15 * separate.true
