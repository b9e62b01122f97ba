"""Names as people and programs give them, and which belong together."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morula.pairs.pairing import hold_both, nothing_fits, numbered_advice, pair_files


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


def rows_of(head: str) -> list[tuple[str, list[str], list[str]]]:
    """The rows of a table in the page about formats: the rule, and the names of images and of masks."""
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
    table = page.split(f"| {head} | images | masks |\n")[1].split("\n\n")[0].splitlines()[1:]
    cells = [row.strip("| ").split(" | ") for row in table]
    return [(rule, *(re.findall("`(.+?)`", names) for names in (images, masks))) for rule, images, masks in cells]


@pytest.mark.parametrize(("rule", "images", "masks"), rows_of("rule"))
def test_the_rules_of_the_page_about_formats(rule, images, masks):
    for order in (masks, masks[::-1]):
        matching = pair_files(paths("images", *images), paths("masks", *order))
        assert by_name(matching) == dict(zip(images, masks, strict=True))
        assert not matching.ambiguous


@pytest.mark.parametrize(("rule", "images", "masks"), rows_of("not a pair, for"))
def test_what_the_page_about_formats_says_is_no_pair(rule, images, masks):
    matching = pair_files(paths("images", *images), paths("masks", *masks))
    assert not matching.pairs
    said = nothing_fits(paths("images", *images), paths("masks", *masks))
    assert images[0] in said or masks[0] in said


def test_what_programs_write_beside_masks_is_set_aside():
    names = "x.tif", "x_cp_masks.tif", "x_flows.tif", "x_outlines_cp_masks.png", "y.tif", "y_masks.tif", "y_dP.tif"
    matching = pair_files(paths("all", *names), paths("all", *names))
    assert by_name(matching) == {"x.tif": "x_cp_masks.tif", "y.tif": "y_masks.tif"}
    assert {path.name for path in matching.set_aside} == {"x_flows.tif", "x_outlines_cp_masks.png", "y_dP.tif"}
    same = pair_files(paths("i", "a.tif", "a_flows.tif"), paths("m", "a.tif", "a_flows.tif"))
    assert by_name(same) == {"a.tif": "a.tif", "a_flows.tif": "a_flows.tif"}  # what an image is called, a mask may be
    assert not same.set_aside


def test_channels_are_refused_and_the_pattern_that_is_advised_helps(tmp_path):
    images, masks = paths(str(tmp_path), *(f"{case}_000{channel}.tif" for case in "ab" for channel in (0, 1))), \
        paths("m", "a.tif", "b.tif")
    assert len(pair_files(images, masks).ambiguous) == 2
    for image in images:
        image.touch()
    pattern = Path(re.search("'(.+)'", nothing_fits(images, masks))[1])
    assert len(pair_files(sorted(pattern.parent.glob(pattern.name)), masks).pairs) == 2


def test_numbers_of_channels_are_not_those_of_images():
    images = paths("i", "case_001_0000.tif", "case_001_0001.tif")
    assert not pair_files(images, paths("m", "case_000.tif", "case_001.tif")).pairs


def test_a_mask_given_for_each_frame_of_a_movie_is_one_file():
    assert len(pair_files(paths("i", "movie.tif"), paths("m", "movie.tif") * 3).pairs) == 1


def test_a_folder_named_after_an_image_holds_its_objects():
    images = paths("i", "a.png", "b.png", "c.png")
    masks = [*paths("m/a", "1.png", "2.png"), *paths("b/masks", "1.png"), *paths("m", "c.png")]
    matching = pair_files(images, masks)
    assert dict(matching.pairs) == dict(zip(images, [Path("m/a"), Path("b/masks"), Path("m/c.png")], strict=True))
    assert not matching.masks_without_image
    lost = pair_files(images[:1], [*masks[:2], *paths("m/lost", "1.png")])
    assert lost.pairs == ((images[0], Path("m/a")),)
    assert lost.masks_without_image == (Path("m/lost/1.png"),)
    plain = pair_files(paths("x", "x.png", "y.png"), paths("x/masks", "x.png", "y.png"))
    assert by_name(plain) == {"x.png": "x.png", "y.png": "y.png"}


@pytest.mark.parametrize(("image", "mask"), [
    ("plate/TimePoint_{0}/a{1}.tif", "masks/TimePoint_{0}/a{1}.png"), ("{0}/images/a{1}.tif", "{0}/masks/a{1}.tif"),
    ("plate/TimePoint_{0}/a{1}.tif", "plate/TimePoint_{0}/a{1}_mask.tif"), ("p{0}/d/a{1}.tif", "m/p{0}/D/a{1}.tif"),
])
def test_where_names_clash_folders_of_the_same_names_pair(image, mask):
    places = [(folder, file) for folder in (1, 2) for file in (3, 4)]
    images, masks = ([Path(form.format(*place)) for place in places] for form in (image, mask))
    assert pair_files(images, masks[::-1]).pairs == tuple(zip(images, masks, strict=True))
    assert pair_files(images, masks[1:]).images_without_mask == (images[0],)
    assert not pair_files(images, [Path(str(file).replace("2", "5")) for file in masks[2:]]).pairs


@pytest.mark.parametrize(("names", "both"), [
    (("a", "a_cp_masks", "a_flows_cp_masks", "b"), True), (("a_mask", "b_mask"), False), (("a", "b_mask"), False),
    (("a", "b"), False), (("a", "a_flows"), False), ((), False),
])
def test_whether_masks_lie_beside_their_images(names, both):
    assert hold_both([Path(f"{name}.tif") for name in names]) == both


@pytest.mark.parametrize("number", ["{0}_{1}", "{0}_mask_0{1}", "{0}-mask-{1}", "masks_{0}_{1}"])
def test_masks_numbered_behind_an_image_are_told_where_to_go(number):
    images, names = paths("images", "h0e.png", "h1e.png"), ("h0e", "h1e")
    masks = paths("all", *(f"{number.format(name, count)}.png" for name in names for count in (1, 2)))
    said = nothing_fits(images, masks)
    assert f"{masks[0].name} and {masks[1].name} are numbered behind h0e.png" in said
    folder, stack = (Path(each) for each in re.findall(r"\((.+?)\)", said))
    moved = [folder.parent.with_name(name) / mask.name for name in names for mask in masks if name in mask.name]
    assert pair_files(images, moved).pairs == tuple((image, Path("masks", image.stem)) for image in images)
    stacks = [stack.with_stem(name) for name in names]
    assert pair_files(images, stacks).pairs == tuple(zip(images, stacks, strict=True))


def test_numbers_behind_other_names_give_no_such_advice():
    images = paths("images", "a.png", "b.png")
    assert not numbered_advice(images, paths("masks", "c_1.png", "c_2.png"))
    assert not numbered_advice(images, paths("masks", "a_1.png", "b_1.png"))
