"""Masks of single objects in a folder, written by Pillow and tifffile, as one label image."""

import numpy as np
import pytest
import tifffile
from PIL import Image as Picture

from morula.errors import FileError
from morula.images.read import open_image


def square(row: int, column: int, side: int = 4) -> np.ndarray:
    mask = np.zeros((20, 24), np.uint8)
    mask[row : row + side, column : column + side] = 255
    return mask


def test_objects_are_numbered_in_the_order_of_their_files(tmp_path):
    Picture.fromarray(square(1, 1)).save(tmp_path / "2.png")
    tifffile.imwrite(tmp_path / "10.tif", square(10, 12) // 255)
    clear = np.dstack([square(1, 15)] * 3 + [np.full((20, 24), 255, np.uint8)])
    Picture.fromarray(clear).save(tmp_path / "11.png")
    (tmp_path / "notes.txt").write_text("no mask")
    labels = open_image(tmp_path)
    assert (labels.name, labels.frames, labels.channels) == (tmp_path.name, 1, ("grey",))
    wanted = (square(1, 1) > 0) * 1 + (square(10, 12) > 0) * 2 + (square(1, 15) > 0) * 3
    assert (labels.frame()[0] == wanted).all()
    assert (labels.region(0, (slice(9, 14), slice(10, 20)))[0] == wanted[9:14, 10:20]).all()
    assert labels.overlapping == 0


def test_pixels_that_several_claim_are_the_first_ones_and_are_counted(tmp_path):
    for name, column in ("a", 3), ("b", 5), ("c", 6):
        Picture.fromarray(square(3, column)).save(tmp_path / f"{name}.png")
    labels = open_image(tmp_path)
    assert labels.overlapping == 4 * (2 + 2)  # columns 5 and 6 of a, 7 and 8 of b
    assert [int((labels.frame() == number).sum()) for number in (1, 2, 3)] == [16, 8, 4]


def test_jpeg_and_smooth_edges_make_no_object_of_their_grain(tmp_path):
    Picture.fromarray(square(4, 6, 8)).save(tmp_path / "a.jpg", quality=60)
    assert ((open_image(tmp_path).frame()[0] > 0) == (square(4, 6, 8) > 0)).all()


def test_masks_of_different_sizes_are_refused(tmp_path):
    Picture.fromarray(square(1, 1)).save(tmp_path / "a.png")
    Picture.fromarray(square(1, 1)[:10]).save(tmp_path / "b.png")
    with pytest.raises(FileError, match=r"b\.png has the shape \(10, 24\), and .*a\.png \(20, 24\)"):
        open_image(tmp_path)


def test_a_folder_without_masks_is_refused(tmp_path):
    with pytest.raises(FileError, match="holds no mask"):
        open_image(tmp_path)
