"""Large frames made small, against blocks averaged at once."""

from __future__ import annotations

import numpy as np
import pytest

from morula.images.image import Image
from morula.plots import overview
from morula.plots.overview import averaged, block_side, thinned


@pytest.mark.parametrize(("space", "side"), [((61, 40), 4), ((60, 41), 1), ((13, 22, 19), 3)])
@pytest.mark.parametrize("band", [50, 10**9])
def test_blocks_become_their_mean_or_their_first_pixel_however_they_are_read(space, side, band, monkeypatch):
    monkeypatch.setattr(overview, "BAND", band)
    array = np.random.default_rng(0).integers(0, 1000, (2, *space)).astype(np.uint16)
    image = Image.from_array(array, "C" + "ZYX"[-len(space) :])
    small, first = averaged(image, 0, side), thinned(image, 0, side)
    assert small.shape == first.shape == (2, *(-(-length // side) for length in space))
    assert small.dtype == np.uint16
    corner = (slice(None), *[slice(0, side)] * len(space))
    assert small[(0, *[0] * len(space))] == int(array[corner][0].mean(dtype=np.float32))
    np.testing.assert_array_equal(first[:, 0, 0], array[(slice(None), 0, 0)][..., ::side] if len(space) > 2
                                  else array[:, 0, 0])
    if side == 1:
        np.testing.assert_array_equal(small, array)


def test_what_is_drawn_is_never_large():
    for space in ((20_000, 20_000), (300, 3000, 3000), (100, 100)):
        image = Image.from_array(np.broadcast_to(np.uint8(1), space), "ZYX"[-len(space) :])
        side = block_side(image)
        assert np.prod([-(-length // side) for length in space], dtype=float) <= 1.1 * overview.LARGEST
    assert block_side(Image.from_array(np.zeros((2000, 2000), np.uint8), "YX")) == 1
