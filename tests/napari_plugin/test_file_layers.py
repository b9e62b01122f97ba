"""Files open as layers with the pixel size, the units and the axes that they say."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
import tifffile
from PIL import Image as Picture

import morula
from morula.errors import FileError
from morula.napari_plugin import file_layers
from morula.napari_plugin.file_layers import read_layers, reader_of

RNG = np.random.default_rng(3)


@pytest.fixture
def movie(tmp_path):
    array = RNG.integers(0, 999, (4, 2, 30, 40)).astype(np.uint16)  # T C Y X
    tifffile.imwrite(tmp_path / "movie.tif", array, imagej=True, resolution=(2, 2),
                     metadata={"axes": "TCYX", "unit": "um", "Labels": ["DAPI", "GFP"] * 4})
    return tmp_path / "movie.tif", array


def test_a_movie_has_a_layer_for_each_channel(movie):
    path, array = movie
    (dapi, placed, kind), (gfp, _, _) = read_layers(str(path))
    assert kind == "image"
    assert (dapi == array[:, 0]).all()
    assert (gfp == array[:, 1]).all()
    assert placed["name"] == "movie DAPI"
    assert placed["scale"] == (1, 0.5, 0.5)
    assert placed["units"] == ("pixel", "micrometer", "micrometer")
    assert placed["axis_labels"] == ("t", "y", "x")


def test_large_files_are_read_when_they_are_looked_at(movie, monkeypatch):
    path, array = movie
    monkeypatch.setattr(file_layers, "AT_ONCE", 1000)
    [(lazy, _, _), _] = read_layers(str(path))
    assert lazy.chunksize == (1, 30, 40)
    assert (lazy[2].compute() == array[2, 0]).all()


def test_a_volume_and_a_picture(tmp_path):
    image = nibabel.Nifti1Image(RNG.integers(0, 99, (6, 5, 4)).astype(np.int16), np.diag([2.0, 2.0, 3.0, 1.0]))
    image.header.set_xyzt_units("micron")
    nibabel.save(image, tmp_path / "volume.nii.gz")
    [(volume, placed, _)] = read_layers(str(tmp_path / "volume.nii.gz"))
    assert volume.shape == (4, 5, 6)
    assert (placed["scale"], placed["axis_labels"]) == ((3, 2, 2), ("z", "y", "x"))
    colours = RNG.integers(0, 255, (7, 8, 3)).astype(np.uint8)
    Picture.fromarray(colours).save(tmp_path / "colours.png")
    [(shown, placed, _)] = read_layers(str(tmp_path / "colours.png"))
    assert (shown == colours).all()
    assert placed["rgb"]
    assert (placed["scale"], placed["units"]) == ((1, 1), ("pixel", "pixel"))


def test_masks_open_as_labels_with_what_was_said_of_them(tmp_path):
    drawn = morula.draw("gastruloids", tmp_path / "drawn", count=1, movies=1)
    made = morula.segment("gastruloid", drawn.images, tmp_path / "masks")
    [(labels, placed, kind)] = read_layers(str(tmp_path / "masks" / made.frames[0].mask))
    assert kind == "labels"
    assert labels.any()
    assert placed["units"] == ("micrometer", "micrometer")
    assert placed["metadata"]["morula"]["frames"] == [made.frames[0].in_words]


def test_what_is_no_image_is_said(tmp_path):
    (tmp_path / "a.tif").write_text("nothing")
    with pytest.raises(FileError, match=r"a\.tif is not a TIF picture"):
        reader_of(str(tmp_path / "a.tif"))(str(tmp_path / "a.tif"))
    assert reader_of(["a.tif", "b.tif"]) is None
