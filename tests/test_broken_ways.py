"""Ways to buckets that are refused, break off or lead to what changes: each is said in a sentence, and work goes on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from elsewhere import SECRET, gated, in_bucket, served
from morula import as_path, measure, segment
from morula.errors import FileError, OutputError
from morula.headers.zarr_groups import labels_of, tables_of
from morula.images.read import open_image
from morula.models.model import Model
from zarrs import write_labels, write_ome_zarr

NAMES = ("a", "b", "c")
QUICK = {"flips": False, "pixel_size": 4.0}


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load("gastruloid")


@pytest.fixture
def bucket(tmp_path, s3, request) -> tuple[str, dict]:
    """Three images as OME-Zarr, with numbered labels, in a bucket of their own."""
    grey = np.random.default_rng(1).integers(0, 255, (64, 64)).astype(np.uint8)
    for name in NAMES:
        write_ome_zarr(tmp_path / f"images/{name}.zarr", grey, "yx", version="0.5", chunks=(32, 32))
        write_labels(tmp_path / f"images/{name}.zarr", "nuclei", (grey > 250) * np.uint8(7), "yx", version="0.5")
    number = abs(hash(request.node.name)) % 10**9
    return in_bucket(tmp_path / "images", f"ways-{number}", s3), s3


def without_secrets(*said: str) -> None:
    assert not [each for each in said if SECRET in each]


def test_labels_that_were_refused_come_with_the_same_command_again(bucket, model, tmp_path):
    url, s3 = bucket
    with gated(s3) as (gate, options):
        gate.refused = r"PUT \S+b\.zarr/labels/bodies/"
        done = segment(model, as_path(url, **options), tmp_path / "masks", labels="bodies", **QUICK)
        [(bad, said)] = done.failed.items()
        assert str(bad) == f"{url}/b.zarr"
        assert said.startswith(f"{url}/b.zarr/labels/bodies may not be written (Access Denied). Give what lets you in")
        assert [labels_of(as_path(f"{url}/{name}.zarr", **s3)) for name in NAMES] == [
            ["nuclei", "bodies"], ["nuclei"], ["nuclei", "bodies"]]
        gate.refused, gate.asked = r"\0", []
        again = segment(model, as_path(url, **options), tmp_path / "masks", labels="bodies", **QUICK)
        assert (again.failed, again.skipped, again.written) == ({}, 3, 0)
        assert {each.split(".zarr")[0][-1] for each in gate.asked if each.startswith("PUT")} == {"b"}
    assert labels_of(as_path(f"{url}/b.zarr", **s3)) == ["nuclei", "bodies"]
    without_secrets(said)


def test_a_server_that_dies_between_chunks_and_their_description_leaves_what_the_same_command_ends(
        bucket, model, tmp_path):
    url, s3 = bucket
    with gated(s3) as (gate, options):
        gate.stops = r"PUT \S+b\.zarr/labels/bodies/zarr\.json"
        done = segment(model, as_path(url, **options), tmp_path / "masks", labels="bodies", **QUICK)
        assert [path.name for path in done.failed] == ["b.zarr", "c.zarr"]
        for path, said in done.failed.items():
            assert f"{path}" in said
            assert "cannot be reached" in said
            assert "Check the address and the network" in said
            without_secrets(said)
    there = as_path(f"{url}/b.zarr/labels", **s3)
    assert [*there.glob("bodies/**")]
    assert labels_of(there.parent) == ["nuclei"]
    again = segment(model, as_path(url, **s3), tmp_path / "masks", labels="bodies", **QUICK)
    assert (again.failed, again.skipped) == ({}, 3)
    for name in NAMES:
        labels = open_image(as_path(f"{url}/{name}.zarr/labels/bodies", **s3))
        assert np.array_equal(labels.array()[0, 0], tifffile.imread(tmp_path / f"masks/{name}.tif"))


def test_tables_that_were_refused_are_named_and_the_others_are_there(bucket, tmp_path):
    url, s3 = bucket
    told = {"read_masks_as": "objects", "measures": ("area",), "tables": "cells"}
    with gated(s3) as (gate, options):
        gate.stops = r"PUT \S+b\.zarr/tables/cells/zarr\.json"
        images = as_path(url, **options)
        done = measure([images / f"{name}.zarr/labels/nuclei" for name in NAMES[:2]], tmp_path / "a.csv", **told)
        [said] = done.failed.values()
        assert said.startswith(f"{url}/b.zarr/tables/cells cannot be reached")
        assert [str(each) for each in done.tables] == [f"{url}/a.zarr/tables/cells"]
    # The table of the first is in the way, as it is asked for again; that of the second is none.
    there = as_path(url, **s3)
    with pytest.raises(OutputError, match=rf"{url}/a.zarr/tables/cells exists already \(1 such\)"):
        measure([there / f"{name}.zarr/labels/nuclei" for name in NAMES], tmp_path / "a.csv", **told)
    again = measure([there / f"{name}.zarr/labels/nuclei" for name in NAMES[1:]], tmp_path / "a.csv", **told)
    assert again.failed == {}
    assert [tables_of(there / f"{name}.zarr") for name in NAMES] == [["cells"]] * 3


def test_chunks_that_are_refused_or_do_not_come_are_those_of_one_image(bucket, model, tmp_path):
    url, s3 = bucket
    with gated(s3) as (gate, options):
        gate.refused = r"GET \S+b\.zarr/0/c/1/1"
        done = segment(model, as_path(url, **options), tmp_path / "masks", flips=False)
        [(bad, said)] = done.failed.items()
        assert said.startswith(f"{url}/b.zarr/0 may not be used (Access Denied). Give what lets you in")
        gate.stops = r"GET \S+b\.zarr/0/c/1/1"
        done = segment(model, as_path(url, **options), tmp_path / "masks", flips=False)
        assert (done.skipped, done.written) == (2, 0)
        assert done.failed[bad].startswith(f"{url}/b.zarr/0 cannot be reached")
    assert segment(model, as_path(url, **s3), tmp_path / "masks", flips=False).skipped == 2
    without_secrets(said)


def test_a_bucket_or_a_file_that_is_not_there_is_said(bucket, s3):
    with pytest.raises(FileError, match=rf"^{bucket[0]}/none.tif cannot be read, for it does not exist."):
        open_image(as_path(f"{bucket[0]}/none.tif", **s3))
    with pytest.raises(OutputError, match=r"^s3://no-such-bucket/a/b cannot be written: there is no such bucket .* ma"):
        as_path("s3://no-such-bucket/a/b", **s3).write(Path(__file__))


@pytest.mark.parametrize("place", ["bucket", "listed bucket", "pages", "memory"])
def test_a_file_that_changes_while_it_is_read_is_noticed(place, tmp_path, s3):
    folder = tmp_path / place.replace(" ", "-")
    folder.mkdir()

    def write(shade: int) -> Path:
        file = folder / "a.tif"
        tifffile.imwrite(file, np.full((600, 600), shade, np.uint8), tile=(16, 16))
        return file

    file = write(1)
    with served(folder) as pages:
        if "bucket" in place:
            url = as_path(f"{in_bucket(folder, f'changes-{folder.name}', s3)}/a.tif", **s3)
            if "listed" in place:
                [url] = url.parent.iterdir()
        elif place == "pages":
            url = as_path(f"{pages.url}/a.tif")
        else:
            url = as_path("memory://changes/a.tif")
            url.write(file)
        image = open_image(url)
        part = (slice(0, 16), slice(0, 16))
        assert (image.region(0, part) == 1).all()
        assert (image.region(0, part) == 1).all()
        write(2)
        if place == "pages":
            os.utime(file, (1e9, 1e9))
        else:
            as_path(str(url), **(s3 if "bucket" in place else {})).write(file)
        with pytest.raises(FileError, match=f"{url} has changed since it was opened.* begin again"):
            image.region(0, part)
        assert (open_image(url).region(0, part) == 2).all()
