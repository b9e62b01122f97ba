"""What lies in an OME-Zarr is found, and what a plate names and lacks is passed over."""

import json
import os

import numpy as np
import pytest

from morula.errors import FileError, RequestError
from morula.headers.zarr_groups import VERSIONS, files_of, labels_of, member
from morula.images.read import find_files, open_image
from morula.names.endings import called
from zarrs import write_attributes, write_labels, write_ome_zarr, write_plate

PIXELS = np.arange(24, dtype=np.uint8).reshape(4, 6)


def names(files):
    return [called(file) for file in files]


@pytest.fixture(params=VERSIONS)
def plate(request, tmp_path):
    fields = dict.fromkeys(("B/03/0", "B/03/1", "B/10/0", "C/03/0"), PIXELS)
    plate = write_plate(tmp_path / "p.ome.zarr", fields, version=request.param, missing=["B/10/1", "D/01/0"])
    for field in ("B/03/0", "C/03/0"):
        write_labels(plate / field, "nuclei", PIXELS, "yx", version=request.param)
    return plate


def test_the_fields_of_a_plate_as_far_as_they_are_there(plate):
    fields = ["p.ome.zarr/B/03/0", "p.ome.zarr/B/03/1", "p.ome.zarr/B/10/0", "p.ome.zarr/C/03/0"]
    for source in (plate, str(plate), plate.parent, f"{plate.parent}/*.zarr", [plate, plate / "B/03"]):
        assert names(find_files(source)) == fields
    assert names(find_files(plate / "B" / "03")) == fields[:2]
    assert names(find_files(f"{plate}/B/*")) == fields[:3]
    assert names(find_files(f"{plate}/*/*/0")) == [fields[0], *fields[2:]]
    assert names(find_files(plate / "B/10/0")) == [fields[2]]


def test_labels_of_a_whole_plate(plate):
    labels = ["p.ome.zarr/B/03/0/labels/nuclei", "p.ome.zarr/C/03/0/labels/nuclei"]
    assert names(find_files(plate / "labels" / "nuclei")) == labels
    assert names(find_files(plate / "labels")) == labels
    assert names(find_files(plate / "C/03/0/labels")) == labels[1:]
    assert names(find_files(f"{plate}/*/*/*/labels/nuclei")) == labels
    with pytest.raises(RequestError, match=r"has no labels cells\. Its labels are nuclei\."):
        find_files(plate / "labels" / "cells")
    with pytest.raises(RequestError, match=r"B/10/0 has no labels cells\. It has none\."):
        find_files(plate / "B/10/0/labels/cells")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_series_of_a_file(tmp_path, version):
    write_attributes(tmp_path / "s.zarr", version, {"bioformats2raw.layout": 3})
    for series in ("0", "1", "2"):
        write_ome_zarr(tmp_path / "s.zarr" / series, PIXELS, "yx", version=version)
    assert names(find_files(tmp_path)) == ["s.zarr/0", "s.zarr/1", "s.zarr/2"]
    write_attributes(tmp_path / "s.zarr" / "OME", version, {"series": ["2", "0"]})
    assert names(find_files(tmp_path)) == ["s.zarr/0", "s.zarr/2"]


def test_beside_other_files_and_never_walked_into(tmp_path):
    write_ome_zarr(tmp_path / "b.ome.zarr", PIXELS, "yx")
    write_ome_zarr(tmp_path / ".hidden.zarr", PIXELS, "yx")
    np.save(tmp_path / "a.npy", PIXELS)
    np.save(tmp_path / "b.ome.zarr" / "inside.npy", PIXELS)
    assert names(find_files(tmp_path)) == ["a.npy", "b.ome.zarr"]


def test_what_is_not_there(tmp_path):
    path = write_ome_zarr(tmp_path / "b.zarr", PIXELS, "yx")
    for name, words in (("b.zarr/0/7", "does not exist"), ("c.zarr", "does not exist"), ("b.zarr/labels", "has no")):
        with pytest.raises(RequestError, match=words):
            find_files(tmp_path / name)
    path.rename(tmp_path / "b")
    with pytest.raises(RequestError, match=r"b is a Zarr by what lies in it. Rename it to b\.zarr"):
        find_files(tmp_path / "b")


@pytest.mark.parametrize("said", [
    {"plate": {"wells": [{"path": "../x"}]}}, {"plate": {"wells": 7}}, {"plate": []}, {"well": {"images": [{}]}},
    {"plate": {"version": "0.2", "wells": []}},
])
def test_a_damaged_one_is_named_when_its_turn_comes(tmp_path, said):
    write_attributes(tmp_path / "a.zarr", "0.4", said)
    [found] = find_files(tmp_path)
    with pytest.raises(FileError, match=r"a\.zarr"):
        open_image(found)


@pytest.mark.parametrize("name", ["..", "a/../../b", "/a", "", "C:/a", "..\\a", None, 3, ["a"]])
def test_nothing_outside_is_a_member(tmp_path, name):
    with pytest.raises(FileError, match="lies nowhere in it"):
        member(tmp_path, name)


def test_labels_that_a_list_names_are_those_that_are_there(tmp_path):
    image = write_ome_zarr(tmp_path / "a.zarr", PIXELS, "yx")
    assert labels_of(image) == []
    write_labels(image, "cells", PIXELS, "yx")
    (image / "labels" / ".zattrs").write_text(json.dumps({"labels": ["cells", "gone"]}))
    assert labels_of(image) == ["cells"]
    (image / "labels" / ".zattrs").write_text(json.dumps({"labels": "cells"}))
    with pytest.raises(FileError, match="list of names"):
        labels_of(image)


def test_an_image_is_made_of_its_chunks_and_not_of_its_labels(tmp_path):
    image = write_ome_zarr(tmp_path / "a.zarr", PIXELS, "yx", chunks=(2, 2))
    before = {*files_of(image)}
    assert len(before) > 6
    write_labels(image, "cells", PIXELS, "yx")
    assert {*files_of(image)} == before
    os.utime(image / "0/1/1", (1, 10**10))
    assert max(each.stat().st_mtime for each in files_of(image)) == 10**10
