"""Folders of the Cell Tracking Challenge as they come, scored by what is counted by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

import morula
from morula.errors import RequestError

LIVES = "1 0 2 0\n2 0 2 0\n"


def drawn(*places: tuple[slice, int]) -> np.ndarray:
    image = np.zeros((2, 12), np.uint16)
    for columns, number in places:
        image[:, columns] = number
    return image


def save(folder: Path, images: dict[str, np.ndarray], text: dict[str, str] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, image in images.items():
        tifffile.imwrite(folder / f"{name}.tif", image, photometric="minisblack")
    for name, lines in (text or {}).items():
        (folder / name).write_text(lines)
    return folder


MARKERS = drawn((slice(1, 2), 1), (slice(8, 9), 2))
BOTH, ONE = drawn((slice(0, 4), 1), (slice(6, 11), 2)), drawn((slice(0, 4), 1))
LESS = "1 0 2 0\n2 0 1 0\n"


@pytest.fixture
def movie(tmp_path) -> tuple[Path, Path]:
    """Three frames of two objects; the result lacks the second in the last, and SEG outlines one of each of two."""
    truth = tmp_path / "02_GT"
    save(truth / "TRA", {f"man_track{number:03d}": MARKERS for number in range(3)}, {"man_track.txt": LIVES})
    save(truth / "SEG", {"man_seg000": drawn((slice(0, 5), 7)), "man_seg002": drawn((slice(6, 11), 9))})
    result = save(tmp_path / "02_RES", {"mask000": BOTH, "mask001": BOTH, "mask002": ONE}, {"res_track.txt": LESS})
    return result, truth


def test_markers_give_det_and_tra_and_outlines_give_seg(movie):
    result, truth = movie
    for given in (truth, truth / "TRA"):
        evaluation = morula.evaluate(result, given, tracks=True)
        tracks = evaluation.tracks
        assert tracks.det == pytest.approx(1 - 10 / (10 * 6))
        assert tracks.tra == pytest.approx(1 - (10 + 1.5) / (10 * 6 + 1.5 * 4))
        assert (tracks.seg, tracks.outlined) == (pytest.approx((8 / 10 + 0) / 2), 2)
    assert evaluation.record()["foreground_iou"] is None
    assert not evaluation.findings


def test_nothing_is_said_of_pixels(run, movie, tmp_path):
    done = run("evaluate", *movie, "--tracks", "--report", tmp_path / "page.html", "--json", tmp_path / "s.json")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for text in (done.output, page):
        assert "0.8333: 1 objects missed" in text
        assert "IoU" not in text.replace("the mean IoU", "")


def test_some_frames_only_are_scored_and_the_others_named(run, movie):
    result, truth = movie
    (result / "mask001.tif").unlink()
    (result / "mask002.tif").unlink()
    tifffile.imwrite(result / "mask007.tif", BOTH)
    done = run("evaluate", result, truth, "--tracks")
    assert done.exit_code == 0, done.output
    assert "the result lacks 2 frames (1, 2) of the 3 true frames" in done.output
    assert "the truth lacks 1 frame (7) of the result" in done.output
    tracks = morula.evaluate(result, truth, tracks=True).tracks
    assert (tracks.objects, tracks.det, tracks.tra, tracks.seg) == (2, 1, 1, pytest.approx(0.8))


def test_without_outlines_there_is_no_seg(movie):
    result, truth = movie
    shutil.rmtree(truth / "SEG")
    evaluation = morula.evaluate(result, truth, tracks=True)
    assert evaluation.tracks.seg is None
    assert evaluation.tracks.det == pytest.approx(1 - 10 / 60)
    [finding] = evaluation.findings
    assert "no folder SEG" in str(finding)


def test_slices_of_volumes_are_outlined_one_by_one(tmp_path):
    """As the challenge stores them: pages that say nothing of themselves, and `man_seg_T_Z` for single slices."""
    volume = np.stack([BOTH, ONE, ONE])
    markers = np.stack([MARKERS, np.zeros_like(MARKERS), np.zeros_like(MARKERS)])
    truth, result = tmp_path / "02_GT", tmp_path / "02_RES"
    save(truth / "TRA", {"man_track000": markers, "man_track001": markers}, {"man_track.txt": "1 0 1 0\n2 0 1 0\n"})
    save(truth / "SEG", {"man_seg_000_01": drawn((slice(0, 8), 3)), "man_seg_001_00": drawn((slice(6, 11), 4))})
    save(result, {"mask000": volume, "mask001": volume}, {"res_track.txt": "1 0 1 0\n2 0 1 0\n"})
    tracks = morula.evaluate(result, truth, tracks=True).tracks
    assert (tracks.det, tracks.tra) == (1, 1)
    assert tracks.seg == pytest.approx((0 + 1) / 2)  # half an object is not enough
    save(truth / "SEG", {"man_seg_001_05": ONE})
    with pytest.raises(RequestError, match=r"man_seg_001_05\.tif outlines slice 5"):
        morula.evaluate(result, truth, tracks=True)


def test_the_folder_is_refused_in_words_without_tracks(movie):
    result, truth = movie
    with pytest.raises(RequestError, match="Say --tracks"):
        morula.evaluate(result, truth)
    with pytest.raises(RequestError, match=r"markers in objects.*Say --tracks.*02_GT.SEG\."):
        morula.evaluate(result, truth / "TRA")
    assert morula.evaluate(result, truth / "SEG").scores.images  # outlines are compared as any masks are
    (result / "res_track.txt").unlink()
    with pytest.raises(RequestError, match=r"02_RES holds neither res_track\.txt"):
        morula.evaluate(result, truth, tracks=True)


def test_frames_of_other_sizes_are_named(movie):
    result, truth = movie
    tifffile.imwrite(result / "mask001.tif", BOTH[:, :9])
    with pytest.raises(morula.errors.FileError, match=r"mask001\.tif has 2 × 9"):
        morula.evaluate(result, truth, tracks=True)
