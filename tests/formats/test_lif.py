"""LIF written byte by byte after its layout, compared with what was written and with what liffile reads as a whole."""

import tracemalloc

import liffile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microscopes import write_lif
from morula.errors import FileError
from morula.images.read import find_files, open_image

RNG = np.random.default_rng(4)


def drawn(shape, dtype="u2"):
    return RNG.integers(0, 250, shape).astype(dtype)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), axes=st.sampled_from(["YX", "CYX", "ZYX", "TYX", "TZCYX", "TCZYX", "CTZYX", "ZTYX", "TYXC"]),
       lengths=st.tuples(*[st.integers(2, 4)] * 3), dtype=st.sampled_from(["u1", "u2", "f4"]),
       padding=st.sampled_from([0, 4]), version=st.sampled_from([1, 2]))
def test_a_region_is_a_crop_of_what_was_written(tmp_path_factory, data, axes, lengths, dtype, padding, version):
    def piece(size):
        start = data.draw(st.integers(0, size - 1))
        return slice(start, data.draw(st.integers(start + 1, size)))

    sizes = dict(zip("TCZYX", (*lengths, 9, 13), strict=True))
    array = drawn([sizes[letter] for letter in axes], dtype)
    path = tmp_path_factory.mktemp("lif") / "Größe 细胞.lif"
    write_lif(path, {"a": (array, axes)}, padding=padding, version=version)
    image = open_image(path)
    assert image.space == tuple(sizes[letter] for letter in "ZYX" if letter in axes)
    assert (image.frames, len(image.channels)) == tuple(sizes[each] if each in axes else 1 for each in "TC")
    straight = array.transpose([axes.index(letter) for letter in "TCZYX" if letter in axes]).reshape(image.shape)
    box, frame = tuple(map(piece, image.space)), image.frames - 1
    assert (image.region(frame, box) == straight[frame][(slice(None), *box)]).all()
    assert image.dtype == array.dtype
    if not padding:
        assert (liffile.imread(path) == array).all()


@pytest.mark.parametrize(("tags", "order"), [((1, 2, 3), [0, 1, 2]), ((3, 2, 1), [2, 1, 0])])
def test_colours_come_from_red_to_blue(tmp_path, tags, order):
    array = drawn((20, 30, 3), "u1")
    write_lif(tmp_path / "a.lif", {"a": (array, "YXC")}, tags=tags)
    image = open_image(tmp_path / "a.lif")
    assert image.channels == ("red", "green", "blue")
    assert (image.frame() == np.moveaxis(array[..., order], -1, 0)).all()
    assert (liffile.imread(tmp_path / "a.lif") == array[..., order]).all()


def test_each_image_of_a_file_and_each_tile_is_a_scene(tmp_path):
    movie, tiles = drawn((3, 20, 30)), drawn((4, 2, 15, 25))
    write_lif(tmp_path / "a.lif", {"movie": (movie, "TYX"), "slide": (tiles, "MCYX")}, tables=["Green", "Red"])
    found = find_files(tmp_path)
    assert [path.name for path in found] == [f"a.lif:{number}" for number in range(1, 6)]
    assert (open_image(found[0]).array()[:, 0] == movie).all()
    for path, tile in zip(found[1:], tiles, strict=True):
        assert (open_image(path).frame() == tile).all()
        assert open_image(path).channels == ("Green", "Red")
    listed = r"a\.lif:1 is movie \(T 3 × Y 20 × X 30\); a\.lif:2 is slide, tile 1 \(C 2 × Y 15 × X 25\)"
    with pytest.raises(FileError, match=listed):
        open_image(tmp_path / "a.lif")


@pytest.mark.parametrize(("unit", "size", "strange"), [("m", (2, 0.25, 0.5), ""), ("", None, ""),
                                                       ("parsec", None, "parsec")])
def test_sizes_are_in_micrometres(tmp_path, unit, size, strange):
    write_lif(tmp_path / "a.lif", {"a": (drawn((3, 20, 30)), "ZYX")}, step=(0.5, 0.25, 2), unit=unit)
    image = open_image(tmp_path / "a.lif")
    assert image.pixel_size == (size and pytest.approx(size))
    assert image.strange_unit == strange


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 0.999))
def test_a_file_cut_short_is_refused_and_named(tmp_path_factory, share):
    path = tmp_path_factory.mktemp("lif") / "a.lif"
    write_lif(path, {"a": (drawn((20, 30)), "YX")})
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(FileError, match=r"a\.lif"):
        open_image(path).array()


@pytest.mark.parametrize(("said", "instead", "words"), [
    ('NumberOfElements="30"', 'NumberOfElements="3000000"', "does not fit where it should lie"),
    ('BytesInc="2"', 'BytesInc="-2"', "does not fit where it should lie"),
    ('DimID="3"', 'DimID="6"', "has 4 angles for each plane"),
    ('DimID="3"', 'DimID="2"', "names an axis of a twice"),
    ('MemoryBlockID="MemBlock_0"', 'MemoryBlockID="MemBlock_9"', "cut short: the pixels of a are not in it"),
    ('NumberOfElements="4"', 'NumberOfElements="4194305"', "names 4,194,305 planes"),
    ("<Data>", "<Data", "cannot be read"),
])
def test_what_is_wrong_is_said(tmp_path, said, instead, words):
    write_lif(tmp_path / "a.lif", {"a": (drawn((4, 20, 30)), "ZYX")})
    data = (tmp_path / "a.lif").read_bytes()
    length = int.from_bytes(data[9:13], "little")
    header = data[13 : 13 + 2 * length].decode("utf-16-le")
    assert said in header
    header = header.replace(said, instead)
    sizes = [count.to_bytes(4, "little") for count in (2 * len(header) + 5, len(header))]
    (tmp_path / "a.lif").write_bytes(data[:4] + sizes[0] + data[8:9] + sizes[1] + header.encode("utf-16-le")
                                     + data[13 + 2 * length :])
    with pytest.raises(FileError, match=words) as caught:
        open_image(tmp_path / "a.lif")
    assert "a.lif" in str(caught.value)


def test_only_the_region_is_read(tmp_path):
    array = drawn((2, 2000, 2000))
    write_lif(tmp_path / "a.lif", {"a": (array, "CYX")})
    image = open_image(tmp_path / "a.lif")
    tracemalloc.start()
    part = image.region(0, (slice(700, 740), slice(20, 60)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (part == array[:, 700:740, 20:60]).all()
    assert peak < array.nbytes / 20
