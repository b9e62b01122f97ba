"""Discs that touch, learned from label images and counted right, where connected pieces are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest
import tifffile
from scipy import ndimage

from morula import workflows
from morula.errors import ModelError, RequestError
from morula.images.read import find_files
from morula.models.model import Model
from morula.objects.labels import connected_objects
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.scores.matching import ObjectScores, match_objects

pytestmark = pytest.mark.slow

SETTINGS = TrainSettings(steps=120, batch=4, objects=True)
NETWORK = NetworkSettings(width=8, depth=4)
SIDE = 96


def draw(folder: Path, count: int, seed: int) -> Path:
    """Clumps of discs in noise, all of one brightness: only their form tells one from the next."""
    rng = np.random.default_rng(seed)
    places = np.moveaxis(np.indices((SIDE, SIDE)), 0, -1)
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
    for number in range(count):
        labels = np.zeros((SIDE, SIDE), np.uint16)
        for each in range(1, 31):
            own = np.linalg.norm(places - rng.uniform(4, SIDE - 4, 2), axis=-1) < rng.uniform(7, 12)
            if np.count_nonzero(labels[own]) < 0.25 * np.count_nonzero(own):
                labels[own & (labels == 0)] = each
        image = ndimage.gaussian_filter((labels > 0) * 100.0, 0.7) + rng.normal(40, 12, labels.shape)
        tifffile.imwrite(folder / "images" / f"clump{number:02d}x.tif", image.clip(0, 255).astype(np.uint8))
        tifffile.imwrite(folder / "labels" / f"clump{number:02d}x.tif", labels)
    return folder


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> Path:
    return draw(tmp_path_factory.mktemp("known") / "discs", 24, 0)


@pytest.fixture(scope="module")
def new(tmp_path_factory) -> Path:
    return draw(tmp_path_factory.mktemp("new") / "discs", 6, 1)


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def training(known, told) -> workflows.Training:
    return workflows.train(known / "images", known / "labels", known / "model.safetensors", SETTINGS, None, NETWORK,
                           tell=told.append)


@pytest.fixture(scope="module")
def found(training, new) -> Path:
    workflows.segment(training.path, new / "images", new / "found")
    return new / "found"


def read(folder: Path) -> list[np.ndarray]:
    return [tifffile.imread(path) for path in find_files(folder) if path.suffix == ".tif"]


def pooled(truth: list[np.ndarray], labels: list[np.ndarray]) -> ObjectScores:
    return ObjectScores.pool([match_objects(*both) for both in zip(truth, labels, strict=True)])


def test_objects_that_touch_are_counted_right(found, new):
    truth, labels = read(new / "labels"), read(found)
    assert {image.dtype for image in labels} == {np.dtype(np.uint16)}
    separate, connected = pooled(truth, labels), pooled(truth, [connected_objects(image > 0)[0] for image in labels])
    assert connected.f1() < 0.5
    assert separate.f1() > 0.9
    assert abs(separate.predicted - separate.true) < 0.1 * separate.true


def test_what_separates_them_is_chosen_and_kept(training, told):
    model = Model.load(training.path)
    assert model.plan.separation == training.model.plan.separation
    scores = model.record["validation_objects"]
    assert training.objects.record() == scores
    assert scores["thresholds"]["0.50"]["f1"] > 0.9
    assert any("Objects that touch are separated" in sentence for sentence in told)


def test_eight_bits_and_tiles_find_the_same_objects(training, new, monkeypatch):
    image = tifffile.imread(find_files(new / "images")[0])
    large = np.block([[image, image[:, ::-1]], [image[::-1], image[::-1, ::-1]]])
    plain = Model.load(training.path, "float32").segment(large)
    fast = training.model.segment(large)
    assert match_objects(plain, fast).f1(0.8) > 0.95
    monkeypatch.setattr("morula.models.sweep.tile_side", lambda architecture, number_format: 64)
    monkeypatch.setattr("morula.models.sweep.OVERLAP", {2: 32})
    cut = Model.load(training.path, "float32").segment(large)
    assert match_objects(plain, cut).f1(0.8) > 0.95


def test_measuring_tracking_and_evaluating_take_them_as_they_are(found, new, tmp_path):
    objects = [int(image.max()) for image in read(found)]
    masks = [path for path in find_files(found) if path.suffix == ".tif"]
    measured = workflows.measure(masks, tmp_path / "table.csv")
    assert measured.objects == sum(objects)
    assert pandas.read_csv(tmp_path / "table.csv").groupby("file")["object"].max().tolist() == objects
    tifffile.imwrite(tmp_path / "still.tif", np.stack([read(found)[0]] * 3), metadata={"axes": "TYX"}, ome=True)
    tracked = workflows.track(tmp_path / "still.tif", tmp_path / "tracked")
    assert len(np.unique(tracked.columns["track"])) == objects[0]
    evaluation = workflows.evaluate(masks, new / "labels", objects=True)
    assert evaluation.objects.predicted == sum(objects)


def test_the_report_tells_how_many_were_found(training, found, new, tmp_path):
    masks = [path for path in find_files(found) if path.suffix == ".tif"]
    workflows.report(training.path, tmp_path / "page.html", images=new / "images", masks=new / "labels",
                     predicted=masks)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<h2>Objects</h2>" in page
    assert "validation, objects" in page
    assert "Touching objects were separated by a watershed" in page
    assert "validation, objects" in dict(workflows.info(training.path))


class TestAsking:
    quick = SETTINGS.model_copy(update={"steps": 4, "objects": False})

    def test_objects_that_would_run_together_are_told(self, known, tmp_path):
        told = []
        workflows.train(known / "images", known / "labels", tmp_path / "a.safetensors", self.quick, None, NETWORK,
                        tell=told.append)
        [hint] = [sentence for sentence in told if "--objects" in sentence]
        assert "touch another" in hint

    def test_masks_that_number_nothing_are_refused(self, known, tmp_path):
        (tmp_path / "masks").mkdir()
        for path in find_files(known / "labels"):
            tifffile.imwrite(tmp_path / "masks" / path.name, 255 * (tifffile.imread(path) > 0).astype(np.uint8))
        with pytest.raises(RequestError, match=r"do not number objects: .* values other than 0 stand for .* pieces"):
            workflows.train(known / "images", tmp_path / "masks", tmp_path / "a.safetensors", SETTINGS, None, NETWORK)
        with pytest.raises(RequestError, match=r"--read-masks-as binary says that the masks are none"):
            workflows.train(known / "images", known / "labels", tmp_path / "a.safetensors", SETTINGS, None, NETWORK,
                            read_masks_as="binary")
        assert not (tmp_path / "a.safetensors").exists()

    def test_colours_are_no_numbers(self, known, tmp_path):
        (tmp_path / "masks").mkdir()
        for path in find_files(known / "labels"):
            labels = tifffile.imread(path)
            colours = np.stack([labels * 37 % 256, labels * 91 % 256, labels * 53 % 256], -1).astype(np.uint8)
            tifffile.imwrite(tmp_path / "masks" / path.name, colours, photometric="rgb")
        with pytest.raises(RequestError, match="The masks hold colours"):
            workflows.train(known / "images", tmp_path / "masks", tmp_path / "a.safetensors", SETTINGS, None, NETWORK)

    def test_a_model_without_it_says_how_to_get_it(self, known, tmp_path):
        model = tmp_path / "a.safetensors"
        made = workflows.train(known / "images", known / "labels", model, self.quick, None, NETWORK)
        with pytest.raises(ModelError, match="--objects"):
            made.model.objects(made.inspection.frames[0].pair.image)
