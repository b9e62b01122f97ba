import tracemalloc

import numpy as np
import PIL.Image
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from morula.errors import FileError, OutputError
from morula.formats.stored import default_channels
from morula.images import aside, room, write
from morula.images.image import Image
from morula.images.read import open_image
from morula.images.write import write_mask, write_stack

RNG = np.random.default_rng(2)
TYPES = ["uint8", "uint16", "float32", "bool", "int8", "int16", "int32", "uint32", "float64"]


@st.composite
def images(draw):
    space = draw(st.lists(st.integers(1, 9), min_size=2, max_size=3).filter(lambda sizes: sizes[:-2] != [1]))
    count = draw(st.integers(1, 4))
    choices = [("red", "green", "blue", "alpha"), ("DAPI", "Brachyury µ", "Größe", "细胞")]
    names = draw(st.sampled_from([default_channels(count), *(names[:count] for names in choices)]))
    array = RNG.integers(0, 300, (draw(st.integers(1, 3)), count, *space)).astype(
        draw(st.sampled_from(TYPES))
    )
    sizes = st.floats(0.01, 100, allow_subnormal=False)
    pixel_size = draw(st.none() | st.tuples(*(sizes for _ in space)))
    return Image.from_array(
        array, "TCZYX" if len(space) == 3 else "TCYX", channels=names, pixel_size=pixel_size
    )


@settings(max_examples=120)
@given(images())
def test_written_and_read_is_the_same(tmp_path_factory, image):
    path = tmp_path_factory.mktemp("written") / "Größe 细胞 1.tif"
    write_stack(path, image)
    back = open_image(path)
    assert (back.frames, back.channels, back.space) == (image.frames, image.channels, image.space)
    assert back.dtype == image.dtype
    assert (back.array() == image.array()).all()
    assert back.pixel_size == (
        None if image.pixel_size is None else pytest.approx(image.pixel_size, rel=1e-5)
    )


def test_imagej_finds_its_own_format(tmp_path):
    array = RNG.integers(0, 9, (2, 3, 4, 20, 30), np.uint16)
    write_stack(
        tmp_path / "a.tif", Image.from_array(array, "TCZYX", channels=tuple("abc"), pixel_size=(3, 0.5, 0.25))
    )
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert tif.is_imagej
        about = tif.imagej_metadata
        assert (about["images"], about["frames"], about["slices"], about["channels"]) == (24, 2, 4, 3)
        assert (about["spacing"], about["mode"]) == (3, "composite")
        assert about["unit"] == "\\u00B5m"
        assert about["Labels"] == list("abc") * 8
        page = tif.pages.first
        assert page.tags.valueof("XResolution") == (4, 1)
        assert page.tags.valueof("YResolution") == (2, 1)
        assert page.compression.name == "ADOBE_DEFLATE"
        assert page.predictor == 1  # ImageJ knows no predictor beside deflate
        assert not page.is_tiled
        assert (tif.asarray() == array.transpose(0, 2, 1, 3, 4)).all()


def test_colours_are_a_picture_to_everyone(tmp_path):
    array = RNG.integers(0, 256, (3, 20, 30), np.uint8)
    write_stack(tmp_path / "a.tif", Image.from_array(array, "CYX", channels=("red", "green", "blue")))
    assert (np.array(PIL.Image.open(tmp_path / "a.tif")) == np.moveaxis(array, 0, -1)).all()


def test_what_imagej_has_no_room_for_is_ome(tmp_path):
    array = RNG.integers(0, 2**31 - 1, (2, 20, 30)).astype(np.int32)
    write_stack(
        tmp_path / "a.tif", Image.from_array(array, "CYX", channels=("a", "b"), pixel_size=(0.5, 0.25))
    )
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert tif.is_ome
        pixels = tifffile.xml2dict(tif.ome_metadata)["OME"]["Image"]["Pixels"]
    assert (pixels["PhysicalSizeX"], pixels["PhysicalSizeY"], pixels["PhysicalSizeXUnit"]) == (
        0.25,
        0.5,
        "µm",
    )
    assert [channel["Name"] for channel in pixels["Channel"]] == ["a", "b"]


def test_what_a_classic_tiff_has_no_room_for_is_big(tmp_path, monkeypatch):
    monkeypatch.setattr(write, "_LARGEST_CLASSIC", 1000)
    array = RNG.integers(0, 256, (4, 20, 30), np.uint8)
    write_stack(tmp_path / "a.tif", Image.from_array(array, "TYX"))
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert tif.is_bigtiff
        assert tif.is_ome
    assert (open_image(tmp_path / "a.tif").array()[:, 0] == array).all()


class Drawn:
    """Frames made when asked for."""

    def __init__(self, size):
        self.size = size

    def read(self, frame, box):
        return np.full((1, self.size, self.size), frame, np.uint8)[:, *box]


def test_a_stack_is_written_a_frame_at_a_time(tmp_path):
    size, frames = 500, 40
    image = Image(Drawn(size), "drawn", frames, ("grey",), (size, size), np.dtype("uint8"))
    write_stack(tmp_path / "warm up.tif", image)
    tracemalloc.start()
    write_stack(tmp_path / "a.tif", image)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * size * size
    assert [frame.max() for frame in open_image(tmp_path / "a.tif")] == list(range(frames))


def test_masks_of_a_long_movie_do_not_pile_up_in_memory(tmp_path, monkeypatch):
    """Of random numbers a packed frame takes 32 kB, and 200 of them 6.5 MB."""
    monkeypatch.setattr(aside, "IN_MEMORY", 2**18)

    def mask(number):
        return np.random.default_rng(number).integers(0, 2, (512, 512), np.uint8)

    tracemalloc.start()
    write_mask(tmp_path / "movie.tif", map(mask, range(200)), pixel_size=None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4e6
    back = open_image(tmp_path / "movie.tif")
    for number in (0, 57, 199):
        np.testing.assert_array_equal(back.frame(number)[0], mask(number))


def test_a_frame_that_cannot_be_read_leaves_no_file(tmp_path):
    tifffile.imwrite(tmp_path / "source.tif", RNG.integers(0, 9, (5, 60, 60), np.uint8), compression="zlib")
    source = open_image(tmp_path / "source.tif")
    with (tmp_path / "source.tif").open("r+b") as file:
        file.truncate(3000)
    with pytest.raises(FileError, match=r"source\.tif"):
        write_stack(tmp_path / "out" / "a.tif", source)
    assert not list((tmp_path / "out").iterdir())


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"a\.tif cannot be written"):
        write_mask(tmp_path / "file" / "a.tif", [np.zeros((4, 5), np.uint8)], pixel_size=None)


def test_numbers_that_no_tiff_takes(tmp_path):
    with pytest.raises(OutputError, match="few programs read a TIFF of int64 values"):
        write_stack(tmp_path / "a.tif", Image.from_array(np.zeros((4, 5), np.int64), "YX"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("space", [(20, 30), (4, 20, 30)])
@pytest.mark.parametrize("count", [1, 6])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32])
def test_masks(tmp_path, space, count, dtype):
    masks = RNG.integers(0, 100, (count, *space)).astype(dtype)
    write_mask(tmp_path / "a.tif", iter(masks), pixel_size=(2.0, 0.5, 0.5)[-len(space) :])
    image = open_image(tmp_path / "a.tif")
    assert image.pixel_size == (2.0, 0.5, 0.5)[-len(space) :]
    assert image.dtype == dtype
    assert (image.array()[:, 0] == masks).all()
    assert (tifffile.imread(tmp_path / "a.tif") == masks.squeeze()).all()


def test_a_mask_is_a_plain_picture_to_other_programs(tmp_path):
    mask = RNG.integers(0, 3, (20, 30), np.uint8)
    write_mask(tmp_path / "a.tif", [mask], pixel_size=None)
    picture = PIL.Image.open(tmp_path / "a.tif")
    assert picture.mode == "L"
    assert (np.array(picture) == mask).all()


@pytest.mark.parametrize("frames", [[], [np.zeros((4, 5), np.uint8), np.zeros((5, 4), np.uint8)],
                                    [np.zeros((4, 5), np.uint8), np.zeros((4, 5), np.float32)]])
def test_frames_of_a_mask_are_alike(tmp_path, frames):
    with pytest.raises(ValueError, match="alike"):
        write_mask(tmp_path / "a.tif", frames, pixel_size=None)
    assert not list(tmp_path.iterdir())


def test_frames_with_more_objects_widen_the_others(tmp_path):
    few, many = np.full((4, 5), 65_535, np.uint16), np.full((4, 5), 65_536, np.uint32)
    write_mask(tmp_path / "a.tif", [few, many, few], pixel_size=None)
    assert open_image(tmp_path / "a.tif").array()[:, 0, 0, 0].tolist() == [65_535, 65_536, 65_535]


def test_imagej_shows_a_mask_between_black_and_white(tmp_path):
    write_mask(tmp_path / "mask.tif", [np.eye(5, dtype=np.uint8), 2 * np.eye(5, dtype=np.uint8)], pixel_size=None)
    with tifffile.TiffFile(tmp_path / "mask.tif") as file:
        shown = file.imagej_metadata
    assert shown is not None
    assert (shown["min"], shown["max"]) == (0, 2)


@pytest.mark.parametrize("space", [(70, 31), (5, 40, 31)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint32])
def test_frames_too_large_to_be_held_are_written_as_others_are(tmp_path, space, dtype, monkeypatch):
    mask = RNG.integers(0, 9, space).astype(dtype)
    write_mask(tmp_path / "small.tif", [mask], pixel_size=(0.5,) * len(space))
    for module, name, pixels in ((room, "IN_MEMORY", 100), (write, "IN_MEMORY", 100), (room, "BAND", 300),
                                 (write, "STRIP", 400), (write, "STRIPS", 3)):
        monkeypatch.setattr(module, name, pixels)
    held = room.room_for(space, dtype)
    held[:] = mask
    write_mask(tmp_path / "large.tif", [held], pixel_size=(0.5,) * len(space))
    small, large = (open_image(tmp_path / f"{name}.tif") for name in ("small", "large"))
    np.testing.assert_array_equal(large.array(), small.array())
    np.testing.assert_array_equal(large.array()[0, 0], mask)
    assert (large.space, large.dtype, large.pixel_size) == (small.space, small.dtype, small.pixel_size)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "large.tif"), mask)
    write_mask(tmp_path / "movie.tif", [held, mask, held], pixel_size=None)
    np.testing.assert_array_equal(open_image(tmp_path / "movie.tif").array()[:, 0], [mask] * 3)
