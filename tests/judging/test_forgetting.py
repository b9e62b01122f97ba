"""Going on from an earlier model, from files to what was forgotten."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tifffile

from morula import workflows
from morula.errors import ModelError, RequestError
from morula.images.image import Image
from morula.images.read import find_files
from morula.images.write import write_stack
from morula.models.model import Model
from morula.planning.training_settings import NetworkSettings, TrainSettings

pytestmark = pytest.mark.slow

QUICK = TrainSettings(steps=45, patch=48, batch=4)
train = partial(workflows.train, architecture=NetworkSettings(width=6, depth=3))
go_on = workflows.train


def draw(folder: Path, **fields) -> workflows.Drawn:
    settings = {"count": 16, "movies": 4, "size": 48, "seed": 3, **fields}
    return workflows.draw("gastruloids", folder, workflows.DrawingSettings(**settings))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> workflows.Drawn:
    return draw(tmp_path_factory.mktemp("earlier"))


@pytest.fixture(scope="module")
def earlier(drawn) -> workflows.Training:
    return train(drawn.images, drawn.masks, drawn.images.parent / "earlier.safetensors", QUICK)


def first_loss(training: workflows.Training) -> float:
    lines = map(json.loads, training.log.read_text().splitlines())
    return next(line["loss"] for line in lines if line["event"] == "step")


def comparison(training: workflows.Training) -> dict:
    return Model.load(training.path).record["earlier"]


def inverted(drawn: workflows.Drawn, folder: Path) -> tuple[Path, Path]:
    """The same pictures as negatives, under other names."""
    for kind in ("images", "masks"):
        (folder / kind).mkdir()
        for path in find_files(getattr(drawn, kind)):
            pixels = tifffile.imread(path)
            tifffile.imwrite(folder / kind / f"negative_{path.name}", 255 - pixels if kind == "images" else pixels)
    return folder / "images", folder / "masks"


def test_the_record_says_where_the_validation_frames_are(earlier, drawn):
    record = earlier.model.record
    assert record["earlier"] is None
    assert [Path(file["image"]).stem for file in record["validation_files"]] == record["validation_frames"]
    for file in record["validation_files"]:
        assert Path(file["image"]).parent == drawn.images.resolve()
        assert Path(file["mask"]).parent == drawn.masks.resolve()
        assert file["frame"] == 0


def test_the_same_images_go_on_where_the_earlier_model_ended(earlier, drawn, tmp_path):
    told = []
    quick = QUICK.model_copy(update={"init": earlier.path, "steps": 10, "seed": 9})
    made = go_on(drawn.images, drawn.masks, tmp_path / "m.safetensors", quick, tell=told.append)
    assert first_loss(made) < 0.6 * first_loss(earlier)
    assert made.model.plan.architecture == earlier.model.plan.architecture
    assert made.model.record["validation_frames"] == earlier.model.record["validation_frames"]
    assert "of them as for the earlier model" in made.model.record["split"]
    assert any(sentence.startswith("Took over") for sentence in told)
    compared = comparison(made)
    assert told[-1] == compared["sentence"]
    assert compared["frames"] == len(earlier.model.record["validation_files"])
    assert compared["before"] == pytest.approx(earlier.scores.foreground_iou)
    assert compared["after"] == pytest.approx(made.scores.foreground_iou)
    assert compared["model"] == made.model.record["begun_with"] == earlier.model.fingerprint
    assert earlier.model.record["begun_with"] is None  # quick networks have no start
    shown = [value for label, value in workflows.info(made.path) if label == "earlier model"]
    assert shown == [f"This training went on from the model {earlier.model.fingerprint}.", *compared["kept"],
                     compared["sentence"]]
    workflows.report(made.path, tmp_path / "page.html")
    assert f"earlier model ({earlier.model.fingerprint})" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_what_was_forgotten_is_said(earlier, drawn, tmp_path):
    """Negatives of the images teach the opposite of what the earlier model knows."""
    told = []
    quick = QUICK.model_copy(update={"init": earlier.path, "steps": 50})
    made = go_on(*inverted(drawn, tmp_path), tmp_path / "m.safetensors", quick, tell=told.append)
    compared = comparison(made)
    assert compared["before"] == pytest.approx(earlier.scores.foreground_iou)
    assert compared["after"] < compared["before"] - 0.1
    assert f"foreground IoU {compared['before']:.3f} before, {compared['after']:.3f} now: it became worse" in told[-1]
    assert "Train on old and new images together" in told[-1]


def test_old_and_new_together_validate_on_the_old_frames_again(earlier, drawn, tmp_path):
    images, masks = inverted(drawn, tmp_path)
    both = [[*find_files(ours), *find_files(theirs)] for ours, theirs in ((drawn.images, images), (drawn.masks, masks))]
    quick = QUICK.model_copy(update={"init": earlier.path, "steps": 6, "share": 0.3})
    made = go_on(*both, tmp_path / "m.safetensors", quick)
    held = set(earlier.model.record["validation_frames"])
    assert held < set(made.model.record["validation_frames"])
    assert not held & set(made.model.record["training_frames"])


def test_images_that_all_validated_the_earlier_model_cannot_train(earlier, tmp_path):
    files = earlier.model.record["validation_files"]
    with pytest.raises(RequestError, match=r"All frames validated the earlier model.*Add others, or leave out --init"):
        go_on([file["image"] for file in files], [file["mask"] for file in files], tmp_path / "m.safetensors",
              QUICK.model_copy(update={"init": earlier.path}))


@pytest.mark.parametrize("rest", [0, 2])
def test_frames_that_are_gone_are_missed(drawn, tmp_path, rest):
    copied = tmp_path / "copied"
    shutil.copytree(drawn.images.parent, copied, ignore=shutil.ignore_patterns("*.safetensors*"))
    settings = QUICK.model_copy(update={"steps": 6})
    first = train(copied / "images", copied / "masks", tmp_path / "first.safetensors", settings)
    files = first.model.record["validation_files"]
    for file in files[rest:]:
        Path(file["image"]).unlink()
        Path(file["mask"]).unlink()
    onward = settings.model_copy(update={"init": first.path})
    made = go_on(copied / "images", copied / "masks", tmp_path / "m.safetensors", onward)
    compared = comparison(made)
    assert compared["frames"] == rest
    if rest:
        assert f"On 2 validation frames of the earlier model, {len(files) - 2} being gone: " in compared["sentence"]
    else:
        assert f"are gone, such as {files[0]['image']}, so nobody knows" in compared["sentence"]
        assert compared["before"] is None


def test_another_channel_and_another_class(earlier, drawn, tmp_path):
    """Two channels of which one is known, and a second class: the old frames lack the new channel, which is said."""
    two = draw(tmp_path / "two", classes=2, seed=8)
    (tmp_path / "images").mkdir()
    for path in find_files(two.images):
        grey = tifffile.imread(path)
        image = Image.from_array(np.stack([grey, 255 - grey]), "CYX", channels=("grey", "GFP"))
        write_stack(tmp_path / "images" / path.name, image)
    told = []
    quick = QUICK.model_copy(update={"init": earlier.path, "steps": 10})
    made = go_on(tmp_path / "images", two.masks, tmp_path / "m.safetensors", quick, channels=("grey", "GFP"),
                 tell=told.append)
    assert "Its first layer keeps what it learned of grey; GFP begins at zero." in told
    assert "Its last layer keeps what it learned of class 1; class 2 begins at zero." in told
    assert "cannot be used any more" in comparison(made)["sentence"]
    assert made.model.plan.architecture.width == 6
    back = draw(tmp_path / "back", seed=11)
    again = go_on(back.images, back.masks, tmp_path / "again.safetensors",
                  QUICK.model_copy(update={"init": made.path, "steps": 4}))
    assert again.model.plan.classes == ("foreground",)
    assert again.model.plan.architecture.outputs == 1


def test_a_second_class_is_background_to_the_old_frames(earlier, tmp_path):
    two = draw(tmp_path / "two", classes=2, seed=8)
    quick = QUICK.model_copy(update={"init": earlier.path, "steps": 10})
    made = go_on(two.images, two.masks, tmp_path / "m.safetensors", quick)
    compared = comparison(made)
    assert compared["frames"] == len(earlier.model.record["validation_files"])
    assert 0 <= compared["after"] <= 1


def test_what_was_chosen_otherwise_is_not_taken_over(earlier, drawn, tmp_path):
    quick = QUICK.model_copy(update={"init": earlier.path, "steps": 4, "binning": 2, "patch": 32})
    made = go_on(drawn.images, drawn.masks, tmp_path / "m.safetensors", quick, depth=4)
    assert made.model.plan.architecture.depth == 4
    assert made.model.plan.architecture.width == 6
    assert made.model.plan.binning == (2, 2)


def test_volumes_do_not_go_on_from_pictures(earlier, tmp_path):
    for kind, pixels in (("images", np.arange(8 * 32 * 32, dtype=np.uint16)), ("masks", np.arange(8192) % 2)):
        (tmp_path / kind).mkdir()
        for number in range(3):
            tifffile.imwrite(tmp_path / kind / f"{number}a.tif", (pixels + (number if kind == "images" else 0)).astype(
                np.uint16 if kind == "images" else np.uint8).reshape(8, 32, 32))
    with pytest.raises(RequestError, match=r"earlier model is for 2-D images, and these are 3-D.*--init.*--axes"):
        go_on(tmp_path / "images", tmp_path / "masks", tmp_path / "m.safetensors",
              QUICK.model_copy(update={"init": earlier.path}), axes="ZYX")


def test_a_model_that_is_not_there_is_named_before_anything_is_read(tmp_path):
    with pytest.raises(ModelError, match=r"nowhere\.safetensors: there is no such model file"):
        go_on(tmp_path, tmp_path, tmp_path / "m.safetensors", QUICK, init=tmp_path / "nowhere.safetensors")
