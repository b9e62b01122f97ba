"""A few strokes in each image teach whole outlines, from files to scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from morula import workflows
from morula.checks.data_settings import DataSettings
from morula.planning.training_settings import NetworkSettings, TrainSettings

pytestmark = pytest.mark.slow

SIDE = 96


def disc(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A bright disc in noise, its mask, and strokes: a cross well inside, a corner well outside, nothing else."""
    rng = np.random.default_rng(number)
    rows, columns = np.indices((SIDE, SIDE))
    row, column, radius = *rng.integers(38, SIDE - 38, 2), rng.integers(14, 24)
    mask = (np.hypot(rows - row, columns - column) < radius).astype(np.uint8)
    image = (900 + 500.0 * mask + rng.normal(0, 150, mask.shape)).clip(0).astype(np.uint16)
    strokes = np.zeros_like(mask)
    strokes[row - 8 : row + 8, column : column + 2] = strokes[row : row + 2, column - 8 : column + 8] = 2
    strokes[4:7, 4:-4] = strokes[4:-4, 4:7] = 1
    return image, mask, strokes


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    """Eight images with strokes, and six others with whole masks."""
    folder = tmp_path_factory.mktemp("discs")
    for number in range(14):
        image, mask, strokes = disc(number)
        kinds = {"images": image, "strokes": strokes} if number < 8 else {"new": image, "truth": mask}
        for kind, array in kinds.items():
            (folder / kind).mkdir(exist_ok=True)
            tifffile.imwrite(folder / kind / f"disc_{number}x.tif", array)
    return folder


def test_the_check_says_how_much_is_annotated(drawn):
    inspection = workflows.check(drawn / "images", drawn / "strokes", not_annotated=0)
    rows = dict(inspection.rows)
    share = np.mean([disc(number)[2] > 0 for number in range(8)])
    assert rows["annotated"] == f"{share:.2%} of the pixels; the others do not count"
    assert rows["masks read as"] == "1 is background and 2 is class 1; 0 is not annotated"
    assert inspection.findings == ()
    assert "annotated" not in dict(workflows.check(drawn / "new", drawn / "truth").rows)


def test_a_mask_with_nothing_annotated_is_named(drawn, tmp_path):
    for kind in ("images", "strokes"):
        (tmp_path / kind).mkdir()
        for file in (drawn / kind).iterdir():
            (tmp_path / kind / file.name).write_bytes(file.read_bytes())
    tifffile.imwrite(tmp_path / "strokes" / "disc_3x.tif", np.zeros((SIDE, SIDE), np.uint8))
    inspection = workflows.check(tmp_path / "images", tmp_path / "strokes", not_annotated=0)
    [warning] = inspection.warnings
    assert "disc_3x" in warning.file
    assert warning.problem == "nothing is annotated in the mask"


def test_strokes_alone_teach_whole_outlines(drawn):
    training = workflows.train(
        drawn / "images", drawn / "strokes", drawn / "model.safetensors",
        TrainSettings(steps=90, patch=64, batch=4), DataSettings(not_annotated=0), NetworkSettings(width=6, depth=3),
    )
    assert training.model.plan.classes == ("foreground",)
    assert training.model.record["restarts"] == 0
    workflows.segment(training.model, drawn / "new", drawn / "predicted")
    scores = workflows.evaluate(drawn / "predicted", drawn / "truth").scores
    assert scores.foreground_iou is not None
    assert scores.foreground_iou >= 0.85
