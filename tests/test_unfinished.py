"""Files that were stopped early are read as far as they go, and every command that reads them says so."""

from __future__ import annotations

from shutil import copytree

import numpy as np
import pytest
import tifffile

HELD = "4 of the 10 planes that it names"


@pytest.fixture
def stopped(tmp_path):
    masks = np.zeros((4, 40, 50), np.uint8)
    masks[:, 10:25, 10:30] = 1
    (tmp_path / "masks").mkdir()
    tifffile.imwrite(tmp_path / "masks" / "a.tif", masks, metadata=None, photometric="minisblack",
                     description="ImageJ=1.54f\nimages=10\nframes=10\n")
    return tmp_path / "masks"


def test_measure(run, stopped, tmp_path):
    done = run("measure", stopped, "--out", tmp_path / "t.csv")
    assert done.exit_code == 0
    assert f"a.tif: the file holds {HELD}" in done.stderr


def test_track_and_it_says_once_how_masks_were_read(run, stopped, tmp_path):
    done = run("track", stopped, "--out", tmp_path / "tracked", "--read-masks-as", "classes")
    assert done.exit_code == 0
    assert done.stderr.count(f"a.tif: the file holds {HELD}") == 1
    assert "0 is background and 1 is class 1" in done.stdout


def test_evaluate(run, stopped, tmp_path):
    copytree(stopped, tmp_path / "predicted")
    done = run("evaluate", tmp_path / "predicted", stopped)
    assert done.exit_code == 0
    assert HELD in done.stdout
    assert "copy it again" in done.stdout
