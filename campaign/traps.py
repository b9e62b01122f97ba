"""Files that are made to harm: bombs, circles, entities, what is no file, and names that are no names."""

from __future__ import annotations

import gzip
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import nibabel
import numpy as np
import tifffile

from campaign.mutants import CVAT, GREY, ORIGINALS

LARGE = 3 * 2**29
"""Bytes that a bomb unpacks to."""
ENTITIES = "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>{}]>".format("".join(
    f"<!ENTITY {entity} '{f'&{before};' * 10}'>" for before, entity in pairwise("abcdefghij")))
OUTSIDE = '<!DOCTYPE a [<!ENTITY j SYSTEM "file:///etc/hostname">]>'


def _named(name: str, data: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def _as(name: str, other: str) -> Callable[[Path], Path]:
    """An original under another name."""
    def make(folder: Path) -> Path:
        ORIGINALS[other][1](folder / other)
        return (folder / other).rename(folder / name)

    return make


@cache
def _zeros() -> bytes:
    packer, packed = zlib.compressobj(9), bytearray()
    for _ in range(LARGE // 2**24):
        packed += packer.compress(bytes(2**24))
    return bytes(packed + packer.flush())


def _tiff_bomb(compression: int, pack: Callable[[], bytes]) -> Callable[[Path], Path]:
    """A picture of 40 × 48 pixels whose only strip unpacks to 1.5 gigabytes."""
    def make(folder: Path) -> Path:
        data = pack()
        tifffile.imwrite(folder / "bomb.tif", GREY, metadata=None)
        with tifffile.TiffFile(folder / "bomb.tif", mode="r+b") as tif:
            tags = tif.pages.first.tags
            place = tif.filehandle.size
            for name, value in (("Compression", compression), ("StripByteCounts", len(data)), ("StripOffsets", place)):
                tags[name].overwrite(value)
        with (folder / "bomb.tif").open("ab") as file:
            file.write(data)
        return folder / "bomb.tif"

    return make


def _lerc() -> bytes:
    import imagecodecs

    return imagecodecs.lerc_encode(np.zeros((30_000, 30_000), np.uint8))


def _zstd() -> bytes:
    import imagecodecs

    return imagecodecs.zstd_encode(bytes(LARGE))


def _png_bomb(folder: Path) -> Path:
    """23,000 × 23,000 pixels are legal, and so is to say more in the rows than there are."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 40, 40, 8, 0, 0, 0, 0)
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", _zeros())
                                      + chunk(b"IEND", b""))
    return folder / "bomb.png"


def _png_text(folder: Path) -> Path:
    """A text of 1.5 gigabytes beside a small picture."""
    ORIGINALS["grey.png"][1](folder / "text.png")
    data = (folder / "text.png").read_bytes()
    text = b"zTXta\0\0" + _zeros()
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    (folder / "text.png").write_bytes(data[:33] + chunk + data[33:])
    return folder / "text.png"


def _nifti_bomb(folder: Path) -> Path:
    data = nibabel.Nifti1Image(GREY[..., None], np.eye(4)).to_bytes()
    with gzip.open(folder / "bomb.nii.gz", "wb") as file:
        file.write(data)
        for _ in range(LARGE // 2**24):
            file.write(bytes(2**24))
    return folder / "bomb.nii.gz"


def _roi_bomb(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed, packed.open("a.roi", "w") as file:
        for _ in range(LARGE // 2**24):
            file.write(bytes(2**24))
    return folder / "bomb.zip"


def _roi_above(folder: Path) -> Path:
    ORIGINALS["one.roi"][1](folder / "one.roi")
    with zipfile.ZipFile(folder / "above.zip", "w") as packed:
        packed.write(folder / "one.roi", "../../above.roi")
    return folder / "above.zip"


def _ome(prologue: str, sizes: str = 'SizeZ="1" SizeC="1" SizeT="1"') -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        name = "&j;" if prologue else "a"
        tifffile.imwrite(folder / "a.ome.tif", GREY, metadata=None, description=(
            f'<?xml version="1.0" encoding="UTF-8"?>{prologue}'
            '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
            f'<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="48" SizeY="40" {sizes}>'
            f'<Channel ID="Channel:0:0" SamplesPerPixel="1" Name="{name}"/><TiffData/></Pixels></Image></OME>'))
        return folder / "a.ome.tif"

    return make


def _pages(*, circle: bool) -> Callable[[Path], Path]:
    """Pages that follow one another in a circle, or by the hundred thousand."""
    def make(folder: Path) -> Path:
        path = folder / "pages.tif"
        if circle:
            tifffile.imwrite(path, np.stack([GREY, GREY[::-1]]), metadata=None, compression="zlib")
            with tifffile.TiffFile(path) as tif:
                first, last = tif.pages.first.offset, tif.pages.next_page_offset
            with path.open("r+b") as file:
                file.seek(last)
                file.write(struct.pack("<I", first))
            return path
        page = bytearray(struct.pack("<H", 4))
        for tag, value in ((256, 8), (257, 8), (273, 8), (279, 64)):
            page += struct.pack("<HHII", tag, 4, 1, value)
        with path.open("wb") as file:
            file.write(b"II*\0" + struct.pack("<I", 80) + bytes(72))
            for number in range(100_000):
                file.write(page + struct.pack("<I", 80 + (number + 1) * (len(page) + 4) if number < 99_999 else 0))
        return path

    return make


def _bmp(size: int, bits: int, compression: int, width: int = 8, height: int = 8, colours: int = 0) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, colours, 0)
    return (b"BM" + struct.pack("<IHHI", size, 0, 0, 54) + header).ljust(size, b"\xff")


def _pipe(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        os.mkfifo(folder / name)
        return folder / name

    return make


def _link(name: str, target: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).symlink_to(target)
        return folder / name

    return make


def _folder(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).mkdir()
        return folder / name

    return make


TRAPS: Mapping[str, tuple[str, Callable[[Path], Path]]] = {
    "a strip of 1.5 gigabytes, deflate": ("image", _tiff_bomb(8, _zeros)),
    "a strip of 1.5 gigabytes, zstd": ("image", _tiff_bomb(50000, _zstd)),
    "a strip of 1.5 gigabytes, lzma": ("image", _tiff_bomb(34925, lambda: lzma.compress(bytes(LARGE), preset=0))),
    "a strip of 70 bytes that says it has a gigabyte": ("image", _tiff_bomb(34887, _lerc)),
    "rows of 1.5 gigabytes in a PNG": ("image", _png_bomb),
    "a text of 1.5 gigabytes in a PNG": ("image", _png_text),
    "1.5 gigabytes behind a packed volume": ("image", _nifti_bomb),
    "a ROI of 1.5 gigabytes": ("drawn", _roi_bomb),
    "a ROI above its archive": ("drawn", _roi_above),
    "entities in OME-XML": ("image", _ome(ENTITIES)),
    "an entity outside of OME-XML": ("image", _ome(OUTSIDE)),
    "entities in CVAT": ("drawn", _named("cvat.xml", CVAT.replace("<annotations>", ENTITIES + "<annotations>")
                                         .replace("cell", "&j;").encode())),
    "sides of 2⁶³ in OME-XML": ("image", _ome("", 'SizeZ="9223372036854775807" SizeC="1" SizeT="1"')),
    "negative sides in OME-XML": ("image", _ome("", 'SizeZ="-1" SizeC="-5" SizeT="1"')),
    "pages in a circle": ("image", _pages(circle=True)),
    "a hundred thousand pages": ("image", _pages(circle=False)),
    "a BMP of 118 bytes, packed": ("image", _named("a.bmp", _bmp(118, 8, 1))),
    "a BMP of 118 bytes, packed by halves": ("image", _named("a.bmp", _bmp(118, 4, 2))),
    "a BMP of 16 bits": ("image", _named("a.bmp", _bmp(118, 16, 3))),
    "a BMP of 4 bits": ("image", _named("a.bmp", _bmp(118, 4, 0))),
    "a BMP of a negative height": ("image", _named("a.bmp", _bmp(118, 8, 0, 8, -8))),
    "a BMP of 2³¹ colours": ("image", _named("a.bmp", _bmp(118, 8, 0, colours=2**31))),
    "JSON nested a hundred thousand times": ("drawn", _named("a.json", b'{"shapes": ' + b"[" * 100_000)),
    "a number of a million digits": ("drawn", _named("a.json", b'{"shapes": [' + b"9" * 1_000_000 + b"]}")),
    "a number of a million digits in a project": (
        "project", _named("morula.json", b'{"a": ' + b"9" * 1_000_000 + b"}")),
    "a project nested a hundred thousand times": ("project", _named("morula.json", b"[" * 100_000)),
    "a table of one row of a million columns": ("table", _named("a.csv", b"," * 1_000_000)),
    "a table with NUL": ("table", _named("a.csv", b"a,b\n1,\0\n")),
    "a table in no encoding": ("table", _named("a.csv", b"a,b\n\xff\xfe\xfd,2\n")),
    "a table that is no Parquet": ("table", _named("a.parquet", b"PAR1" + bytes(100) + b"PAR1")),
    "frames with NUL": ("frames", _named("frames.csv", b"file,frame\n\0,\0\n")),
    **{f"an empty file, {name}": (kind, _named(name, b"")) for name, (kind, _) in ORIGINALS.items()},
    **{f"a wrong ending, {name} as {other}": ("image", _as(name, other)) for name, other in (
        ("a.tif", "a.jpg"), ("a.png", "plain.tif"), ("a.npy", "grey.png"), ("a.nii.gz", "a.npy"),
        ("a.bmp", "volume.nii"), ("a.jpg", "volume.nii.gz"), ("a.nii", "grey.bmp"), ("a.tif", "labelme.json"))},
    **{f"a wrong ending, {name} as {other}": ("drawn", _as(name, other)) for name, other in (
        ("a.json", "cvat.xml"), ("a.xml", "labelme.json"), ("a.roi", "grey.png"), ("a.zip", "plain.tif"))},
    **{f"a pipe, {name}": (kind, _pipe(name)) for name, kind in (
        ("a.tif", "image"), ("a.npy", "image"), ("a.json", "drawn"), ("a.xml", "drawn"), ("a.roi", "drawn"),
        ("a.zip", "drawn"), ("frames.csv", "frames"), ("a.csv", "table"), ("a.parquet", "table"),
        ("morula.json", "project"), ("a.safetensors", "model"))},
    **{f"a circle of links, {name}": (kind, _link(name, name)) for name, kind in (
        ("a.tif", "image"), ("a.json", "drawn"), ("frames.csv", "frames"), ("a.csv", "table"),
        ("morula.json", "project"), ("a.safetensors", "model"))},
    **{f"a link to nothing, {name}": (kind, _link(name, "gone")) for name, kind in (
        ("a.tif", "image"), ("a.json", "drawn"), ("a.csv", "table"), ("a.safetensors", "model"))},
    **{f"a folder, {name}": (kind, _folder(name)) for name, kind in (
        ("a.tif", "image"), ("a.json", "drawn"), ("a.zip", "drawn"), ("a.csv", "table"), ("frames.csv", "frames"),
        ("morula.json", "project"), ("a.safetensors", "model"))},
    **{f"a name {what}": ("image", _as(name, "plain.tif")) for what, name in (
        ("with lines", "a\nb\r.tif"), ("of 255 bytes", "a" * 251 + ".tif"), ("that is no text", "gr\udcfcn.tif"),
        ("like a pattern", "[a]*?.tif"), ("like an option", "--out.tif"), ("with colours", "\x1b[31ma.tif"))},
}
"""Who reads each, and how it is made in a folder, by what it is."""
