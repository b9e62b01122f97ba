"""Masks in the forms people store them, each made by hand, by Pillow or by people."""

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image as Picture
from scipy.ndimage import gaussian_filter

from morula.errors import DataError, RequestError
from morula.images.image import Image
from morula.images.read import find_files, open_image
from morula.pairs.census import Census
from morula.pairs.masks import NOT_ANNOTATED, MaskReading
from morula.pairs.recognition import recognise


def as_mask(array) -> Image:
    return Image.from_array(np.asarray(array), "YX" if np.ndim(array) == 2 else "YXC", name="mask")


def disc(size=64, radius=20, row=32, column=32):
    rows, columns = np.indices((size, size))
    return np.hypot(rows - row, columns - column) < radius


def ringed():
    """Class numbers 0, 1 and 2: a disc within a disc."""
    return disc(radius=22).astype(np.uint8) + disc(radius=9)


def numbers(reading: MaskReading, mask: Image) -> np.ndarray:
    return reading.class_numbers(mask.frame(0))


@pytest.mark.parametrize("stored", [
    disc(), disc().astype(np.uint8), disc() * np.uint8(255), disc() * np.uint16(65535), disc() * np.float32(1),
    disc() * np.int32(128), np.repeat((disc() * np.uint8(255))[..., None], 3, axis=-1),
])
def test_two_values_are_background_and_class_1(stored):
    reading = recognise([as_mask(stored)])
    assert np.array_equal(numbers(reading, as_mask(stored)), disc())
    assert reading.classes == 1
    assert numbers(reading, as_mask(stored)).dtype == np.uint8
    assert not reading.doubt
    assert "0 is background and" in reading.sentence


def test_class_numbers_stay_what_they_are():
    only_2 = np.where(disc(), 2, 0).astype(np.uint8)
    reading = recognise([as_mask(only_2)])
    assert reading.classes == 2
    assert np.array_equal(numbers(reading, as_mask(only_2)), only_2)
    assert np.array_equal(numbers(reading, as_mask(ringed())), ringed())  # 1 is known too
    assert reading.sentence == "class numbers 0 to 2"


def test_grey_codes_ascend():
    codes = np.array([0, 32, 255], np.uint8)
    reading = recognise([as_mask(codes[ringed()])])
    assert np.array_equal(numbers(reading, as_mask(codes[ringed()])), ringed())
    assert reading.sentence == "3 grey codes: 0 is background, 32 is class 1 and 255 is class 2"


def test_two_codes_without_zero_have_the_darker_as_background():
    reading = recognise([as_mask(np.where(disc(), 255, 128).astype(np.uint8))])
    assert np.array_equal(numbers(reading, as_mask(np.where(disc(), 255, 128))), disc())


def test_one_and_two_without_zero_are_background_and_class_1():
    mask = as_mask(np.where(disc(), 2, 1).astype(np.uint8))
    reading = recognise([mask])
    assert np.array_equal(numbers(reading, mask), disc())
    assert "--read-masks-as classes" in reading.doubt
    assert recognise([mask], read_as="classes").classes == 2
    assert recognise([mask, as_mask(disc().astype(np.uint8))]).sentence == "class numbers 0 to 2"


@pytest.mark.parametrize("values", [(255, 65535), (1, 255), (1, 255, 65535), (200, 254.9)])
def test_one_value_in_each_mask_is_one_class_whatever_it_is(values):
    masks = [as_mask(disc(row=20 + 4 * shift) * np.float32(value)) for shift, value in enumerate(values * 3)]
    reading = recognise(masks)
    for shift, mask in enumerate(masks):
        assert np.array_equal(numbers(reading, mask), disc(row=20 + 4 * shift))
    assert reading.sentence.startswith(f"each mask holds one value beside 0, here {values[0]} and there {values[1]}; ")
    assert "--read-masks-as codes" in reading.doubt
    assert recognise(masks, read_as="codes").classes == len(values)
    assert reading.classes == 1


def test_values_that_share_a_mask_or_are_class_numbers_stay_classes():
    lit, dim = as_mask(disc() * np.uint8(255)), as_mask(disc() * np.uint8(100))
    assert recognise([lit, dim, as_mask(np.array([0, 100, 255], np.uint8)[ringed()])]).classes == 2
    assert recognise([as_mask(disc() * np.uint8(number)) for number in (1, 2, 3)]).classes == 3


def test_a_class_is_not_advised_away_where_it_is_the_only_one_of_a_mask():
    both = ringed()
    both[:5] = 255
    assert "--not-annotated" in recognise([as_mask(both)]).doubt
    doubt = recognise([as_mask(both), as_mask(disc() * np.uint8(255))]).doubt
    assert "255" in doubt
    assert "--not-annotated" not in doubt


def test_whole_numbers_that_a_header_scaled_are_still_one_class_each():
    files = (0, 0.9882, 2.0235), (0, 0.99995, 2), (0, 1, 1.9999)
    scaled = [np.array(values, np.float32)[ringed()] for values in files]
    reading = recognise([as_mask(stored) for stored in scaled])
    for stored in scaled:
        assert np.array_equal(numbers(reading, as_mask(stored)), ringed())
    assert reading.sentence.endswith("class numbers 0 to 2")
    assert "a header scales them" in reading.sentence
    halves = as_mask(np.array((0, 0.5, 1), np.float32)[ringed()])
    assert recognise([halves]).sentence == "3 grey codes: 0 is background, 0.5 is class 1 and 1 is class 2"
    near = as_mask(np.array((0, 0.95, 1.05), np.float32)[ringed()])
    assert recognise([near]).classes == 2


def test_a_mask_is_read_as_its_set_is():
    masks = [as_mask(disc() * np.uint8(255)), as_mask(np.zeros((64, 64), np.uint8)),
             as_mask(np.full((64, 64), 255, np.uint8))]
    reading = recognise(masks)
    assert [numbers(reading, mask).mean() for mask in masks] == [disc().mean(), 0, 1]


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (255, 1)])
def test_masks_all_of_one_value(value, expected):
    mask = as_mask(np.full((9, 9), value, np.uint8))
    assert (numbers(recognise([mask]), mask) == expected).all()


def test_colours_have_black_as_background_then_red_green_blue():
    colours = np.array([(0, 0, 0), (255, 0, 0), (0, 0, 255)], np.uint8)
    reading = recognise([as_mask(colours[ringed()])])
    assert np.array_equal(numbers(reading, as_mask(colours[ringed()])), ringed())
    assert reading.sentence == (
        "colours: black (0, 0, 0) is background, red (255, 0, 0) is class 1 and blue (0, 0, 255) is class 2"
    )
    grey = as_mask(disc() * np.uint8(0))
    assert not numbers(reading, grey).any()  # a black mask saved without colours


def test_without_black_the_surrounding_colour_is_background_and_otherwise_none():
    colours = np.array([(60, 60, 200), (200, 60, 60), (250, 250, 60)], np.uint8)
    mask = as_mask(colours[ringed()])
    reading = recognise([mask])
    assert np.array_equal(numbers(reading, mask) == 0, ringed() == 0)
    assert reading.classes == 2
    assert "(60, 60, 200) surrounds" in reading.doubt
    quarters = np.kron([[0, 1], [2, 0]], np.ones((32, 32), int))
    quarters[:4, :4] = 2
    tiled = as_mask(colours[np.roll(quarters, 32, 0)])
    tiled_reading = recognise([tiled])
    assert tiled_reading.classes == 3
    assert numbers(tiled_reading, tiled).min() == 1
    assert "all colours are classes" in tiled_reading.doubt


def test_alpha_carries_the_mask_only_if_nothing_else_varies():
    drawn = np.zeros((64, 64, 4), np.uint8)
    drawn[..., 3] = disc() * 255
    reading = recognise([as_mask(drawn)])
    assert np.array_equal(numbers(reading, as_mask(drawn)), disc())
    assert "the alpha channel carries the mask" in reading.sentence
    opaque = np.dstack([*[disc() * np.uint8(255)] * 3, np.full((64, 64), 255, np.uint8)])
    reading = recognise([as_mask(opaque)])
    assert np.array_equal(numbers(reading, as_mask(opaque)), disc())
    assert "the alpha channel is ignored" in reading.sentence


def test_many_numbers_of_one_piece_each_are_objects():
    rows, columns = np.indices((100, 100))
    labels = np.where((rows % 10 < 8) & (columns % 10 < 8), rows // 10 * 10 + columns // 10 + 1, 0)
    mask = as_mask(labels.astype(np.uint16))
    reading = recognise([mask])
    assert reading.sentence == "numbered objects (up to 100 in one mask): every object is class 1"
    assert np.array_equal(numbers(reading, mask), labels > 0)
    assert numbers(reading, as_mask(labels.astype(np.uint16) + 7000)).all()  # objects of later masks


def count_up(objects: int) -> Image:
    mask = np.zeros((64, 64), np.uint8)
    for number in range(objects):
        mask[4 : 12 + number, 10 * number : 10 * number + 6] = number + 1
    return as_mask(mask)


def test_few_numbers_are_objects_only_where_they_count_up_in_every_mask():
    counted = recognise([count_up(objects) for objects in (1, 4, 2, 5, 3)])
    assert counted.sentence.startswith("numbered objects")
    equal = recognise([count_up(3), count_up(3)])
    assert equal.classes == 3
    assert "--read-masks-as objects" in equal.doubt
    torn = recognise([count_up(4), count_up(2), as_mask(ringed()), as_mask(np.tile(ringed(), 2)), count_up(5)])
    assert torn.classes == 5


def test_classes_that_are_one_piece_in_every_mask_are_no_objects():
    masks = [as_mask(ringed()), as_mask(disc().astype(np.uint8)), as_mask(ringed()[::-1])]
    assert recognise(masks).sentence == "class numbers 0 to 2"


def test_white_around_dark_things_is_inverted_only_where_it_surrounds_nearly_all():
    dark = [as_mask(~disc(row=20 + 4 * shift) * np.uint8(255)) for shift in range(5)]
    reading = recognise(dark)
    assert "inverted" in reading.sentence
    assert "--read-masks-as binary" in reading.doubt
    assert np.array_equal(numbers(reading, dark[3]), disc(row=32))
    torn = [*dark[:4], *[as_mask(~disc(row=0) * np.uint8(255))] * 2]
    assert "inverted" not in recognise(torn).sentence
    assert "inverted" not in recognise([as_mask((~disc()).astype(np.uint8))]).sentence  # 0/1 is said plainly


@pytest.mark.parametrize(("dark", "light"), [(254, 255), (100, 200)])
def test_of_two_values_without_0_the_one_around_is_background(dark, light):
    """As ilastik writes them, whichever of the two was drawn first."""
    for objects, around in ((dark, light), (light, dark)):
        masks = [as_mask(np.where(disc(row=20 + 4 * shift), objects, around).astype(np.uint8)) for shift in range(5)]
        reading = recognise(masks)
        assert f"{around} is background and {objects} is class 1" in reading.sentence
        assert np.array_equal(numbers(reading, masks[3]), disc(row=32))
    masks = [as_mask(np.where(disc(), dark, light).astype(np.uint8))]
    assert "--read-masks-as codes" in recognise(masks).doubt
    assert np.array_equal(numbers(recognise(masks, read_as="codes"), masks[0]), ~disc())
    one_and_two = as_mask(np.where(disc(), 1, 2).astype(np.uint8))
    said = recognise([one_and_two], read_as="inverted")
    assert np.array_equal(numbers(said, one_and_two), disc())
    assert said.sentence == "2 is background and 1 is class 1 (inverted)"


def as_jpeg(array: np.ndarray, quality: int, mode: str = "L") -> Image:
    file = io.BytesIO()
    Picture.fromarray(array).convert(mode).save(file, "JPEG", quality=quality)
    return as_mask(np.asarray(Picture.open(file)))


@pytest.mark.parametrize("quality", [40, 75, 95])
@pytest.mark.parametrize("codes", [(0, 255, 255), (0, 128, 255), (0, 90, 200)])
def test_jpeg_scatters_values_and_the_nearest_code_counts(quality, codes):
    stored = np.array(codes, np.uint8)[ringed()].repeat(4, 0).repeat(4, 1)
    mask = as_jpeg(stored, quality)
    truth = np.unique(stored, return_inverse=True)[1]
    assert len(np.unique(mask.frame(0))) > 3
    reading = recognise([mask, as_jpeg(np.zeros_like(stored), quality)])
    assert reading.sentence.startswith("values scatter as after JPEG")
    assert np.mean(numbers(reading, mask) != truth.reshape(stored.shape)) < 0.005


@pytest.mark.parametrize("quality", [60, 85, 95])
def test_jpeg_in_colour(quality):
    truth = disc(400, 130, 200, 210).astype(int) + disc(400, 60, 190, 200)
    mask = as_jpeg(np.array([(0, 0, 0), (255, 0, 0), (0, 0, 255)], np.uint8)[truth], quality, "RGB")
    reading = recognise([mask])
    assert reading.classes == 2
    assert np.mean(numbers(reading, mask) != truth) < 0.02
    assert "black (0, 0, 0) is background, red" in reading.sentence


def test_enlarged_smoothly_the_nearest_code_counts():
    small = Picture.fromarray(disc() * np.uint8(255))
    mask = as_mask(np.asarray(small.resize((640, 640), Picture.Resampling.BICUBIC)))
    wrong = numbers(recognise([mask]), mask) != disc(640, 200, 324.5, 324.5)
    assert wrong.mean() < 0.01


def reduced(stored: np.ndarray) -> np.ndarray:
    """Every 2 × 2 pixels averaged."""
    return np.rint(stored.reshape(len(stored) // 2, 2, -1, 2).mean(axis=(1, 3))).astype(np.uint8)


def test_the_grey_edges_of_reduced_masks_are_no_classes():
    masks = [as_mask(reduced(disc(256, 70, 128, column) * np.uint8(255))) for column in (110.3, 120, 131.7)]
    reading = recognise(masks)
    assert reading.classes == 1
    assert "the values 64, 128, 191 lie only along edges" in reading.sentence
    assert "--read-masks-as codes" in reading.doubt
    for mask in masks:
        assert np.array_equal(numbers(reading, mask), mask.frame(0)[0] >= 128)
    assert recognise(masks, read_as="codes").classes == 4


def test_colours_drawn_smoothly_keep_their_number():
    truth = disc(128, 50, 64, 60).astype(int) + disc(128, 20, 60, 60)
    drawn = np.array([(0, 0, 0), (200, 0, 0), (0, 0, 200)], np.uint8)[truth]
    mask = as_mask(np.dstack([reduced(drawn[..., channel]) for channel in range(3)]))
    reading = recognise([mask])
    assert reading.classes == 2
    assert np.mean(numbers(reading, mask) != truth[::2, ::2]) < 0.05


@pytest.mark.parametrize("codes", [(0, 64, 128, 192, 255), (0, 60, 120, 255)])
def test_grey_classes_with_areas_of_their_own_stay_classes(codes):
    rings = sum(disc(radius=radius).astype(int) for radius in (28, 20, 14, 9)[: len(codes) - 1])
    assert recognise([as_mask(np.array(codes, np.uint8)[rings])]).classes == len(codes) - 1


def test_an_outline_may_be_a_class():
    outline = disc(radius=20) & ~disc(radius=19)
    mask = as_mask(np.select([outline, disc(radius=20)], [128, 255], 0).astype(np.uint8))
    assert recognise([mask]).classes == 2


def test_255_beside_class_numbers_is_a_class_unless_told():
    stored = ringed()
    stored[:5] = 255
    reading = recognise([as_mask(stored)])
    assert reading.classes == 3
    assert "--not-annotated 255" in reading.doubt
    told = recognise([as_mask(stored)], not_annotated=255)
    assert (told.classes, told.doubt) == (2, "")
    assert np.array_equal(numbers(told, as_mask(stored)), stored)
    assert "255 is not annotated" in told.sentence


def test_minus_1_beside_0_is_asked_about_and_can_be_said():
    stored = disc().astype(np.int32)
    stored[:5] = -1
    with pytest.raises(DataError, match=r"--not-annotated -1.*--read-masks-as codes"):
        recognise([as_mask(stored)])
    told = recognise([as_mask(stored)], not_annotated=-1)
    assert np.array_equal(numbers(told, as_mask(stored)), np.where(stored < 0, NOT_ANNOTATED, stored))
    assert np.array_equal(numbers(recognise([as_mask(stored)], read_as="codes"), as_mask(stored)), stored + 1)
    assert np.array_equal(numbers(recognise([as_mask(stored)], read_as="binary"), as_mask(stored)), stored == 1)


@pytest.mark.parametrize("none", [-1, 0])
def test_minus_1_without_0_is_no_object(none):
    labels = np.full((100, 100), none, np.int32)
    for number in range(30):
        labels[10 * (number // 6) : 10 * (number // 6) + 7, 12 * (number % 6) : 12 * (number % 6) + 7] = number + 1
    reading = recognise([as_mask(labels)])
    assert reading.sentence == "numbered objects (up to 30 in one mask): every object is class 1"
    assert np.array_equal(numbers(reading, as_mask(labels)), labels > 0)


def test_scribbles_with_0_unlabelled():
    stored = np.where(disc(), 2, 0).astype(np.uint8)
    stored[:5] = 1
    reading = recognise([as_mask(stored)], not_annotated=0)
    expected = np.select([stored == 0, stored == 1], [NOT_ANNOTATED, 0], 1)
    assert np.array_equal(numbers(reading, as_mask(stored)), expected)
    assert reading.classes == 1


@pytest.mark.parametrize(
    ("read_as", "codes", "expected"),
    [
        ("binary", (0, 1, 2), (0, 1, 1)), ("inverted", (0, 255, 255), (1, 0, 0)), ("classes", (0, 3, 30), (0, 3, 30)),
        ("codes", (0, 2, 7), (0, 1, 2)), ("objects", (0, 4, 5), (0, 1, 1)),
    ],
)
def test_the_reading_can_be_overruled(read_as, codes, expected):
    mask = as_mask(np.array(codes, np.uint8)[ringed()])
    reading = recognise([mask], read_as=read_as)
    assert np.array_equal(numbers(reading, mask), np.array(expected)[ringed()])


def test_lossy_masks_overruled_keep_their_background():
    mask = as_jpeg((disc() * np.uint8(255)).repeat(4, 0).repeat(4, 1), 60)
    binary, inverted = (numbers(recognise([mask], read_as=form), mask) for form in ("binary", "inverted"))
    assert 0.9 * disc().mean() < binary.mean() < 1.1 * disc().mean()
    assert np.array_equal(binary, 1 - inverted)


def test_a_reading_that_does_not_fit_is_refused():
    with pytest.raises(RequestError, match="grey"):
        recognise([as_mask(ringed())], read_as="colours")
    with pytest.raises(RequestError, match="too many"):
        recognise([as_mask(np.arange(900, dtype=np.uint16).reshape(30, 30))], read_as="codes")
    with pytest.raises(RequestError, match="class numbers"):
        recognise([as_mask(np.where(disc(), 70_000, 0))], read_as="classes")


def test_masks_that_are_full_of_objects_count_them_all():
    labels = np.kron(np.arange(1, 17).reshape(4, 4), np.ones((5, 5))).astype(np.uint8)
    reading = recognise([as_mask(labels)], read_as="objects")
    assert reading.sentence == "numbered objects (up to 16 in one mask): every object is class 1"


@pytest.mark.parametrize("value", [np.inf, -np.inf])
@pytest.mark.parametrize("read_as", ["auto", "objects", "codes"])
def test_infinity_is_no_class(value, read_as):
    with pytest.raises(DataError, match="infinity"):
        recognise([as_mask(np.where(disc(), value, 0))], read_as=read_as)


def test_a_photograph_and_nan_are_refused():
    from skimage import data

    with pytest.raises(DataError, match="photograph"):
        recognise([as_mask(disc(512)), as_mask(data.camera())])
    with pytest.raises(DataError, match="NaN"):
        recognise([as_mask(np.where(disc(), np.nan, 0))])
    with pytest.raises(DataError, match="not annotated"):
        recognise([as_mask(np.zeros((9, 9), np.uint8))], not_annotated=0)


def test_values_that_the_set_did_not_hold_are_refused():
    reading = recognise([as_mask(disc() * np.uint8(255))])
    with pytest.raises(ValueError, match="128"):
        reading.class_numbers((disc() * np.uint8(128))[None])


@given(arrays(np.uint8, (12, 14), elements=st.sampled_from([0, 1, 2, 255])))
def test_a_reading_survives_json_and_counts_as_it_reads(stored):
    reading = recognise([as_mask(ringed())], not_annotated=255)
    again = MaskReading.from_record(json.loads(json.dumps(reading.record())))
    assert again == reading
    read = again.class_numbers(stored[None])
    assert np.array_equal(read, stored)
    counted = np.bincount(stored[stored != 255], minlength=3)
    assert again.class_counts(Census.take(stored[None])).tolist() == counted.tolist()


def test_volumes_are_read_as_planes_are():
    volume = np.stack([ringed(), ringed().T])
    reading = recognise([Image.from_array(volume, "ZYX")])
    assert np.array_equal(reading.class_numbers(volume[None]), volume)


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("spheroids/masks", "0 is background and 255 is class 1"),
        ("em_membrane/masks", "0 is background and 255 is class 1"),
        ("blood_cells/masks", "class numbers 0 to 2"),
        ("nuclei_stained/labels", "numbered objects"),
        ("nuclei_movie/01_GT/TRA", "numbered objects"),
    ],
)
def test_masks_that_people_made(folder, sentence, real_data):
    masks = [open_image(path) for path in find_files(real_data / folder)[:12]]
    assert recognise(masks).sentence.startswith(sentence)


@pytest.mark.parametrize("colour", [(1.0,), (1.0, 0.2, 0.0)], ids=["probabilities", "smooth colours"])
def test_values_of_a_pixel_each_number_no_objects(colour):
    sharp = np.pad(disc(radius=8, row=32.3, column=31.6).astype(np.float32), 48)
    blur = gaussian_filter(sharp, 2)  # which leaves most of the frame exactly 0
    stored = (blur[..., None] * np.float32(colour)).squeeze()
    with pytest.raises(DataError, match="photograph"):
        recognise([as_mask(stored)])


def resized(image: np.ndarray, factor: float, how: Picture.Resampling) -> np.ndarray:
    return np.asarray(Picture.fromarray(image).resize([round(side * factor) for side in image.shape], how))


@pytest.mark.parametrize("factor", [0.5, 0.7, 1.3, 2, 3])
@pytest.mark.parametrize("how", [Picture.Resampling.BICUBIC, Picture.Resampling.LANCZOS, Picture.Resampling.HAMMING,
                                 Picture.Resampling.BILINEAR])
@pytest.mark.parametrize("values", [(255,), (128, 255)])
def test_what_smooth_resizing_makes_along_edges_is_no_class(values, how, factor):
    """Overshoot is clipped where 8 bits end; the classes are as before, and most pixels are in their own."""
    rng, y, x = np.random.default_rng(0), *np.mgrid[:96, :96]
    masks = []
    for _ in range(6):
        mask = np.zeros((96, 96), np.uint8)
        for place, value in zip(((25, 25), (65, 65)), values, strict=False):
            mask[np.hypot(*(np.array((y, x)) - np.reshape(place, (2, 1, 1)))) < rng.integers(8, 20)] = value
        masks.append(mask)
    found = [resized(mask, factor, how) for mask in masks]
    reading = recognise([Image.from_array(each, "YX") for each in found])
    assert reading.classes == len(values)
    for mask, each in zip(masks, found, strict=True):
        exact = resized(np.searchsorted([0, *values], mask).astype(np.uint8), factor, Picture.Resampling.NEAREST)
        assert np.mean(reading.class_numbers(each[None]) == exact) > 0.97


@pytest.mark.parametrize("quality", [50, 75, 90])
def test_classes_that_jpeg_blurred_are_still_classes(quality):
    y, x = np.mgrid[:96, :96]
    masks = [np.select([np.hypot(y - 30, x - 30) < 12 + number, np.hypot(y - 65, x - 60) < 20], [60, 180]
                       ).astype(np.uint8) for number in range(5)]
    stored = []
    for mask in masks:
        packed = io.BytesIO()
        Picture.fromarray(mask).save(packed, "JPEG", quality=quality)
        stored.append(Image.from_array(np.asarray(Picture.open(packed)), "YX"))
    assert recognise(stored).classes == 2
