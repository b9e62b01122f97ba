"""What a model learned from is known again by its pixels, wherever it lies and whatever it is called."""

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch

from morula import workflows
from morula.images.read import open_image
from morula.judging.remembering import remember
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.pairs.pair import Frame, Pair
from morula.segmenting.frames import read_frames

RNG = np.random.default_rng(0)


@pytest.fixture
def model(tmp_path) -> Model:
    """A model that learned from two frames of a stack, was judged by a picture, and has never seen another."""
    torch.manual_seed(0)
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for name, shape in (("stack", (2, 40, 40)), ("judged", (40, 40)), ("other", (40, 40))):
        tifffile.imwrite(tmp_path / "images" / f"{name}.tif", RNG.integers(0, 255, shape, np.uint8),
                         metadata={"axes": "TYX"[-len(shape):]}, ome=True)
        mask = np.zeros(shape, np.uint8)
        mask[..., 8:30, 8:30] = 1
        tifffile.imwrite(tmp_path / "masks" / f"{name}.tif", mask, metadata={"axes": "TYX"[-len(shape):]}, ome=True)
    architecture = Architecture(width=4, depth=2)
    plan = Plan(channels=("grey",), classes=("cell",), binning=(1, 1), architecture=architecture, patch=(16, 16),
                batch=2, learning_rate=0.01)
    made = Model(UNet(architecture).eval(), plan)
    files = [open_image(tmp_path / "images" / f"{name}.tif") for name in ("stack", "judged")]
    frames = [Frame(Pair(image, image, image.name), index) for image in files for index in range(image.frames)]
    record = {"training_frames": ["stack[0]", "stack[1]"], "validation_frames": ["judged"]}
    return Model(made.network, plan, record=record, memory=remember(made, frames))


def seen_by_mask(folder: Path) -> dict[str, list[str | None]]:
    return {rows[0].mask: [row.seen for row in rows] for rows in read_frames(folder / "frames.csv").values()}


def test_frames_are_known_again_under_other_names(model, tmp_path):
    (tmp_path / "images").rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "stack.tif").rename(tmp_path / "elsewhere" / "renamed.tif")
    workflows.segment(model, tmp_path / "elsewhere", tmp_path / "out")
    assert seen_by_mask(tmp_path / "out") == {
        "renamed.tif": ["training", "training"], "judged.tif": ["validation"], "other.tif": ["new"]}


def test_an_evaluation_says_what_was_learned_from(model, tmp_path):
    workflows.segment(model, tmp_path / "images", tmp_path / "out")
    page, scores = tmp_path / "page.html", tmp_path / "scores.json"
    evaluation = workflows.evaluate(tmp_path / "out", tmp_path / "masks", json=scores, report=page)
    said = "The model learned from 2 of these 4 images."
    record = json.loads(scores.read_text())
    assert said in evaluation.novelty
    assert said in repr(evaluation)
    assert record["learned_from"].startswith(said)
    assert [image["seen"] for image in record["images"]] == ["validation", "new", "training", "training"]
    [other] = [image for image in evaluation.scores.images if image.name == "other"]
    assert record["new_images"]["foreground_iou"] == pytest.approx(other.foreground_iou)
    html = page.read_text()
    assert html.index(said) < html.index("foreground IoU, new images") < html.index("foreground IoU, learned from")


def test_where_no_table_tells_the_images_do(model, tmp_path):
    from morula.segmenting.seen import told_by_images

    workflows.segment(model, tmp_path / "images", tmp_path / "out")
    (tmp_path / "out" / "frames.csv").unlink()
    evaluation = workflows.evaluate(tmp_path / "out", tmp_path / "masks")
    assert not evaluation.novelty
    files = sorted((tmp_path / "images").iterdir())
    assert told_by_images(model, evaluation.frames, files) == ("validation", "new", "training", "training")
