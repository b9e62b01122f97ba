"""OME-Zarr of both versions, as zarr itself sees it; and stores that are broken or lie."""

import json
import math
import shutil
import sys
import tracemalloc
from itertools import chain, combinations, permutations
from pathlib import Path

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from morula.errors import FileError
from morula.formats.ome_zarr import open_multiscale
from morula.headers.zarr_groups import VERSIONS
from morula.images.image import Image
from morula.images.read import open_image
from zarrs import write_attributes, write_labels, write_ome_zarr, write_plate

RNG = np.random.default_rng(3)
SIDES = {"t": 2, "c": 3, "z": 4, "y": 11, "x": 13}
AXES = ["".join(order) for count in range(4) for some in combinations("tcz", count)
        for order in permutations((*some, "y", "x")) if order.index("y") < order.index("x")]


def noise(axes: str) -> np.ndarray:
    return RNG.integers(0, 2**16, [SIDES[axis] for axis in axes], np.uint16)


@settings(max_examples=60, deadline=None)
@given(axes=st.sampled_from(AXES), version=st.sampled_from(VERSIONS), data=st.data())
def test_any_axes_in_any_order_and_any_part_of_them(tmp_path_factory, axes, version, data):
    array = noise(axes)
    chunks = [data.draw(st.integers(1, length)) for length in array.shape]
    path = write_ome_zarr(tmp_path_factory.mktemp("any") / "a.ome.zarr", array, axes, version=version, chunks=chunks)
    image, expected = open_image(path), Image.from_array(array, axes.upper())
    assert (image.axes, image.shape, image.name, image.dtype) == (expected.axes, expected.shape, "a", array.dtype)
    ends = [sorted(data.draw(st.lists(st.integers(0, n), min_size=2, max_size=2, unique=True))) for n in image.space]
    box = tuple(slice(*each) for each in ends)
    assert (image.region(image.frames - 1, box) == expected.region(image.frames - 1, box)).all()


@pytest.mark.parametrize("version", VERSIONS)
def test_what_it_says_of_itself(tmp_path, version):
    path = write_ome_zarr(tmp_path / "a.zarr", noise("tczyx"), "tczyx", version=version, scale=[60, 1, 2000, 650, 650],
                          unit="nanometer", channels=["DAPI", "", "GFP"], levels=3)
    image = open_image(path)
    assert image.pixel_size == pytest.approx((2, 0.65, 0.65))
    assert image.channels == ("DAPI", "channel 2", "GFP")
    multiscale = open_multiscale(path)
    assert [level.path.name for level in multiscale.levels] == ["0", "1", "2"]
    assert multiscale.levels[2].scale == (60, 1, 2000, 2600, 2600)


@pytest.mark.parametrize(("unit", "size", "strange"), [
    ("micrometer", 0.5, ""), ("millimeter", 500, ""), ("angstrom", 5e-5, ""), (None, None, ""),
    ("furlong", None, "furlong"), ("pixel", None, ""),
])
def test_units_become_micrometres(tmp_path, unit, size, strange):
    image = open_image(write_ome_zarr(tmp_path / "a.zarr", noise("yx"), "yx", scale=[0.5, 0.5], unit=unit))
    assert image.pixel_size == (None if size is None else pytest.approx((size, size)))
    assert image.strange_unit == strange


def test_a_scale_of_all_levels_counts_too(tmp_path):
    path = write_ome_zarr(tmp_path / "a.zarr", noise("yx"), "yx", scale=[2, 2])
    said = json.loads((path / ".zattrs").read_text())
    said["multiscales"][0]["coordinateTransformations"] = [
        {"type": "scale", "scale": [0.25, 0.5]}, {"type": "translation", "translation": [3, 4]}]
    (path / ".zattrs").write_text(json.dumps(said))
    assert open_image(path).pixel_size == (0.5, 1)
    assert open_multiscale(path).levels[0].translation == (3, 4)


def test_axes_of_length_one_come_and_go(tmp_path):
    image = open_image(write_ome_zarr(tmp_path / "a.zarr", noise("yx")[None, None, None], "tczyx", channels=["BF"]))
    assert (image.shape, image.channels) == ((1, 1, 11, 13), ("BF",))
    flat = open_image(write_ome_zarr(tmp_path / "b.zarr", noise("yx")[:1], "yx"))
    assert flat.space == (1, 13)


def read_bytes() -> int:
    """What this process has read from files, as the system counts it."""
    with Path("/proc/self/io").open() as file:
        return int(file.readline().removeprefix("rchar: "))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone counts what a process reads")
@pytest.mark.parametrize("shards", [None, (2048, 2048)])
def test_a_part_of_a_large_image_reads_its_chunks_alone(tmp_path, shards):
    """512² at a place where it touches four chunks."""
    side, chunk = 20_000, 512
    path = tmp_path / "large.ome.zarr"
    block = RNG.integers(0, 256, (chunk, chunk), np.uint8)
    unit = shards[0] if shards else chunk
    first = write_ome_zarr(path, np.tile(block, (unit // chunk,) * 2), "yx", version="0.5", chunks=(chunk, chunk),
                           shards=shards)
    about = json.loads((first / "0" / "zarr.json").read_text())
    (first / "0" / "zarr.json").write_text(json.dumps({**about, "shape": [side, side]}))
    [packed] = [file for file in (first / "0" / "c").rglob("*") if file.is_file()]
    count = -(-side // unit)
    for row in range(count):
        for column in range(count):
            file = first / "0" / "c" / str(row) / str(column)
            file.parent.mkdir(exist_ok=True)
            if file != packed:
                file.hardlink_to(packed)
    image = open_image(path)
    assert not image.unfinished
    before = read_bytes()
    region = image.region(0, (slice(9_000, 9_512), slice(11_000, 11_512)))
    read = read_bytes() - before
    where = np.arange(9_000, 9_512) % chunk, np.arange(11_000, 11_512) % chunk
    assert (region[0] == block[np.ix_(*where)]).all()
    touched = 4 * packed.stat().st_size // (unit // chunk) ** 2
    assert touched / 2 < read < 2 * touched


@pytest.mark.parametrize("version", VERSIONS)
def test_plates_series_and_labels_have_names(tmp_path, version):
    fields = {"B/03/0": noise("yx"), "B/03/1": noise("yx")}
    plate = write_plate(tmp_path / "p.ome.zarr", fields, version=version)
    for field, array in fields.items():
        image = open_image(plate / field)
        assert (image.name, (image.frame()[0] == array).all()) == (field, True)
    with pytest.raises(FileError, match=r"p\.ome\.zarr holds 2 images. Give one of them, such as .*B/03/0"):
        open_image(plate)
    labels = write_labels(plate / "B/03/0", "cells", np.zeros((11, 13), np.uint16), "yx", version=version)
    assert not open_image(labels).frame().any()


def test_a_whole_file_with_one_image_is_that_image(tmp_path):
    array = noise("yx")
    write_attributes(tmp_path / "s.zarr", "0.4", {"bioformats2raw.layout": 3})
    write_ome_zarr(tmp_path / "s.zarr/0", array, "yx")
    assert (open_image(tmp_path / "s.zarr").frame()[0] == array).all()


def edited(path: Path, stored_as: str, **changed) -> None:
    """Say other things of the only image."""
    file = path / ("zarr.json" if stored_as == "0.5" else ".zattrs")
    said = json.loads(file.read_text())
    about = said["attributes"]["ome"] if stored_as == "0.5" else said
    about["multiscales"][0] |= changed
    file.write_text(json.dumps(said))


@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3", "0.6", "0.6.dev1"])
def test_other_versions_are_refused_by_name(tmp_path, version):
    path = write_ome_zarr(tmp_path / "a.zarr", noise("yx"), "yx")
    edited(path, "0.4", version=version)
    with pytest.raises(FileError, match=rf"a\.zarr is OME-Zarr {version}, and 0\.4 and 0\.5 are read"):
        open_image(path)


DESCRIPTIONS = [
    ({"axes": [{"name": "angle"}, {"name": "y"}, {"name": "x"}]}, "has the axes angle, y, x"),
    ({"axes": [{"name": "z", "type": "space"}, {"name": "x", "type": "space"}]}, "has the axes z, x"),
    ({"axes": ["y", "x"]}, "is damaged"),
    ({"axes": [{"name": n} for n in "tyx"]}, "is damaged"),
    ({"datasets": []}, "is damaged"),
    ({"datasets": [{"path": "../../secret"}]}, "'../../secret', which lies nowhere in it"),
    ({"datasets": [{"path": "/etc"}]}, "'/etc', which lies nowhere in it"),
    ({"datasets": [{"path": 7}]}, "7, which lies nowhere in it"),
    ({"datasets": [{"path": "9"}]}, "9 is missing"),
    ({"datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1]}]}]}, "is damaged"),
    ({"datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": ["a", "b"]}]}]}, "damaged"),
    ({"datasets": "abc"}, "is damaged"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("changed", "words"), DESCRIPTIONS)
def test_descriptions_that_fit_nothing(tmp_path, version, changed, words):
    path = write_ome_zarr(tmp_path / "a.zarr", noise("yx"), "yx", version=version)
    edited(path, version, **changed)
    with pytest.raises(FileError, match=words) as refused:
        open_image(path)
    assert "a.zarr" in str(refused.value)


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", "[" * 100_000, '"text"'])
@pytest.mark.parametrize("name", [".zattrs", "0/.zarray", "zarr.json"])
def test_small_files_that_are_no_such(tmp_path, name, content):
    path = write_ome_zarr(tmp_path / "a.zarr", noise("yx"), "yx")
    (path / name).write_text(content)
    with pytest.raises(FileError, match=r"a\.zarr"):
        open_image(path).frame()


def written_anew(path: Path, **changed) -> None:
    file = path / "0" / ".zarray"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changed}))


HOSTILE = {
    "a codec that nobody knows": ({"compressor": {"id": "lzma9"}}, "cannot be opened .*another codec"),
    "far more than there is": ({"shape": [10**9, 10**9]}, "chunks of .* are absent|of memory"),
    "a chunk that is too large": ({"chunks": [2**20, 2**20], "shape": [2**20, 2**20]}, "a chunk has 1,048,576 ×"),
    "no side": ({"shape": [0, 13]}, "is empty|cannot be opened"),
    "a negative side": ({"shape": [-11, 13]}, "cannot be opened"),
    "text": ({"dtype": "<U7"}, "values|cannot be opened"),
    "objects": ({"dtype": "|O"}, "values|cannot be opened"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_arrays_that_lie_are_refused_before_they_take_memory(tmp_path, name):
    changed, words = HOSTILE[name]
    path = write_ome_zarr(tmp_path / "a.zarr", noise("yx"), "yx", chunks=(4, 4))
    written_anew(path, **changed)
    open_image(write_ome_zarr(tmp_path / "b.zarr", noise("yx"), "yx")).frame()  # what is loaded once
    tracemalloc.start()
    try:
        with pytest.raises(FileError, match=words) as refused:
            open_image(path).frame()
        assert tracemalloc.get_traced_memory()[1] < 2**26
    finally:
        tracemalloc.stop()
    assert "a.zarr" in str(refused.value)


def chunks_of(path: Path) -> list[Path]:
    return sorted(file for file in (path / "0").rglob("*") if file.is_file() and file.name[0] in "0123456789")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
def test_a_chunk_that_is_cut_short_is_found(tmp_path, version, share):
    path = write_ome_zarr(tmp_path / "a.zarr", noise("yx"), "yx", version=version, chunks=(6, 7))
    chunk = chunks_of(path)[1]
    chunk.write_bytes(chunk.read_bytes()[: int(chunk.stat().st_size * share)])
    image = open_image(path)
    assert image.region(0, (slice(6, 11), slice(0, 7))).any()  # the others are as good as before
    with pytest.raises(FileError, match=r"a\.zarr/0 holds a chunk that cannot be read"):
        image.frame()


@pytest.mark.parametrize("version", VERSIONS)
def test_absent_chunks_are_filled_and_said_when_many(tmp_path, version):
    array = noise("yx")
    path = write_ome_zarr(tmp_path / "a.ome.zarr", array, "yx", version=version, chunks=(6, 7))
    assert not open_image(path).unfinished
    chunks_of(path)[0].unlink()
    image = open_image(path)
    assert "1 of the 4 chunks of a.ome.zarr/0 are absent, and are read as 0. If" in image.unfinished
    assert not image.frame()[0, :6, :7].any()
    assert (image.frame()[0, 6:] == array[6:]).all()
    for chunk in chunks_of(path):
        chunk.unlink()
    with pytest.raises(FileError, match="holds not one of its 4 chunks"):
        open_image(path)


def test_few_absent_chunks_are_nothing_to_speak_of(tmp_path):
    path = write_ome_zarr(tmp_path / "a.zarr", noise("yx"), "yx", chunks=(1, 4))
    chunks_of(path)[0].unlink()
    assert not open_image(path).unfinished


def test_labels_may_be_empty(tmp_path):
    image = write_ome_zarr(tmp_path / "a.zarr", noise("yx"), "yx")
    labels = write_labels(image, "cells", np.zeros((11, 13), np.uint8), "yx")
    for chunk in chunks_of(labels):
        chunk.unlink()
    assert not open_image(labels).frame().any()


def test_what_is_no_image_says_so(tmp_path):
    (tmp_path / "empty.zarr").mkdir()
    zarr.create_group(tmp_path / "group.zarr")
    zarr.create_array(tmp_path / "array.zarr", shape=(4, 4), dtype="u1")
    (tmp_path / "file.zarr").write_text("text")
    for name in ("empty", "group", "array", "file"):
        with pytest.raises(FileError, match=rf"{name}\.zarr is no OME-Zarr"):
            open_image(tmp_path / f"{name}.zarr")
    with pytest.raises(FileError, match=r"gone\.zarr cannot be read, for it does not exist"):
        open_image(tmp_path / "gone.zarr")


def test_an_image_that_went_away(tmp_path):
    path = write_ome_zarr(tmp_path / "a.zarr", noise("yx"), "yx")
    image = open_image(path)
    shutil.rmtree(path)
    with pytest.raises(FileError, match=r"a\.zarr/0 is missing"):
        image.frame()
    assert not path.exists()


@pytest.mark.parametrize("dtype", ["?", "i1", ">u2", "<i4", "u8", "f2", ">f4", "f8"])
def test_every_type_of_number(tmp_path, dtype):
    array = (noise("yx") % 100).astype(dtype)
    image = open_image(write_ome_zarr(tmp_path / "a.zarr", array, "yx"))
    assert image.dtype == array.dtype.newbyteorder("=")
    assert (image.frame()[0] == array).all()


def test_axes_can_be_told(tmp_path):
    path = write_ome_zarr(tmp_path / "a.zarr", noise("tyx"), "tyx")
    assert open_image(path, axes="ZYX").space == (2, 11, 13)
    assert math.prod(open_image(path).shape) == open_image(path, axes="CYX").frame().size
    assert len(list(chain(open_image(path)))) == 2
