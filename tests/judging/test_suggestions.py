"""Suggestions among frames whose kinds are planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from morula.images.image import Image
from morula.judging.suggestions import Candidate, choose
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.trust.memory import Memory

KINDS = np.random.default_rng(0).standard_normal((6, 16)) * 4


def frames(kind: int, count: int, certainty: float | None) -> list[Candidate]:
    rng = np.random.default_rng(100 + kind)
    return [Candidate(Path(f"kind{kind}_{number}.tif"), 0, certainty,
                      (KINDS[kind] + rng.normal(0, 0.3, 16)).astype(np.float32)) for number in range(count)]


def memory(*kinds: int) -> Memory:
    rng = np.random.default_rng(7)
    appearances = [KINDS[kind] + rng.normal(0, 0.3, 16) for kind in kinds for _ in range(3)]
    return Memory(np.array(appearances, np.float32), np.zeros((0, 16), np.uint8))


def kinds(suggestions) -> list[int]:
    return [int(each.path.name[4]) for each in suggestions]


def test_each_kind_that_nobody_annotated_gets_one_before_any_gets_two():
    candidates = [*frames(0, 20, 0.8), *frames(1, 10, 0.8), *frames(2, 10, 0.8), *frames(3, 10, 0.8)]
    assert sorted(kinds(choose(candidates, memory(0), 3))) == [1, 2, 3]
    assert sorted(kinds(choose(candidates, None, 4))) == [0, 1, 2, 3]


def test_the_more_doubtful_and_the_more_common_kind_comes_first():
    assert kinds(choose([*frames(1, 10, 0.9), *frames(2, 10, 0.5)], memory(0), 2)) == [2, 1]
    assert kinds(choose([*frames(1, 4, 0.8), *frames(2, 30, 0.8)], memory(0), 2)) == [2, 1]


def test_one_freak_does_not_come_before_a_kind():
    candidates = [*frames(1, 1, 0.6), *frames(2, 20, 0.8)]
    assert kinds(choose(candidates, memory(0), 2)) == [2, 1]
    far_out = Candidate(Path("kind9_0.tif"), 0, 0.8, (KINDS[0] + 2 * (KINDS[3] - KINDS[0])).astype(np.float32))
    candidates = [far_out, *frames(0, 20, 0.8), *frames(2, 10, 0.8), *frames(3, 10, 0.8)]
    assert sorted(kinds(choose(candidates, memory(0), 2))) == [2, 3]


def test_drawn_kinds_that_nobody_annotated_get_one_each():
    """Waves of four lengths, as the plan of an untrained network reads them; the first kind is annotated."""
    torch.manual_seed(0)
    architecture = Architecture(inputs=1, width=4, depth=3)
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=architecture, patch=(32, 32),
                batch=2, learning_rate=0.01)
    model, rng = Model(UNet(architecture).eval(), plan), np.random.default_rng(0)

    def drawn(kind: int, count: int) -> list[Candidate]:
        phases = np.indices((64, 64)).sum(0) / (0.7, 1.4, 2.8, 5.6)[kind] + rng.uniform(0, 6, (count, 1, 1))
        pictures = (np.sin(phases) + rng.normal(0, 0.1, phases.shape)).astype(np.float32)
        return [Candidate.of(model, Path(f"kind{kind}_{number}.tif"), Image.from_array(picture, "YX"), 0)
                for number, picture in enumerate(pictures)]

    known = Memory(np.array([each.features for each in drawn(0, 3)]), np.zeros((0, 16), np.uint8))
    pool = [each for kind, count in enumerate((12, 8, 8, 4)) for each in drawn(kind, count)]
    assert sorted(kinds(choose(pool, known, 3))) == [1, 2, 3]


def test_what_is_annotated_already_comes_last():
    candidates = [*frames(0, 30, 0.6), *frames(1, 3, 0.8)]
    assert kinds(choose(candidates, memory(0), 1)) == [1]


def test_reasons_are_told():
    candidates = [*frames(0, 20, 0.95), *frames(1, 5, 0.5), *frames(2, 1, None)]
    found = choose(candidates, memory(0), 2)
    said = {kind: each.reason for kind, each in zip(kinds(found), found, strict=True)}
    assert said[1] == "its outline is unsure; unlike what was annotated; stands for 4 frames like it"
    assert "nothing was found in it" in said[2]


@pytest.mark.parametrize("count", [1, 7, 100])
def test_no_frame_is_suggested_twice(count):
    candidates = [*frames(0, 5, 0.7), *frames(0, 5, 0.7)]
    found = choose(candidates, memory(0), count)
    assert len(found) == min(count, len(candidates))
    assert len({id(each) for each in found}) == len(found)
    places = [next(p for p, c in enumerate(candidates) if c.path == each.path) for each in found]
    assert len(set(places[:5])) == min(count, 5)  # of equal frames the second only after all others
