"""The layout of the Cell Tracking Challenge comes back as it was written, and tracks there have no gaps."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from morula.errors import FileError, RequestError
from morula.tracks.challenge import (
    Lifetime,
    lifetimes_of,
    read_lifetimes,
    read_tracked,
    without_gaps,
    write_lifetimes,
)
from morula.tracks.links import Tracks

NUMBERS = st.integers(0, 10**6)


@given(lines=st.lists(st.builds(Lifetime, NUMBERS, NUMBERS, NUMBERS, NUMBERS)))
def test_what_is_written_is_read_again(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("text") / "res_track.txt"
    write_lifetimes(path, lines)
    assert read_lifetimes(path) == tuple(lines)


def test_a_line_that_is_no_lifetime_is_named(tmp_path):
    (tmp_path / "res_track.txt").write_text("1 0 5 0\n2 0 x 0\n")
    with pytest.raises(FileError, match="'2 0 x 0'"):
        read_lifetimes(tmp_path / "res_track.txt")


@pytest.mark.parametrize(("text", "said"), [
    (b"1 0 5 \xff\n", "cannot be read"), (b"1 0 5 " + b"9" * 5000, "four whole")])
def test_a_text_that_holds_no_lifetimes_is_named(tmp_path, text, said):
    (tmp_path / "res_track.txt").write_bytes(text)
    with pytest.raises(FileError, match=rf"(?s)res_track\.txt.*{said}"):
        read_lifetimes(tmp_path / "res_track.txt")


def test_a_folder_without_the_text_is_named(tmp_path):
    with pytest.raises(RequestError, match=r"res_track\.txt"):
        read_tracked(tmp_path)


LAYOUTS = [("res_track.txt", "mask", ""), ("man_track.txt", "man_track", "TRA")]


@pytest.mark.parametrize(("text", "name", "inner"), LAYOUTS)
def test_results_and_truth_are_found(tmp_path, text, name, inner):
    folder = tmp_path / inner
    folder.mkdir(exist_ok=True)
    for number in (3, 4):
        tifffile.imwrite(folder / f"{name}{number:03d}.tif", np.full((4, 5), 7, np.uint16))
    (folder / text).write_text("7 3 4 0\n")
    movie, lifetimes = read_tracked(tmp_path)
    assert [frame.number for frame in movie.frames] == [3, 4]
    assert movie.reading is None
    assert lifetimes == (Lifetime(7, 3, 4, 0),)


def test_a_track_goes_on_as_its_own_child_after_a_gap():
    moment = np.array([0, 0, 1, 2, 3, 3, 4, 4])
    track = np.array([1, 2, 2, 1, 1, 2, 3, 4])
    parent = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    gapless = without_gaps(Tracks(track, parent, np.zeros_like(parent)), moment)
    assert gapless.track.tolist() == [1, 2, 2, 3, 3, 4, 5, 6]
    assert gapless.parent.tolist() == [0, 0, 0, 1, 1, 2, 3, 3]
    assert lifetimes_of(gapless, moment) == (
        Lifetime(1, 0, 0, 0), Lifetime(2, 0, 1, 0), Lifetime(3, 2, 3, 1),
        Lifetime(4, 3, 3, 2), Lifetime(5, 4, 4, 3), Lifetime(6, 4, 4, 3),
    )  # fmt: skip
