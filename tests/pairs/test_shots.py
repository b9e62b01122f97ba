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


NUMBERED = [f"{case}_000{channel}" for case in ("case_1", "case_2") for channel in (0, 1)]


def test_numbers_are_channels_where_masks_are_called_so_without_them():
    files = [Path(f"images/{name}.tif") for name in NUMBERED]
    masks = [Path("masks/case_1.tif"), Path("masks/case_2.tif")]
    matching, shots = pair_shots(files, masks, read_names(files))
    assert matching.pairs == ((files[0], masks[0]), (files[2], masks[1]))
    assert shots == {files[0]: {"0000": files[0], "0001": files[1]}, files[2]: {"0000": files[2], "0001": files[3]}}
    assert paired(NUMBERED, ["case_1"]) == ({"case_1_0000": "case_1"}, True)


@pytest.mark.parametrize(("images", "masks"), [
    (NUMBERED[:-1], ["case_1"]), ([*NUMBERED[1:2], "case_1_0002"], ["case_1"]), (NUMBERED, NUMBERED),
    (NUMBERED, ["case_3"]), (["a_0000", "a_0001"], ["drawn"]),
])
def test_other_numbers_are_no_channels(images, masks):
    assert not paired(images, masks)[1]
