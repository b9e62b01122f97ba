"""`morula measure`: a table of what can be measured, and words about what cannot."""

from __future__ import annotations

import numpy as np
import tifffile


def test_writes_a_table_and_says_how_the_masks_were_read(run, drawn, tmp_path):
    done = run("measure", drawn / "masks", "--images", drawn / "images", "--out", tmp_path / "t.csv")
    assert done.exit_code == 0, done.output
    assert f"6 frames measured into {tmp_path / 't.csv'}" in done.stdout
    assert "0 is background and 1 is class 1" in done.stdout
    header, *rows = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()
    assert {"file", "area_um2", "mean_grey", "polarisation_angle_grey_deg"} <= set(header.split(","))
    assert len(rows) >= 6


def test_lists_all_measures_without_masks(run):
    from morula.measures.catalogue import MEASURES

    done = run("measure", "--list")
    assert done.exit_code == 0
    for measure in MEASURES:
        assert f"  {measure.column}, " in done.stdout
        assert measure.formula in done.stdout


def test_a_damaged_mask_is_named_and_the_rest_is_measured(run, drawn, tmp_path):
    first, *_ = sorted((drawn / "masks").iterdir())
    first.write_bytes(first.read_bytes()[:100])
    done = run("measure", drawn / "masks", "--out", tmp_path / "t.csv")
    assert done.exit_code == 1
    assert first.name in done.stderr
    assert "5 frames measured" in done.stdout


def test_doubtful_masks_are_said_to_be_so(run, tmp_path):
    numbers = np.zeros((30, 40), np.uint8)
    for number in range(1, 6):
        numbers[4:9, 7 * number - 5 : 7 * number] = number
    tifffile.imwrite(tmp_path / "a.tif", numbers)
    done = run("measure", tmp_path / "a.tif", "--out", tmp_path / "t.csv")
    assert done.exit_code == 0
    assert "--read-masks-as objects" in done.stderr


def test_a_table_of_an_unknown_kind_is_refused(run, drawn, tmp_path):
    done = run("measure", drawn / "masks", "--out", tmp_path / "t.xlsx")
    assert done.exit_code == 2
    assert ".parquet" in done.stderr
