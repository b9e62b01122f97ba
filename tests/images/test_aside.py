"""Frames that are put aside come back, from memory and from a file, and where there is no room that is said."""

from __future__ import annotations

import resource

import numpy as np
import pytest

from morula.errors import OutputError
from morula.images import aside
from morula.images.aside import put_aside

RNG = np.random.default_rng(0)
FRAMES = [RNG.integers(0, 200, shape).astype(dtype) for shape, dtype in
          (((60, 50), "uint8"), ((50, 60), "uint16"), ((9, 20, 30), "uint8"), ((1, 1), "uint32"), ((60, 50), "<f4"))]


@pytest.mark.parametrize("in_memory", [2**24, 2**10])
def test_frames_of_any_kind_come_back_in_any_order_while_more_are_added(tmp_path, monkeypatch, in_memory):
    monkeypatch.setattr(aside, "IN_MEMORY", in_memory)
    with put_aside(tmp_path / "a.tif") as frames:
        for count, frame in enumerate(FRAMES, start=1):
            frames.put(frame)
            assert len(frames) == count
            for number in RNG.permutation(count):
                assert frames[number].dtype == FRAMES[number].dtype
                np.testing.assert_array_equal(frames[number], FRAMES[number])
    assert not [*tmp_path.iterdir()]


@pytest.fixture
def full_disk():
    """As good as one: no file may grow beyond 64 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill(path):
    with put_aside(path) as frames:
        for _ in range(100):
            frames.put(RNG.integers(0, 200, (60, 50), np.uint8))


@pytest.mark.usefixtures("full_disk")
def test_a_disk_without_room_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(aside, "IN_MEMORY", 2**10)
    with pytest.raises(OutputError, match=r"a\.tif cannot be put together \(File too large\)\. Make room in .*TMPDIR"):
        fill(tmp_path / "a.tif")
