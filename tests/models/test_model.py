"""A model segments arrays of any size, and a tile equals the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from itertools import product

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image as Picture
from skimage.filters import gaussian
from skimage.measure import block_reduce, label

from morula.errors import FileError, ModelError
from morula.images.image import Image
from morula.images.tiles import cover, mirrored
from morula.models import preprocessing, sweep
from morula.models.model import Model
from morula.models.plan import Intensity, Plan
from morula.models.preprocessing import measure_levels
from morula.models.segment_settings import SegmentSettings
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.objects.separation import Separation
from morula.objects.specks import without_specks
from morula.trust.signals import Tally

RNG = np.random.default_rng(0)


def make(binning: tuple[int, ...] = (1, 1), depth: int = 3, channels: tuple[str, ...] = ("grey",), outputs: int = 1,
         precision="float32", flips: bool = False, distance: bool = False, stem: int = 1) -> Model:
    """A model of random weights whose probabilities vary a lot."""
    torch.manual_seed(0)
    axes = len(binning)
    architecture = Architecture(axes=axes, inputs=len(channels), outputs=outputs, distance=distance, width=4,
                                depth=depth, stem=stem)
    network = UNet(architecture)
    for _ in range(5):
        network(torch.randn(2, len(channels), *[32] * axes))
    network.eval()
    with torch.no_grad():
        logits = network(torch.randn(1, len(channels), *[32] * axes))
        network.head.weight *= 2 / logits.std()
        network.head.bias -= network(torch.randn(1, len(channels), *[32] * axes))[0].flatten(1).median(1).values
    classes = tuple(f"class {number}" for number in range(1, max(outputs, 2)))
    plan = Plan(channels=channels, classes=classes, binning=binning, architecture=architecture, patch=(32,) * axes,
                batch=2, learning_rate=0.01, intensity=Intensity(), separation=Separation() if distance else None)
    return Model(network, plan, precision=precision, flips=flips)


def grey(*space: int, frames: int = 1) -> Image:
    pixels = RNG.integers(0, 255, (frames, *space)).astype(np.uint8)
    return Image.from_array(pixels, "TYX" if len(space) == 2 else "TZYX")


def tiles(monkeypatch, size: int, overlap: int) -> None:
    monkeypatch.setattr(sweep, "tile_side", lambda architecture, number_format: size)
    monkeypatch.setattr(sweep, "OVERLAP", dict.fromkeys((1, 2, 3), overlap))


@pytest.mark.parametrize(
    ("space", "binning", "depth", "size", "overlap", "stem"),
    [
        ((700, 900), (1, 1), 3, 256, 128, 1),
        ((450, 333), (2, 3), 2, 96, 48, 1),
        ((37, 50, 41), (1, 1, 1), 1, 24, 8, 1),
        ((450, 333), (1, 1), 2, 192, 48, 2),
    ],
)
def test_a_tile_equals_the_whole(monkeypatch, space, binning, depth, size, overlap, stem):
    """The context of a tile's inner part covers all that the network can see, so blending cannot be told."""
    model, image = make(binning, depth, stem=stem), grey(*space)
    tiles(monkeypatch, 4096, overlap)
    whole = model.probabilities(image)
    assert whole.std() > 0.1
    tiles(monkeypatch, size, overlap)
    assert len(list(model.bands(image))) > 1
    np.testing.assert_allclose(model.probabilities(image), whole, atol=1e-4)


def test_a_plan_says_what_is_folded():
    folded, plain = (dict(make(stem=stem).plan.summary)["network"] for stem in (2, 1))
    assert folded == f"{plain}, 2 × 2 pixels folded"


@pytest.mark.parametrize("stem", [2, 3])
def test_tiles_of_a_network_that_folds_pixels_hold_as_many_numbers(stem):
    folded = Architecture(width=16, stem=stem)
    for number_format in ("float32", "bfloat16"):
        side = sweep.tile_side(Architecture(width=16), number_format)
        assert sweep.tile_side(folded, number_format) == stem * side


def test_tiles_of_a_thin_network_that_folds_voxels_stay_in_bounds():
    """They would hold 256³ voxels: what it draws of each, twice for each mirror image, is what takes memory then."""
    side = sweep.tile_side(Architecture(axes=3, width=8, stem=2), "bfloat16")
    assert 0.9 * sweep.PIXELS < side**3 <= sweep.PIXELS


@pytest.mark.parametrize("space", [(1, 1), (1, 90), (3, 7), (31, 17), (130, 5), (65, 64), (1, 1, 1), (3, 10, 9)])
def test_any_size_is_the_network_on_the_mirrored_image(space):
    model = make((1,) * len(space))
    image = grey(*space)
    frame = image.frame().astype(np.float32)
    low, high = np.percentile(frame, (1, 99.5)).astype(np.float32)
    clipped = frame.clip(low, high)
    normal = (clipped - clipped.mean()) / (clipped.std() or 1)
    padded = np.pad(normal, [(0, 0), *((0, -side % 4) for side in space)], mode="symmetric")
    with torch.no_grad():
        expected = model.network(torch.from_numpy(padded)[None])[0].sigmoid().numpy()
    found = model.probabilities(image)
    np.testing.assert_allclose(found[1:], expected[(slice(None), *(slice(side) for side in space))], atol=1e-4)
    np.testing.assert_allclose(found.sum(0), 1, atol=1e-5)
    mask = model.mask(image)
    assert (mask.dtype, mask.shape) == (np.uint8, space)
    np.testing.assert_array_equal(mask, found.argmax(0))


@pytest.mark.parametrize(("space", "binning"), [((301, 100), (2, 1)), ((40, 37, 50), (1, 1, 1))])
def test_bands_cover_a_frame_once(monkeypatch, space, binning):
    tiles(monkeypatch, *((64, 32) if len(space) == 2 else (16, 4)))
    model, image = make(binning, outputs=3, depth=1), grey(*space)
    bands, seen = list(model.bands(image)), np.zeros(space, int)
    mask = np.zeros(space, np.uint8)
    for band in bands:
        seen[band.box] += 1
        mask[band.box] = band.classes
    assert len(bands) > 3
    assert (seen == 1).all()
    np.testing.assert_allclose(model.probabilities(image).sum(0), 1, atol=1e-5)
    np.testing.assert_array_equal(mask, model.mask(image))


@pytest.mark.parametrize("space", [(90, 61), (37, 50, 41), (10, 50, 60), (50, 11, 60), (37, 50, 12)])
def test_what_tiles_say_is_weighed_and_summed_and_finished_tile_by_tile(monkeypatch, space):
    """Tiles that see too little to agree, against all of them laid over the whole frame."""
    tiles(monkeypatch, 16, 8)
    model, image = make((1,) * len(space), depth=2, distance=True), grey(*space)
    levels = measure_levels(image.frame(), model.plan.intensity)
    expected = np.zeros((3, *space), np.float32)
    spans = [cover(length, 16, 8, side) for length, side in zip(space, model.engine.multiple, strict=True)]
    for place in product(*spans):
        seen = np.ix_(*(mirrored(span.start, span.stop, length) for span, length in zip(place, space, strict=True)))
        told = model.engine(torch.from_numpy(levels.apply(image.frame()[(slice(None), *seen)]))[None])[0].numpy()
        inside = tuple(slice(span.start, span.stop) for span in place)
        weights = reduce(np.multiply, np.ix_(*(span.weights for span in place)))
        there = expected[(slice(None), *inside)]
        there += (told * weights)[tuple(map(slice, there.shape))]
    bands = list(model.bands(image))
    assert max(band.maps[0].size for band in bands) <= 16 ** len(space)
    np.testing.assert_allclose(sweep.gathered(iter(bands), space), expected, atol=1e-5)


@pytest.mark.parametrize(("space", "binning", "depth"), [((300, 100), (2, 1), 2), ((37, 50, 41), (1, 1, 1), 1)])
def test_distances_are_tiled_as_classes_are(monkeypatch, space, binning, depth):
    model, image = make(binning, depth, distance=True), grey(*space)
    mask, distances = model.mask_and_distances(image)
    np.testing.assert_array_equal(mask, model.mask(image))
    assert model.probabilities(image).shape == (2, *space)
    assert distances.std() > 5
    tiles(monkeypatch, *((24, 8) if len(space) == 3 else (96, 48)))
    assert len(list(model.bands(image))) > 1
    cut_mask, cut = model.mask_and_distances(image)
    assert np.abs(cut.astype(int) - distances).max() <= 1
    assert (cut_mask == mask).mean() > 0.999


def test_objects_fill_the_mask_and_are_what_is_segmented():
    model, image = make(distance=True), grey(90, 80)
    found = model.segment(image)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found > 0, model.mask(image) > 0)
    np.testing.assert_array_equal(found, model.objects(image))
    sized = replace(model, plan=model.plan.model_copy(update={"pixel_size": (1.0, 1.0)}))
    assert sized.segment(image.with_pixel_size((2.0, 2.0))).shape == (90, 80)
    with pytest.raises(ModelError, match="--objects"):
        make().objects(image)
@pytest.mark.parametrize(("space", "binning"), [((301, 100), (1, 1)), ((130, 150), (2, 1)), ((40, 37, 50), (1, 1, 1))])
def test_what_tiles_tell_of_a_frame_is_told_once(monkeypatch, space, binning):
    """However a frame is cut, the sums over it are those of the whole, but for outlines that tiles cut."""
    model, image = make(binning, flips=True), grey(*space)
    tiles(monkeypatch, 4096, 32)
    whole, pieces = Tally.empty(1, 1), Tally.empty(1, 1)
    mask = model.mask(image, on_tile=whole.look)
    np.testing.assert_array_equal(mask, model.mask(image))
    tiles(monkeypatch, 32, 16)
    assert len(list(model.bands(image))) > 1
    np.testing.assert_array_equal(model.mask(image, on_tile=pieces.look), model.mask(image))
    pixels = np.prod([-(-length // factor) for length, factor in zip(space, binning, strict=True)])
    assert pieces.counts.sum() == whole.counts.sum() == pieces.pixels[0] == pixels
    if set(binning) == {1}:
        assert whole.found[0] == np.count_nonzero(mask)
    np.testing.assert_allclose(pieces.counts.sum((0, 1)), whole.counts.sum((0, 1)), atol=0.03 * pixels)
    np.testing.assert_allclose(pieces.signals(1.0), whole.signals(1.0), atol=0.3)


@pytest.mark.parametrize(("space", "binning", "flips"), [
    ((301, 100), (1, 1), True), ((130, 150), (2, 1), False), ((40, 37, 50), (1, 1, 1), True)])
def test_how_much_of_a_frame_is_seen_rises_evenly_to_the_whole(monkeypatch, space, binning, flips):
    """View by view of each tile; of a frame that is one tile there are no parts."""
    model, image, parts = make(binning, flips=flips), grey(*space), []
    whole = model.mask(image, on_part=parts.append)
    looks = 2 ** len(space) if flips else 1
    assert parts == [0.0] * looks
    np.testing.assert_array_equal(whole, model.mask(image))
    tiles(monkeypatch, 32, 16)
    parts.clear()
    cut = model.mask(image, on_part=parts.append)
    count = len(list(model.bands(image))) * looks
    assert count > 8
    np.testing.assert_allclose(parts, np.arange(1, count + 1) / count)
    np.testing.assert_array_equal(cut, model.mask(image))
    sized = replace(model, plan=model.plan.model_copy(update={"pixel_size": (1.0,) * len(space)}))
    parts.clear()
    sized.mask(image.with_pixel_size((2.0,) * len(space)), on_part=parts.append)  # enlarged
    assert parts == sorted(parts)
    assert parts[-1] == 1


def test_other_fields_keep_the_engine_that_computes_the_same():
    model = make(flips=True)
    engine = model.engine
    assert model.having(record={"steps_done": 1}).engine is engine
    without = model.having(flips=False)
    assert without.engine is not engine
    rounded = model.having(ranges={"head": (0.0, 1.0)})
    assert rounded.engine is not engine
    opposite = model.having(plan=model.plan.model_copy(update={"views": "opposite"}))
    assert opposite.engine is not engine
    assert opposite.engine.looks == 2
    assert opposite.fingerprint != model.fingerprint


def test_who_is_told_of_parts_may_end_a_frame(monkeypatch):
    tiles(monkeypatch, 32, 16)
    parts = []

    def stop(part: float) -> None:
        parts.append(part)
        if len(parts) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        make(flips=True).mask(grey(150, 150), on_part=stop)
    assert len(parts) == 3


def test_huge_frames_are_measured_by_rows_spread_over_them(monkeypatch):
    model, image = make(), grey(400, 300)
    whole = model.probabilities(image)
    monkeypatch.setattr(preprocessing, "LARGEST_SAMPLE", 60_000)
    assert np.abs(model.probabilities(image) - whole).max() < 0.2
    assert (model.mask(image) == whole.argmax(0)).mean() > 0.98


def test_pixels_of_another_size_are_brought_to_that_learned_from():
    """A body of 40 µm is found at 40 µm whatever the camera; the network sees one size only."""
    model = make()
    model = replace(model, plan=model.plan.model_copy(update={"pixel_size": (1.0, 1.0)}))
    picture = grey(60, 80)
    same = model.mask(picture.with_pixel_size((1.05, 1.0)))
    np.testing.assert_array_equal(same, model.mask(picture))
    coarse = model.mask(picture.with_pixel_size((2.0, 4.0)))
    assert coarse.shape == (60, 80)
    fine = np.repeat(np.repeat(picture.frame()[0].astype(float), 2, 0), 4, 1)
    expected = model.probabilities(Image.from_array(gaussian(fine, 1, preserve_range=True), "YX"))
    blocks = block_reduce(expected[1], (2, 4), np.mean) > 0.5
    assert (coarse == blocks).mean() > 0.8


def test_only_the_main_object_is_kept_where_the_plan_says_so():
    model, picture = make(), grey(60, 80)
    everything = model.mask(picture)
    pieces = label(everything > 0, connectivity=2)
    assert pieces.max() > 1
    largest = np.bincount(pieces.ravel())[1:].argmax() + 1
    alone = replace(model, plan=model.plan.model_copy(update={"main_object": True})).mask(picture)
    np.testing.assert_array_equal(alone, np.where(pieces == largest, everything, 0))


def test_specks_take_the_class_around_them_where_the_plan_says_how_small_they_are():
    model, picture = make(), grey(60, 80)
    everything = model.mask(picture)
    plan = model.plan.model_copy(update={"specks": (3.0,) * len(model.classes)})
    tidy = replace(model, plan=plan)
    np.testing.assert_array_equal(tidy.mask(picture), without_specks(everything, plan.specks))
    assert (tidy.mask(picture) != everything).any()
    assert tidy.fingerprint != model.fingerprint
    kept, as_it_was = tidy.asked_for(SegmentSettings(keep_specks=True)), model.asked_for(SegmentSettings())
    assert (kept.plan, kept.fingerprint) == (as_it_was.plan, as_it_was.fingerprint)
    assert tidy.asked_for(SegmentSettings()).fingerprint != kept.fingerprint


def test_specks_of_an_enlarged_image_are_as_large_in_what_the_network_sees():
    model, picture = make(), grey(60, 80)
    plan = model.plan.model_copy(update={"specks": (12.0,) * len(model.classes)})
    enlarged = replace(model, zoom=2.0)
    np.testing.assert_array_equal(replace(enlarged, plan=plan).mask(picture),
                                  without_specks(enlarged.mask(picture), (3.0,) * len(plan.specks)))


def test_a_plan_without_specks_is_called_what_it_was_called_before():
    plan = make().plan
    assert "specks" not in plan.model_dump_json()
    told = plan.model_copy(update={"specks": (0.0,) * len(plan.classes)})
    assert Plan.model_validate_json(told.model_dump_json()) == told


def test_gain_and_offset_of_the_camera_do_not_matter():
    model, image = make(), grey(90, 80)
    brighter = Image.from_array(image.frame()[0].astype(np.uint16) * 100 + 4000, "YX")
    assert (model.mask(image) == model.mask(brighter)).mean() > 0.999


def test_bfloat16_finds_the_same_masks():
    image = grey(128, 128)
    full, reduced = (make(precision=precision).mask(image) for precision in ("float32", "bfloat16"))
    assert (full == reduced).mean() > 0.98


class TestArrays:
    def test_a_plane_a_movie_and_colours(self):
        plane = RNG.integers(0, 255, (40, 50)).astype(np.uint8)
        model = make()
        np.testing.assert_array_equal(model.segment(plane), model.mask(Image.from_array(plane, "YX")))
        movie = model.segment(np.stack([plane, plane[::-1]]), axes="TYX")
        assert movie.shape == (2, 40, 50)
        np.testing.assert_array_equal(movie[0], model.segment(plane))
        colours = make(channels=("red", "green", "blue"), outputs=4)
        picture = RNG.integers(0, 255, (40, 50, 3)).astype(np.uint8)
        np.testing.assert_array_equal(colours.segment(picture), colours.segment(picture.transpose(2, 0, 1), "CYX"))
        assert set(np.unique(colours.segment(picture))) <= {0, 1, 2, 3}

    def test_a_volume(self):
        assert make((1, 1, 1)).segment(np.zeros((4, 9, 8))).shape == (4, 9, 8)

    @pytest.mark.parametrize(
        ("shape", "axes", "words"),
        [
            ((4, 9, 8), None, r"axes 'YX' do not describe an array of shape \(4, 9, 8\).*Name the axes"),
            ((4, 9, 8), "ZYX", r"trained on 2-D images, this one is 3-D \(axes TCZYX\)"),
            ((9, 8, 3), "YXC", "expects the channels grey; this image has channel 1, channel 2, channel 3"),
        ],
    )
    def test_what_does_not_fit_is_refused_in_words(self, shape, axes, words):
        with pytest.raises(ModelError, match=words):
            make().segment(np.zeros(shape), axes)

    def test_the_axes_to_name_are_those_the_model_sees(self):
        for shape, letters in (((4, 9, 8), "TYX"), ((2, 1, 9, 8), "TCYX")):
            with pytest.raises(ModelError, match=f'such as axes="{letters}"'):
                make().segment(np.zeros(shape))
            assert make().segment(np.zeros(shape), letters).shape[-2:] == (9, 8)
        with pytest.raises(ModelError, match='such as axes="TZYX"'):
            make((1, 1, 1)).segment(np.zeros((2, 4, 9, 8)))

    @pytest.mark.parametrize(
        ("given", "words"),
        [(np.array(["a", "b"]), "<U1.*arrays of whole numbers"), (None, "NoneType.*path of an image"),
         (np.zeros((0, 9)), "is empty")],
    )
    def test_what_holds_no_numbers_is_refused_in_words(self, given, words):
        with pytest.raises(ModelError, match=words):
            make().segment(given)

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_what_is_no_number_is_not_taken_for_background(self, value):
        image = RNG.random((50, 50))
        image[10:20, 10:20] = value
        with pytest.raises(FileError, match="holds NaN or infinity"):
            make().segment(image)


class TestWhateverSeesAnImage:
    """Each method takes an Image, an array with its axes, and the path of a file, and makes the same of all."""

    SEEING = ("segment", "segmented", "mask", "objects", "mask_and_distances", "probabilities", "judged", "bands")

    @staticmethod
    def made(method, *given, **options):
        """What a method makes, as arrays alone."""
        made = method(*given, **options)
        if isinstance(made, np.ndarray):
            return [made]
        return [band.maps for band in made] if isinstance(made, Iterator) else [x for x in made if x is not None]

    @pytest.mark.parametrize("name", SEEING)
    def test_takes_arrays_and_paths_as_it_takes_images(self, tmp_path, name):
        method = getattr(make(distance=True), name)
        plane = RNG.integers(0, 255, (40, 50)).astype(np.uint8)
        tifffile.imwrite(tmp_path / "a.tif", plane)
        expected = self.made(method, Image.from_array(plane, "YX"))
        assert expected[0].std() > 0
        for given, options in ((plane, {}), (plane.T, {"axes": "XY"}), (plane.T, {"axes": "xy"}),
                               (tmp_path / "a.tif", {}), (str(tmp_path / "a.tif"), {})):
            for one, other in zip(self.made(method, given, **options), expected, strict=True):
                np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("name", [name for name in SEEING if name != "segment"])
    def test_takes_a_frame_of_a_movie_whose_axes_are_named(self, tmp_path, name):
        method = getattr(make(distance=True), name)
        movie = RNG.integers(0, 255, (2, 40, 50)).astype(np.uint8)
        np.save(tmp_path / "movie.npy", movie.transpose(1, 2, 0))  # by its shape, this is a picture of 2 channels
        expected = self.made(method, movie[1])
        for given, axes in ((movie, "TYX"), (tmp_path / "movie.npy", "YXT")):
            for one, other in zip(self.made(method, given, 1, axes=axes), expected, strict=True):
                np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("name", SEEING)
    def test_refuses_in_the_words_of_python(self, tmp_path, name):
        """What a person called in Python is mended in Python: no option of the command line is named."""
        volume, colours = np.zeros((4, 9, 8), np.uint8), np.zeros((40, 50, 30), np.uint8)
        tifffile.imwrite(tmp_path / "volume.tif", volume, imagej=True, metadata={"axes": "ZYX"})
        plane = Image.from_array(volume[0], "YX", pixel_size=(50.0, 50.0))
        model = make(distance=True)
        model = replace(model, plan=model.plan.model_copy(update={"pixel_size": (1.0, 1.0)}))
        for given, axes, words in (
            (volume, None, 'axes="TYX"'),
            (volume, "ZYX", 'moments in time, say so with axes="TYX"'),
            (tmp_path / "volume.tif", None, r'volume.tif: .* say so with axes="TYX"'),
            (colours, "YXC", r"axes=\. Pick .*image.take_channels\(\[…\], model.channels\)"),
            (plane, None, r"pixels are 50 µm large.*image.with_pixel_size"),
            (plane, "TYX", "whose axes are known: YX"),
        ):
            with pytest.raises(ModelError, match=words) as caught:
                self.made(getattr(model, name), given, axes=axes)
            assert "--" not in str(caught.value)
        with pytest.raises(FileError, match=r"gone\.tif cannot be read, for it does not exist\. Check the spelling"):
            self.made(getattr(model, name), tmp_path / "gone.tif")
        tifffile.imwrite(tmp_path / "volume.tif", volume[0])  # a folder of pictures, which could be masks of objects
        with pytest.raises(FileError, match=r"is a folder.*morula\.segment"):
            self.made(getattr(model, name), tmp_path)

    def test_what_python_says_to_do_does_it(self):
        model, volume = make(), Image.from_array(RNG.random((3, 9, 8)), "CYX", channels=("a", "b", "c"))
        np.testing.assert_array_equal(model.segment(volume.take_channels([1], model.channels)),
                                      model.segment(volume.frame()[1]))

    def test_transparency_that_carries_nothing_is_passed_over(self, tmp_path):
        picture = RNG.integers(0, 255, (40, 50, 2)).astype(np.uint8)
        picture[..., 1] = 255
        Picture.fromarray(picture).save(tmp_path / "a.png")
        np.testing.assert_array_equal(make().segment(tmp_path / "a.png"), make().segment(picture[..., 0]))


def test_names_of_classes_and_channels():
    model = make(channels=("DAPI", "GFP"), outputs=3)
    assert model.classes == ("class 1", "class 2")
    assert model.channels == ("DAPI", "GFP")


class TestSayingItself:
    def test_in_a_few_lines(self):
        model = make(channels=("DAPI", "GFP"), outputs=3)
        model = replace(model, plan=model.plan.model_copy(update={"pixel_size": (0.65, 0.65)}))
        weights = sum(weight.numel() for weight in model.network.parameters())
        for words in (model.fingerprint, "class 1, class 2", "DAPI, GFP", "0.65 µm", "2-D unet of conv blocks",
                      "3 stages, 4 to 16 features", f"{weights:,}"):
            assert words in repr(model)
        assert "validation" not in repr(model)
        assert "averaged" not in repr(model)
        assert "pixel size  unknown, 2 × 1 averaged to one" in repr(make((2, 1)).plan)

    def test_with_how_it_was_trained_and_how_good_it_was(self):
        scores = {"foreground_iou": 0.91234, "pixel_accuracy": 0.98765, "images": [{}, {}]}
        model = replace(make(), record={"steps_done": 1200, "validation": scores})
        assert "1,200 steps" in repr(model)
        assert "foreground IoU 0.912, pixel accuracy 0.988 on 2 frames" in repr(model)
        assert "no frame was held out" in repr(replace(make(), record={"steps_done": 1, "validation": None}))

    def test_however_much_there_is_to_say(self):
        names = tuple(f"{number} {'c' * 99}" for number in range(100))
        model = make()
        plan = model.plan.model_copy(update={"classes": names, "channels": names, "reasons": ("because",) * 999,
                                             "repeated": dict.fromkeys(names, 2)})
        record = {"steps_done": 10, "validation": {"foreground_iou": None, "pixel_accuracy": 1.0, "images": []}}
        for thing in (replace(model, plan=plan, record=record), plan):
            assert len(repr(thing)) < 600
            assert str(thing) == repr(thing)


def test_a_colour_picture_is_seen_without_its_colours_by_a_model_that_knows_none():
    """As bright as Pillow makes it; and a model of several channels, or of one with a name, is given no such."""
    colours = RNG.integers(0, 255, (60, 70, 3)).astype(np.uint8)
    model = make()
    grey_of = np.asarray(Picture.fromarray(colours).convert("L"))
    seen = model.fitted(Image.from_array(colours, "YXC", channels=("red", "green", "blue")))
    assert seen.channels == ("grey",)
    off = np.abs(seen.frame(0)[0].astype(int) - grey_of)
    assert off.max() <= 1
    assert off.mean() < 0.01  # rounded, and not cut off
    assert seen.frame(0).dtype == np.uint8
    part = seen.region(0, (slice(5, 20), slice(7, 30)))[0]
    assert np.array_equal(part, seen.frame(0)[0][5:20, 7:30])
    with pytest.raises(ModelError, match="expects the channels DAPI"):
        make(channels=("DAPI",)).fitted(Image.from_array(colours, "YXC", channels=("red", "green", "blue")))


def test_a_network_of_any_multiple_is_saved_with_its_self_test(tmp_path):
    """Sides of 32 pixels would not do for squares of 3 × 3."""
    architecture = Architecture(width=4, depth=3, stem=3)
    plan = make().plan.model_copy(update={"architecture": architecture, "patch": (48, 48)})
    Model(UNet(architecture).eval(), plan).save(tmp_path / "model.safetensors")
    assert Model.load(tmp_path / "model.safetensors").plan.architecture.multiple == (12, 12)
