"""What is written of a tracked movie: images, table, layout; and what is refused."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

import morula
from morula.errors import OutputError, RequestError
from morula.tracks.challenge import read_tracked

FRAMES = 6


def scene(moment: int) -> np.ndarray:
    """A growing disc, one that is away for a frame, and one that divides; numbered anew in each frame."""
    y, x = np.mgrid[:60, :120]
    discs = [(20, 20, 8 + moment)]
    if moment != 2:
        discs.append((20, 60, 9))
    discs += [(30, 98, 10)] if moment < 4 else [(24, 98, 7), (37, 98, 7)]
    image = np.zeros((60, 120), np.uint8)
    for number, place in enumerate(np.random.default_rng(moment).permutation(len(discs)), start=1):
        centre_y, centre_x, radius = discs[place]
        image[(y - centre_y) ** 2 + (x - centre_x) ** 2 < radius**2] = number
    return image


@pytest.fixture
def frames(tmp_path) -> Path:
    (tmp_path / "in").mkdir()
    for moment in range(FRAMES):
        metadata = {"axes": "YX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
        tifffile.imwrite(tmp_path / "in" / f"a_t{moment + 3:02d}.ome.tif", scene(moment), metadata=metadata)
    return tmp_path / "in"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_images_hold_the_tracks_of_the_table(frames, tmp_path):
    tracked = morula.track(frames, tmp_path / "out", minutes_per_frame=20)
    rows = table(tracked.table)
    assert list(rows[0]) == [
        "movie", "moment", "file", "frame", "object", "track", "parent", "other_parent", "outline",
        "centroid_y_um", "centroid_x_um", "area_um2", "area_um2_per_h", "speed_um_per_h", "note",
    ]  # fmt: skip
    for row in rows:
        before = tifffile.imread(frames / row["file"])
        after = tifffile.imread(tmp_path / "out" / row["file"].replace(".ome", ""))
        np.testing.assert_array_equal(before == int(row["object"]), after == int(row["track"]))
        assert float(row["area_um2"]) == pytest.approx((after == int(row["track"])).sum() / 4, rel=1e-5)
        assert int(row["moment"]) == int(row["file"][3:5])
        assert row["movie"] == "a_t"
    assert {row["track"] for row in rows} == {"1", "2", "3", "4", "5"}
    [mother] = {row["parent"] for row in rows} - {"0"}
    assert {row["track"] for row in rows if row["parent"] == mother} == {"4", "5"}
    growing = [row for row in rows if float(row["centroid_x_um"]) < 15]
    assert len({row["track"] for row in growing}) == 1
    radius = (8 + 2) / 2  # µm, at the third moment; it grows by 0.5 µm in 20 minutes
    assert float(growing[2]["area_um2_per_h"]) == pytest.approx(2 * np.pi * radius * 0.5 * 3, rel=0.05)
    assert float(growing[2]["speed_um_per_h"]) == pytest.approx(0, abs=0.01)


def test_times_in_names_make_rates_per_hour(frames, tmp_path):
    for moment, path in enumerate(sorted(frames.iterdir())):
        path.rename(frames / f"a_00d{moment // 2:02d}h{moment % 2 * 30:02d}m.ome.tif")
    tracked = morula.track(frames, tmp_path / "out")
    told = morula.track(frames, tmp_path / "told", minutes_per_frame=30)
    assert list(tracked.columns) == list(told.columns)
    np.testing.assert_array_equal(tracked.columns["area_um2_per_h"], told.columns["area_um2_per_h"])
    assert ("time", "moments 30 min apart, as the names say") in tracked.summary
    assert "time" not in dict(told.summary)
    shutil.copytree(frames, tmp_path / "both")
    for moment in (0, 1, 2):
        shutil.copy(frames / "a_00d00h00m.ome.tif", tmp_path / "both" / f"b_00d{moment:02d}h00m.ome.tif")
    assert "area_um2_per_frame" in morula.track(tmp_path / "both", tmp_path / "unlike").columns


def test_images_keep_their_pixel_size(frames, tmp_path):
    morula.track(frames, tmp_path / "out")
    assert morula.open_image(tmp_path / "out" / "a_t03.tif").pixel_size == pytest.approx((0.5, 0.5))


def test_a_stack_gives_a_stack_and_rates_by_the_frame(tmp_path):
    tifffile.imwrite(tmp_path / "movie.tif", np.stack([scene(moment) for moment in range(FRAMES)]))
    tracked = morula.track(tmp_path / "movie.tif", tmp_path / "out")
    assert tifffile.imread(tmp_path / "out" / "movie.tif").shape == (FRAMES, 60, 120)
    assert {"area_px2", "area_px2_per_frame"} <= set(tracked.columns)
    assert dict(tracked.summary)["divisions"] == "1"


def test_what_was_mended_is_in_the_table(frames, tmp_path):
    tracked = morula.track(frames, tmp_path / "out", mend=True)
    [filled] = [row for row in table(tracked.table) if row["outline"] == "filled"]
    assert (filled["moment"], filled["object"]) == ("5", "0")
    assert 4 * float(filled["area_um2"]) == pytest.approx((scene(0) == scene(0)[20, 60]).sum(), rel=0.05)
    image = tifffile.imread(tmp_path / "out" / "a_t05.tif")
    assert image[20, 60] == int(filled["track"])
    np.testing.assert_array_equal(image[scene(2) > 0] > 0, True)


def test_the_closing_words_name_all_files_that_were_written(run, frames, tmp_path):
    for option, text in ((["--challenge"], {"res_track.txt"}), ([], set())):
        out = tmp_path / f"out{len(option)}"
        lines = run("track", frames, "--out", out, *option).stdout.splitlines()
        written = sorted(path.name for path in out.iterdir())
        images = [name for name in written if name.endswith(".tif")]
        assert set(written) - set(images) == {"tracks.csv"} | text
        assert f"The table is {out / 'tracks.csv'}" in lines
        assert f"The {FRAMES} label images are {images[0]} to {images[-1]} in {out}" in lines
        assert [line for line in lines if "res_track.txt" in line] == [
            f"The first and last moment and the parent of each track are in {out / name}" for name in text]


def test_the_layout_of_the_challenge_tells_the_same_story(frames, tmp_path):
    morula.track(frames, tmp_path / "out", challenge=True)
    movie, lifetimes = read_tracked(tmp_path / "out")
    assert [frame.number for frame in movie.frames] == list(range(3, 3 + FRAMES))
    for life in lifetimes:  # as the challenge demands: no gaps, and nothing outside of the lifetime
        seen = [life.track in movie.labels(moment) for moment in range(len(movie.frames))]
        assert (np.flatnonzero(seen) + 3).tolist() == list(range(life.begin, life.end + 1))
    assert sum(life.parent > 0 for life in lifetimes) == 3  # two daughters, and one that goes on after its gap
    assert [(life.begin, life.end) for life in lifetimes].count((3, 8)) == 1  # the disc that is always there


def test_evaluate_scores_objects_and_tracks(run, frames, tmp_path):
    for name in ("one", "two"):
        morula.track(frames, tmp_path / name, challenge=True)
    image = tifffile.imread(tmp_path / "one" / "mask008.tif")
    image[image == image[20, 20]] = 0
    tifffile.imwrite(tmp_path / "one" / "mask008.tif", image)
    page = tmp_path / "report.html"
    done = run("evaluate", tmp_path / "one", tmp_path / "two", "--tracks", "--report", page)
    assert done.exit_code == 0, done.output
    evaluation = morula.evaluate(tmp_path / "one", tmp_path / "two", tracks=True)
    objects = 3 + 3 + 2 + 3 + 4 + 4
    assert f"{objects} true, {objects - 1} predicted" in done.output
    for _, words in evaluation.tracks.rows:
        assert words in done.output
        assert words in page.read_text(encoding="utf-8")
    assert evaluation.objects.matched() == objects - 1
    assert evaluation.record()["images"][-1]["objects"]["thresholds"]["0.50"]["recall"] == 3 / 4
    assert evaluation.tracks.missed == 1
    assert evaluation.tracks.lacking_edges == 1


def test_the_command_says_what_it_found(run, frames, tmp_path):
    done = run("track", frames, "--out", tmp_path / "out", "--mend")
    assert done.exit_code == 0, done.output
    for line in ("tracks: 5", "divisions: 1", "gaps filled: 1"):
        assert line in done.output
    again = run("track", frames, "--out", tmp_path / "out")
    assert again.exit_code == 2
    assert "--overwrite" in again.stderr


def test_a_movie_without_objects_is_a_table_without_rows(tmp_path):
    tifffile.imwrite(tmp_path / "blank.tif", np.zeros((3, 20, 30), np.uint8), photometric="minisblack")
    tracked = morula.track(tmp_path / "blank.tif", tmp_path / "out", mend=True, challenge=True)
    assert table(tracked.table) == []
    assert not tifffile.imread(tmp_path / "out" / "mask002.tif").any()
    assert (tmp_path / "out" / "res_track.txt").read_text() == ""


def test_nothing_is_written_over_unasked(frames, tmp_path):
    stack = tmp_path / "stack.tif"
    tifffile.imwrite(stack, np.stack([scene(0), scene(1)]))
    with pytest.raises(RequestError, match="one of the files"):
        morula.track(stack, tmp_path, overwrite=True)
    morula.track(frames, tmp_path / "out")
    with pytest.raises(OutputError, match="exists already"):
        morula.track(frames, tmp_path / "out")
    morula.track(frames, tmp_path / "out", overwrite=True)


def test_every_column_is_explained(frames, tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`.*?`) \|", guide, re.MULTILINE)
    explained = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert set(morula.track(frames, tmp_path / "out", minutes_per_frame=1).columns) <= explained
