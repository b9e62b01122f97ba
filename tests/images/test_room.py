"""Numbers on disk are those of an array, and no more of them in memory than is asked for."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morula.images import room
from morula.images.room import OnDisk, bands_of, kept_once, room_for


@settings(max_examples=40, deadline=None)
@given(data=st.data(), shape=st.integers(1, 3).flatmap(lambda axes: st.tuples(*[st.integers(1, 9)] * axes)),
       dtype=st.sampled_from([np.uint8, np.int32]), slab=st.integers(1, 50))
def test_parts_are_written_and_read_as_those_of_an_array(data, shape, dtype, slab):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "SLAB", slab)
        held, array = OnDisk(shape, dtype), np.zeros(shape, dtype)
        boxes = st.tuples(*(st.slices(length).filter(lambda part: (part.step or 1) > 0) for length in shape))
        for number in range(1, 4):
            box = data.draw(boxes)
            held[box] = array[box] = number
        box = data.draw(boxes)
        np.testing.assert_array_equal(held[box], array[box])
        np.testing.assert_array_equal(np.asarray(held), array)
    assert (held.shape, held.ndim, held.size, len(held)) == (shape, len(shape), array.size, shape[0])
    assert (held[box].dtype, np.asarray(held, np.float32).dtype) == (dtype, np.float32)


@given(shape=st.tuples(st.integers(1, 40), st.integers(1, 9)), band=st.integers(1, 100))
def test_bands_cover_a_frame_once(shape, band):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "BAND", band)
        rows = [row for part in bands_of(shape) for row in range(part.start, part.stop)]
        assert rows == list(range(shape[0]))
        assert all((part.stop - part.start) * shape[1] <= max(band, shape[1]) for part in bands_of(shape))


@given(shape=st.tuples(st.integers(1, 40), st.integers(1, 9)), band=st.integers(1, 100), multiple=st.integers(1, 9))
def test_bands_begin_at_multiples(shape, band, multiple):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "BAND", band)
        bands = [*bands_of(shape, multiple)]
        assert [row for part in bands for row in range(part.start, part.stop)] == list(range(shape[0]))
        assert not any(part.start % multiple for part in bands)
        most = max(band, multiple * shape[1])
        assert all((part.stop - part.start) * shape[1] <= most for part in bands)


def test_a_look_is_not_taken_twice_in_a_row():
    looks = []
    look = kept_once(lambda band: looks.append(band.start) or band.stop)
    assert [look(slice(0, 5)), look(slice(0, 5)), look(slice(5, 7)), look(slice(0, 5))] == [5, 5, 7, 5]
    assert looks == [0, 5, 0]


def test_only_large_frames_lie_on_disk(monkeypatch):
    monkeypatch.setattr(room, "IN_MEMORY", 100)
    assert isinstance(room_for((10, 10), np.uint8), np.ndarray)
    assert isinstance(room_for((10, 11), np.uint8), OnDisk)


@pytest.mark.skipif(sys.platform != "linux", reason="tells its memory elsewhere")
def test_memory_holds_no_more_than_a_part():
    code = """
from pathlib import Path
import numpy as np
from morula.images.room import OnDisk, bands_of
def most():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
held = OnDisk((12, 4000, 4000), np.uint8)
before = most()
for band in bands_of(held.shape):
    held[band] = 7
assert all((held[band] == 7).all() for band in bands_of(held.shape))
held[::3, ::3, ::3]
print(most() - before)
"""
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert int(told) < 110  # of 192 MB


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_a_full_disk_is_told_before_the_work(tmp_path):
    code = """
import resource
import numpy as np
from morula.errors import OutputError
from morula.images.room import OnDisk
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    OnDisk((100, 100), np.uint8)
except OutputError as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True,
                          env={"TMPDIR": str(tmp_path), "PATH": "", "PYTHONPATH": ":".join(sys.path)}).stdout
    assert "100 × 100" in told
    assert str(tmp_path) in told
    assert "TMPDIR" in told
    assert not list(tmp_path.iterdir())
