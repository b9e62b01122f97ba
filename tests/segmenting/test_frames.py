"""The table of frames: what was written is read, and what is no row of ours is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.errors import OutputError
from morula.segmenting.flags import FLAGS
from morula.segmenting.frames import SegmentedFrame, add_frames, read_frames, table_columns, write_frames
from morula.trust.expectation import Estimate, Expected

words = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1)
SHARES = st.integers(0, 10_000).map(lambda parts: parts / 10_000)
ESTIMATES = st.builds(Estimate, SHARES, SHARES, SHARES)
rows = st.builds(
    SegmentedFrame,
    file=words,
    frame=st.integers(0, 9999),
    mask=words,
    model=words,
    objects=st.integers(0, 9999),
    area=st.integers(0, 10**9),
    centre=st.lists(st.integers(0, 9999).map(lambda tenths: tenths / 10), max_size=3).map(tuple),
    certainty=st.none() | st.integers(0, 10_000).map(lambda parts: parts / 10_000),
    flags=st.lists(st.sampled_from(FLAGS), unique=True).map(tuple),
    expected=st.none() | st.builds(Expected, ESTIMATES, st.dictionaries(st.sampled_from(["body", "a b"]), ESTIMATES)),
)


@given(rows)
def test_a_row_comes_back_from_its_text(row):
    assert SegmentedFrame.from_text(row.as_text()) == row
    assert set(row.as_text()) <= set(table_columns([row]))


def test_rows_are_written_added_and_read_by_file(tmp_path):
    first = SegmentedFrame("a, b.tif", 0, "a, b.tif", "f" * 12, 2, 70, (3.5, 4.0), 0.9, FLAGS[:2])
    others = [replace(first, frame=1, certainty=None, flags=()), replace(first, file="ö.png", centre=())]
    write_frames(tmp_path / "frames.csv", [first])
    add_frames(tmp_path / "frames.csv", others, table_columns([first]))
    assert read_frames(tmp_path / "frames.csv") == {"a, b.tif": [first, others[0]], "ö.png": [others[1]]}


def test_rows_of_others_are_passed_over(tmp_path):
    path = tmp_path / "frames.csv"
    assert read_frames(path) == {}
    path.write_text("file,frame,mask,model\na.tif,0,a.tif,abc\n")
    assert read_frames(path) == {}
    row = SegmentedFrame("a.tif", 0, "a.tif", "abc", 1, 5)
    write_frames(path, [row])
    with path.open("a", encoding="utf-8") as file:
        file.write("b.tif,one\n\nc.tif,x,c.tif,abc,1,5,,,\n")
    assert read_frames(path) == {"a.tif": [row]}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk here that is always full")
def test_a_full_disk_is_said_with_the_table(tmp_path):
    row = SegmentedFrame("a.tif", 0, "a.tif", "f" * 12, 2, 70)
    with pytest.raises(OutputError, match=r"/dev/full cannot be written \(No space left.*make room on its disk"):
        add_frames(Path("/dev/full"), [row], table_columns())
