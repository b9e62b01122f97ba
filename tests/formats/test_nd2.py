"""ND2 written byte by byte after its layout, compared with what was written and with what nd2 reads as a whole."""

import re
import tracemalloc

import nd2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microscopes import write_nd2
from morula.errors import FileError
from morula.images.read import find_files, open_image

RNG = np.random.default_rng(6)


def drawn(shape, dtype="u2"):
    return RNG.integers(0, 250, shape).astype(dtype)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), order=st.sampled_from(["", "T", "Z", "TZ", "ZT"]), counts=st.tuples(*[st.integers(2, 4)] * 2),
       components=st.integers(1, 4), dtype=st.sampled_from(["u1", "u2", "f4"]), packed=st.booleans(),
       padding=st.sampled_from([0, 4]))
def test_a_region_is_a_crop_of_what_was_written(
    tmp_path_factory, data, order, counts, components, dtype, packed, padding
):
    def piece(size):
        start = data.draw(st.integers(0, size - 1))
        return slice(start, data.draw(st.integers(start + 1, size)))

    loops = {letter: counts["TZ".index(letter)] for letter in order}
    array = drawn((*loops.values(), 9, 13, components), dtype)
    path = tmp_path_factory.mktemp("nd2") / "Größe 细胞.nd2"
    write_nd2(path, array.reshape(-1, 9, 13, components), loops, packed=packed, padding=padding)
    image = open_image(path)
    axes = f"{order}YXC"
    straight = array.transpose([axes.index(letter) for letter in "TCZYX" if letter in axes]).reshape(image.shape)
    assert (image.frames, len(image.channels)) == (loops.get("T", 1), components)
    assert image.space == ((loops["Z"],) if "Z" in loops else ()) + (9, 13)
    box, frame = tuple(map(piece, image.space)), image.frames - 1
    assert (image.region(frame, box) == straight[frame][(slice(None), *box)]).all()
    assert (nd2.imread(path) == np.moveaxis(array, -1, -3).squeeze()).all()


def test_positions_are_scenes(tmp_path):
    array = drawn((2, 3, 4, 20, 30, 2))  # t, position, z, y, x, c
    write_nd2(tmp_path / "a.nd2", array.reshape(-1, 20, 30, 2), {"T": 2, "P": 3, "Z": 4}, names=["DAPI", "GFP"],
              positions=["A1", "", "B7"], pixel_size=0.65, step=1.5)
    found = find_files(tmp_path)
    assert [path.name for path in found] == ["a.nd2:1", "a.nd2:2", "a.nd2:3"]
    for place, path in enumerate(found):
        image = open_image(path)
        assert (image.array() == np.moveaxis(array[:, place], -1, 1)).all()
        assert (image.channels, image.pixel_size) == (("DAPI", "GFP"), pytest.approx((1.5, 0.65, 0.65)))
    with pytest.raises(FileError, match=r"a\.nd2:1 is A1 \(T 2 × C 2 × Z 4 × Y 20 × X 30\); a\.nd2:2 is T 2"):
        open_image(tmp_path / "a.nd2")


def test_colours(tmp_path):
    array = drawn((1, 20, 30, 3), "u1")
    write_nd2(tmp_path / "a.nd2", array, {}, colours=3, names=["camera"])
    image = open_image(tmp_path / "a.nd2")
    assert image.channels == ("red", "green", "blue")
    assert (image.frame() == np.moveaxis(array[0], -1, 0)).all()


@pytest.mark.parametrize("probe", [True, False])
def test_what_nobody_measured_is_unknown(tmp_path, probe):
    write_nd2(tmp_path / "a.nd2", drawn((3, 20, 30, 1)), {"Z": 3}, probe=probe)
    image = open_image(tmp_path / "a.nd2")
    assert (image.pixel_size, image.channels) == (None, ("grey",))


@pytest.mark.parametrize(("held", "frames", "words"), [
    (7, 2, "7 of the 9 planes that it names, enough for 2 moments"), (2, 3, "2 of the 9 planes .* read as 0")])
def test_a_run_that_was_stopped_is_read_as_far_as_it_went(tmp_path, held, frames, words):
    array = drawn((9, 20, 30, 1)) + 1
    write_nd2(tmp_path / "a.nd2", array, {"T": 3, "Z": 3}, held=held)
    image = open_image(tmp_path / "a.nd2")
    array[held:] = 0
    assert (image.array().reshape(-1, 20, 30) == array[: 3 * frames, ..., 0]).all()
    [warning] = image.warnings
    assert re.search(words, warning)


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 0.999))
def test_a_file_cut_short_is_refused_and_named(tmp_path_factory, share):
    path = tmp_path_factory.mktemp("nd2") / "a.nd2"
    write_nd2(path, drawn((2, 20, 30, 1)), {"T": 2})
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(FileError, match=r"a\.nd2"):
        open_image(path).array()


def test_of_a_frame_that_is_not_packed_the_region_alone_is_read(tmp_path):
    array = drawn((2, 2000, 2000, 1))
    write_nd2(tmp_path / "a.nd2", array, {"T": 2})
    image = open_image(tmp_path / "a.nd2")
    tracemalloc.start()
    part = image.region(1, (slice(700, 740), slice(20, 60)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (part[0] == array[1, 700:740, 20:60, 0]).all()
    assert peak < array.nbytes / 10


def test_the_older_kind_is_refused_by_name(tmp_path):
    (tmp_path / "a.nd2").write_bytes(b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(500))
    with pytest.raises(FileError, match="of the older kind, in JPEG 2000"):
        open_image(tmp_path / "a.nd2")


@pytest.mark.parametrize(("loops", "words"), [({"T": 2**16, "Z": 2**16}, "names 4,294,967,296 planes")])
def test_more_than_any_file_has_is_refused(tmp_path, loops, words):
    write_nd2(tmp_path / "a.nd2", drawn((1, 20, 30, 1)), loops)
    with pytest.raises(FileError, match=words):
        open_image(tmp_path / "a.nd2")
