"""Fields hold one body, several or none, apart from each other unless they may touch."""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy import ndimage

from morula.worlds import ranges
from morula.worlds.scene import Scene

SHAPE = (192, 192)


def scenes(count: int) -> list[Scene]:
    return [Scene.drawn(("compact",), SHAPE, np.random.default_rng(seed)) for seed in range(count)]


def test_as_many_are_empty_or_have_one_as_the_table_says():
    counts = Counter(min(len(scene.bodies), 2) for scene in scenes(600))
    assert abs(counts[0] / 600 - ranges.EMPTY) < 0.03
    assert abs(counts[1] / 600 - ranges.ALONE) < 0.09


def test_bodies_are_apart_unless_they_may_touch(monkeypatch):
    monkeypatch.setattr(ranges, "TOUCHING", 0.0)
    for scene in scenes(60):
        inside = [body.depth(*np.mgrid[:192, :192].astype(float)) > 0 for body in scene.bodies]
        assert all((one & other).sum() == 0 for at, one in enumerate(inside) for other in inside[:at])


def test_shed_cells_never_take_a_pixel_of_a_body():
    """They hide rims in the picture, and the outline goes on behind them."""
    for scene in scenes(40):
        mask = scene.mask(2)
        assert np.array_equal(mask == 1, scene.depth > 0)
        assert np.array_equal(mask == 2, scene.cells.covered(SHAPE) & (scene.depth <= 0))
        assert set(np.unique(scene.mask(1))) <= {0, 1}


def test_cells_are_as_large_as_they_are_said_to_be():
    found = [scene for scene in scenes(200) if scene.cells.y.size]
    assert len(found) > 120
    for scene in found[:40]:
        cells = scene.cells
        alone = ~cells.blurred & (cells.y > 12) & (cells.y < 180) & (cells.x > 12) & (cells.x < 180)
        pieces, count = ndimage.label(cells.covered(SHAPE))
        assert count <= (~cells.blurred).sum()
        for y, x in zip(cells.y[alone], cells.x[alone], strict=True):
            assert pieces[round(y), round(x)] or cells.radius[alone].min() < 0.8


def test_sizes_differ_widely_and_none_is_larger_than_the_table_allows():
    side = min(SHAPE)
    radii = [[body.radius for body in scene.bodies] for scene in scenes(300)]
    assert max(map(max, filter(None, radii))) <= ranges.LARGEST * side
    assert min(map(min, filter(None, radii))) >= ranges.SMALLEST
    several = [max(each) / min(each) for each in radii if len(each) > 1]
    assert sum(ratio > 3 for ratio in several) > 0.15 * len(several)
