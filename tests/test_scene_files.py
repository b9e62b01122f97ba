"""Files of microscopes through everything that takes images: out comes what the same pixels in TIFF give."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tifffile

import morula
from microscopes import write_czi, write_lif, write_nd2
from morula.images.read import open_image
from morula.names.endings import called

SCENES = {"a.czi:1": "a_scene1", "a.czi:2": "a_scene2", "b.lif": "b", "c.nd2:1": "c_scene1", "c.nd2:2": "c_scene2"}
"""What they are called in the folder, and what is made of them."""


@pytest.fixture
def places(tmp_path, disc) -> Path:
    """A disc in each scene; in the folder `scenes` as microscopes write them, and in `images` and `masks` as TIFF."""
    rng = np.random.default_rng(0)
    masks = [disc(centre=(25 + 2 * number, 30 + 4 * number)).astype(np.uint8) for number in range(5)]
    images = [(rng.normal(100, 8, mask.shape) + 80 * mask).astype(np.uint8) for mask in masks]
    for folder in ("scenes", "images", "masks"):
        (tmp_path / folder).mkdir()
    write_czi(tmp_path / "scenes/a.czi", [each[None, None, None, ..., None] for each in images[:2]], tile=32,
              pixel_size=(0.5, 0.5, 0))
    write_lif(tmp_path / "scenes/b.lif", {"embryo": (images[2], "YX")})
    write_nd2(tmp_path / "scenes/c.nd2", np.stack(images[3:])[..., None], {"P": 2}, pixel_size=0.5)
    for name, image, mask in zip(SCENES.values(), images, masks, strict=True):
        for folder, array in (("images", image), ("masks", mask)):
            tifffile.imwrite(tmp_path / folder / f"{name}.tif", array, imagej=True, resolution=(2, 2),
                             metadata={"unit": "um"})
    return tmp_path


def rows(path: Path, *without: str) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: text for name, text in row.items() if name not in without} for row in csv.DictReader(file)]


def test_masks_and_tables_are_those_of_files(places):
    model = morula.load("gastruloid")
    for source in ("scenes", "images"):
        assert not morula.segment(model, places / source, places / f"of {source}").failed
    for name in SCENES.values():
        ours, theirs = (places / f"of {source}" / f"{name}.tif" for source in ("scenes", "images"))
        assert (tifffile.imread(ours) == tifffile.imread(theirs)).all()
        assert open_image(ours).pixel_size == pytest.approx((0.5, 0.5))
    ours, theirs = (rows(places / f"of {source}" / "frames.csv", "source") for source in ("scenes", "images"))
    assert [row.pop("file") for row in ours] == [*SCENES]
    assert [row.pop("file") for row in theirs] == [f"{name}.tif" for name in SCENES.values()]
    assert ours == theirs
    again = morula.segment(model, places / "scenes", places / "of scenes")
    assert (again.written, again.skipped) == (0, len(SCENES))
    alone = morula.segment(model, places / "scenes" / "c.nd2:2", places / "alone")
    assert (alone.written, [path.name for path in (places / "alone").glob("*.tif")]) == (1, ["c_scene2.tif"])


def test_pairs_are_found_by_the_names_of_scenes(places):
    checked = morula.check(places / "scenes", places / "masks")
    assert not checked.errors
    assert {(called(pair.image.path), pair.mask.path.stem) for pair in checked.pairing.pairs} == {*SCENES.items()}


def test_each_scene_is_converted(places):
    converted = morula.convert(places / "scenes", places / "converted")
    assert sorted(path.name for path in converted.written) == [f"{name}.ome.zarr" for name in SCENES.values()]
    for name in SCENES.values():
        ours = open_image(places / "converted" / f"{name}.ome.zarr")
        theirs = open_image(places / "images" / f"{name}.tif")
        assert (ours.frame() == theirs.frame()).all()
        assert ours.pixel_size == pytest.approx(theirs.pixel_size)


@pytest.mark.slow
def test_a_training_learns_from_them_what_it_learns_from_files(places):
    told = {"steps": 6, "seed": 1}
    ours = morula.train(places / "scenes", places / "masks", out=places / "a.safetensors", **told)
    theirs = morula.train(places / "images", places / "masks", out=places / "b.safetensors", **told)
    assert ours.model.fingerprint == theirs.model.fingerprint
