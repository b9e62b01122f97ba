"""What arrives is an image under a harmless name, or leaves nothing."""

from __future__ import annotations

import asyncio
import zlib

import numpy as np
import pytest
import tifffile

from morula.errors import FileError, OutputError, RequestError
from morula.projects.project import Project
from morula.projects.uploads import TooLarge, checked_name, take_in


async def pieces(*parts: bytes):
    for part in parts:
        yield part


def picture(tmp_path) -> bytes:
    tifffile.imwrite(tmp_path / "a.tif", np.arange(72, dtype=np.uint8).reshape(8, 9))
    return (tmp_path / "a.tif").read_bytes()


def listed(project) -> list[str]:
    return sorted(path.name for path in project.images.iterdir())


def test_an_image_arrives_in_pieces(project, tmp_path):
    whole = picture(tmp_path)
    source = asyncio.run(take_in(project, "new ü.tif", pieces(whole[:50], whole[50:])))
    assert source.path.read_bytes() == whole
    assert project.image(source).space == (8, 9)


@pytest.mark.parametrize("name", [
    "../up.tif", "..\\up.tif", "/etc/up.tif", "a/b.tif", ".hidden.tif", "a\0.tif", "a\n.tif", "con:.tif", "", ".",
    "a" * 300 + ".tif", "<b>.tif",
])
def test_names_that_lead_elsewhere(project, name):
    with pytest.raises(RequestError, match="name cannot be kept"):
        checked_name(project, name)


def test_names_of_others(project):
    with pytest.raises(RequestError, match=r"ends in \.exe"):
        checked_name(project, "a.exe")
    for name in ("disc 0.png", "DISC 0.TIF"):  # systems that tell no capitals apart would take it for the same
        with pytest.raises(RequestError, match=r"(?i)there is an image called disc 0 already"):
            checked_name(project, name)


@pytest.mark.parametrize("content", [b"", b"no image", b"II*\0" + b"\0" * 50])
def test_what_is_no_image_leaves_nothing(project, content):
    before = listed(project)
    with pytest.raises(FileError, match=r"^new\.tif"):
        asyncio.run(take_in(project, "new.tif", pieces(content)))
    assert listed(project) == before


def test_too_much_leaves_nothing(project, monkeypatch):
    monkeypatch.setattr("morula.projects.uploads.LARGEST", 1000)
    before = listed(project)
    with pytest.raises(TooLarge, match="is larger than 4 GB"):
        asyncio.run(take_in(project, "new.tif", pieces(*[bytes(600)] * 2)))
    assert listed(project) == before


def test_a_full_disk_takes_nothing_and_is_said(small_disk):
    project = Project(small_disk / "project")
    project.images.mkdir()
    with pytest.raises(OutputError, match=r"No space left on device\)\. Make room on its disk\."):
        asyncio.run(take_in(project, "new.tif", pieces(*[bytes(50_000)] * 8)))
    assert listed(project) == []


def test_a_small_file_that_would_unpack_to_a_huge_image(project):
    """A PNG of 200,000 × 200,000 in some hundred bytes."""
    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    side = (200_000).to_bytes(4, "big")
    bomb = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", side + side + bytes([8, 0, 0, 0, 0]))
            + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))
    before = listed(project)
    with pytest.raises(FileError):
        asyncio.run(take_in(project, "bomb.png", pieces(bomb)))
    assert listed(project) == before
