"""Looks at masks whose truth is known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from morula.examples.example import ArrayExample, Piece
from morula.judging.known_masks import KNOWN, LEAST, known_looks, look_at, looks, read_looks, write_looks
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.objects.tidying import tidied
from morula.scores.compare import compare_masks

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module", params=[2, 3])
def model(request) -> Model:
    torch.manual_seed(0)
    axes = request.param
    architecture = Architecture(axes=axes, width=4, depth=2, outputs=3)
    plan = Plan(channels=("grey",), classes=("a", "b"), binning=(1,) * axes, architecture=architecture,
                patch=(16,) * axes, batch=2, learning_rate=0.01)
    return Model(UNet(architecture).eval(), plan, precision="float32")


def example(axes: int, name: str = "a") -> ArrayExample:
    space = (20, 24, 17)[:axes]
    numbers = RNG.integers(0, 4, space)
    shares = np.stack([numbers == number for number in range(3)]) * np.uint8(255)  # 3 is not annotated
    return ArrayExample(name, RNG.standard_normal((1, *space)).astype(np.float32), shares)


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("least", [0.0, 4.0])
def test_ious_are_those_of_the_scores(model, alone, least):
    axes = model.plan.architecture.axes
    kept = {"main_object": alone, "specks": (2 * least,) * 2, "binning": (2,) + (1,) * (axes - 1)}
    model = replace(model, plan=model.plan.model_copy(update=kept))
    made = example(model.plan.architecture.axes)
    piece = Piece(made.image, made.shares)
    seen = look_at(model, piece)
    padded = [(0, 0), *((0, -side % 2) for side in made.image.shape[1:])]
    answer = model.engine(torch.from_numpy(np.pad(made.image, padded, mode="symmetric"))[None])[0].numpy()
    mask = answer[(slice(None), *map(slice, made.image.shape[1:]))].argmax(0).astype(np.uint8)
    scores = compare_masks(piece.truth, np.asarray(tidied(mask, (least,) * 2, alone=alone)), 2, name="a")
    np.testing.assert_allclose(seen.ious, [each.iou for each in scores.classes[1:]])
    assert seen.tally.counts[0].sum() == piece.truth.size
    assert seen.right.sum() == 2 * np.count_nonzero(piece.truth != 255)
    assert not seen.lacking.any()


def test_held_out_frames_are_seen_as_they_are_and_spoiled_in_every_way(model):
    axes = model.plan.architecture.axes
    training, validation = ([example(axes, f"{kind}{number}") for number in range(6)] for kind in "tv")
    groups = {f"{kind}{number}": f"{kind} {number // 2}" for number in range(6) for kind in "tv"}
    seen = list(looks(model, training, validation, groups, learned=1))
    assert all(each.group == f"{'t' if each.trained else 'v'} {each.frame % 6 // 2}" for each in seen)
    plain = [each for each in seen if not each.kind]
    assert [each.frame for each in plain] == list(range(12))
    assert [each.trained for each in plain] == [False] * 6 + [True] * 6
    spoiled = Counter(each.kind for each in seen if each.kind)
    assert {each.frame for each in seen if each.kind} == set(range(6))
    assert sum(spoiled.values()) == LEAST
    assert set(spoiled.values()) == {2}


def test_without_held_out_frames_known_ones_are_judged(model):
    seen = list(looks(model, [example(model.plan.architecture.axes)], [], {"a": "a"}, learned=1))
    assert {each.frame for each in seen if each.kind} == {0}
    assert all(each.trained for each in seen)


def test_frames_of_a_rare_kind_are_among_those_that_are_known(model):
    axes = model.plan.architecture.axes
    training = [example(axes, f"t{number:03}") for number in range(KNOWN + 9)]
    groups = {each.name: each.name for each in training}
    for rare in ("t001", "t005"):
        aware = replace(model, plan=model.plan.model_copy(update={"repeated": {rare: 3}}))
        seen = [look.group for look in known_looks(aware, training, groups)]
        assert seen[0] == rare
        assert len(seen) == len(set(seen)) == KNOWN
        seen = [look.group for look in looks(aware, training, [example(axes, "v")], groups | {"v": "v"}, learned=0)
                if look.trained and not look.kind]
        assert seen[0] == rare
        assert len(seen) == len(set(seen)) == LEAST // 2


def test_looks_that_are_kept_are_the_same(model, tmp_path):
    seen = list(looks(model, [], [example(len(model.plan.binning), name) for name in "ab"], {"a": "x", "b": "y"}, 0))
    write_looks(tmp_path / "looks.npz", seen)
    for kept, look in zip(read_looks(tmp_path / "looks.npz"), seen, strict=True):
        for ours, theirs in ((vars(kept), vars(look)), (vars(kept.tally), vars(look.tally))):
            assert ours.keys() == theirs.keys()
            for name in ours.keys() - {"tally"}:
                np.testing.assert_array_equal(ours[name], theirs[name])
                assert type(ours[name]) is type(theirs[name])
