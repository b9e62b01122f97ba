"""Numbers come back as they were put, wherever they lie; what nobody put takes no room."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from morula.errors import OutputError
from morula.projects.sparse_frames import SparseFrames


@st.composite
def parts(draw):
    """A space of two or three axes, and boxes in it."""
    space = draw(st.lists(st.integers(1, 6), min_size=2, max_size=3))

    def box():
        ends = [sorted(draw(st.lists(st.integers(0, length), min_size=2, max_size=2, unique=True))) for length in space]
        return tuple(slice(*each) for each in ends)

    return tuple(space), [(draw(st.integers(0, 2)), box()) for _ in range(draw(st.integers(1, 4)))]


@given(parts(), st.sampled_from([np.uint8, np.uint16]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_come_back(tmp_path, asked, kind):
    space, boxes = asked
    path = tmp_path / "frames.npy"
    path.unlink(missing_ok=True)
    frames, wanted = SparseFrames(path, (3, *space), np.dtype(kind)), np.zeros((3, *space), kind)
    assert frames.new
    rng = np.random.default_rng(0)
    for frame, box in boxes:
        numbers = rng.integers(1, np.iinfo(kind).max, [part.stop - part.start for part in box]).astype(kind)
        frames.write(frame, box, numbers)
        wanted[(frame, *box)] = numbers
    whole = tuple(slice(0, length) for length in space)
    for frame in range(3):
        assert np.array_equal(frames.read(frame, whole), wanted[frame])
        assert frames.any(frame) == wanted[frame].any()
    frames.close()
    again = SparseFrames(path, (3, *space), np.dtype(kind))
    assert not again.new
    assert np.array_equal(np.load(path), wanted)
    again.close()


def test_a_huge_image_takes_no_room(tmp_path):
    frames = SparseFrames(tmp_path / "huge.npy", (1, 20_000, 20_000), np.dtype(np.uint8))
    frames.write(0, (slice(10_000, 10_010), slice(5_000, 5_100)), np.ones((10, 100)))
    assert (tmp_path / "huge.npy").stat().st_size > 400_000_000
    if hasattr(tmp_path.stat(), "st_blocks"):
        assert 512 * (tmp_path / "huge.npy").stat().st_blocks < 4_000_000
    frames.close()


def test_a_file_of_another_shape_is_made_anew(tmp_path):
    path = tmp_path / "frames.npy"
    unclosed = b"\x93NUMPY\x01\x00\x10\x00" + b"{'shape': (1L,".ljust(16)
    for content in (b"", b"no array", b"\x93NUMPY", unclosed):
        path.write_bytes(content)
        assert SparseFrames(path, (1, 4, 5), np.dtype(np.uint8)).new
    assert not SparseFrames(path, (1, 4, 5), np.dtype(np.uint8)).new
    assert SparseFrames(path, (1, 5, 4), np.dtype(np.uint8)).new
    assert SparseFrames(path, (1, 5, 4), np.dtype(np.uint16)).new


def test_a_file_that_cannot_be_opened_now_is_never_made_anew(tmp_path, monkeypatch):
    """As where too many files are open: what was drawn is in it."""
    path = tmp_path / "frames.npy"
    SparseFrames(path, (1, 4, 5), np.dtype(np.uint8)).write(0, (slice(0, 4), slice(0, 5)), np.ones((4, 5)))
    opened = np.lib.format.open_memmap

    def refused(path, mode="r", *shape):
        if mode == "r":
            raise OSError(24, "Too many open files")
        return opened(path, mode, *shape)

    with monkeypatch.context() as now:
        now.setattr(np.lib.format, "open_memmap", refused)
        with pytest.raises(OutputError, match=r"frames\.npy cannot be .*Too many open files"):
            SparseFrames(path, (1, 4, 5), np.dtype(np.uint8))
    assert SparseFrames(path, (1, 4, 5), np.dtype(np.uint8)).highest(0) == 1


def test_a_full_disk_is_an_error_and_no_death(small_disk):
    frames = SparseFrames(small_disk / "frames.npy", (1, 1000, 1000), np.dtype(np.uint8))
    with pytest.raises(OutputError, match=r"frames\.npy cannot be written \(No space left.*Make room on its disk"):
        frames.write(0, (slice(0, 1000), slice(0, 1000)), np.ones((1000, 1000)))
    frames.close()
