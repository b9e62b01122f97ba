"""The network made fast computes what it computed before."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch

from morula.models.engines import Engine
from morula.networks.architecture import Architecture
from morula.networks.blocks import BLOCKS
from morula.networks.fusion import fused
from morula.networks.losses import class_logits
from morula.networks.unet import UNet


def trained(**architecture) -> UNet:
    """A network whose normalisations have seen something."""
    torch.manual_seed(0)
    network = UNet(Architecture(**{"width": 4, "depth": 3, **architecture}))
    for _ in range(3):
        network(torch.randn(2, network.architecture.inputs, *[16] * network.architecture.axes) * 3 + 1)
    return network.eval()


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("order", ["conv-norm-act", "conv-act-norm"])
@pytest.mark.parametrize("normalisation", ["batch", "group"])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_fusing_and_memory_layout_change_nothing(axes, normalisation, order, block):
    network = trained(axes=axes, normalisation=normalisation, order=order, block=block, inputs=2, outputs=3)
    images = torch.randn(2, 2, *[16] * axes)
    with torch.no_grad():
        torch.testing.assert_close(Engine(network, "float32")(images), network(images).softmax(1), rtol=1e-4, atol=1e-5)


def test_all_that_lies_between_stages_is_fused_too():
    network = trained(skips="unet++", attention=True, down="convolution", up="resize", join="sum")
    ready = fused(network)
    images = torch.randn(2, 1, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(ready(images), network(images), rtol=1e-4, atol=1e-5)
    assert not any(isinstance(layer, torch.nn.BatchNorm2d) for layer in ready.modules())


def test_one_class_comes_out_as_background_and_class():
    network = trained()
    images = torch.randn(1, 1, 16, 24)
    with torch.no_grad():
        expected = network(images).sigmoid()
    found = Engine(network, "float32")(images)
    torch.testing.assert_close(found[:, 1:], expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.sum(1), torch.ones(1, 16, 24))


def test_the_network_itself_is_left_as_it_was():
    network = trained()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    Engine(network)(torch.randn(1, 1, 16, 16))
    after = network.state_dict()
    assert list(before) == list(after)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_bfloat16_agrees_to_its_precision():
    network = trained()
    images = torch.randn(4, 1, 64, 64)
    full, reduced = (Engine(network, precision)(images) for precision in ("float32", "bfloat16"))
    assert reduced.dtype == torch.float32
    assert not torch.equal(full, reduced)
    assert (full - reduced).abs().max() < 0.05


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_flips_are_the_mean_over_all_mirror_images(axes):
    """What sees all mirror images gives every mirror image of a picture the mirrored answer."""
    engine = Engine(trained(axes=axes), "float32", flips=(0, 1, 2))
    images = torch.randn(1, 1, *[16] * axes)
    found = engine(images)
    for axis in range(2, 2 + axes):
        torch.testing.assert_close(engine(images.flip(axis)), found.flip(axis), rtol=1e-4, atol=1e-5)
    if axes == 1:
        both = engine.once(images), engine.once(images.flip(2)).flip(2)
        torch.testing.assert_close(found, (both[0] + both[1]) / 2)
    torch.testing.assert_close(found.sum(1), torch.ones(1, *[16] * axes))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_of_views_together_there_are_two(axes):
    network, images = trained(axes=axes), torch.randn(1, 1, *[16] * axes)
    engine = Engine(network, "float32", flips=(0, 1, 2), together=True)
    all_axes = tuple(range(2, 2 + axes))
    both = engine.once(images), engine.once(images.flip(all_axes)).flip(all_axes)
    assert engine.looks == 2
    torch.testing.assert_close(engine(images), (both[0] + both[1]) / 2)
    assert Engine(network, "float32", flips=(), together=True).looks == 1


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("compiled", [False, True])
def test_distances_come_after_the_classes(outputs, compiled):
    network = trained(outputs=outputs, distance=True)
    images = torch.randn(2, 1, 16, 24)
    with torch.no_grad():
        logits = network(images)
    engine = Engine(network, "float32", compiled=compiled)
    found = engine(images)
    assert found.shape == (2, engine.classes + 1, 16, 24)
    torch.testing.assert_close(found[:, :-1].sum(1), torch.ones(2, 16, 24))
    torch.testing.assert_close(found[:, -1:], logits[:, -1:].sigmoid(), rtol=1e-4, atol=1e-5)
    without = class_logits(logits[:, :-1]).softmax(1)
    torch.testing.assert_close(found[:, :-1], without, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("compiled", [False, True])
def test_what_an_engine_computes_with_goes_with_it(compiled):
    """And not when Python tidies up, until when hundreds of trainings would have kept theirs."""
    engine = Engine(trained(), "float32", compiled=compiled)
    engine(torch.zeros(1, 1, 16, 16))
    gone = weakref.ref(engine)
    gc.disable()
    try:
        del engine
        assert gone() is None
    finally:
        gc.enable()
