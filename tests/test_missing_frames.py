"""Movies of whose frames some are missing: their names say when the others were."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tifffile

import morula
from morula.tracks.challenge import read_lifetimes

NUMBERS = (0, 1, 2, 10, 11)
SPEED = 2
"""Pixels from one number to the next."""


def frames(folder: Path, numbers: tuple[int, ...], speed: float = SPEED, side: int = 20) -> Path:
    """A square that moves evenly with the numbers of its files."""
    folder.mkdir()
    for number in numbers:
        image = np.zeros((40, 90), np.uint8)
        left = round(5 + speed * number)
        image[10 : 10 + side, left : left + side] = 1
        tifffile.imwrite(folder / f"a_t{number:03d}.tif", image)
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("gap", "tracks"), [(2, [1, 1, 1, 2, 2]), (6, [1, 1, 1, 2, 2]), (7, [1, 1, 1, 1, 1])])
@pytest.mark.parametrize("speed", [0, SPEED])
def test_numbers_that_are_missing_count_as_frames_of_a_gap(tmp_path, gap, tracks, speed):
    movie = frames(tmp_path / "in", NUMBERS, speed)
    tracked = morula.track(movie, tmp_path / "out", gap=gap, max_distance=30, read_masks_as="objects")
    assert tracked.columns["track"].tolist() == tracks
    assert tracked.columns["moment"].tolist() == list(NUMBERS)


def test_speeds_go_by_numbers_and_not_by_files(tmp_path):
    movie = frames(tmp_path / "in", NUMBERS)
    tracked = morula.track(movie, tmp_path / "out", gap=7, max_distance=30, smooth=20, minutes_per_frame=30)
    rows = table(tracked.table)
    assert [float(row["speed_px_per_h"]) for row in rows] == pytest.approx([SPEED * 2] * 5)


def test_a_frame_that_is_not_there_is_not_filled(tmp_path):
    movie = frames(tmp_path / "in", (0, 1, 3, 4, 5))
    tifffile.imwrite(movie / "a_t004.tif", np.zeros((40, 90), np.uint8))
    tracked = morula.track(movie, tmp_path / "out", mend=True, read_masks_as="objects")
    assert [(row["moment"], row["outline"]) for row in table(tracked.table)] == [
        ("0", "found"), ("1", "found"), ("3", "found"), ("4", "filled"), ("5", "found")]
    later = frames(tmp_path / "later", (0, 1, 2, 4, 5))
    tifffile.imwrite(later / "a_t002.tif", np.zeros((40, 90), np.uint8))  # at 2 and 3 nobody knows where it was
    tracked = morula.track(later, tmp_path / "out2", mend=True, read_masks_as="objects")
    assert [row["moment"] for row in table(tracked.table)] == ["0", "1", "4", "5"]
    assert tracked.columns["track"].tolist() == [1, 1, 1, 1]


def test_the_layout_of_the_challenge_ends_tracks_where_numbers_are_missing(tmp_path):
    movie = frames(tmp_path / "in", NUMBERS)
    morula.track(movie, tmp_path / "out", gap=7, max_distance=30, challenge=True)
    assert sorted(path.name for path in (tmp_path / "out").glob("mask*")) == [f"mask{n:03d}.tif" for n in NUMBERS]
    lifetimes = read_lifetimes(tmp_path / "out" / "res_track.txt")
    assert [(life.track, life.begin, life.end, life.parent) for life in lifetimes] == [(1, 0, 2, 0), (2, 10, 11, 1)]


def test_names_that_count_in_tens_miss_nothing(tmp_path):
    movie = frames(tmp_path / "in", (0, 10, 20, 30), speed=0.2)
    tracked = morula.track(movie, tmp_path / "out", gap=0, smooth=20, minutes_per_frame=1)
    assert tracked.columns["track"].tolist() == [1, 1, 1, 1]
    assert tracked.columns["speed_px_per_h"].tolist() == pytest.approx([12] * 4)


def test_a_label_in_two_pieces_is_said_to_be_so(tmp_path):
    movie = frames(tmp_path / "in", (0, 1, 2), speed=0)
    image = tifffile.imread(movie / "a_t001.tif")
    image[:, 14:16] = 0
    tifffile.imwrite(movie / "a_t001.tif", image)
    notes = [row["note"] for row in table(morula.track(movie, tmp_path / "out", read_masks_as="objects").table)]
    assert notes == ["", "in 2 pieces", ""]
    measured = morula.measure(movie, tmp_path / "t.csv", read_masks_as="objects")
    assert [row["note"] for row in table(measured.table)] == notes
    measured = morula.measure(movie, tmp_path / "t.csv", read_masks_as="classes")
    assert [row["note"] for row in table(measured.table)] == [""] * 4


@pytest.mark.parametrize(("background", "words"), [(0, ""), (1, "use --read-masks-as classes")])
def test_how_masks_were_read_and_what_they_could_mean_instead_is_said(run, tmp_path, background, words):
    image = np.full((30, 40), background, np.uint8)
    image[4:9, 5:12] = image[14:19, 5:12] = background + 1
    for moment in (0, 1):
        tifffile.imwrite(tmp_path / f"a_t{moment:02d}.tif", image)
    measured = run("measure", tmp_path / "a_t*.tif", "--out", tmp_path / "t.csv")
    tracked = run("track", tmp_path / "a_t*.tif", "--out", tmp_path / "out")
    for done in (measured, tracked):
        assert f"masks read as: {background} is background and {background + 1} is class 1" in done.stdout
        assert words in done.stderr if words else not done.stderr.strip()


def test_label_images_and_names_that_count_in_tens_are_said_to_be_so(run, tmp_path):
    done = run("track", frames(tmp_path / "in", (0, 10, 20), 0), "--out", tmp_path / "1", "--read-masks-as", "objects")
    assert "each value but 0 is the number of an object" in done.stdout
    assert "numbered in steps of 10" in done.stderr
    done = run("track", frames(tmp_path / "in2", (0, 1, 10), 0), "--out", tmp_path / "2")
    assert "in steps" not in done.stderr
