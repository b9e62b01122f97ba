"""Frames that memory does not hold come out as those that it holds: masks, numbers, tables and labels."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
import zarr
from scipy import ndimage

from models.test_model import make
from morula.images import room, write
from morula.models import sweep
from morula.models.segment_settings import SegmentSettings
from morula.objects import growing, separation
from morula.objects.separation import Separation
from morula.segmenting.labelling import write_labels
from morula.segmenting.stream import segment_files
from zarrs import write_ome_zarr


def image_of(tmp_path: Path, *space: int) -> Path:
    grain = ndimage.gaussian_filter(np.random.default_rng(3).standard_normal(space), 2)
    pixels = np.clip(grain / grain.std() * 40 + 100, 0, 255).astype(np.uint8)
    return write_ome_zarr(tmp_path / "a.ome.zarr", pixels, "zyx"[-len(space):], levels=2, chunks=[16] * len(space))


def cut(patch: pytest.MonkeyPatch, side: int) -> None:
    """All that is done to a frame is done to small parts of it, which lie on disk."""
    for module, name, value in (
        (room, "IN_MEMORY", 0), (write, "IN_MEMORY", 0), (room, "BAND", 40 * side), (separation, "AT_ONCE", 0),
        (growing, "SIDES", {2: side, 3: side}), (growing, "REACHES", {2: (8, 400), 3: (8, 400)}),
    ):
        patch.setattr(module, name, value)


@pytest.mark.parametrize(("space", "distance"), [((150, 130), True), ((150, 130), False), ((30, 44, 40), True)])
def test_masks_tables_and_labels_are_the_same(tmp_path, monkeypatch, space, distance):
    """By blocks of three sides; in volumes also by strips."""
    monkeypatch.setattr(sweep, "tile_side", lambda architecture, number_format: 64 if len(space) == 2 else 16)
    monkeypatch.setattr(sweep, "OVERLAP", {2: 32, 3: 8})
    model, image = make((1,) * len(space), depth=1, distance=distance), image_of(tmp_path, *space)
    if distance:
        model = replace(model, plan=model.plan.model_copy(update={"separation": Separation(core=0.65)}))
    settings = SegmentSettings(min_size=5, fill_holes=3, doubt=True, labels="cells", overwrite=True)
    seen = []
    for side in (10**5, 12, 25, 40):
        with pytest.MonkeyPatch.context() as patch:
            cut(patch, side)
            out = tmp_path / str(side)
            done = segment_files(model.asked_for(settings), [image], out, settings)
            assert not done.failed
            assert not write_labels([image], "cells", out, model.asked_for(settings), lambda *_: None)
        with (out / "frames.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        seen.append((tifffile.imread(out / "a.tif"), tifffile.imread(out / "doubt" / "a.tif"), rows))
        np.testing.assert_array_equal(np.squeeze(zarr.open_array(image / "labels" / "cells" / "0")), seen[-1][0])
    first = seen[0]
    assert len(np.unique(first[0])) > (5 if distance else 1)
    for mask, doubt, rows in seen[1:]:
        np.testing.assert_array_equal(mask, first[0])
        np.testing.assert_array_equal(doubt, first[1])
        assert rows == first[2]
    whole = segment_files(model.asked_for(settings), [image], tmp_path / "whole", settings)
    at_once = tifffile.imread(tmp_path / "whole" / "a.tif")
    assert whole.frames[0].cleaned.split(";")[0] == first[2][0]["cleaned"].split(";")[0]
    assert (at_once != first[0]).mean() < (0.002 if distance else 1e-9)
