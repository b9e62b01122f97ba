"""Intervals of measures: what they hold, where they are wide, and what they are of angles and counts."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import morula
from morula.errors import FileError
from morula.images.write import write_mask
from morula.measures.catalogue import MEASURES
from morula.measures.intervals import (
    CERTAIN,
    PERIODS,
    WITHIN,
    Calibration,
    departure,
    spread,
    write_calibration,
)
from morula.measures.plausible import OutlineErrors

ORIENTATION, AREA, HOLES = (next(each for each in MEASURES if each.name == name)
                            for name in ("orientation", "area", "holes"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ellipse(long: float, short: float, angle: float = 0, size: int = 110) -> np.ndarray:
    """About how deep each pixel lies in an ellipse in the middle, `(size, size)`."""
    y, x = np.mgrid[:size, :size] - size / 2 + 0.3
    turn = np.radians(angle)
    along, across = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    return short * (1 - np.hypot(along / long, across / short))


def segmented(folder: Path, name: str, depth: np.ndarray, softness: np.ndarray | float, calibration: Calibration):
    """A mask and its doubt in files, as `segment` would leave them."""
    probability = 1 / (1 + np.exp(-depth / softness))
    doubt = np.rint(255 * np.minimum(probability, 1 - probability)).astype(np.uint8)
    write_mask(folder / f"{name}.tif", [(depth > 0).astype(np.uint8)], pixel_size=(0.5, 0.5))
    write_mask(folder / "doubt" / f"{name}.tif", [doubt], pixel_size=(0.5, 0.5))
    write_calibration(folder / "doubt", calibration)


def measured(folder: Path) -> list[dict[str, str]]:
    morula.measure(folder, folder / "t.csv", doubt=folder / "doubt")
    return rows(folder / "t.csv")


def width(row: dict[str, str], name: str) -> float:
    return float(row[f"{name}_high"]) - float(row[f"{name}_low"])


def test_every_measure_of_an_outline_has_an_interval_around_it(tmp_path):
    segmented(tmp_path, "a", ellipse(40, 22, 30), 1.5, Calibration())
    [row] = measured(tmp_path)
    names = [name for name in row if f"{name}_low" in row]
    certain = {"file", "frame", "object", "class", "note", *CERTAIN}
    assert {name for name in row if not name.endswith(("_low", "_high"))} - set(names) == certain - {CERTAIN[1]}
    for name in names:
        if row[name]:
            low, value, high = (float(row[each]) for each in (f"{name}_low", name, f"{name}_high"))
            assert low <= value <= high, name
            assert low < high or name in ("holes", "protrusions") or "bounding_box" in name, name


def test_an_interval_is_as_wide_as_the_doubt(tmp_path):
    """All around displaced by a radius error of deviation s, an ellipse's area varies by s times its outline."""
    errors = OutlineErrors(strength=1, least=0, shared=1)
    for name, softness in (("a", 0.5), ("b", 1.0), ("c", 2.0)):
        segmented(tmp_path, name, ellipse(30, 30), softness, Calibration(errors=errors))
    widths = [width(row, "area_um2") for row in measured(tmp_path)]
    expected = [2 * 2 * 2 * np.pi * 30 * 2 * np.log(2) * softness * 0.25 for softness in (0.5, 1, 2)]
    np.testing.assert_allclose(widths, expected, rtol=0.35)
    assert widths[1] / widths[0] == pytest.approx(2, rel=0.1)


def test_a_hidden_end_makes_lengths_unsure_and_not_widths(tmp_path):
    depth = ellipse(40, 22)
    hidden = np.where(np.arange(110) > 85, 1.8, 0.3)[None]
    segmented(tmp_path, "a", depth, 0.3, Calibration())
    segmented(tmp_path, "b", depth, hidden, Calibration())
    clear, unsure = measured(tmp_path)
    assert width(unsure, "feret_max_um") > 2 * width(clear, "feret_max_um")
    assert width(unsure, "feret_max_um") > 2 * width(unsure, "feret_min_um")
    assert width(unsure, "centroid_x_um") > 1.5 * width(unsure, "centroid_y_um")


def test_what_was_learned_stretches_an_interval(tmp_path):
    segmented(tmp_path, "a", ellipse(40, 22), 1, Calibration())
    [usual] = measured(tmp_path)
    segmented(tmp_path, "a", ellipse(40, 22), 1, Calibration(spreads={"area": (-2, 6)}, objects=9))
    [learned] = measured(tmp_path)
    assert learned["area_um2_low"] == usual["area_um2_low"]
    above = [float(row["area_um2_high"]) - float(row["area_um2"]) for row in (usual, learned)]
    assert above[1] == pytest.approx(3 * above[0], rel=1e-4)
    assert learned["perimeter_um_high"] == usual["perimeter_um_high"]


def test_the_direction_of_a_round_body_is_not_known(tmp_path):
    segmented(tmp_path, "a", ellipse(40, 20, 2), 1, Calibration())
    segmented(tmp_path, "b", ellipse(30, 29.9), 3, Calibration())
    long, round_ = measured(tmp_path)
    assert width(long, "orientation_deg") < 15
    assert float(long["orientation_deg_high"]) > float(long["orientation_deg"]) > float(long["orientation_deg_low"])
    assert width(round_, "orientation_deg") > 90
    assert width(round_, "orientation_deg") <= 180.001


def test_angles_depart_the_short_way_round():
    assert departure(ORIENTATION, 179, np.array([1, 177, 89])).tolist() == [2, -2, -90]
    assert spread(ORIENTATION, 179, np.array([1, 177])) == 2
    assert departure(AREA, 179, 1) == -178


def test_counts_lie_between_the_smallest_and_the_largest(tmp_path):
    depth = ellipse(30, 30)
    depth[53:57, 53:57] = -0.2  # a hole of which nobody is sure
    segmented(tmp_path, "a", depth, 1, Calibration())
    [row] = measured(tmp_path)
    assert (row["holes"], row["holes_high"]) == ("1", "1")
    assert row["holes_low"] == "0"


def test_no_interval_goes_beyond_what_can_be(tmp_path):
    assert {*PERIODS, *WITHIN, *CERTAIN} <= {measure.name for measure in MEASURES}
    segmented(tmp_path, "a", ellipse(20, 19.8), 4, Calibration(spreads=dict.fromkeys(WITHIN, (-9, 9)), objects=1))
    [row] = measured(tmp_path)
    assert float(row["circularity_high"]) == 1 == float(row["aspect_ratio_low"])
    for name, (lowest, highest) in WITHIN.items():
        if row.get(name):
            assert lowest <= float(row[f"{name}_low"]) <= float(row[f"{name}_high"]) <= highest, name


def test_what_vanishes_in_plausible_outlines_is_said(tmp_path):
    segmented(tmp_path, "a", ellipse(4, 4), 3, Calibration(errors=OutlineErrors(shared=0.9)))
    [row] = measured(tmp_path)
    assert "plausible outlines" in row["note"]


def test_doubt_that_is_missing_or_of_something_else_is_named(tmp_path):
    segmented(tmp_path, "a", ellipse(30, 30), 1, Calibration())
    segmented(tmp_path, "b", ellipse(30, 30), 1, Calibration())
    (tmp_path / "doubt" / "b.tif").unlink()
    done = morula.measure(tmp_path, tmp_path / "t.csv", doubt=tmp_path / "doubt")
    assert list(done.failed) == [tmp_path / "b.tif"]
    assert "segment --doubt" in done.failed[tmp_path / "b.tif"]
    write_mask(tmp_path / "doubt" / "b.tif", [np.zeros((5, 6), np.uint8)], pixel_size=None)
    done = morula.measure(tmp_path, tmp_path / "t.csv", doubt=tmp_path / "doubt")
    assert "5 × 6" in done.failed[tmp_path / "b.tif"]
    (tmp_path / "doubt" / "calibration.json").write_text("{}x")
    with pytest.raises(FileError, match=r"calibration\.json.*segment --doubt"):
        morula.measure(tmp_path, tmp_path / "t.csv", doubt=tmp_path / "doubt")


def test_volumes_have_intervals_too(tmp_path):
    z, y, x = np.mgrid[:36, :36, :36] - 17.6
    depth = 11 - np.sqrt(z**2 + y**2 + x**2)
    probability = 1 / (1 + np.exp(-depth))
    doubt = np.rint(255 * np.minimum(probability, 1 - probability)).astype(np.uint8)
    write_mask(tmp_path / "a.tif", [(depth > 0).astype(np.uint8)], pixel_size=(1.0, 1.0, 1.0))
    write_mask(tmp_path / "doubt" / "a.tif", [doubt], pixel_size=(1.0, 1.0, 1.0))
    write_calibration(tmp_path / "doubt", Calibration(errors=OutlineErrors(strength=1, least=0, shared=1)))
    [row] = measured(tmp_path)
    assert width(row, "volume_um3") == pytest.approx(2 * 2 * 4 * np.pi * 11**2 * 2 * np.log(2), rel=0.4)
    assert float(row["sphericity_low"]) < float(row["sphericity_high"])
