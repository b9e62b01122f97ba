"""Images behind URLs: read as those here are, from the real servers, and nothing that lets in is ever seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile
from PIL import Image as Picture

from elsewhere import SECRET, in_bucket, in_memory, in_zip, served
from morula import as_path
from morula.errors import FileError, OutputError, RequestError
from morula.headers.zarr_groups import labels_of
from morula.images.read import find_files, open_image
from morula.models.model import Model
from morula.workflows import convert, segment
from zarrs import write_ome_zarr

if not os.environ.get("MORULA_NEEDS_URLS"):
    pytest.importorskip("aiohttp")


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load("gastruloid")


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    """A folder with a file of each format that is read elsewhere."""
    folder = tmp_path_factory.mktemp("here") / "images"
    folder.mkdir()
    grey = np.random.default_rng(0).integers(0, 2**16, (2, 150, 130)).astype(np.uint16)
    tifffile.imwrite(folder / "tiled 1.tif", grey, tile=(32, 32), compression="zlib", metadata={"axes": "ZYX"})
    tifffile.imwrite(folder / "plain#1.tif", grey, imagej=True, metadata={"axes": "TYX"})
    Picture.fromarray((grey[0] >> 8).astype(np.uint8)).save(folder / "picture.png")
    Picture.fromarray((grey[1] >> 8).astype(np.uint8)).save(folder / "picture.jpg")
    np.save(folder / "c.npy", grey)
    np.save(folder / "fortran.npy", np.asfortranarray(grey))
    for name in ("packed.nii.gz", "volume.nii"):
        nibabel.Nifti1Image(grey.T.astype(np.int16), np.diag([-1, 1, 2, 1])).to_filename(folder / name)
    write_ome_zarr(folder / "new.ome.zarr", grey, "zyx", version="0.5", levels=2, chunks=(1, 32, 32),
                   shards=(1, 64, 64))
    write_ome_zarr(folder / "old.ome.zarr", grey, "zyx", version="0.4", levels=2, chunks=(1, 32, 32))
    return folder


@pytest.fixture(scope="module", params=["memory", "zip", "s3", "http"])
def there(request, images: Path) -> Path:
    """The same folder elsewhere."""
    if request.param == "s3":
        s3 = request.getfixturevalue("s3")
        yield as_path(in_bucket(images, "everything", s3), **s3)
    elif request.param == "http":
        with served(images.parent) as pages:
            yield as_path(f"{pages.url}/images")
    else:
        yield as_path(in_memory(images, "images") if request.param == "memory" else in_zip(images))


def test_all_formats_are_read_as_they_are_here(images, there):
    here, elsewhere = find_files(images), find_files(there)
    assert [each.name for each in elsewhere] == [each.name for each in here]
    for path, other in zip(here, elsewhere, strict=True):
        mine, its = open_image(path), open_image(other)
        assert (its.name, its.shape, its.dtype, its.pixel_size, its.channels, its.path) == (
            mine.name, mine.shape, mine.dtype, mine.pixel_size, mine.channels, other)
        box = (*mine.whole[:-2], slice(30, 71), slice(20, 99))
        assert np.array_equal(its.region(0, box), mine.region(0, box)), other
        assert np.array_equal(its.array(), mine.array()), other
    if there.site.link.protocol != "zip":  # of what was packed, the time counts at which it was
        changed = [each.stat().st_mtime for each in elsewhere if each.suffix != ".zarr"]
        assert min(changed) >= int(min(each.stat().st_mtime for each in here))


def test_a_pattern_finds_what_it_finds_here(images, there):
    names = [each.name for each in find_files(images / "*.tif")]
    assert [each.name for each in find_files(as_path(str(there), **_options(there)) / "*.tif")] == names
    with pytest.raises(RequestError, match="No images in"):
        find_files(there / "*.bmp")


def _options(path: Path) -> dict:
    return {name: path.site.system.storage_options[name] for name in ("endpoint_url", "key", "secret")
            if name in path.site.system.storage_options}


def test_of_a_large_file_only_what_is_needed_is_asked_for(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 2**16, (4, 1000, 1000)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "tiled.tif", pixels, tile=(64, 64), metadata={"axes": "ZYX"})
    np.save(tmp_path / "plain.npy", pixels)
    write_ome_zarr(tmp_path / "chunks.zarr", pixels, "zyx", chunks=(1, 64, 64))
    box = (slice(2, 3), slice(100, 120), slice(500, 520))
    with served(tmp_path) as pages:
        for name in ("tiled.tif", "plain.npy", "chunks.zarr"):
            pages.sent = 0
            image = open_image(f"{pages.url}/{name}", axes="ZYX")
            assert np.array_equal(image.region(0, box)[0], pixels[box])
            assert pages.sent < pixels.nbytes / 6, name
        # Chunks are asked for at the same time, and arrive in any order.
        assert sorted(each for each in pages.asked if "chunks.zarr/0/" in each and each[-1].isdecimal()) == [
            "GET /chunks.zarr/0/2/1/7", "GET /chunks.zarr/0/2/1/8"]


def test_a_server_that_gives_no_parts_and_no_lists(images):
    with served(images) as pages:
        pages.parts = pages.lists = False
        for name in ("tiled 1.tif", "plain#1.tif", "fortran.npy", "packed.nii.gz", "old.ome.zarr"):
            its = open_image(as_path(pages.url) / name)
            assert np.array_equal(its.array(), open_image(images / name).array()), name
        with pytest.raises(FileError, match="has shards, of which parts are read, and its server gives whole files"):
            open_image(as_path(pages.url) / "new.ome.zarr")
        with pytest.raises(RequestError, match="its server does not say what lies in it"):
            find_files(pages.url)


def test_masks_are_those_of_the_same_images_here_and_made_once(model, tmp_path, s3):
    (tmp_path / "images").mkdir()
    grey = np.random.default_rng(1).integers(0, 255, (64, 64)).astype(np.uint8)
    Picture.fromarray(grey).save(tmp_path / "images/a.png")
    write_ome_zarr(tmp_path / "images/b.zarr", grey, "yx", chunks=(32, 32))
    url = as_path(in_bucket(tmp_path / "images", "masks-once", s3), **s3)
    segment(model, tmp_path / "images", tmp_path / "here", flips=False)
    first = segment(model, url, tmp_path / "there", flips=False)
    assert (first.written, first.failed) == (2, {})
    for name in ("a.tif", "b.tif"):
        assert np.array_equal(tifffile.imread(tmp_path / "here" / name), tifffile.imread(tmp_path / "there" / name))
    assert {row.source for row in first.frames} == {f"{url}/a.png", f"{url}/b.zarr"}
    assert segment(model, url, tmp_path / "there", flips=False).skipped == 2
    os.utime(tmp_path / "there/a.tif", (1e9, 1e9))  # as if its image were newer
    with pytest.raises(OutputError, match=f"{tmp_path}/there/a.tif exists already"):
        segment(model, url, tmp_path / "there", flips=False)
    again = segment(model, as_path(str(url), **s3), tmp_path / "there", flips=False, overwrite=True)
    assert (again.written, again.skipped) == (1, 1)


def test_labels_come_into_the_image_elsewhere_in_an_order_in_which_nobody_meets_half_of_them(model, tmp_path, s3):
    grey = np.random.default_rng(1).integers(0, 255, (64, 64)).astype(np.uint8)
    for version in ("0.4", "0.5"):
        name = f"labels-{version.replace('.', '-')}"
        write_ome_zarr(tmp_path / name / "a.zarr", grey, "yx", version=version, levels=2, chunks=(32, 32))
        url = as_path(in_bucket(tmp_path / name, name, s3), **s3)
        system, sent = url.site.system, []
        system.put_file = lambda *given, put=system.put_file, sent=sent: (sent.append(given[1]), put(*given))[1]
        done = segment(model, url, tmp_path / f"masks {name}", labels="bodies", flips=False)
        assert done.failed == {}
        [image] = find_files(url)
        assert labels_of(image) == ["bodies"]
        labels = open_image(url / "a.zarr" / "labels" / "bodies")
        assert np.array_equal(labels.array()[0, 0], tifffile.imread(tmp_path / f"masks {name}" / "a.tif"))
        described = [place for place, each in enumerate(sent) if each.endswith(("zarr.json", ".zattrs", ".zgroup",
                                                                               ".zarray"))]
        chunks = [place for place, each in enumerate(sent) if place not in described]
        assert chunks
        if version == "0.5":
            assert max(chunks) < min(described)
        assert "labels/bodies/" in sent[described[-3]]
        assert "labels/bodies/" not in sent[-1]
        again = segment(model, as_path(str(url), **s3), tmp_path / f"masks {name}", labels="bodies", flips=False)
        assert (again.skipped, again.failed) == (1, {})


def test_into_what_cannot_be_written_no_labels_are_asked_for(model, tmp_path):
    write_ome_zarr(tmp_path / "images" / "a.zarr", np.zeros((64, 64), np.uint8), "yx")
    with pytest.raises(RequestError, match=r"nothing can be written into zip://images/a.zarr"):
        segment(model, in_zip(tmp_path / "images"), tmp_path / "masks", labels="bodies")
    assert not (tmp_path / "masks").exists()


def test_one_bad_file_of_a_folder_is_named_and_the_others_are_done(model, tmp_path):
    for name in ("a.png", "bad.png", "c.png"):
        Picture.fromarray(np.zeros((64, 64), np.uint8)).save(tmp_path / name)
    with served(tmp_path) as pages:
        pages.refused = "bad"
        done = segment(model, pages.url, tmp_path / "masks", flips=False)
    assert done.written == 2
    [(bad, said)] = done.failed.items()
    assert str(bad) == f"{pages.url}/bad.png"
    assert said.startswith(f"{bad} may not be used (403")


def test_a_server_that_stops_midway(tmp_path):
    write_ome_zarr(tmp_path / "a.zarr", np.zeros((64, 64), np.uint8), "yx", chunks=(32, 32))
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((64, 64), np.uint8), tile=(16, 16))
    with served(tmp_path) as pages:
        files = [as_path(f"{pages.url}/{name}") for name in ("a.zarr", "a.tif")]
        opened = [open_image(file) for file in files]
    for file, image in zip(files, opened, strict=True):
        with pytest.raises(FileError, match=f"{file}.* cannot be reached .*Check the address and the network"):
            image.frame()
        with pytest.raises(FileError, match=f"{file}.* cannot be reached"):
            open_image(file)


@pytest.mark.parametrize(("url", "said"), [
    ("s3://no-such-bucket/images", "s3://no-such-bucket/images cannot be used: there is no such bucket .*NoSuchBucket"),
    ("nope://a/b.tif", "nope://a/b.tif cannot be asked .*Protocol not known: nope"),
    ("zip://a.tif::/nowhere/b.zip", "zip://a.tif::/nowhere/b.zip does not exist"),
    ("memory://nothing", "memory://nothing does not exist. Check the spelling"),
])
def test_what_is_wrong_with_a_url_is_said(s3, url, said):
    with pytest.raises((RequestError, FileError), match=said) as raised:
        find_files(as_path(url, **(s3 if url.startswith("s3") else {})))
    assert SECRET not in str(raised.value)


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(RequestError, match=r"gs://bucket/a.tif needs .*gcsfs.* python -m pip install 'morula\[urls\]'"):
        as_path("gs://bucket/a.tif")


def test_a_signature_lets_in_to_one_file_and_no_ome_zarr(images):
    with served(images) as pages:
        pages.token = SECRET
        assert np.array_equal(open_image(f"{pages.url}/tiled 1.tif?{SECRET}").array(),
                              open_image(images / "tiled 1.tif").array())
        with pytest.raises(FileError, match=r"lets in to one\. Give the URL without it") as raised:
            open_image(f"{pages.url}/old.ome.zarr?{SECRET}")
        assert SECRET not in str(raised.value)


def test_damage_is_told_from_what_happens_on_the_way(tmp_path, images):
    for name in ("picture.png", "tiled 1.tif", "packed.nii.gz"):
        data = (images / name).read_bytes()
        (tmp_path / name).write_bytes(data[: len(data) // 2])
        with served(tmp_path) as pages, pytest.raises(FileError) as raised:
            open_image(f"{pages.url}/{name}").array()
        assert "copy it again" in str(raised.value).lower()
        assert "cannot be reached" not in str(raised.value)


@pytest.mark.parametrize(("name", "begins"), [("a.czi", b"ZISRAWFILE"), ("a.nd2", b"\xda\xce\xbe\x0a"),
                                              ("a.lif", b"\x70\0\0\0")])
def test_files_of_microscopes_are_to_be_copied_first(name, begins):
    import fsspec

    fsspec.filesystem("memory").pipe(f"/microscopes/{name}", begins + bytes(100))
    with pytest.raises(FileError, match=rf"memory://microscopes/{name} is .*on this machine alone. Copy it here first"):
        open_image(f"memory://microscopes/{name}")


@pytest.mark.slow
def test_what_lets_in_is_in_no_file_and_on_no_screen(run, tmp_path, s3):
    """Every command that is given URLs, with all that lets in: what they write and say is searched."""
    work = tmp_path / "work"
    assert run("synth", "gastruloids", "--out", tmp_path / "drawn", "--count", 4, "--movies", 2, "--size",
               64).exit_code == 0
    url = in_bucket(tmp_path / "drawn", "in-secret", s3)
    images, masks, model = f"{url}/images", f"{url}/masks", work / "model.safetensors"
    one = f"images/{find_files(tmp_path / 'drawn/images')[0].name}"
    options = [word for name, value in s3.items() for word in ("--storage-option", f"{name}={value}")]
    said = []
    for typed in (["check", images, masks], ["train", images, masks, "--out", model, "--steps", 4],
                  ["segment", model, images, "--out", work / "masks", "--review", 1, "--doubt", "--labels", "a"],
                  ["segment", model, images, "--out", work / "masks", "--review", 1, "--doubt"],
                  ["measure", work / "masks", "--images", images, "--out", work / "table.csv", "--geojson", work / "j"],
                  ["evaluate", work / "masks", masks, "--images", images, "--report", work / "page.html"],
                  ["suggest", model, masks, "--json", work / "suggested.json"],
                  ["track", masks, "--out", work / "tracked"],
                  ["convert", images, "--out", work / "converted"],
                  ["info", model, "--image", f"{url}/{one}", "--features", work / "features.svg"]):
        done = run(*typed, *options)
        assert done.exit_code == (2 if "--labels" in typed else 0), done.output
        said.append(done.output)
    with served(tmp_path / "drawn") as pages:
        host, pages.token = pages.url.removeprefix("http://"), f"X-Amz-Signature={SECRET}"
        for number, asked in enumerate((f"http://{host}/{one}?{pages.token}", f"http://me:{SECRET}@{host}/{one}",
                                        f"http://{host}/{one}?sig={SECRET}&more")):
            said.append(run("segment", model, asked, "--out", work / f"signed {number}").output)
    gone = f"http://me:{SECRET}@{host}/a.png?{pages.token}"
    said.append(run("segment", model, gone, "--out", work / "x").output)
    said.append(run("segment", model, images, "--out", f"s3://me:{SECRET}@bucket/masks", *options).output)
    said.append(run("segment", model, images, "--out", work / "y", "--storage-option", SECRET).output)
    for place, words in ((-6, "1 mask written"), (-5, "may not be used (403"), (-4, "may not be used (403"),
                         (-3, "cannot be reached"), (-2, "is no address that"), (-1, "should be NAME=VALUE")):
        assert words in said[place]
    assert f"{url}/{one}" in (work / "masks/frames.csv").read_text()
    seen = [*said, *(str(file) for file in tmp_path.rglob("*")),
            *(file.read_bytes().decode("latin-1") for file in work.rglob("*") if file.is_file())]
    assert len(seen) > 40
    assert not [each for each in seen if SECRET in each or s3["key"] in each]


def test_options_as_they_are_typed(run, tmp_path):
    Picture.fromarray(np.zeros((64, 64), np.uint8)).save(tmp_path / "a.png")
    for typed, said in (("anon", "should be NAME=VALUE"), ("client={1", "should be JSON"), ("=1", "should be NAME")):
        done = run("convert", "memory://a.png", "--out", tmp_path / "o", "--storage-option", typed)
        assert done.exit_code == 2
        assert said in done.output
    with served(tmp_path) as pages:
        pages.account = "Basic bWU6cGFzcw=="
        told = json.dumps({"headers": {"Authorization": pages.account}})
        done = run("convert", f"{pages.url}/a.png", "--out", tmp_path / "out", "--storage-option",
                   f"client_kwargs={told}")
        assert done.exit_code == 0, done.output


def test_what_is_here_needs_nothing_of_it(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 8), np.uint8))
    program = (f"import sys, morula; morula.open_image({str(tmp_path / 'a.tif')!r}).array(); "
               "print([each for each in ('fsspec', 'aiohttp', 's3fs') if each in sys.modules])")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_converted_from_elsewhere(there, tmp_path):
    converted = convert(there / "new.ome.zarr", tmp_path / "out")
    assert converted.failed == {}
    assert np.array_equal(open_image(converted.written[0]).array(), open_image(there / "new.ome.zarr").array())
