"""What a training takes of what was learned from drawings: in the shapes of its own network, computing the same."""

from __future__ import annotations

import copy
import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from morula.checks.data_settings import DataSettings
from morula.drawings.drawn import Drawing, save_drawings
from morula.examples.example import make_examples
from morula.judging.scoring import score_frames
from morula.learning.lesson import prepare_lesson
from morula.learning.loop import Course, fit
from morula.learning.run import Run
from morula.learning.transfer import begin
from morula.models import start as starts
from morula.models.model import Model
from morula.models.plan import Plan
from morula.models.start import Start
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.planning.training_settings import NetworkSettings, TrainSettings
from morula.specimens.kinds import draw_specimen
from morula.specimens.solids import SOLIDS, draw_volume

LEARNED = Architecture(inputs=3, width=4, depth=3, block="residual", distance=True)
COLOURS = ("red", "green", "blue")


def history(architecture: Architecture) -> UNet:
    """A network in which no weight and no statistic is what it is at the beginning."""
    torch.manual_seed(1)
    network = UNet(architecture)
    for tensor in network.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand_like(tensor) + 0.1 if tensor.ndim == 1 else torch.randn_like(tensor) / 4)
    return network.eval()


def plan(channels: tuple[str, ...] = ("grey",), **architecture) -> Plan:
    built = Architecture(**{"width": 4, "depth": 3, "block": "residual", "inputs": len(channels), **architecture})
    return Plan(channels=channels, classes=("body",), binning=(1,) * built.axes, architecture=built,
                patch=(16,) * built.axes, batch=2, learning_rate=0.01)


def features(network: UNet, pictures: torch.Tensor) -> list[torch.Tensor]:
    with torch.no_grad():
        return copy.deepcopy(network).double().expanded(pictures.double())


def same(one: torch.Tensor, other: torch.Tensor) -> None:
    """But for what half precision rounds."""
    assert (one - other).abs().max() < 0.02 * one.std()


def begun(learned: Start, new: Plan) -> UNet:
    return Run.start(new, 0, "float32", initial=learned.fitted(new)).network.eval()


@pytest.fixture
def known(tmp_path, monkeypatch):
    """The network of a start, and that start, which trainings find."""
    monkeypatch.setattr(starts, "STARTS", tmp_path)
    network = history(LEARNED)
    learned = Start.of(LEARNED, network.state_dict(), {"steps": 7})
    learned.save(tmp_path / "plane.safetensors")
    rounded = UNet(LEARNED).eval()
    rounded.load_state_dict({name: tensor.half().float() for name, tensor in network.state_dict().items()})
    return rounded, learned


@pytest.mark.parametrize(("channels", "shown"), [(COLOURS, [0, 1, 2]), (("grey",), [0, 0, 0])])
def test_the_same_features_are_seen(known, channels, shown):
    network, learned = known
    picture = torch.randn(1, len(channels), 16, 16)
    expected, found = features(network, picture[:, shown]), features(begun(learned, plan(channels)), picture)
    for one, other in zip(expected, found, strict=True):
        same(one, other)


def test_channels_that_mean_something_else_share_what_grey_is_given(known):
    network, learned = known
    grey = torch.randn(1, 1, 16, 16)
    expected = features(network, grey[:, [0, 0, 0]])[0]
    found = features(begun(learned, plan(("DAPI", "GFP"))), grey[:, [0, 0]])[0]
    same(expected, found)


@pytest.mark.parametrize("channels", [("grey",), ("DAPI", "GFP"), COLOURS])
def test_what_was_learned_from_grey_volumes_is_shared_by_all_channels(channels):
    grown = Architecture(axes=3, inputs=1, width=4, depth=2, block="residual", distance=True)
    network, volume = history(grown), torch.randn(1, 1, 8, 8, 8)
    learned = Start.of(grown, network.state_dict(), {})
    found = features(begun(learned, plan(channels, axes=3, depth=2)), volume.expand(-1, len(channels), -1, -1, -1))
    for one, other in zip(features(network, volume), found, strict=True):
        same(one, other)


def test_a_network_of_fewer_stages_takes_over_all_that_it_has(known):
    _, learned = known
    shallow = plan(depth=2)
    new = {name for name in UNet(shallow.architecture).state_dict() if "num_batches" not in name}
    assert learned.fitted(shallow).keys() == {name for name in new if not name.startswith("head")}


def test_a_network_with_detail_takes_over_all_but_that(tmp_path, monkeypatch):
    monkeypatch.setattr(starts, "STARTS", tmp_path)
    folded = LEARNED.model_copy(update={"stem": 2})
    network = history(folded)
    learned = Start.of(folded, network.state_dict(), {})
    learned.save(tmp_path / "plane.safetensors")
    kept, bare = (begin(plan(COLOURS, stem=2, detail=detail)).weights for detail in (4, 0))
    assert kept.keys() == bare.keys() != set()
    corrected = folded.model_copy(update={"detail": 4})
    assert Start.of(corrected, history(corrected).state_dict(), {}).weights.keys() == learned.weights.keys()


def test_axes_that_shrink_later_keep_their_length():
    deep = Architecture(axes=3, inputs=3, width=4, depth=2, block="residual")
    learned = Start.of(deep, history(deep).state_dict(), {})
    flat = plan(axes=3, depth=2, strides=((1, 2, 2),))
    kernel = learned.fitted(flat)["up.0.weight"]
    assert kernel.shape[2:] == (1, 2, 2)
    torch.testing.assert_close(kernel, learned.weights["up.0.weight"].float().mean(2, keepdim=True))


@pytest.mark.parametrize("other", [
    {"width": 8}, {"stem": 2}, {"block": "conv"}, {"normalisation": "instance"}, {"axes": 3},
    {"order": "conv-act-norm"},
])
def test_a_network_that_is_built_otherwise_begins_from_nothing(known, other):
    assert begin(plan()).weights
    assert begin(plan()).source.startswith("plane ")
    assert not begin(plan(**other)).weights
    assert not begin(plan(**other)).sentences


def test_the_head_is_left_out_and_the_file_is_half_as_large(known, tmp_path):
    network, _ = known
    with safe_open(tmp_path / "plane.safetensors", "pt") as file:
        header, names = file.metadata(), set(file.keys())
        assert {file.get_tensor(name).dtype for name in names} == {torch.float16}
    assert json.loads(header["record"]) == {"steps": 7}
    floating = {name for name, tensor in network.state_dict().items() if tensor.is_floating_point()}
    assert names == {name for name in floating if not name.startswith("head")}


def test_kernels_are_no_longer_than_they_need_be(known):
    """Beside those that PyTorch draws; what they see is held by the tests above."""
    _, learned = known
    fresh = UNet(LEARNED).state_dict()
    kernels = [name for name in learned.weights if name.endswith(("first.0.weight", "second.0.weight"))]
    ratios = [learned.weights[name].float().norm() / fresh[name].norm() for name in kernels]
    assert len(kernels) == 10
    assert max(ratios) < 1.3 * starts.LONGEST
    assert max(ratios) > 0.7 * starts.LONGEST


RECIPE = Path(__file__).parents[2] / "pretraining" / "start.py"
DISTRIBUTED = sorted(starts.STARTS.glob("*.safetensors"))


def test_what_is_distributed_is_small_and_made_as_its_recipe_says():
    spec = importlib.util.spec_from_file_location("pretraining_start", RECIPE)
    recipe = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = recipe
    spec.loader.exec_module(recipe)
    assert {path.stem for path in DISTRIBUTED} == recipe.RECIPES.keys()
    assert sum(path.stat().st_size for path in DISTRIBUTED) < 8e6
    for path in DISTRIBUTED:
        made, known = recipe.RECIPES[path.stem], Start.load(path)
        assert (known.record["count"], known.record["steps"]) == (made.count, made.steps)
        assert known.architecture.stem == made.network.stem


def worth(folder: Path, drawings: list[Drawing], **settings) -> float:
    """The IoU on images that took no part, of what a few steps on three images teach."""
    for name, some in (("known", drawings[:3]), ("new", drawings[3:])):
        save_drawings([replace(each, mask=(each.mask > 0).astype(np.uint8)) for each in some], folder / name)
    given, new = (
        prepare_lesson(folder / name / "images", folder / name / "masks", TrainSettings(steps=20, **settings),
                       DataSettings(), NetworkSettings())
        for name in ("known", "new")
    )
    plan = given.plan
    examples = make_examples(given.inspection.frames, given.reading, plan.binning, plan.intensity)
    trained = fit(Course(plan, given.settings, examples, (), initial=given.kept.weights))
    return score_frames(Model(trained.network, plan), new.inspection.frames, new.reading, plan.classes).foreground_iou


def test_a_training_begins_with_it_unless_asked_not_to(tmp_path):
    save_drawings((draw_specimen("stained tissue", 5, number, 128) for number in range(3)), tmp_path)
    for settings, source in ({}, "plane "), ({"from_nothing": True}, None):
        asked = TrainSettings(steps=1, **settings)
        lesson = prepare_lesson(tmp_path / "images", tmp_path / "masks", asked, DataSettings(), NetworkSettings())
        assert (lesson.kept.source or "").startswith(source or "")
        assert bool(lesson.kept.weights) == bool(lesson.kept.source) == bool(source)
    with pytest.raises(ValueError, match="--init and --from-nothing both"):
        TrainSettings(init=tmp_path / "model.safetensors", from_nothing=True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stained tissue", "cells in phase contrast", "nuclei in a light sheet"])
def test_few_steps_on_few_images_are_worth_more_with_it(kind, tmp_path):
    """Of a kind that it knows, drawn anew."""
    if kind in SOLIDS:
        drawings = [draw_volume(kind, 5, number, (32, 48, 48)) for number in range(9)]
    else:
        drawings = [draw_specimen(kind, 5, number, 160) for number in range(9)]
    began = worth(tmp_path / "start", drawings)
    nothing = worth(tmp_path / "nothing", drawings, from_nothing=True)
    assert began > nothing + 0.03
