"""What a plan makes of the pairs, and that it says why."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from skimage.draw import disk, ellipse

from morula.drawings.synthetic import draw_gastruloids
from morula.errors import RequestError
from morula.images.image import Image
from morula.models.plan import Augmentation, Plan
from morula.networks.architecture import PUBLISHED
from morula.pairs.pair import Frame, Pair
from morula.pairs.recognition import recognise
from morula.planning.plan_making import make_plan
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.settings import with_fields


def frames(images, masks, axes: str = "YX", **image):
    pairs = []
    for number, (picture, mask) in enumerate(zip(images, masks, strict=True)):
        pair = Pair(Image.from_array(picture, axes, name=f"{number}", **image),
                    Image.from_array(mask, axes.replace("C", "")), f"{number}")
        pairs.append(Frame(pair, 0))
    return pairs, recognise([frame.pair.mask for frame in pairs], read_as="classes")


def gastruloids():
    drawings = list(draw_gastruloids(6, movies=3, seed=0))
    return frames([each.image for each in drawings], [each.mask for each in drawings], pixel_size=(2.0, 2.0))


def discs(size: int = 1024, classes: int = 1):
    masks = np.zeros((4, size, size), np.uint8)
    for number, mask in enumerate(masks):
        mask[disk((size // 2, size // 2 + number * size // 100), size // 4)] = 1
        if classes == 2:
            mask[ellipse(size // 8, size // 8, size // 10, size // 9)] = 2
    return frames(masks * 100, masks)


def plan(pairs, **settings) -> Plan:
    return make_plan(*pairs, *with_fields(settings, TrainSettings(), NetworkSettings()))


def test_what_the_data_are_is_in_the_plan():
    found = plan(gastruloids())
    assert (found.channels, found.classes, found.pixel_size) == (("grey",), ("foreground",), (2.0, 2.0))
    assert (found.architecture.inputs, found.architecture.outputs, found.architecture.axes) == (1, 1, 2)
    assert plan(discs(classes=2)).architecture.outputs == 3
    volumes = np.zeros((2, 8, 40, 40), np.uint8)
    volumes[:, 2:6, 10:30, 10:30] = 1
    solid = plan(frames(volumes, volumes, "ZYX"))
    assert solid.architecture.axes == len(solid.patch) == len(solid.binning) == 3


def test_colours_keep_their_relation():
    colours = np.zeros((2, 3, 64, 64), np.uint8)
    masks = np.zeros((2, 64, 64), np.uint8)
    masks[:, 20:40, 20:40] = 1
    assert plan(frames(colours, masks, "CYX", channels=("red", "green", "blue"))).intensity.channels == "together"
    assert plan(frames(colours, masks, "CYX", channels=("DAPI", "GFP", "phase"))).intensity.channels == "each"


def pictures(count: int, channels: tuple[str, str, str] = ("red", "green", "blue"), group: str | None = None):
    colours, masks = np.zeros((count, 3, 64, 64), np.uint8), np.zeros((count, 64, 64), np.uint8)
    masks[:, 20:40, 20:40] = 1
    found, reading = frames(colours, masks, "CYX", channels=channels)
    return [replace(frame, pair=replace(frame.pair, group=group or frame.group)) for frame in found], reading


def test_colours_vary_the_more_the_fewer_show_how_they_do():
    few, some, many = (plan(pictures(count)) for count in (4, 20, 200))
    assert few.augmentation == Augmentation(flips=(0, 1), mixing=0.3, balance=1.5, colour=0.4)
    assert some.augmentation == Augmentation(flips=(0, 1), mixing=0.15, balance=1.225, colour=0.25)
    assert many.augmentation.mixing < 0.02
    assert 1 < many.augmentation.balance < 1.03
    assert 0.1 < many.augmentation.colour < 0.12
    assert any("stained and lit otherwise." in reason for reason in few.reasons)
    assert any("the less the more images" in reason for reason in some.reasons)
    assert plan(pictures(20, group="movie")).augmentation == few.augmentation  # of one slide


def test_channels_that_are_no_colours_do_not_vary_as_colours_do():
    for other in (plan(pictures(4, ("DAPI", "GFP", "phase"))), plan(gastruloids())):
        assert other.augmentation == Augmentation(flips=(0, 1))
        assert not any("Colours" in reason for reason in other.reasons)


def test_variation_that_nobody_asked_for_is_not_written():
    """Plans of earlier models are read, and what is put aside of a training keeps its name."""
    written = json.loads(plan(gastruloids()).model_dump_json())
    assert not {"mixing", "balance"} & set(written["augmentation"])
    assert Plan.model_validate(written).augmentation == Augmentation(flips=(0, 1))
    varied = Augmentation(mixing=0.2, balance=1.3)
    assert json.loads(varied.model_dump_json()).items() >= {"mixing": 0.2, "balance": 1.3}.items()
    assert Augmentation.model_validate_json(varied.model_dump_json()) == varied


def test_small_frames_with_fine_outlines_are_not_made_coarser():
    assert plan(gastruloids()).binning == (1, 1)


def test_large_smooth_discs_are():
    found = plan(discs())
    assert min(found.binning) > 1
    assert any("averaged" in reason for reason in found.reasons)


def test_fine_threads_are_not():
    masks = np.zeros((2, 1024, 1024), np.uint8)
    masks[:, ::16] = 1
    assert plan(frames(masks, masks)).binning == (1, 1)


def test_patches_fit_the_network_and_are_no_larger_than_frames_need():
    for found in (plan(gastruloids()), plan(discs()), plan(discs(100)), plan(discs(100), patch=50, depth=3)):
        assert not any(np.mod(found.patch, found.architecture.multiple))
    assert plan(discs(100), depth=3).patch == (100, 100)
    assert plan(discs(200), depth=3).patch == (128, 128)
    assert plan(discs(100), patch=50, depth=3).patch == (48, 48)


@pytest.mark.parametrize(("side", "averaged"), [(16, False), (128, True)])
def test_objects_that_are_told_apart_stay_many_pixels_wide(side, averaged):
    """A frame full of objects: its mask alone would survive whatever is done to it."""
    labels = np.arange(1, (1024 // side) ** 2 + 1, dtype=np.uint16).reshape(1024 // side, -1).repeat(side, 0)
    labels = labels.repeat(side, 1)
    labels[:8] = 0
    image, mask = Image.from_array(labels.astype(np.uint8), "YX"), Image.from_array(labels, "YX")
    pairs = [Frame(Pair(image, mask, "a"), 0)]
    reading = recognise([frame.pair.mask for frame in pairs], read_as="objects")
    found = plan((pairs, reading), objects=True)
    assert found.binning == ((4, 4) if averaged else (1, 1))
    assert plan((pairs, reading)).binning == (4, 4)
    assert found.separation is not None
    assert found.architecture.distance
    assert (found.architecture.outputs, found.architecture.maps) == (1, 2)
    assert any("Objects that touch are separated" in reason for reason in found.reasons)


def test_where_objects_are_told_apart_none_is_the_main_one():
    masks = np.zeros((24, 64, 64), np.uint8)
    masks[:, 20:40, 20:40] = 1
    pairs = frames(masks * 90, masks)
    assert plan(pairs).main_object
    found = plan(pairs, objects=True)
    assert not found.main_object
    assert plan(pairs).separation is None


def volumes(upright: bool = True):
    """Volumes with a ball above another one, at random distances; or beside, below, wherever."""
    rng, masks = np.random.default_rng(0), np.zeros((24, 24, 32, 32), np.uint8)
    places = np.moveaxis(np.indices(masks.shape[1:]), 0, -1)
    for mask in masks:
        centre = rng.uniform(10, 14, 3)
        apart = np.array([rng.uniform(5, 8), *rng.uniform(-3, 3, 2)]) * (1 if upright else rng.choice([-1, 1]))
        mask[np.linalg.norm(places - centre, axis=-1) < 4] = 1
        mask[np.linalg.norm(places - centre - apart, axis=-1) < 4] = 2
    return frames(masks * 90, masks, "ZYX")


def test_classes_that_say_which_way_is_up_forbid_flips_that_way():
    found = plan(volumes())
    assert found.augmentation.flips == (1, 2)
    assert found.augmentation.turns
    assert any("along z" in reason for reason in found.reasons)
    assert plan(volumes(upright=False)).augmentation.flips == (0, 1, 2)


def test_a_direction_in_the_image_plane_forbids_turns_too():
    masks = np.zeros((24, 64, 64), np.uint8)
    for number, mask in enumerate(masks):
        mask[disk((20, 20 + number), 8)] = 1
        mask[disk((44, 40 - number), 8)] = 2
    found = plan(frames(masks * 90, masks)).augmentation
    assert (found.flips, found.turns, found.rotation) == ((1,), False, 15)


def test_of_few_frames_those_of_one_movie_are_one_witness():
    """A direction that five volumes show forbids flips; five moments of one show nothing."""
    pairs, reading = volumes()
    few = pairs[:5]
    assert plan((few, reading)).augmentation.flips == (1, 2)
    movie = [replace(frame, pair=replace(frame.pair, group="movie")) for frame in few]
    assert plan((movie, reading)).augmentation.flips == (0, 1, 2)


def test_patches_of_volumes_follow_the_voxels():
    masks = np.zeros((4, 30, 300, 300), np.uint8)
    masks[:, 10:20, 100:200, 100:200] = 1
    found = plan(frames(masks * 90, masks, "ZYX", pixel_size=(4.0, 1.0, 1.0)), binning=1)
    assert found.patch == (12, 48, 48)
    assert found.architecture.multiple == (4, 16, 16)


def test_a_rule_of_one_object_a_frame_is_found_only_where_many_frames_keep_it():
    mask = np.zeros((40, 40), np.uint8)
    mask[5:20, 5:20] = 1
    many = np.stack([np.roll(mask, shift, 1) for shift in range(20)])
    found = plan(frames(many, many))
    assert found.main_object
    assert any("largest piece" in reason for reason in found.reasons)
    assert not plan(frames(many[:19], many[:19])).main_object
    many[7, 30:39, 30:39] = 1
    assert not plan(frames(many, many)).main_object


def test_specks_are_what_is_far_smaller_than_annotated_objects_of_many_frames():
    masks = np.zeros((20, 90, 90), np.uint8)
    for number, mask in enumerate(masks):
        mask[disk((25, 25 + number), 12)] = 1
        mask[disk((65, 65), 5)] = 1
    small = np.count_nonzero(masks[0, 50:]) / 2
    found = plan(frames(masks * 90, masks))
    assert found.specks == (pytest.approx(small),)
    assert any(f"below {small:g} pixels of foreground" in reason for reason in found.reasons)
    few = plan(frames(masks[:19] * 90, masks[:19]))
    assert few.specks == ()
    assert not any("Pieces below" in reason for reason in few.reasons)


def test_the_plan_is_the_same_whatever_the_budget():
    """A short training is the beginning of a long one, on any machine."""
    usual = plan(gastruloids(), steps=80)
    assert usual == plan(gastruloids(), minutes=0.05) == plan(gastruloids(), minutes=600)
    assert usual.batch_sizes.first * np.prod(usual.patch) < 0.7 * usual.batch_sizes.last * np.prod(usual.patch)
    small, fine = (plan(gastruloids(), patch=64, stem=stem).batch_sizes for stem in (2, 1))
    assert 4 <= fine.first <= small.first / 2  # for each takes longer
    assert fine.last == small.last
    fixed = plan(gastruloids(), batch=5).batch_sizes
    assert (fixed.first, fixed.last) == (5, 5)


def test_a_quick_network_is_narrow_and_sees_coarse_pixels():
    usual, quick = plan(gastruloids()), plan(gastruloids(), quick=True)
    assert (usual.binning, quick.binning) == ((1, 1), (2, 2))
    assert quick.architecture.width < usual.architecture.width
    assert any("As asked" in reason for reason in quick.reasons)


def test_what_the_user_decided_stands():
    found = plan(gastruloids(), width=5, depth=3, patch=64, batch=3, binning=2)
    assert (found.architecture.width, found.architecture.depth) == (5, 3)
    assert (found.patch, found.batch, found.binning) == ((64, 64), 3, (2, 2))
    assert plan(gastruloids(), network="published").architecture == PUBLISHED


def test_what_does_not_go_together_is_refused_in_the_words_of_the_command_line():
    with pytest.raises(RequestError, match="--deep-supervision needs a network of at least 3 stages"):
        plan(gastruloids(), depth=2, deep_supervision=True)


def test_every_reason_is_a_sentence():
    for found in (plan(gastruloids()), plan(discs()), plan(discs(), binning=2, network="published")):
        assert len(found.reasons) >= 4
        assert all(reason[0].isupper() or reason[0].isdigit() for reason in found.reasons)
        assert all(reason.endswith(".") for reason in found.reasons)


def test_a_plan_comes_back_from_what_is_written():
    found = plan(discs(classes=2))
    assert Plan.model_validate_json(found.model_dump_json()) == found


def test_the_loss_is_planned_as_asked_and_fits_the_classes():
    assert (plan(gastruloids()).loss, plan(gastruloids()).class_weights) == ("dice + cross_entropy", None)
    asked = plan(gastruloids(), loss="dice + 0.5 focal", class_weights=(1, 3))
    assert (asked.loss, asked.class_weights) == ("dice + 0.5 focal", (1, 3))
    assert "The loss is dice + 0.5 focal, as asked." in asked.reasons
    with pytest.raises(RequestError, match=r"--class-weights gives 3 numbers, and there are 2 classes: background"):
        plan(gastruloids(), class_weights=(1, 2, 3))


def test_dark_things_among_bright_ones_are_shown_more_often_and_named():
    masks = np.zeros((10, 64, 64), np.uint8)
    masks[:, 20:40, 20:40] = 1
    images = np.where(masks, 200, 50).astype(np.uint8)
    alike = plan(frames(images, masks))
    assert alike.repeated == {}
    images[4] = 255 - images[4]
    mixed = plan(frames(images, masks))
    assert mixed.repeated == {"4": 3}
    assert "The rarer kind, 1 of 10 frames (4), is shown 3 times as often." in " ".join(mixed.reasons)
    assert set(mixed.reasons) - set(alike.reasons) == {mixed.reasons[-1]}
    images[5:8] = 255 - images[5:8]
    assert plan(frames(images, masks)).repeated == {}


def test_an_earlier_plan_is_kept_unless_decided_otherwise():
    earlier = plan(discs(), width=24, block="conv", loss="brier")
    again = make_plan(*gastruloids(), TrainSettings(), NetworkSettings(), earlier)
    assert (again.architecture, again.binning, again.intensity) == (
        earlier.architecture, earlier.binning, earlier.intensity)
    assert (again.loss, again.pixel_size) == ("dice + cross_entropy", (2.0, 2.0))
    assert again.patch != earlier.patch
    named = make_plan(*discs(classes=2), TrainSettings(), NetworkSettings(), names=("cell", "wall"))
    for classes, called in ((2, ("cell", "wall")), (1, ("foreground",))):  # its names, where they are as many
        assert make_plan(*discs(classes=classes), TrainSettings(), NetworkSettings(), named).classes == called
    other = make_plan(*discs(classes=2), TrainSettings(binning=3), NetworkSettings(depth=3, block="residual"), earlier)
    assert (other.binning, other.architecture) == (
        (3, 3), earlier.architecture.model_copy(update={"depth": 3, "block": "residual", "outputs": 3}))


def test_pixels_of_larger_images_are_folded_unless_objects_are_told_apart_or_somebody_chose():
    assert plan(gastruloids()).architecture.stem == 2
    assert any("folded" in reason for reason in plan(gastruloids()).reasons)
    assert plan(gastruloids(), objects=True).architecture.stem == 1
    assert plan(gastruloids(), stem=1).architecture.stem == plan(gastruloids(), quick=True).architecture.stem == 1
    assert (plan(discs(111)).architecture.stem, plan(discs(112)).architecture.stem) == (1, 2)
    assert plan(discs(100), stem=2).architecture.stem == 2
    assert plan(discs(112)).architecture.detail == 0
    assert plan(discs(112), detail=6).architecture.detail == 6


@pytest.mark.parametrize(("space", "spacing", "stem"), [
    ((40, 40, 40), (1, 1, 1), 2), ((40, 40, 40), (1.9, 1, 1), 2),
    ((40, 40, 40), (2, 1, 1), 1), ((16, 40, 40), (1, 1, 1), 1),
])
def test_voxels_are_folded_unless_the_volume_is_thin_or_its_slices_lie_far_apart(space, spacing, stem):
    masks = np.zeros((4, *space), np.uint8)
    masks[:, 4:12, 10:30, 10:30] = 1
    found = plan(frames(masks * 90, masks, "ZYX", pixel_size=spacing))
    assert found.architecture.stem == stem
    assert found.architecture.detail == (8 if stem == 2 else 0)
    assert any("Cubes of 2 × 2 × 2 voxels" in reason for reason in found.reasons) == (stem == 2)
