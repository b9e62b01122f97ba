"""Cells that fill space are parted by seams as wide as is said, or touch."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from morula.specimens import breadths
from morula.specimens.partitions import partition
from morula.specimens.things import seams
from morula.worlds.ranges import Range

SHAPE, FLAT = (200, 200), (1.0, 1.0)


def test_seams_part_all_cells():
    for seed in range(5):
        cells = partition(SHAPE, FLAT, 40, 4, np.random.default_rng(seed))
        assert not seams(cells.labels, FLAT).any()
        assert 6 < cells.count < 90
        assert 0.4 < cells.inside.mean() < 0.97


@pytest.mark.parametrize("seam", [3.0, 6.0])
def test_seams_are_as_wide_as_is_said(monkeypatch, seam):
    """In a straight seam of k pixels the distances 1, 2, …, 2, 1 to its cells have a mean of (k + 2) / 4."""
    monkeypatch.setattr(breadths, "SEAM_UNEVEN", Range(0, 0))
    widths = []
    for seed in range(5):
        gap = ~partition(SHAPE, FLAT, 50, seam, np.random.default_rng(seed)).inside
        widths.append(4 * ndimage.distance_transform_edt(gap)[gap].mean() - 2)
    assert np.median(widths) == pytest.approx(seam + 1, rel=0.35)


def test_without_seams_cells_fill_everything():
    cells = partition(SHAPE, FLAT, 60, 0, np.random.default_rng(0))
    assert cells.inside.all()
    assert cells.count > 3
