"""How far files are: parts of large frames rise to the whole, and small ones are told when they are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from models.test_model import make
from morula import pipeline
from morula.images.read import open_image
from morula.models import sweep
from morula.models.segment_settings import SegmentSettings
from morula.segmenting.in_memory import segment_in_memory
from morula.segmenting.stream import segment_files


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 255, shape).astype(np.uint8)


def written(folder: Path, **images: np.ndarray) -> list[Path]:
    for name, pixels in images.items():
        tifffile.imwrite(folder / f"{name}.tif", pixels, metadata={"axes": "TYX"[-pixels.ndim:]})
    return [folder / f"{name}.tif" for name in images]


@pytest.fixture
def small_tiles(monkeypatch):
    """Tiles of 64 pixels, and somebody who looks all the time."""
    monkeypatch.setattr(sweep, "tile_side", lambda architecture, number_format: 64)
    monkeypatch.setattr(sweep, "OVERLAP", {2: 32, 3: 8})
    monkeypatch.setattr(pipeline, "BETWEEN", 0.001)


def told_of(files: list[Path], out: Path) -> list[tuple[float, int, str]]:
    told = []
    done = segment_files(make(depth=2, flips=True), files, out, SegmentSettings(),
                         lambda *said: told.append(said))
    assert not done.failed
    return told


def test_a_large_frame_is_told_part_by_part_up_to_the_whole(tmp_path, small_tiles):
    told = told_of(written(tmp_path, large=noise(700, 650)), tmp_path / "out")
    dones = [done for done, _, _ in told]
    assert dones == sorted(dones)
    assert len({done for done in dones if 0 < done < 1}) > 20
    assert {total for _, total, _ in told} == {1}
    assert {words for _, _, words in told[:-1]} == {"large.tif"}
    assert told[-1] == (1, 1, "done")


def test_parts_of_all_frames_under_way_count_in_files_done(tmp_path, small_tiles):
    """A movie of large frames, and pictures before and after it."""
    files = written(tmp_path, a=noise(60, 50), movie=noise(3, 300, 260), z=noise(300, 310))
    told = told_of(files, tmp_path / "out")
    dones = [done for done, _, _ in told]
    assert dones == sorted(dones)
    assert {total for _, total, _ in told} == {3}
    for words, before in (("a.tif", 0), ("movie.tif, frame 1 of 3", 1), ("movie.tif, frame 3 of 3", 5 / 3),
                          ("z.tif", 2)):
        own = [done for done, _, said in told if said == words]
        assert own
        assert before <= own[0] <= own[-1] <= 3
    assert any(1 < done < 1 + 1 / 3 for done in dones)
    assert told[-1] == (3, 3, "done")


def test_of_small_frames_nothing_is_told_but_that_they_are_there(tmp_path, small_tiles):
    files = written(tmp_path, a=noise(60, 50), b=noise(40, 64), c=noise(64, 64))
    assert told_of(files, tmp_path / "out") == [(0, 3, "a.tif"), (1, 3, "b.tif"), (2, 3, "c.tif"), (3, 3, "done")]


def test_in_memory_too(tmp_path, small_tiles):
    [file] = written(tmp_path, large=noise(2, 300, 260))
    told = []
    segment_in_memory(make(depth=2), open_image(file), lambda *said: told.append(said))
    dones = [done for done, _, _ in told]
    assert dones == sorted(dones)
    assert [done for done in dones if done == int(done)][:2] == [0, 1]
    assert len({done for done in dones if 1 < done < 2}) > 5
    assert told[0] == (0, 2, "frame 1 of 2")
    assert told[-1] == (2, 2, "done")
