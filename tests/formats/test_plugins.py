"""Plug-ins of bioio: what they read is what the files hold, and each is chosen by its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from bioio_ome_tiff import Reader

from morula.errors import FileError, RequestError
from morula.formats.plugins import plugin_called
from morula.images.image import Image
from morula.images.read import find_files, open_image
from morula.images.write import write_stack

RNG = np.random.default_rng(5)
PLUGIN = "bioio-ome-tiff"


@pytest.fixture
def scenes(tmp_path) -> tuple[Path, np.ndarray, np.ndarray]:
    """A file of two images, as its plug-in reads them: a movie of two channels with units of their own, and a plane."""
    movie = RNG.integers(0, 2**16, (3, 2, 40, 50)).astype(np.uint16)
    plane = RNG.integers(0, 255, (30, 20)).astype(np.uint8)
    size = {"PhysicalSizeX": 650.0, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.5, "PhysicalSizeYUnit": "µm"}
    with tifffile.TiffWriter(tmp_path / "two.ome.tif", ome=True) as writer:
        writer.write(movie, metadata={"axes": "TCYX", "Channel": {"Name": ["DAPI", "GFP"]}, **size})
        writer.write(plane, metadata={"axes": "YX"})
    return tmp_path / "two.ome.tif", movie, plane


def test_scenes_axes_names_and_sizes_are_those_of_the_file(scenes):
    file, movie, plane = scenes
    plugin = plugin_called(PLUGIN)
    assert [dict(scene.sizes) for scene in plugin.scenes(file)] == [
        {"T": 3, "C": 2, "Z": 1, "Y": 40, "X": 50}, {"T": 1, "C": 1, "Z": 1, "Y": 30, "X": 20}]
    first, second = plugin.open(file, 1), plugin.open(file, 2)
    assert (first.axes, first.channels, second.axes) == ("TCYX", ("DAPI", "GFP"), "YX")
    assert dict(first.pixel_size) == pytest.approx({"X": 0.65, "Y": 0.5})
    assert dict(second.pixel_size) == {}
    box = (slice(1, 3), slice(1, 2), slice(5, 17), slice(30, 50))
    assert np.array_equal(first.stored.read(box), movie[box])
    assert np.array_equal(second.stored.read((slice(0, 30), slice(0, 20))), plane)
    with pytest.raises(FileError, match=r"two.ome.tif holds 2 images, and one is read at a time"):
        plugin.open(file, None)


def test_who_cannot_say_how_large_pixels_are_gives_them_all_the_same(scenes, monkeypatch):
    def fails(self):
        raise ValueError("no such style sheet")

    monkeypatch.setattr(Reader, "ome_metadata", property(fails))
    monkeypatch.setattr(Reader, "dimension_properties", property(fails))
    found = plugin_called(PLUGIN).open(scenes[0], 1)
    assert found.pixel_size == {}
    assert np.array_equal(found.stored.read(tuple(map(slice, found.stored.shape))), scenes[1])


def test_colours_are_channels(tmp_path):
    colours = RNG.integers(0, 255, (40, 50, 3)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "rgb.ome.tif", colours, photometric="rgb", metadata={"axes": "YXS"})
    found = plugin_called(PLUGIN).open(tmp_path / "rgb.ome.tif", None)
    assert (found.axes, found.channels) == ("YXC", ("red", "green", "blue"))
    assert np.array_equal(found.stored.read((slice(0, 40), slice(0, 50), slice(0, 3))), colours)


def test_colours_of_several_channels_are_refused(tmp_path):
    colours = RNG.integers(0, 255, (2, 40, 50, 3)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "rgb.ome.tif", colours, photometric="rgb", metadata={"axes": "CYXS"})
    with pytest.raises(FileError, match=r"rgb.ome.tif has 2 channels of 3 colours each, which are not read"):
        plugin_called(PLUGIN).open(tmp_path / "rgb.ome.tif", None)


def test_names_may_have_either_dash(scenes):
    assert plugin_called("BioIO_OME_TIFF").name == PLUGIN


def test_what_is_not_installed_is_said_with_what_is():
    with pytest.raises(RequestError, match=rf"called 'bioio-sky'. There is .*{PLUGIN}.* python -m pip install bioio-"):
        plugin_called("bioio-sky")


def test_a_file_that_is_not_for_it_or_damaged_or_gone_is_named(tmp_path):
    for name, data in (("damaged.ome.tif", b"II*\0" + bytes(100)), ("empty.ome.tif", b""), ("text.dv", b"a text")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FileError, match=rf"{name} cannot be read by {PLUGIN} .*save it as OME-TIFF"):
            plugin_called(PLUGIN).open(tmp_path / name, None)
    with pytest.raises(FileError, match=r"gone.tif cannot be read, for it does not exist"):
        plugin_called(PLUGIN).open(tmp_path / "gone.tif", None)


def test_images_are_converted_and_a_damaged_one_is_named(run, scenes, tmp_path):
    _, movie, plane = scenes
    (tmp_path / "bad.ome.tif").write_bytes(b"II*\0" + bytes(100))
    (tmp_path / "notes.txt").write_text("no image")
    done = run("convert", tmp_path, "--reader", PLUGIN, "--out", tmp_path / "out")
    assert done.exit_code == 1, done.output
    assert "2 images written" in done.stdout
    assert f"bad.ome.tif cannot be read by {PLUGIN}" in " ".join(done.stderr.split())
    first, second = (open_image(path) for path in find_files(tmp_path / "out"))
    assert (first.name, second.name) == ("two_scene1", "two_scene2")
    assert (first.channels, first.pixel_size) == (("DAPI", "GFP"), pytest.approx((0.5, 0.65)))
    assert np.array_equal(first.array(), movie)
    assert np.array_equal(np.squeeze(second.array()), plane)


def test_files_may_be_named_or_behind_a_pattern(run, scenes, tmp_path):
    scenes[0].rename(tmp_path / "two.unusual")
    for given in (tmp_path / "two.unusual", f"{tmp_path}/*.unusual"):
        done = run("convert", given, "--reader", PLUGIN, "--out", tmp_path / "out", "--overwrite")
        assert "2 images written" in done.stdout, done.output
    nothing = run("convert", tmp_path, "--reader", PLUGIN, "--out", tmp_path / "out2")
    assert nothing.exit_code == 2
    assert f"No images for {PLUGIN} in" in " ".join(nothing.output.replace("│", " ").split())


def test_ome_tiff_is_written_as_others_read_it(run, tmp_path):
    array = RNG.integers(0, 2**16, (2, 3, 4, 30, 40)).astype(np.uint16)
    write_stack(tmp_path / "a.tif", Image.from_array(array, "TCZYX", channels=("BF", "DAPI", "GFP"),
                                                     pixel_size=(2.0, 0.5, 0.25)))
    assert run("convert", tmp_path / "a.tif", "--out", tmp_path / "out", "--ome-tiff").exit_code == 0
    read = Reader(tmp_path / "out/a.ome.tif")
    assert (read.dims.order, read.channel_names) == ("TCZYX", ["BF", "DAPI", "GFP"])
    assert tuple(read.physical_pixel_sizes) == (2.0, 0.5, 0.25)
    assert np.array_equal(read.data, array)
