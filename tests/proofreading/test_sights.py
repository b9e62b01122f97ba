"""What is seen of an annotation, and by which networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from morula.images.image import Image
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.proofreading.sights import sight
from morula.trust.memory import Memory, frame_digest

PICTURE = Image.from_array(np.random.default_rng(0).integers(0, 255, (60, 70)).astype(np.uint8), "YX")
OTHER = Image.from_array(np.random.default_rng(1).integers(0, 255, (60, 70)).astype(np.uint8), "YX")
CLASSES = np.zeros((60, 70), np.uint8)
ONE = np.array([1])


def network(seed: int, learned: Image, outputs: int = 1) -> Model:
    """A network of random weights that remembers one image."""
    torch.manual_seed(seed)
    architecture = Architecture(width=4, depth=2, outputs=outputs)
    plan = Plan(channels=("grey",), classes=tuple("abc"[: max(1, outputs - 1)]), binning=(1, 1),
                architecture=architecture, patch=(32, 32), batch=2, learning_rate=0.01)
    digest = np.frombuffer(frame_digest(learned, 0), np.uint8)[None]
    memory = Memory(np.zeros((1, 1), np.float32), digest)
    return Model(UNet(architecture).eval(), plan, {"training_frames": ["a"]}, memory=memory, precision="float32")


def test_a_network_that_has_learned_from_the_frame_does_not_judge_it_where_another_can():
    knows, new = network(0, PICTURE), network(1, OTHER)
    both = sight([knows, new], PICTURE, 0, CLASSES, ONE)
    assert not both.learned
    np.testing.assert_allclose(both.seen, new.probabilities(PICTURE)[1:], atol=1e-6)
    alone = sight([knows], PICTURE, 0, CLASSES, ONE)
    assert alone.learned
    np.testing.assert_allclose(alone.seen, knows.probabilities(PICTURE)[1:], atol=1e-6)


def test_several_that_have_not_learned_from_it_are_averaged():
    several = [network(1, OTHER), network(2, OTHER)]
    mean = np.mean([model.probabilities(PICTURE)[1:] for model in several], axis=0)
    np.testing.assert_allclose(sight(several, PICTURE, 0, CLASSES, ONE).seen, mean, atol=1e-6)


def test_a_model_that_forgot_what_it_learned_from_is_taken_to_know_the_frame():
    assert sight([replace(network(0, OTHER), memory=None)], PICTURE, 0, CLASSES, ONE).learned


def test_classes_come_in_the_order_of_the_masks():
    model = network(0, OTHER, outputs=3)
    seen = sight([model], PICTURE, 0, CLASSES, np.array([2, 1])).seen
    np.testing.assert_allclose(seen, model.probabilities(PICTURE)[[2, 1]], atol=1e-6)


@pytest.mark.parametrize("largest", [60 * 70 / 4, 60 * 70 / 8.9])
def test_of_a_large_frame_every_so_many_pixels_one_is_seen(largest):
    model = network(0, OTHER)
    coarse = sight([model], PICTURE, 0, np.arange(60 * 70).reshape(60, 70) % 2, ONE, largest)
    start = coarse.step // 2
    rows = slice(start, None, coarse.step)
    np.testing.assert_allclose(coarse.seen, model.probabilities(PICTURE)[1:, rows, rows], atol=1e-6)
    assert coarse.classes.shape == coarse.seen.shape[1:]
    assert coarse.classes.size <= 1.1 * largest
