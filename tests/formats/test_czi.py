"""CZI as pylibCZIrw writes it, compared with what that was given, and with what czifile reads."""

import os
import re
import struct

import czifile
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pylibCZIrw.czi import open_czi

from microscopes import write_czi
from morula.errors import FileError
from morula.images.read import find_files, open_image

RNG = np.random.default_rng(3)
PACKED = {"zstd": "zstd0:ExplicitLevel=1", "bytes apart": "zstd1:ExplicitLevel=1;PreProcess=HiLoByteUnpack"}


def drawn(shape, dtype="u2"):
    return RNG.integers(0, 250, shape).astype(dtype)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), counts=st.tuples(*[st.integers(1, 3)] * 3), space=st.tuples(*[st.integers(4, 60)] * 2),
       kind=st.sampled_from(["u1", "u2", "f4", "colours", "deep colours"]), tile=st.sampled_from([None, 16]),
       packed=st.sampled_from([None, *PACKED]))
def test_a_region_is_a_crop_of_what_was_written(tmp_path_factory, data, counts, space, kind, tile, packed):
    def piece(size):
        start = data.draw(st.integers(0, size - 1))
        return slice(start, data.draw(st.integers(start + 1, size)))

    assume((kind, packed) != ("deep colours", "bytes apart"))
    samples = 3 if "colours" in kind else 1
    dtype = {"colours": "u1", "deep colours": "u2"}.get(kind, kind)
    array = drawn((*counts, *space, samples), dtype)  # t, c, z, y, x
    path = tmp_path_factory.mktemp("czi") / "Größe 细胞.czi"
    write_czi(path, [array], tile=tile, compression=PACKED.get(packed))
    image = open_image(path)
    depth = (counts[2],) if counts[2] > 1 else ()
    assert (image.frames, len(image.channels), image.space) == (counts[0], counts[1] * samples, (*depth, *space))
    assert image.dtype == dtype
    box, frame = tuple(map(piece, image.space)), counts[0] - 1
    volume = np.moveaxis(array[frame, ..., ::-1], -1, 1).reshape(-1, *array.shape[2:5])  # from red to blue
    assert (image.region(frame, box) == volume.reshape(-1, *image.space)[(slice(None), *box)]).all()


@pytest.mark.parametrize("samples", [1, 3])
def test_pixels_are_those_that_another_reader_finds(tmp_path, samples):
    write_czi(tmp_path / "a.czi", [drawn((2, 1, 3, 50, 70, samples), "u1")], tile=32)
    theirs = czifile.imread(tmp_path / "a.czi")
    ours = open_image(tmp_path / "a.czi").array()  # t c z y x
    with czifile.CziFile(tmp_path / "a.czi") as file:
        axes = file.axes
    moved = np.moveaxis(theirs, [axes.index(letter) for letter in "TZYX0C"], range(-6, 0))
    moved = moved.reshape(2, 3, 50, 70, samples)
    assert (ours == np.moveaxis(moved, -1, 1)).all()


def test_each_scene_is_an_image(tmp_path):
    scenes = [drawn((1, 1, 1, 40, 60, 1)), drawn((1, 1, 1, 30, 50, 1))]
    write_czi(tmp_path / "a.czi", scenes, tile=25)
    found = find_files(tmp_path)
    assert [path.name for path in found] == ["a.czi:1", "a.czi:2"]
    for path, scene in zip(found, scenes, strict=True):
        assert (open_image(path).frame() == scene[0, :, 0, :, :, 0]).all()
    assert open_image(found[1]).name == "a_scene2"
    assert find_files(tmp_path / "a.czi:2") == [tmp_path / "a.czi:2"]
    listed = r"2 images, and one is read .* a\.czi:1 is Y 40 × X 60; a\.czi:2 is Y 30 × X 50"
    with pytest.raises(FileError, match=listed):
        open_image(tmp_path / "a.czi")
    with pytest.raises(FileError, match="none of them is number 3"):
        open_image(tmp_path / "a.czi:3")


def test_what_it_says_of_itself(tmp_path):
    write_czi(tmp_path / "a.czi", [drawn((1, 2, 3, 20, 30, 1))], pixel_size=(0.5, 0.25, 2), channels=["DAPI", "GFP"])
    image = open_image(tmp_path / "a.czi")
    assert image.pixel_size == pytest.approx((2, 0.25, 0.5))
    assert (image.channels, image.axes, image.name) == (("DAPI", "GFP"), "TCZYX", "a")


def test_without_units_the_size_of_a_pixel_is_unknown(tmp_path):
    write_czi(tmp_path / "a.czi", [drawn((1, 1, 1, 20, 30, 3), "u1")])
    image = open_image(tmp_path / "a.czi")
    assert (image.pixel_size, image.strange_unit, image.channels) == (None, "", ("red", "green", "blue"))


def test_a_part_of_a_series_keeps_its_numbers(tmp_path):
    """ZEN saves parts of a series with the numbers that moments and slices had in it."""
    array = drawn((3, 1, 2, 20, 30, 1))
    write_czi(tmp_path / "a.czi", [array], begin={"T": 5, "Z": 3})
    assert (open_image(tmp_path / "a.czi").array()[:, 0] == array[:, 0, ..., 0]).all()


@pytest.mark.parametrize(("left_out", "frames", "words"), [
    ([(2, 1, 1)], 2, "11 of the 12 planes .* enough for 2 moments"),
    ([(0, 1, 1)], 3, "11 of the 12 planes .* the others are read as 0"),
])
def test_planes_that_are_missing_are_told(tmp_path, left_out, frames, words):
    array = drawn((3, 2, 2, 20, 30, 1)) + 1
    write_czi(tmp_path / "a.czi", [array], leave_out=left_out)
    image = open_image(tmp_path / "a.czi")
    assert image.frames == frames
    for t, c, z in left_out:
        array[t, c, z] = 0
    assert (image.array() == array[:frames, ..., 0]).all()
    assert re.search(words, image.warnings[0])


def test_what_the_library_unpacks_wrongly_is_refused(tmp_path):
    """Were it right one day, this could go: a third of these numbers comes back, and the rest is whatever was there."""
    array = drawn((1, 1, 1, 20, 30, 3))
    write_czi(tmp_path / "a.czi", [array], compression=PACKED["bytes apart"])
    with open_czi(str(tmp_path / "a.czi")) as file:
        assert not np.array_equal(file.read(), array[0, 0, 0])
    with pytest.raises(FileError, match=r"a\.czi holds colours of 16 bits packed by Zstd"):
        open_image(tmp_path / "a.czi")


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 0.99))
def test_a_file_cut_short_is_refused_and_named(tmp_path_factory, share):
    path = tmp_path_factory.mktemp("czi") / "a.czi"
    write_czi(path, [drawn((1, 1, 1, 40, 50, 1))])
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(FileError, match=r"a\.czi"):
        open_image(path).array()


def test_a_region_is_read_from_the_tiles_that_it_touches(tmp_path):
    """As where one tile is damaged: all others are read."""
    array = drawn((1, 1, 1, 64, 64, 1))
    write_czi(tmp_path / "a.czi", [array], tile=32, compression=PACKED["zstd"])
    data = bytearray((tmp_path / "a.czi").read_bytes())
    packed = data.rindex(b"\x28\xb5\x2f\xfd")  # the last tile begins
    data[packed + 4 : packed + 40] = bytes(36)
    (tmp_path / "a.czi").write_bytes(data)
    image = open_image(tmp_path / "a.czi")
    assert (image.region(0, (slice(10, 32), slice(20, 60)))[0] == array[0, 0, 0, 10:32, 20:60, 0]).all()
    with pytest.raises(FileError, match=r"a\.czi"):
        image.region(0, (slice(30, 40), slice(30, 40)))


def test_a_tile_that_claims_more_than_anybody_decodes_is_refused(tmp_path):
    """The directory of tiles names lengths along axes: 4 bytes each for start, length, and stored length."""
    write_czi(tmp_path / "a.czi", [drawn((1, 1, 1, 40, 50, 1), "u1")])
    data = bytearray((tmp_path / "a.czi").read_bytes())
    place = data.index(b"ZISRAWDIRECTORY")
    for letter in (b"X\0\0\0", b"Y\0\0\0"):
        at = data.index(letter, place)
        struct.pack_into("<i", data, at + 8, 2**17)
        struct.pack_into("<i", data, at + 16, 2**17)
    (tmp_path / "a.czi").write_bytes(data)
    with pytest.raises(FileError, match=r"a tile has 131,072 × 131,072 pixels"):
        open_image(tmp_path / "a.czi").array()


def test_tiles_that_lie_farther_apart_than_on_any_slide_are_refused(tmp_path):
    write_czi(tmp_path / "a.czi", [drawn((1, 1, 1, 40, 50, 1), "u1")], tile=32)
    data = bytearray((tmp_path / "a.czi").read_bytes())
    struct.pack_into("<i", data, data.index(b"X\0\0\0", data.index(b"ZISRAWDIRECTORY")) + 4, -(2**28))
    (tmp_path / "a.czi").write_bytes(data)
    with pytest.raises(FileError, match=r"a\.czi is damaged: its tiles lie 268,435,\d+ × 40 pixels apart"):
        open_image(tmp_path / "a.czi")


def test_a_name_that_is_no_text_is_said_to_be_the_reason(tmp_path):
    write_czi(tmp_path / "a.czi", [drawn((1, 1, 1, 8, 8, 1))])
    odd = (tmp_path / "a.czi").rename(tmp_path / os.fsdecode(b"caf\xe9.czi"))
    with pytest.raises(FileError, match=r"bytes that are no text.* Rename it"):
        open_image(odd)
