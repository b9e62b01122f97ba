"""Saved drawings, read by other programs and by ours."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import tifffile

from morula.drawings.drawn import save_drawings
from morula.drawings.shapes import draw_shapes
from morula.drawings.synthetic import draw_gastruloids
from morula.images.read import open_image


def test_saved_drawings_are_read_back_by_another_program(tmp_path):
    said = []
    drawings = list(islice(draw_gastruloids(4, movies=2, size=64, classes=2), 3))
    save_drawings(drawings, tmp_path, total=3, progress=lambda *words: said.append(words))
    assert said == [(number, 3, drawing.name) for number, drawing in enumerate(drawings, start=1)]
    for drawing in drawings:
        for folder, truth in (("images", drawing.image), ("masks", drawing.mask)):
            with tifffile.TiffFile(tmp_path / folder / f"{drawing.name}.tif") as file:
                np.testing.assert_array_equal(file.asarray(), truth)
                pixels, micrometres = file.pages[0].tags["XResolution"].value
                assert micrometres / pixels == pytest.approx(12.5)


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_and_volumes_of_any_channels_come_back_as_they_were(axes, channels, tmp_path):
    [drawing] = draw_shapes(1, axes=axes, channels=channels, classes=3, size=32)
    save_drawings([drawing], tmp_path)
    image = open_image(tmp_path / "images" / "shapes_000.tif")
    mask = open_image(tmp_path / "masks" / "shapes_000.tif")
    assert (image.frames, image.space, len(image.channels)) == (1, (32,) * axes, channels)
    assert image.pixel_size == mask.pixel_size == drawing.pixel_size == (1.0,) * axes
    np.testing.assert_array_equal(image.frame(), drawing.image)
    np.testing.assert_array_equal(mask.frame()[0], drawing.mask)


def test_a_volume_is_one_to_another_program_too(tmp_path):
    [drawing] = draw_shapes(1, axes=3, size=32)
    save_drawings([drawing], tmp_path)
    with tifffile.TiffFile(tmp_path / "images" / "shapes_000.tif") as file:
        assert file.series[0].axes == "ZYX"
        assert file.imagej_metadata is not None
        assert file.imagej_metadata["spacing"] == 1.0
        np.testing.assert_array_equal(file.asarray(), drawing.image[0])
