"""Normalisations of averaged weights expect what these weights make of the training images."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from bright_squares import squares
from morula.examples.patches import Patches
from morula.judging.validation import score
from morula.learning.run import Run
from morula.learning.settling import PATCHES, settle
from morula.models.plan import Augmentation, Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet


def plan(**changes) -> Plan:
    return Plan(channels=("grey",), classes=("body",), binning=(1, 1), patch=(16, 16), batch=4, learning_rate=0.05,
                architecture=Architecture(width=4, depth=2, **changes))


def norms(network: nn.Module) -> list[nn.BatchNorm2d]:
    return [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]


@torch.no_grad()
@pytest.mark.parametrize("ways", [{}, {"flips": (1,), "turns": False}, {"flips": (), "turns": False}])
def test_statistics_are_those_of_plain_training_patches(ways):
    """The mean and the variance of what the first normalisation gets of each batch, over all batches.

    Patches are turned as those that are learned from: where classes tell which way is up, none is upside down.
    """
    network = UNet(plan().architecture).eval()
    planned = plan().model_copy(update={"augmentation": Augmentation(**ways)})
    plain = Augmentation(**ways, warp=0, intensity=0, colour=0, blur=0, noise=0)
    settle(network, squares(6), planned, 0, reduced=False)
    first = norms(network)[0]
    came: list[torch.Tensor] = []
    handle = first.register_forward_pre_hook(lambda _, inputs: came.append(inputs[0]))
    patches = Patches(squares(6), planned.patch, planned.batch_sizes, plain, 0)
    for step in range(PATCHES // planned.batch):
        network.levels(patches.batch(step).images)
    handle.remove()
    assert sum(len(batch) for batch in came) == PATCHES
    means = torch.stack([batch.mean(dim=(0, 2, 3)) for batch in came])
    variances = torch.stack([batch.var(dim=(0, 2, 3)) for batch in came])
    torch.testing.assert_close(first.running_mean, means.mean(dim=0), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(first.running_var, variances.mean(dim=0), rtol=1e-4, atol=1e-4)


def test_nothing_but_statistics_changes_and_the_same_comes_again():
    network = UNet(plan().architecture).eval()
    before, twin = copy.deepcopy(network), copy.deepcopy(network)
    settle(network, squares(6), plan(), 3, reduced=False)
    settle(twin, squares(6), plan(), 3, reduced=False)
    for name, value in network.state_dict().items():
        assert torch.equal(value, twin.state_dict()[name])
        if not name.endswith(("running_mean", "running_var", "num_batches_tracked")):
            assert torch.equal(value, before.state_dict()[name])
    assert not network.training
    assert [layer.momentum for layer in norms(network)] == [layer.momentum for layer in norms(before)]


@pytest.mark.parametrize("normalisation", ["instance", "none"])
def test_a_network_without_such_statistics_stays_as_it_is(normalisation):
    network = UNet(plan(normalisation=normalisation).architecture).eval()
    before = copy.deepcopy(network)
    settle(network, squares(4), plan(normalisation=normalisation), 0, reduced=False)
    assert all(torch.equal(value, before.state_dict()[name]) for name, value in network.state_dict().items())


def test_after_few_steps_masks_are_far_better_for_it():
    planned, examples, unseen = plan(), squares(8), squares(8, seed=1)
    better = []
    for seed in range(3):
        run = Run.start(planned, seed, "float32")
        run.end_at(30)
        patches = Patches(examples, planned.patch, planned.batch_sizes, planned.augmentation, seed)
        while run.step < 30:
            run.learn(patches.batch(run.step))
        scores = [score(run.average, unseen, planned, "float32").scores["foreground_iou"]]
        settle(run.average, examples, planned, seed, reduced=False)
        better.append((*scores, score(run.average, unseen, planned, "float32").scores["foreground_iou"]))
    before, after = np.mean(better, axis=0)
    assert after > before + 0.03, better
    assert after > 0.8, better
