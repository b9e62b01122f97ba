"""What is written tile by tile is read back, whatever part of it is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morula.examples import tiled
from morula.examples.tiled import TiledPlanes

SPACES = st.integers(1, 3).flatmap(lambda axes: st.tuples(*[st.integers(1, 23)] * axes))


@settings(max_examples=60)
@given(data=st.data(), space=SPACES, planes=st.integers(1, 3), tile=st.integers(1, 200),
       dtype=st.sampled_from(["u1", "<u2", "f2"]))
def test_any_part_of_what_was_written_in_bands_is_read_back(tmp_path_factory, data, space, planes, tile, dtype):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiled, "TILE", tile)
        array = np.random.default_rng(0).integers(0, 200, (planes, *space)).astype(dtype)
        kept = TiledPlanes(data.draw(st.integers(0, 5)), planes, space, np.dtype(dtype))
        rows = kept.tile[0] * data.draw(st.integers(1, 3))
        path = tmp_path_factory.mktemp("tiled") / "planes"
        with path.open("wb") as file:
            for row in range(0, space[0], rows):
                kept.write(file, row, array[:, row : row + rows])
        assert path.stat().st_size == kept.end
        starts = [data.draw(st.integers(0, length - 1)) for length in space]
        box = tuple(slice(start, data.draw(st.integers(start + 1, length)))
                    for start, length in zip(starts, space, strict=True))
        with path.open("rb", buffering=0) as file:
            np.testing.assert_array_equal(kept.read(file, box), array[(slice(None), *box)])


@pytest.mark.parametrize("space", [(700, 1100), (1040, 1388), (20_000, 20_000), (10, 2000, 2000), (1_000_000,)])
def test_tiles_are_small_and_leave_little_empty(space):
    planes = TiledPlanes(0, 1, space, np.dtype(np.uint8))
    assert np.prod(planes.tile) <= tiled.TILE
    assert planes.end <= 1.02 * np.prod(space)


def test_a_small_frame_is_one_tile():
    assert TiledPlanes(0, 2, (100, 150), np.dtype(np.uint8)).tile == (100, 150)
    assert TiledPlanes(0, 2, (15, 30, 36), np.dtype(np.uint8)).tile == (15, 30, 36)
