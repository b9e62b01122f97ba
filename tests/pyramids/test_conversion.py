"""Images of any kind become OME-Zarr and OME-TIFF, as zarr, tifffile and the models of the specification read them."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
import tifffile
import zarr
from ome_zarr_models.v04.image import ImageAttrs as Image04
from ome_zarr_models.v05.image import ImageAttrs as Image05

from morula.errors import OutputError, RequestError
from morula.images.image import Image
from morula.images.read import open_image
from morula.images.write import write_stack
from morula.pyramids import regions
from morula.pyramids.conversion import convert_files
from morula.pyramids.conversion_settings import ConversionSettings
from morula.pyramids.originals import Original
from morula.pyramids.regions import averaged
from zarrs import write_ome_zarr, write_plate

RNG = np.random.default_rng(8)
KINDS = {"YX": (700, 1300), "TYX": (2, 60, 70), "CYX": (2, 60, 700), "ZYX": (20, 40, 50), "TCZYX": (2, 3, 4, 30, 600)}
ZARR04, ZARR05 = {"ome_zarr": "0.4"}, {"ome_zarr": "0.5"}


def convert(files, out, **told):
    return convert_files([Original.of(file) for file in files], out, ConversionSettings(**told))


def drawn(tmp_path, axes, dtype=np.uint16):
    array = RNG.integers(0, 200, KINDS[axes]).astype(dtype)
    names = ("DAPI", "GFP", "BF")[: KINDS[axes][axes.index("C")]] if "C" in axes else None
    size = (2.0, 0.5, 0.25)[-2 - ("Z" in axes) :]
    image = Image.from_array(array, axes, channels=names, pixel_size=size)
    write_stack(tmp_path / "a.tif", image)
    return tmp_path / "a.tif", image


@pytest.mark.parametrize("told", [ZARR04, ZARR05, {**ZARR05, "shards": True}, {"ome_tiff": True}])
@pytest.mark.parametrize("axes", KINDS)
def test_everything_that_is_known_of_an_image_is_kept(tmp_path, axes, told):
    file, image = drawn(tmp_path, axes)
    [path] = convert([file], tmp_path / "out", **told).written
    assert path.name == ("a.ome.tif" if "ome_tiff" in told else "a.ome.zarr")
    again = open_image(path)
    assert (again.shape, again.channels, again.pixel_size) == (image.shape, image.channels, image.pixel_size)
    assert again.dtype == image.dtype
    assert (again.array() == image.array()).all()
    assert not again.unfinished


@pytest.mark.parametrize("told", [ZARR04, {**ZARR05, "shards": True}])
@pytest.mark.parametrize("axes", KINDS)
def test_ome_zarr_is_as_its_specification_has_it(tmp_path, axes, told):
    file, _ = drawn(tmp_path, axes)
    [path] = convert([file], tmp_path, **told).written
    group = zarr.open_group(path, mode="r")
    said = dict(group.attrs)
    about = Image05.model_validate(said["ome"]) if "shards" in told else Image04.model_validate(said)
    levels = [group[each.path] for each in about.multiscales[0].datasets]
    assert levels[0].metadata.zarr_format == (3 if "shards" in told else 2)
    assert [axis.name for axis in about.multiscales[0].axes] == [*axes.lower()]
    for larger, smaller in pairwise(levels):
        assert (smaller[...] == averaged(larger[...])).all()
    assert max(levels[-1].shape[-2:]) <= 512 < max([513, *(max(level.shape[-2:]) for level in levels[:-1])])


@pytest.mark.parametrize("axes", KINDS)
def test_ome_tiff_has_its_levels(tmp_path, axes):
    file, image = drawn(tmp_path, axes)
    convert([file], tmp_path / "b.ome.tif")
    with tifffile.TiffFile(tmp_path / "b.ome.tif") as tif:
        assert tif.is_ome
        [series] = tif.series
        expected = image.array().squeeze()
        assert len(series.levels) == (3 if axes == "YX" else 2 if KINDS[axes][-1] > 512 else 1)
        for level in series.levels:
            assert level.keyframe.is_tiled
            assert (level.asarray().squeeze() == expected).all()
            expected = averaged(expected)
    assert not [*tmp_path.glob(".*")]


@pytest.mark.parametrize("out", ["m.ome.zarr", "m.ome.tif"])
def test_masks_keep_their_numbers(tmp_path, out):
    numbers = RNG.choice(np.array([0, 7, 90], np.uint8), (600, 1030))
    tifffile.imwrite(tmp_path / "mask.tif", numbers)
    convert([tmp_path / "mask.tif"], tmp_path / out, masks=True)
    if out.endswith("zarr"):
        smaller = [zarr.open_array(tmp_path / out / level, mode="r")[...] for level in "12"]
    else:
        smaller = [tifffile.imread(tmp_path / out, level=level) for level in (1, 2)]
    assert (smaller[0] == numbers[::2, ::2]).all()
    assert (smaller[1] == numbers[::4, ::4]).all()


def test_a_plate_becomes_an_image_for_each_field(tmp_path):
    fields = {"B/03/0": RNG.integers(0, 9, (5, 6), np.uint8), "B/04/0": RNG.integers(0, 9, (5, 6), np.uint8)}
    plate = write_plate(tmp_path / "p.zarr", fields, version="0.5")
    written = convert([plate / field for field in fields], tmp_path / "out").written
    assert [path.name for path in written] == ["p_B03_f0.ome.zarr", "p_B04_f0.ome.zarr"]
    for path, array in zip(written, fields.values(), strict=True):
        assert (open_image(path).frame()[0] == array).all()


def test_memory_holds_a_region_and_not_the_image(tmp_path, monkeypatch):
    monkeypatch.setattr(regions, "LARGEST", 2**18)
    tile = RNG.integers(0, 255, (512, 512), np.uint8)
    path = write_ome_zarr(tmp_path / "large.zarr", np.tile(tile, (12, 12)), "yx", chunks=(512, 512))
    convert([write_ome_zarr(tmp_path / "s.zarr", tile, "yx")], tmp_path / "warm")  # what is loaded once
    tracemalloc.start()
    try:
        convert([path], tmp_path / "out")
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20 < 12**2 * tile.nbytes
    finally:
        tracemalloc.stop()


def test_nothing_is_written_over_unless_that_is_wanted(tmp_path):
    file, image = drawn(tmp_path, "TYX")
    for out in ("b.zarr", "b.tif"):
        convert([file], tmp_path / out)
        with pytest.raises(OutputError, match="exists already"):
            convert([file], tmp_path / out)
        convert([file], tmp_path / out, overwrite=True)
        assert (open_image(tmp_path / out).array() == image.array()).all()
    with pytest.raises(RequestError, match="is one of the images"):
        convert([file], file, overwrite=True)
    with pytest.raises(RequestError, match="is one of the images"):
        convert([tmp_path / "b.zarr"], tmp_path / "b.zarr", overwrite=True)
    (tmp_path / "c.zarr").mkdir()
    (tmp_path / "c.zarr" / "thesis.doc").touch()
    with pytest.raises(OutputError, match="is no OME-Zarr, and is not written over"):
        convert([file], tmp_path / "c.zarr", overwrite=True)


def test_one_that_cannot_be_read_keeps_no_other(tmp_path):
    file, _ = drawn(tmp_path, "TYX")
    damaged = write_ome_zarr(tmp_path / "d.zarr", RNG.integers(0, 9, (9, 9), np.uint8), "yx", chunks=(3, 3))
    (damaged / "0/2/2").write_bytes(b"damaged")
    converted = convert([damaged, file], tmp_path / "out")
    assert [path.name for path in converted.written] == ["a.ome.zarr"]
    assert [*converted.failed] == [damaged]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.ome.zarr"]


def test_what_does_not_fit_is_refused(tmp_path):
    file, _ = drawn(tmp_path, "TYX")
    (tmp_path / "other").mkdir()
    other, _ = drawn(tmp_path / "other", "TYX")
    for out, words in (("x.zarr", "would be one image, and 2 are given"), ("out", "would both become")):
        with pytest.raises(RequestError, match=words):
            convert([file, other], tmp_path / out)
    np.save(tmp_path / "long.npy", np.zeros((4, 5), np.int64))
    assert open_image(convert([tmp_path / "long.npy"], tmp_path / "l.zarr").written[0]).dtype == np.int64
    with pytest.raises(OutputError, match="no numbers of the type int64"):
        convert([tmp_path / "long.npy"], tmp_path / "l.tif")
