"""Another file is another mark; the same content, copied, the same digest."""

from __future__ import annotations

import os
import shutil

from morula.projects.file_marks import digest, mark


def test_what_changes_with_a_file(tmp_path):
    path, copy = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"one")
    os.utime(path, ns=(0, 10**9))
    shutil.copyfile(path, copy)
    assert mark(path) != mark(copy)
    assert digest(path) == digest(copy)
    first = mark(path), digest(path)
    path.write_bytes(b"two")
    os.utime(path, ns=(0, 10**9))
    assert mark(path) == first[0]  # written in the same moment and as large: only the content tells
    assert digest(path) != first[1]


def test_nothing_is_told_of_what_is_not_there(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "none", tmp_path / "file" / "beneath"):
        assert mark(path) is None
        assert digest(path) == ""
