"""Learning from frames on disk is learning from the same frames in memory."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch

from annotated import circle, shape_of, write_labelme
from morula.checks.data_settings import DataSettings
from morula.checks.inspection import inspect
from morula.errors import FileError, OutputError
from morula.examples import store, tiled
from morula.examples.example import ArrayExample, make_examples
from morula.examples.frame_files import StoredExample
from morula.examples.patches import Patches
from morula.examples.store import Store, _state
from morula.formats.stored import box_shape
from morula.images.read import open_image
from morula.learning.loop import Course, fit
from morula.models.batch_sizes import BatchSizes
from morula.models.plan import Augmentation, Intensity, Plan
from morula.networks.architecture import Architecture
from morula.pairs.pair import Frame, Pair
from morula.pairs.recognition import recognise
from morula.planning.training_settings import TrainSettings

RNG = np.random.default_rng(0)


def plan(binning: tuple[int, ...] = (1, 1), **changes) -> Plan:
    return Plan(**{
        "channels": ("grey",), "classes": ("body",), "binning": binning, "patch": (16,) * len(binning), "batch": 4,
        "architecture": Architecture(width=4, depth=2, axes=len(binning)), "learning_rate": 0.05, **changes,
    })


def save(folder: Path, number: int, image: np.ndarray, axes: str = "YX", classes: int = 1) -> None:
    """A pair of files: noise, and boxes of each class in it."""
    mask = np.zeros([length for length, letter in zip(image.shape, axes, strict=True) if letter in "ZYX"], np.uint8)
    for value in range(1, classes + 1):
        mask[..., 5 * value : 5 * value + 9, 4 + number : 22 + number] = value
    for kind, array, letters in (("images", image, axes), ("masks", mask, axes.replace("C", ""))):
        (folder / kind).mkdir(exist_ok=True)
        tifffile.imwrite(folder / kind / f"cell_{number}x.tif", array, metadata={"axes": letters}, ome=True)


@pytest.fixture
def grey(tmp_path) -> Path:
    """Five grey frames of an odd size."""
    for number in range(5):
        save(tmp_path, number, RNG.integers(0, 60_000, (53, 70)).astype(np.uint16))
    return tmp_path


def frames_of(folder: Path, **settings):
    inspection = inspect(folder / "images", folder / "masks", DataSettings(**settings))
    inspection.raise_on_errors()
    assert inspection.reading is not None
    return inspection.frames, inspection.reading


def stored(folder: Path, the_plan: Plan, **watched) -> list[StoredExample]:
    frames, reading = frames_of(folder)
    return Store(folder / "store", DataSettings(), reading, the_plan).examples(frames, **watched)


def in_memory(folder: Path, the_plan: Plan) -> list[ArrayExample]:
    frames, reading = frames_of(folder)
    return make_examples(frames, reading, the_plan.binning, the_plan.intensity)


@pytest.mark.parametrize("rows", [store.BAND, 1000])
@pytest.mark.parametrize(
    ("shape", "axes", "dtype", "classes", "binning", "exact"),
    [
        ((53, 70), "YX", "u1", 1, (1, 1), True),
        ((53, 70), "YX", "u2", 2, (1, 1), True),
        ((53, 70), "YX", "f4", 1, (1, 1), False),
        ((3, 53, 70), "CYX", "u2", 1, (2, 3), False),
        ((9, 31, 40), "ZYX", "i2", 2, (1, 2, 2), False),
        ((9, 31, 40), "ZYX", "u1", 1, (1, 1, 1), True),
    ],
)
def test_any_part_on_disk_is_that_in_memory(tmp_path, monkeypatch, shape, axes, dtype, classes, binning, exact, rows):
    monkeypatch.setattr(store, "BAND", rows)
    monkeypatch.setattr(tiled, "TILE", 500)
    save(tmp_path, 0, RNG.integers(0, 250, shape).astype(dtype), axes, classes)
    together = Intensity(channels="together" if "C" in axes else "each")
    the_plan = plan(binning, intensity=together)
    [ours], [theirs] = stored(tmp_path, the_plan), in_memory(tmp_path, the_plan)
    assert (ours.name, ours.shape) == (theirs.name, theirs.shape)
    space = ours.shape[1:]
    for box in (tuple(slice(0, length) for length in space), tuple(slice(3, length - 1) for length in space)):
        one, other = ours.cut(box), theirs.cut(box)
        assert (one.image.dtype, one.image.shape[1:]) == (np.float32, box_shape(box))
        np.testing.assert_allclose(one.image, other.image, atol=0 if exact else 2e-3)
        np.testing.assert_array_equal(one.shares, other.shares)
    assert ours.places.annotated == theirs.places.annotated == 1
    truth = theirs.cut(tuple(slice(0, length) for length in space)).truth
    assert set(truth.ravel()[ours.places.spots]) == set(range(1, classes + 1))
    assert ours.path.stat().st_size <= ours.layout.most_bytes


def test_patches_from_disk_are_those_from_memory(grey):
    batches = [Patches(examples, (32, 32), BatchSizes(4, 4), Augmentation(), 0).batch(3)
               for examples in (stored(grey, plan()), in_memory(grey, plan()))]
    assert torch.equal(batches[0].images, batches[1].images)
    assert torch.equal(batches[0].shares, batches[1].shares)


@pytest.mark.parametrize("binning", [(1, 1), (2, 3)])
def test_distances_on_disk_are_those_in_memory(tmp_path, monkeypatch, binning):
    """Objects reach over bands and tiles, and lie no differently for it."""
    monkeypatch.setattr(store, "BAND", 500)
    monkeypatch.setattr(tiled, "TILE", 300)
    labels = np.kron(np.arange(20).reshape(4, 5) % 3, np.ones((13, 14))).astype(np.uint16) * np.uint16(700)
    for kind, array in (("images", RNG.integers(0, 250, labels.shape).astype(np.uint8)), ("masks", labels)):
        (tmp_path / kind).mkdir()
        tifffile.imwrite(tmp_path / kind / "a.tif", array)
    inspection = inspect(tmp_path / "images", tmp_path / "masks", DataSettings(read_masks_as="objects"))
    the_plan = plan(binning, architecture=Architecture(width=4, depth=2, distance=True))
    [ours] = Store(tmp_path / "store", DataSettings(), inspection.reading, the_plan).examples(inspection.frames)
    [theirs] = make_examples(inspection.frames, inspection.reading, binning, the_plan.intensity, separate=True)
    box = tuple(slice(2, length - 1) for length in ours.shape[1:])
    one, other = ours.cut(box), theirs.cut(box)
    assert int(theirs.distances.max()) >= (255 if binning == (1, 1) else 225)
    np.testing.assert_array_equal(one.distances, other.distances)
    np.testing.assert_array_equal(one.shares, other.shares)
    assert ours.classes == theirs.classes == 2
    [without] = Store(tmp_path / "store", DataSettings(), inspection.reading, plan(binning)).examples(inspection.frames)
    assert without.key != ours.key
    assert without.cut(box).distances is None


def test_learning_from_disk_ends_in_the_weights_of_learning_from_memory(grey):
    found = [fit(Course(plan(), TrainSettings(steps=6, precision="float32"), examples[:4], examples[4:]))
             for examples in (stored(grey, plan()), in_memory(grey, plan()))]
    assert found[0].losses == found[1].losses
    assert found[0].validations[-1]["foreground_iou"] == found[1].validations[-1]["foreground_iou"]


def test_frames_on_disk_take_no_more_than_in_their_files(grey):
    """Besides spots and levels: a byte for each class number, and the image as it was."""
    for example in stored(grey, plan()):
        assert example.layout.annotation.end == 53 * 70 * 3


class TestPreparing:
    def test_what_is_there_is_not_prepared_again(self, grey):
        first = [(example.path, example.path.stat().st_mtime_ns) for example in stored(grey, plan())]
        told = []
        again = stored(grey, plan(), progress=lambda *said: told.append(said))
        assert first == [(example.path, example.path.stat().st_mtime_ns) for example in again]
        assert told == []

    def test_what_has_changed_is_prepared_again(self, grey):
        before = stored(grey, plan())
        mask = grey / "masks" / "cell_2x.tif"
        changed = tifffile.imread(mask)
        changed[40:50] = 1
        tifffile.imwrite(mask, changed)
        after = stored(grey, plan())
        same = [one.key == other.key for one, other in zip(before, after, strict=True)]
        assert same == [True, True, False, True, True]
        whole = (slice(0, 53), slice(0, 70))
        np.testing.assert_array_equal(after[2].cut(whole).truth, changed)

    @pytest.mark.parametrize("changes", [{"binning": (2, 2)}, {"intensity": Intensity(low=5)}])
    def test_another_way_to_prepare_lies_beside(self, grey, changes):
        first, other = stored(grey, plan()), stored(grey, plan(**changes))
        assert not {example.key for example in first} & {example.key for example in other}
        assert len(list((grey / "store").iterdir())) == 10

    def test_another_way_to_read_masks_lies_beside(self, grey):
        frames, reading = frames_of(grey)
        other = recognise([frame.pair.mask for frame in frames], read_as="inverted")
        first, second = (Store(grey / "store", DataSettings(), each, plan()).examples(frames)
                         for each in (reading, other))
        assert first[0].key != second[0].key

    def test_more_pairs_are_prepared_alone(self, grey):
        before = stored(grey, plan())
        save(grey, 5, RNG.integers(0, 60_000, (53, 70)).astype(np.uint16))
        told = []
        after = stored(grey, plan(), progress=lambda *said: told.append(said))
        assert [example.key for example in after[:5]] == [example.key for example in before]
        assert told == [(0, 1, "preparing frames on disk")]

    def test_preparing_that_was_stopped_goes_on(self, grey):
        def interrupt(done: int, total: int, words: str) -> None:
            if done == 3:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            stored(grey, plan(), progress=interrupt)
        assert len(list((grey / "store").iterdir())) == 3
        told = []
        stored(grey, plan(), progress=lambda *said: told.append(said))
        assert told == [(0, 2, "preparing frames on disk"), (1, 2, "preparing frames on disk")]
        assert len(list((grey / "store").iterdir())) == 5

    def test_a_disk_that_is_too_small_is_told_before_anything_is_written(self, tmp_path):
        """Frames of 4 TB, which are holes in their files and take no room."""
        pair = {}
        for kind in ("image", "mask"):
            path = tmp_path / f"{kind}.npy"
            np.lib.format.open_memmap(path, "w+", np.uint8, (2_000_000, 2_000_000))
            pair[kind] = open_image(path)
        assert (tmp_path / "image.npy").stat().st_blocks < 1000
        small = np.array([[0, 1]], np.uint8)
        np.save(tmp_path / "small.npy", small)
        the_store = Store(tmp_path / "store", DataSettings(), recognise([open_image(tmp_path / "small.npy")]), plan())
        with pytest.raises(OutputError, match=r"need 8,00\d\.\d GB in .*store, and .* free.*--store.*--binning"):
            the_store.examples([Frame(Pair(**pair, group="a"), 0)])
        assert list((tmp_path / "store").iterdir()) == []


def test_a_frame_that_was_lost_is_named(grey):
    example = stored(grey, plan())[0]
    example.path.write_bytes(example.path.read_bytes()[:1000])
    for ask in (lambda: example.places, lambda: example.cut((slice(0, 9), slice(0, 9)))):
        with pytest.raises(FileError, match=r"\.frame, where cell_0x lies prepared.*--resume"):
            ask()


def test_what_is_not_ours_is_left(grey):
    examples = stored(grey, plan())
    (grey / "store" / "notes.txt").write_text("mine")
    (grey / "store" / ".part-half-made.frame").write_text("left by a training that was killed")
    _, reading = frames_of(grey)
    Store(grey / "store", DataSettings(), reading, plan()).remove()
    assert not any(example.path.exists() for example in examples)
    assert [path.name for path in (grey / "store").iterdir()] == ["notes.txt"]


def test_a_folder_of_objects_has_changed_when_a_file_in_it_has(tmp_path):
    tifffile.imwrite(tmp_path / "1.tif", np.zeros((9, 9), np.uint8))
    before = _state(tmp_path)
    assert _state(tmp_path) == before
    tifffile.imwrite(tmp_path / "1.tif", np.ones((9, 10), np.uint8))
    assert _state(tmp_path) != before


def test_a_frame_has_changed_when_classes_of_others_give_its_own_another_number(grey):
    """Its own file has not, and the masks are read as ever."""
    shutil.rmtree(grey / "masks")
    for number, name in enumerate(("wall", "cell")):
        write_labelme(grey / "masks" / f"cell_{number}x.json", [shape_of(name, circle(30, 30, 9))], 53, 70)
    before, _ = stored(grey, plan())
    write_labelme(grey / "masks" / "cell_1x.json", [shape_of("xylem", circle(30, 30, 9))], 53, 70)
    assert stored(grey, plan())[0].key != before.key
