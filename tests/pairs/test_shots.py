"""Masks of images whose channels lie in files of their own."""

from pathlib import Path

import pytest

from morula.names.table import read_names
from morula.pairs.shots import pair_shots


def paired(images: list[str], masks: list[str]) -> tuple[dict[str, str], bool]:
    files = [Path(f"images/{name}.tif") for name in images]
    matching, shots = pair_shots(files, [Path(f"masks/{name}.png") for name in masks], read_names(files))
    return {image.stem: mask.stem for image, mask in matching.pairs}, bool(shots)


IMAGES = ["t0_ch00", "t0_ch01", "t1_ch00", "t1_ch01", "t2_ch00", "t2_ch01"]


@pytest.mark.parametrize("called", ["{}", "{}_ch00", "{}_ch01", "{}_mask", "{}_ch01_mask"])
def test_a_mask_is_called_like_the_image_or_like_one_of_its_files(called):
    masks = [called.format(moment) for moment in ("t0", "t1", "t2")]
    expected = dict(zip(IMAGES[::2], masks, strict=True))
    assert paired(IMAGES, masks) == (expected, True)


def test_files_with_masks_of_their_own_are_images_of_their_own():
    assert paired(IMAGES, IMAGES) == ({name: name for name in IMAGES}, False)


def test_images_without_mask_are_there_once():
    files = [Path(f"images/{name}.tif") for name in IMAGES]
    matching, _ = pair_shots(files, [Path("masks/t0.png"), Path("masks/t1.png")], read_names(files))
    assert [file.stem for file in matching.images_without_mask] == ["t2_ch00"]


def test_where_a_channel_is_missing_files_are_images():
    assert paired(IMAGES[:-1], ["t0_ch00", "t1_ch00"]) == ({"t0_ch00": "t0_ch00", "t1_ch00": "t1_ch00"}, False)
