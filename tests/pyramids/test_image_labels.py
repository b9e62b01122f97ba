"""Labels written into an OME-Zarr, as zarr alone and the models of the specification see them."""

import json
from pathlib import Path

import numpy as np
import pytest
import zarr
from ome_zarr_models.v04.image_label import ImageLabelAttrs as Label04
from ome_zarr_models.v05.image_label import ImageLabelAttrs as Label05

from morula.errors import FileError
from morula.headers.zarr_groups import VERSIONS, labels_of
from morula.images.image import Image
from morula.images.read import open_image
from morula.pyramids import image_labels
from morula.pyramids.image_labels import is_made_by, write_image_labels
from zarrs import write_labels, write_ome_zarr

RNG = np.random.default_rng(5)
AXES = {"yx": (37, 50), "cyx": (2, 37, 50), "tczyx": (2, 3, 4, 37, 50), "zyx": (5, 37, 50), "tcyx": (2, 1, 37, 50)}


def described(labels: Path, version: str):
    """What labels say, as the models of the specification understand it."""
    said = dict(zarr.open_group(labels, mode="r").attrs)
    return Label05.model_validate(said["ome"]) if version == "0.5" else Label04.model_validate(said)


def levels_of(image: Path, version: str) -> list[dict]:
    said = dict(zarr.open_group(image, mode="r").attrs)
    return (said["ome"] if version == "0.5" else said)["multiscales"][0]["datasets"]


def image_and_mask(tmp_path, axes="cyx", version="0.4", **told) -> tuple[Path, Image]:
    shape = AXES[axes]
    path = write_ome_zarr(tmp_path / "a.ome.zarr", RNG.integers(0, 255, shape, np.uint8), axes, version=version,
                          levels=3, chunks=[min(16, length) for length in shape],
                          scale=[0.25 * (1 + place) for place in range(len(axes))], **told)
    image = open_image(path)
    numbers = RNG.integers(0, 3, (image.frames, *image.space), np.uint16)
    return path, Image.from_array(numbers, "T" + image.axes[2:])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("axes", AXES)
def test_labels_lie_on_their_image(tmp_path, axes, version):
    shards = [32 if length > 16 else length for length in AXES[axes]] if version == "0.5" else None
    path, mask = image_and_mask(tmp_path, axes, version, shards=shards)
    labels = write_image_labels(path, "cells", mask, "f00d", ["cell", "debris"])
    about = described(labels, version)
    ours, kept = about.multiscales[0], [place for place, axis in enumerate(axes) if axis != "c"]
    assert [axis.name for axis in ours.axes] == [axes[place] for place in kept]
    for ours_at, theirs_at in zip(ours.datasets, levels_of(path, version), strict=True):
        scale = theirs_at["coordinateTransformations"][0]["scale"]
        assert [*ours_at.coordinateTransformations[0].scale] == [scale[place] for place in kept]
        array, like = zarr.open_array(labels / ours_at.path), zarr.open_array(path / theirs_at["path"])
        for name in ("shape", "chunks", "shards"):
            expected = getattr(like, name)
            assert getattr(array, name) == (expected and tuple(expected[place] for place in kept))
        assert array.dtype == np.uint16
        assert set(np.unique(array[...])) <= {0, 1, 2}
    full = zarr.open_array(labels / "0")[...]
    letters = [each for each in "tzyx" if each in axes]
    assert (full.transpose([[axes[place] for place in kept].index(each) for each in letters]).ravel()
            == mask.array().ravel()).all()
    assert (open_image(labels).array() == mask.array()).all()
    assert [colour.label_value for colour in about.image_label.colors] == [1, 2]
    assert about.image_label.source.image == "../../"


def test_smaller_levels_hold_the_nearest_numbers(tmp_path):
    path, mask = image_and_mask(tmp_path, "yx")
    labels = write_image_labels(path, "cells", mask, "f00d")
    full, half = (zarr.open_array(labels / level)[...] for level in "01")
    y, x = (((np.arange(small) + 0.5) * large / small).astype(int)
            for small, large in zip(half.shape, full.shape, strict=True))
    assert (half == full[np.ix_(y, x)]).all()


@pytest.mark.parametrize("version", VERSIONS)
def test_they_are_added_to_the_list_and_to_what_a_group_says(tmp_path, version):
    path, mask = image_and_mask(tmp_path, version=version)
    write_labels(path, "theirs", np.zeros((37, 50), np.uint8), "yx", version=version)
    file = path / "labels" / ("zarr.json" if version == "0.5" else ".zattrs")
    said = json.loads(file.read_text())
    (said["attributes"] if version == "0.5" else said)["remark"] = "keep"
    file.write_text(json.dumps(said))
    for name in ("ours", "ours", "more"):
        write_image_labels(path, name, mask, "f00d")
    assert labels_of(path) == ["theirs", "ours", "more"]
    assert "keep" in file.read_text()
    assert dict(zarr.open_group(path / "labels", mode="r").attrs)


def test_a_translation_stays(tmp_path):
    path, mask = image_and_mask(tmp_path)
    said = json.loads((path / ".zattrs").read_text())
    for dataset in said["multiscales"][0]["datasets"]:
        dataset["coordinateTransformations"].append({"type": "translation", "translation": [0, 3, 4]})
    (path / ".zattrs").write_text(json.dumps(said))
    labels = write_image_labels(path, "cells", mask, "f00d")
    moved = [each.coordinateTransformations[1].translation for each in described(labels, "0.4").multiscales[0].datasets]
    assert [[*each] for each in moved] == [[3, 4]] * 3


def test_who_stops_midway_leaves_nothing(tmp_path, monkeypatch):
    path, mask = image_and_mask(tmp_path)
    write_image_labels(path, "cells", mask, "f00d")
    before = sorted(path.rglob("*"))
    pixels = (path / "labels/cells/0/0/0").read_bytes()
    monkeypatch.setattr(image_labels, "_write_smaller", lambda *_: 1 / 0)
    for name in ("cells", "others"):
        with pytest.raises(ZeroDivisionError):
            write_image_labels(path, name, mask, "beef")
    assert sorted(path.rglob("*")) == before
    assert (path / "labels/cells/0/0/0").read_bytes() == pixels
    assert labels_of(path) == ["cells"]


def test_labels_know_what_made_them(tmp_path):
    path, mask = image_and_mask(tmp_path)
    file = tmp_path / "mask.tif"
    file.touch()
    labels = write_image_labels(path, "cells", mask, "f00d")
    assert is_made_by(labels, "f00d", file)
    assert not is_made_by(labels, "beef", file)
    assert not is_made_by(labels, "f00d", tmp_path / "gone.tif")
    theirs = write_labels(path, "theirs", np.zeros((37, 50), np.uint8), "yx")
    assert not is_made_by(theirs, "f00d", file)
    (labels / ".zattrs").write_text("{")
    assert not is_made_by(labels, "f00d", file)


def test_a_mask_of_another_size_is_refused(tmp_path):
    path, _ = image_and_mask(tmp_path)
    with pytest.raises(FileError, match=r"the mask has 4 × 5, and .* has 1 × 1 × 37 × 50"):
        write_image_labels(path, "cells", Image.from_array(np.zeros((4, 5), np.uint8), "YX"), "f00d")
    assert not (path / "labels").exists() or not any((path / "labels").iterdir())


def test_of_many_numbers_programs_choose_the_colours(tmp_path):
    path = write_ome_zarr(tmp_path / "a.zarr", np.zeros((20, 20), np.uint8), "yx")
    numbers = np.arange(400, dtype=np.uint16).reshape(20, 20)
    labels = write_image_labels(path, "cells", Image.from_array(numbers, "YX"), "f00d")
    assert "colors" not in json.loads((labels / ".zattrs").read_text())["image-label"]
