import os
import resource
import stat
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from morula.errors import OutputError
from morula.files import (
    PART,
    ensure_new_folder,
    read_arrays,
    read_json,
    whole_file,
    write_somewhere,
    write_text,
)


@contextmanager
def limited_files(size):
    """No file grows beyond so many bytes, as on a disk that is full."""
    known = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, known[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, known)


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    path = tmp_path / "new folder" / "über 细胞.txt"
    with whole_file(path) as temporary:
        temporary.write_text("half")
        assert not path.exists()
    assert path.read_text() == "half"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "result.txt"
    write_text(path, "old")
    with pytest.raises(KeyError), whole_file(path) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise KeyError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_temporary_file_keeps_the_ending(tmp_path):
    with whole_file(tmp_path / "image.tif") as temporary:
        assert temporary.suffix == ".tif"


def test_others_may_read_what_was_written(tmp_path):
    """The permissions are those of any new file, by the umask, not the private ones of a temporary file."""
    old = os.umask(0o027)
    try:
        write_text(tmp_path / "shared.txt", "text")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "shared.txt").stat().st_mode) == 0o640


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"file.below\.txt cannot be written"):
        write_text(tmp_path / "file" / "below.txt", "text")


def test_a_full_disk_is_an_output_error(tmp_path):
    with (
        pytest.raises(OutputError, match=r"a\.txt cannot be written \(No space left"),
        whole_file(tmp_path / "a.txt"),
    ):
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_text_is_utf_8(tmp_path):
    write_text(tmp_path / "a.txt", "0.65 µm")
    assert (tmp_path / "a.txt").read_bytes() == b"0.65 \xc2\xb5m"


def test_a_new_folder_may_be_there_as_long_as_nothing_is_in_it(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "full" / "of").mkdir(parents=True)
    (tmp_path / "file").touch()
    for name in ("empty", "none"):
        ensure_new_folder(tmp_path / name)
    for name, words in (("full", "holds files already"), ("file", "is a file")):
        with pytest.raises(OutputError, match=words):
            ensure_new_folder(tmp_path / name)


def test_a_file_that_may_not_grow_so_large_is_named_with_what_to_do(tmp_path):
    with limited_files(4096), pytest.raises(OutputError, match=r"a\.txt cannot be written .*allow larger files there"):
        write_text(tmp_path / "a.txt", "x" * 10_000)
    assert not list(tmp_path.iterdir())


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, written = (tmp_path / f"{PART}{process}-abc.tif" for process in (ended.pid, os.getppid()))
    others = tmp_path / f".part-00000000-{ended.pid}-abc.tif"
    for file in (left, written, others):
        file.touch()
    write_text(tmp_path / "a.txt", "text")
    assert {*tmp_path.iterdir()} == {written, others, tmp_path / "a.txt"}


def test_what_must_not_be_lost_is_written_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "file").touch()
    for wanted in (tmp_path / "a.txt", tmp_path / "file" / "b.txt"):
        found = write_somewhere(wanted, lambda path: write_text(path, "text"))
        assert found.read_text() == "text"
        assert (found == wanted) == (wanted.stem == "a")
    assert found.parent == tmp_path / "home"
    with pytest.raises(OutputError, match=r"b\.txt cannot be written"), limited_files(2):
        write_somewhere(tmp_path / "file" / "b.txt", lambda path: write_text(path, "text"))


def test_a_circle_of_links_is_no_place(tmp_path):
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / one).symlink_to(tmp_path / other)
    with pytest.raises(OutputError, match=r"a.c\.txt cannot be written .*round in a circle"):
        write_text(tmp_path / "a" / "c.txt", "text")


def test_a_device_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="is a device or a pipe, which a file would replace"):
        write_text(tmp_path / "pipe", "text")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_folder_into_which_one_may_write_and_not_look_gets_its_file(tmp_path, monkeypatch):
    """As some folders for uploads are; the name cannot be brought to the disk there."""
    opened = os.open

    def forbidden(path, *how, **more):
        if path == tmp_path:
            raise PermissionError
        return opened(path, *how, **more)

    monkeypatch.setattr(os, "open", forbidden)  # root may look everywhere
    write_text(tmp_path / "a.txt", "text")
    assert (tmp_path / "a.txt").read_text() == "text"


def test_what_cannot_be_read_as_json_or_arrays_is_one_kind_of_error(tmp_path):
    for content in (b"", b"{", b"[" * 100_000, b"\xff\xff", b"PK\x03\x04"):
        (tmp_path / "a").write_bytes(content)
        for read in (read_json, read_arrays):
            with pytest.raises(ValueError, match=r"."):
                read(tmp_path / "a")


def test_whatever_bit_of_arrays_is_flipped_they_are_read_or_refused_in_one_way(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, a=np.arange(3))
    whole, refused = path.read_bytes(), 0
    for place in range(0, 8 * len(whole), 3):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        try:
            read_arrays(path)
        except ValueError:
            refused += 1
    assert refused > len(whole) / 2
