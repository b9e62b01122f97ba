"""One folder for all, and the folders that people and programs make beneath it."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from morula.errors import RequestError
from morula.pairs.folders import Found, find_both, find_masks
from morula.pairs.pairing import pair_files
from zarrs import write_labels, write_ome_zarr, write_plate


def lay_out(parent: Path, *files: str) -> Path:
    for file in files:
        (parent / file).parent.mkdir(parents=True, exist_ok=True)
        (parent / file).touch()
    return parent


def named(found: Found, parent: Path) -> tuple[list[str], list[str]]:
    images, masks = ([file.relative_to(parent).as_posix() for file in files] for files in (found.images, found.masks))
    return images, masks


@pytest.mark.parametrize(("images", "masks"), [
    ("images", "masks"), ("image", "mask"), ("img", "label"), ("imgs", "labels"), ("imagesTr", "labelsTr"),
    ("Images", "Ground Truth"), ("raw", "annotations"), ("input", "target"),
])
def test_two_folders_in_one(tmp_path, images, masks):
    parent = lay_out(tmp_path, f"{images}/a.tif", f"{masks}/a.tif", "imagesTs/b.tif", "notes/c.tif")
    for found in find_both(parent), find_both(str(parent), parent / masks / ".."):
        assert named(found, parent) == ([f"{images}/a.tif"], [f"{masks}/a.tif"])
        assert found.places == (parent / images, parent / masks)


def test_one_folder_may_hold_both(tmp_path):
    parent = lay_out(tmp_path, "a.tif", "a_mask.tif")
    assert named(find_both(parent), parent) == (["a.tif", "a_mask.tif"],) * 2


def test_masks_may_lie_in_a_folder_beneath_their_images(tmp_path):
    parent = lay_out(tmp_path, "a.tif", "masks/a.tif")
    assert named(find_both(parent), parent) == (["a.tif"], ["masks/a.tif"])


def test_a_folder_for_each_image(tmp_path):
    masks = "i1/masks/x.png", "i1/masks/y.png", "i2/masks/z.png"
    parent = lay_out(tmp_path, "i1/images/i1.png", "i2/images/i2.png", *masks)
    assert named(find_both(parent), parent) == (["i1/images/i1.png", "i2/images/i2.png"], [*masks])


def test_sets_to_train_and_to_test_are_never_thrown_together(tmp_path):
    names = [f"{part}/{side}/{part}{number}.tif" for part in ("test", "train") for side in ("images", "masks")
             for number in range(2)]
    with pytest.raises(RequestError, match=r"several folders with images and masks: test, train\. Give one") as refusal:
        find_both(lay_out(tmp_path, *names))
    advised = str(refusal.value).rsplit("such as ", 1)[1].rstrip(".")
    assert len(find_both(advised).masks) == 2


def test_several_folders_of_masks_are_refused_by_name(tmp_path):
    parent = lay_out(tmp_path, "images/a.tif", "labels/a.tif", "masks/a.tif")
    with pytest.raises(RequestError, match=r"may be those of the masks: labels, masks\. Give the folder of the images"):
        find_both(parent)
    assert len(find_both(parent / "images", parent / "labels").masks) == 1


def test_a_folder_without_either_says_what_to_give(tmp_path):
    with pytest.raises(RequestError, match=r"no folders called images and masks\. Give the folder of the"):
        find_both(lay_out(tmp_path, "a/notes.txt"))


def test_masks_of_each_image_in_a_folder(tmp_path):
    masks = lay_out(tmp_path, "masks/a/1.png", "masks/a/2.png", "masks/b/1.png", "masks/.c/1.png") / "masks"
    assert [file.relative_to(masks).as_posix() for file in find_masks(masks).files] == ["a/1.png", "a/2.png", "b/1.png"]


def test_of_a_truth_of_the_cell_tracking_challenge_the_outlines_are_the_masks(tmp_path):
    truth = "SEG/man_seg000.tif", "SEG/man_seg001.tif", "TRA/man_track000.tif", "TRA/man_track001.tif"
    parent = lay_out(tmp_path, "01/t000.tif", "01/t001.tif", *(f"01_GT/{name}" for name in truth))
    found = find_both(parent / "01", parent / "01_GT")
    assert named(found, parent)[1] == ["01_GT/SEG/man_seg000.tif", "01_GT/SEG/man_seg001.tif"]
    assert [(image.stem, mask.stem) for image, mask in pair_files(found.images, found.masks).pairs] == [
        ("t000", "man_seg000"), ("t001", "man_seg001")]
    (parent / "01_GT/other").mkdir()
    assert find_masks(parent / "01_GT").files == found.masks
    (parent / "01_GT/SEG").rename(parent / "01_GT/cell")
    assert len(find_masks(parent / "01_GT").files) == 4


def test_labels_of_ome_zarr_are_its_masks(tmp_path):
    pixels = np.zeros((4, 6), np.uint8)
    plate = write_plate(tmp_path / "p.ome.zarr", {"A/1/0": pixels, "B/2/0": pixels})
    labels = [write_labels(plate / field, "nuclei", pixels, "yx") for field in ("A/1/0", "B/2/0")]
    for given in ((plate,), (plate, plate), (tmp_path,), (plate, plate / "labels/nuclei")):
        found = find_both(*given)
        assert found.masks == labels
        assert pair_files(found.images, found.masks).pairs == tuple(zip(found.images, labels, strict=True))
    write_labels(plate / "B/2/0", "cells", pixels, "yx")
    with pytest.raises(RequestError, match=r"have the labels cells, nuclei\. Give .* '.*p\.ome\.zarr/labels/cells'"):
        find_both(plate)


def test_ome_zarr_pairs_with_files_of_its_name(tmp_path):
    pixels = np.zeros((4, 6), np.uint8)
    write_ome_zarr(tmp_path / "images" / "a.ome.zarr", pixels, "yx")
    (tmp_path / "masks").mkdir()
    tifffile.imwrite(tmp_path / "masks" / "a_mask.tif", pixels)
    found = find_both(tmp_path)
    assert [(image.name, mask.name) for image, mask in pair_files(found.images, found.masks).pairs] == [
        ("a.ome.zarr", "a_mask.tif")]
