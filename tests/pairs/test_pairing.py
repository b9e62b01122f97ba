"""Names as people and programs give them, and which belong together."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.pairs.pairing import pair_files


def paths(folder: str, *names: str) -> list[Path]:
    return [Path(folder) / name for name in names]


def by_name(matching) -> dict[str, str]:
    return {image.name: mask.name for image, mask in matching.pairs}


@pytest.mark.parametrize(("image", "mask"), [
    ("a.tif", "a.png"), ("A.TIF", "a.png"), ("scan.ome.tif", "scan.png"),
    ("x.tif", "x_mask.tif"), ("x.tif", "x_GT.tif"), ("x.tif", "x-label.png"), ("x.tif", "x_seg.tif"),
    ("x.tif", "x_cp_masks.png"), ("x.tif", "mask_x.tif"), ("x.tif", "x_seg_mask.tif"), ("x_img.png", "x_mask.png"),
    ("image300.tif", "Mask300.tif"), ("gray 26.tif", "mask 26.tif"), ("t012.tif", "man_seg012.tif"),
    ("Bild 7.tif", "Umriss 007.tif"), ("胚胎 (1).tif", "胚胎 (1)_mask.tif"),
])
def test_names_that_belong_together(image, mask):
    others = ["other 8888.tif"] if image[0] not in "tB" else []  # a number at the end pairs in folders of one kind
    matching = pair_files(paths("images", image, *others), paths("masks", mask))
    assert by_name(matching) == {image: mask}
    assert [path.name for path in matching.images_without_mask] == others
    assert not matching.masks_without_image
    assert not matching.ambiguous


def test_an_umlaut_is_one_letter_however_it_is_written():
    matching = pair_files(paths("a", "K\u00f6rper.tif", "b.tif"), paths("b", "Ko\u0308rper.png"))
    assert len(matching.pairs) == 1


@given(st.sets(st.integers(0, 99_999), min_size=2), st.randoms())
def test_numbers_pair_whatever_the_order_and_the_zeros(numbers, shuffler: random.Random):
    images = paths("i", *(f"t{number:05}.tif" for number in numbers))
    masks = paths("m", *(f"man_seg{number}.tif" for number in numbers))
    shuffler.shuffle(masks)
    matching = pair_files(images, masks)
    assert {int(i.stem[1:]) for i, _ in matching.pairs} == numbers
    assert all(int(image.stem[1:]) == int(mask.stem[7:]) for image, mask in matching.pairs)


def test_one_folder_holds_both():
    files = paths("all", "x.tif", "x_mask.tif", "y.tif", "y_mask.tif", "z.tif")
    matching = pair_files(files, files)
    assert by_name(matching) == {"x.tif": "x_mask.tif", "y.tif": "y_mask.tif"}
    assert [path.name for path in matching.images_without_mask] == ["z.tif"]
    assert not pair_files(paths("all", "x.tif", "y.tif"), paths("all", "x.tif", "y.tif")).pairs


def test_a_number_pairs_only_where_each_folder_counts_one_thing():
    matching = pair_files(paths("i", "well1_3.tif", "well2_3.tif"), paths("m", "a3.tif", "a4.tif"))
    assert not matching.pairs
    assert len(matching.masks_without_image) == 2


def test_what_fits_twice_is_not_guessed():
    matching = pair_files(paths("i", "x.tif", "y.tif"), paths("m", "x_mask.tif", "x_GT.tif", "y_mask.tif"))
    assert by_name(matching) == {"y.tif": "y_mask.tif"}
    assert {path.name for path in matching.ambiguous[0]} == {"x.tif", "x_mask.tif", "x_GT.tif"}
    lone = pair_files(paths("i", "x.tif"), paths("m", "x_mask.tif", "x_GT.tif"))
    assert not lone.pairs
    assert len(lone.ambiguous) == 1


def test_an_image_and_a_mask_alone_belong_together():
    assert by_name(pair_files(paths("", "movie.tif"), paths("", "outlines by Ann.tif")))
    assert not pair_files(paths("", "movie.tif"), paths("", "Ann.tif", "Bea.tif")).pairs


def test_the_rule_that_pairs_most_is_the_one():
    images = paths("i", "image1.tif", "image2.tif", "same.tif")
    masks = paths("m", "Mask1.tif", "Mask2.tif", "same.tif")
    assert len(pair_files(images, masks).pairs) == 3
