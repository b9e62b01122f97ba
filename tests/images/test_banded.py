"""Rows of a frame, from memory or from its file, are those of the frame."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from morula.images import room
from morula.images.banded import rows_of
from morula.images.read import open_image


@pytest.mark.parametrize(("axes", "shape"), [("TCYX", (3, 2, 20, 9)), ("TCZYX", (2, 2, 7, 6, 5))])
@pytest.mark.parametrize("most", [1, 10**6], ids=["from its file", "from memory"])
def test_rows_are_those_of_the_frame(tmp_path, monkeypatch, axes, shape, most):
    monkeypatch.setattr(room, "IN_MEMORY", most)
    pixels = np.random.default_rng(0).integers(0, 1000, shape, np.uint16)
    tifffile.imwrite(tmp_path / "image.ome.tif", pixels, metadata={"axes": axes}, rowsperstrip=3, compression="zlib")
    rows = rows_of(open_image(tmp_path / "image.ome.tif"), 1)
    for part in (slice(0, 2), slice(3, 7), slice(6, 7)):
        np.testing.assert_array_equal(rows(part), pixels[1, :, part])


def test_only_what_is_large_is_read_bit_by_bit(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "image.tif", np.zeros((10, 10), np.uint8))
    image = open_image(tmp_path / "image.tif")
    monkeypatch.setattr(room, "IN_MEMORY", 100)
    held = rows_of(image, 0)
    monkeypatch.setattr(room, "IN_MEMORY", 99)
    asked = rows_of(image, 0)
    tifffile.imwrite(tmp_path / "image.tif", np.ones((10, 10), np.uint8))
    assert (held(slice(0, 10)).max(), asked(slice(0, 10)).max()) == (0, 1)
