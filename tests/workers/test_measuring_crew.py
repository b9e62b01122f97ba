"""Tables made by a crew are, byte for byte, those of one process, and so is all that is written beside them."""

from __future__ import annotations

import os
import random
import signal
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import tifffile

import morula
from morula.images.write import write_mask
from morula.measures.intervals import Calibration, write_calibration


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Pictures of a few balls, a movie, their images in two channels, and doubt along the outlines."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:60, :70]
    write_calibration(tmp_path / "doubt", Calibration())
    (tmp_path / "images").mkdir()
    for number in range(5):
        frames = 4 if number == 4 else 1
        far = np.stack([np.hypot(y - 25 - number, x - 30 - 2 * frame) for frame in range(frames)])
        masks = ((far < 14) | (np.hypot(y - 50, x - 60) < 6)).astype(np.uint8)
        masks[1:2] = 0  # the second frame of the movie holds nothing
        write_mask(tmp_path / "masks" / f"m{number}.tif", masks, pixel_size=(0.5, 0.5))
        write_mask(tmp_path / "doubt" / f"m{number}.tif", (90 * (abs(far - 14) < 2)).astype(np.uint8), pixel_size=None)
        light = rng.integers(0, 200, (frames, 2, 60, 70)).astype(np.uint16)
        tifffile.imwrite(tmp_path / "images" / f"m{number}.tif", light, imagej=True, metadata={"axes": "TCYX"})
    return tmp_path


class Killer:
    """Kills a process of the crew each third time that progress is told."""

    def __init__(self) -> None:
        self.chance, self.told, self.killed = random.Random(0), 0, 0

    def __call__(self, done: int, total: int, words: str) -> None:
        self.told += words.startswith("measuring")
        if words.startswith("measuring") and self.told % 3 == 0:
            for path in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                    if parent == os.getpid() and b"crew_process" in (path / "cmdline").read_bytes():
                        os.kill(int(path.name), signal.SIGKILL)
                        self.killed += 1
                        return


def measured(data: Path, out: str, **settings) -> morula.Measured:
    return morula.measure(data / "masks", data / out / "t.csv", images=data / "images", doubt=data / "doubt",
                          rois=data / out / "rois", geojson=data / out / "geojson",
                          straighten=data / out / "straight", measures=("size", "intensity", "solidity"), **settings)


def test_all_that_is_written_is_what_one_process_writes(data):
    tifffile.imwrite(data / "masks" / "torn.tif", np.ones((60, 70), np.uint8))
    alone, shared = measured(data, "alone"), measured(data, "shared", workers=2)
    assert contents(data / "shared") == contents(data / "alone")
    assert {"t.csv", "rois/m4.zip", "straight/m0_0000_1.tif"} <= set(contents(data / "alone"))
    assert (shared.objects, shared.frames, shared.failed) == (alone.objects, alone.frames, alone.failed)
    assert (alone.objects, alone.frames, list(alone.failed)) == (14, 8, [data / "masks" / "torn.tif"])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up as Linux tells them")
def test_whoever_is_killed_the_table_is_the_same(data):
    killer = Killer()
    measured(data, "alone")
    measured(data, "shared", workers=2, progress=killer)
    assert killer.killed >= 1
    assert contents(data / "shared") == contents(data / "alone")


def test_what_was_drawn_elsewhere_is_measured_as_well(data):
    """Masks that are no files of their own, but stand all in one."""
    single = sorted((data / "masks").glob("m[0-3].tif"))
    morula.measure([*map(str, single)], data / "first.csv", coco=data / "all.json", images=data / "images")
    for count in (1, 2):
        morula.measure(data / "all.json", data / f"{count}.csv", images=data / "images", workers=count)
    assert (data / "1.csv").read_bytes() == (data / "2.csv").read_bytes()
    assert len((data / "1.csv").read_text().splitlines()) > 8
