"""Files whose headers ask for more than any image has: refused by name, before they take memory."""

import gzip
import os
import resource
import struct
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile
from numpy.lib import format as npy

from morula.checks.looks import look_at
from morula.errors import FileError
from morula.headers.limits import left_in_the_group, memory_left, require_memory
from morula.images.read import find_files, open_image

LITTLE = 2**26
"""Bytes that a refusal may take."""
PLANES = 300_000_000


def array_header(path: Path, shape: tuple[int, ...]) -> None:
    with path.open("wb") as file:
        npy.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        file.write(bytes(100))


def png(path: Path, width: int, height: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    row = zlib.compress(bytes(width + 1))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", row) + chunk(b"IEND", b""))


def nifti(path: Path, *, first_side: int = 30, trailing: int = 0) -> None:
    data = bytearray(nibabel.Nifti1Image(np.zeros((30, 20, 1), np.uint8), np.eye(4)).to_bytes())
    data[42:44] = struct.pack("<h", first_side)
    with gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb") as file:
        file.write(data)
        for _ in range(trailing // 2**20):
            file.write(bytes(2**20))


def ome(path: Path, sizes: str, data: str = "<TiffData/>") -> None:
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), metadata=None, description=(
        '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        f'<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="64" SizeY="64" {sizes}>'
        f'<Channel ID="Channel:0:0" SamplesPerPixel="1"/>{data}</Pixels></Image></OME>'))


def imagej(path: Path) -> None:
    with tifffile.TiffWriter(path) as file:  # two pages that follow each other are no stack behind one page
        for page in (np.zeros((64, 64), np.uint8), np.ones((64, 64), np.uint8)):
            file.write(page, metadata=None, compression="zlib",
                       description=f"ImageJ=1.53t\nimages={PLANES}\nframes={PLANES}\n")


def one_tile(path: Path) -> None:
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), tile=(64, 64), compression="zlib")
    with tifffile.TiffFile(path, mode="r+b") as tif:
        for name in ("TileWidth", "TileLength"):
            tif.pages.first.tags[name].overwrite(65520)


HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a negative side.npy": (lambda path: array_header(path, (-4, 96)), "shape would be"),
    "two negative sides.npy": (lambda path: array_header(path, (-4, -25)), "shape would be"),
    "a side too long.npy": (lambda path: array_header(path, (2**40, 2**40)), "cut short"),
    "a negative side.nii": (lambda path: nifti(path, first_side=-5), "shape would be"),
    "a negative side.nii.gz": (lambda path: nifti(path, first_side=-5), "shape would be"),
    "zeros behind it.nii.gz": (lambda path: nifti(path, trailing=2**28), "far more"),
    "a side too long.nii.gz": (lambda path: nifti(path, first_side=32_000), "cut short"),
    "a large square.png": (lambda path: png(path, 25_000, 25_000), "25,000 × 25,000 pixels"),
    "planes by their sizes.ome.tif": (
        lambda path: ome(path, f'SizeZ="1" SizeC="1" SizeT="{PLANES}"'), "300,000,000 planes"),
    "planes by their count.ome.tif": (
        lambda path: ome(path, 'SizeZ="1" SizeC="1" SizeT="1"', f'<TiffData PlaneCount="{PLANES}"/>'),
        "300,000,000 planes"),
    "planes by ImageJ.tif": (imagej, "300,000,000 planes"),
    "a tile of a small picture.tif": (one_tile, "65,520 × 65,520 pixels"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_asks_for_too_much_is_refused_by_name_before_it_takes_memory(tmp_path, name):
    write, wrong = HOSTILE[name]
    write(tmp_path / name)
    tracemalloc.start()
    try:
        with pytest.raises(FileError, match=wrong) as refused:
            open_image(tmp_path / name).frame()
        assert tracemalloc.get_traced_memory()[1] < LITTLE
    finally:
        tracemalloc.stop()
    assert name in str(refused.value)


def test_a_large_square_is_legal(tmp_path):
    png(tmp_path / "large.png", 20_000, 20_000)
    assert open_image(tmp_path / "large.png").space == (20_000, 20_000)


def test_some_filling_behind_a_packed_volume_is_legal(tmp_path):
    nifti(tmp_path / "a.nii.gz")
    with gzip.open(tmp_path / "a.nii.gz", "ab") as file:
        file.write(bytes(512))
    assert open_image(tmp_path / "a.nii.gz").array().shape == (1, 1, 20, 30)


def test_a_packed_volume_whose_checksum_is_wrong_is_refused(tmp_path):
    nifti(tmp_path / "a.nii.gz")
    data = bytearray((tmp_path / "a.nii.gz").read_bytes())
    data[-8] ^= 1
    (tmp_path / "a.nii.gz").write_bytes(data)
    with pytest.raises(FileError, match="CRC"):
        open_image(tmp_path / "a.nii.gz").frame()


def test_what_is_more_than_the_memory_that_is_left_is_refused():
    assert 2**26 < memory_left() < 2**50
    with pytest.raises(FileError, match=r"a\.tif needs .* GB of memory, and .* are left"):
        require_memory(Path("a.tif"), memory_left() * 2)
    require_memory(Path("a.tif"), 2**27)


def test_what_a_limit_or_a_container_leaves_is_less(tmp_path):
    told = {"memory.max": "8000\n", "memory.current": "7000\n", "memory.stat": "anon 4000\ninactive_file 2500\n"}
    for name, text in told.items():
        (tmp_path / name).write_text(text)
    assert left_in_the_group(tmp_path) == 8000 - 7000 + 2500
    (tmp_path / "memory.max").write_text("max\n")
    assert left_in_the_group(tmp_path) == left_in_the_group(tmp_path / "none") == sys.maxsize
    known = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + 2**28, known[1]))
    try:
        assert memory_left() <= 2**28
    finally:
        resource.setrlimit(resource.RLIMIT_AS, known)


def test_a_mask_of_another_size_is_not_decoded(tmp_path):
    """Its strips are damaged, which nobody who looks at headers alone finds out."""
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((64, 64), np.uint8))
    tifffile.imwrite(tmp_path / "mask.tif", np.zeros((96, 96), np.uint8), compression="zlib")
    with tifffile.TiffFile(tmp_path / "mask.tif") as tif:
        start = tif.pages.first.dataoffsets[0]
    with (tmp_path / "mask.tif").open("r+b") as file:
        file.seek(start)
        file.write(b"\xff\xff")
    found = look_at(tmp_path / "a.tif", tmp_path / "mask.tif")
    assert isinstance(found, list)
    assert [finding.problem for finding in found] == ["the mask has 96 × 96 px, and its image 64 × 64 px"]


def test_a_header_that_nobody_can_read_keeps_no_folder_from_being_listed(tmp_path):
    header = b"{[]: 1}".ljust(117) + b"\n"  # no key of a dictionary
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    tifffile.imwrite(tmp_path / "b.tif", np.zeros((8, 8), np.uint8))
    assert [file.name for file in find_files(tmp_path)] == ["a.npy", "b.tif"]


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan"), float("inf")])
def test_a_volume_that_tells_no_size_of_voxels_has_none(tmp_path, size):
    nifti(tmp_path / "a.nii")
    data = bytearray((tmp_path / "a.nii").read_bytes())
    data[80:84] = struct.pack("<f", size)
    (tmp_path / "a.nii").write_bytes(data)
    assert open_image(tmp_path / "a.nii").pixel_size is None


def test_links_to_nothing_and_pipes_are_found_and_named(tmp_path):
    (tmp_path / "a.tif").symlink_to("gone.tif")
    (tmp_path / "a circle.tif").symlink_to("a circle.tif")
    os.mkfifo(tmp_path / "b.tif")
    os.mkfifo(tmp_path / "c.npy")
    tifffile.imwrite(tmp_path / "d.tif", np.zeros((8, 8), np.uint8))
    for place in (tmp_path, tmp_path / "*"):
        assert [file.name for file in find_files(place)] == [
            "a circle.tif", "a.tif", "b.tif", "c.npy", "d.tif"]
    with pytest.raises(FileError, match=r"a\.tif cannot be read, for it is a link to gone\.tif, which does not exist"):
        open_image(tmp_path / "a.tif")
    with pytest.raises(FileError, match=r"a circle\.tif cannot be read \(Too many levels"):
        open_image(tmp_path / "a circle.tif")
    for pipe in ("b.tif", "c.npy"):
        with pytest.raises(FileError, match="is a pipe or a device"):
            open_image(tmp_path / pipe)
