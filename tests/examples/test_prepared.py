"""Frames lie in memory while they are few, and on disk otherwise, where nothing is left when work is done."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from morula.checks.data_settings import DataSettings
from morula.checks.inspection import inspect
from morula.examples.example import ArrayExample
from morula.examples.frame_files import StoredExample
from morula.examples.prepared import memory_needed, prepared, store_path
from morula.models.plan import Plan
from morula.networks.architecture import Architecture

PLAN = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=Architecture(width=4, depth=2),
            patch=(16, 16), batch=4, learning_rate=0.05)
BYTES = 5 * 53 * 70 * 6
"""Of five frames: a float32 for the one channel, a byte for each of two classes."""


@pytest.fixture
def asked(tmp_path):
    """Five grey frames with a body in each, how they are read, and how they are prepared."""
    rng = np.random.default_rng(0)
    for number in range(5):
        mask = np.zeros((53, 70), np.uint8)
        mask[5:14, 4 + number : 22 + number] = 1
        for kind, array in (("images", rng.integers(0, 60_000, mask.shape).astype(np.uint16)), ("masks", mask)):
            (tmp_path / kind).mkdir(exist_ok=True)
            tifffile.imwrite(tmp_path / kind / f"cell_{number}.tif", array)
    inspection = inspect(tmp_path / "images", tmp_path / "masks", DataSettings())
    return inspection.frames, DataSettings(), inspection.reading, PLAN


def test_few_frames_stay_in_memory(asked, tmp_path):
    frames = asked[0]
    with prepared(*asked, keep=None, beside=tmp_path / "model") as ready:
        assert [type(example) for example in ready.examples] == [ArrayExample] * 5
        assert [example.name for example in ready.of(frames[:1:-1])] == [frame.name for frame in frames[:1:-1]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images", "masks"]


def test_it_is_known_how_large_they_are(asked, tmp_path):
    halves = PLAN.model_copy(update={"binning": (2, 1)})
    with prepared(*asked, keep=None, beside=tmp_path / "model") as ready:
        assert ready.pixels == 53 * 70
    with prepared(*asked[:3], halves, keep=None, beside=tmp_path / "model") as ready:
        assert ready.pixels == 27 * 70  # the last row is half beyond the frame


def test_many_lie_beside_the_model_until_it_is_done(asked, tmp_path, monkeypatch):
    assert memory_needed(asked[0], 1, (1, 1)) == BYTES
    monkeypatch.setattr("morula.examples.prepared.LARGEST_IN_MEMORY", BYTES - 1)
    beside = store_path(tmp_path / "model")
    with prepared(*asked, keep=None, beside=tmp_path / "model") as ready:
        assert len(ready.examples) == 5
        assert len(list(beside.iterdir())) == 5
    assert not beside.exists()


def test_they_stay_where_work_was_broken_off(asked, tmp_path, monkeypatch):
    monkeypatch.setattr("morula.examples.prepared.LARGEST_IN_MEMORY", 0)
    with pytest.raises(KeyboardInterrupt), prepared(*asked, keep=None, beside=tmp_path / "model"):
        raise KeyboardInterrupt
    assert len(list(store_path(tmp_path / "model").iterdir())) == 5


def test_a_folder_of_ones_own_is_used_and_kept(asked, tmp_path):
    own, told = tmp_path / "own", []
    with prepared(*asked, keep=own, beside=tmp_path / "model", tell=told.append) as ready:
        assert all(isinstance(example, StoredExample) for example in ready.examples)
    assert len(list(own.iterdir())) == 5
    assert str(own) in told[0]
