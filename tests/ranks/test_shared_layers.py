"""Layers that know of a whole batch are PyTorch's where a rank has all of it; of parts, see `test_leading`."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.ranks.collectives import join, part_company
from morula.ranks.membership import Membership
from morula.ranks.shared_layers import Part, sharing

WHOLE = Part(slice(0, 3), 3)


@pytest.fixture(scope="module", autouse=True)
def alone(tmp_path_factory) -> Iterator[None]:
    """The only rank there is."""
    join(Membership(), tmp_path_factory.mktemp("met") / "store")
    yield
    part_company()


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("shift", [0, 300])  # features whose mean is many times their spread, too
def test_batch_normalisation_is_that_of_pytorch(axes, shift):
    torch.manual_seed(0)
    network = UNet(Architecture(axes=axes, width=4, depth=2, normalisation="batch")).train()
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                layer.weight.uniform_(0.5, 2)
                layer.bias.uniform_(-1, 1)
    one, other = copy.deepcopy(network), copy.deepcopy(network)
    shared = sharing(other, WHOLE)
    images = torch.randn(3, 1, *[16] * axes) + shift
    wanted, found = one(images), shared(images)
    assert torch.allclose(found, wanted, atol=1e-4)
    pull = torch.randn_like(wanted)
    (wanted * pull).sum().backward()
    (found * pull).sum().backward()
    for first, second in zip(one.parameters(), other.parameters(), strict=True):
        assert first.grad is not None
        assert second.grad is not None  # the weights are shared, and with them the gradients
        assert torch.allclose(second.grad, first.grad, atol=1e-3 * float(1 + first.grad.abs().max()))
    for first, second in zip(one.buffers(), other.buffers(), strict=True):
        assert torch.allclose(second, first, rtol=1e-4)


def test_half_as_many_bits_are_computed_with_as_pytorch_does():
    network = UNet(Architecture(width=4, depth=2, normalisation="batch")).train()
    images = torch.randn(3, 1, 16, 16)
    with torch.autocast("cpu", torch.bfloat16):
        wanted, found = copy.deepcopy(network)(images), sharing(network, WHOLE)(images)
    assert found.dtype == wanted.dtype == torch.bfloat16
    assert torch.allclose(found.float(), wanted.float(), atol=0.05)
    found.float().sum().backward()
    assert all(weights.grad is not None and weights.grad.isfinite().all() for weights in network.parameters())


def test_dropout_leaves_out_the_same_features():
    network = UNet(Architecture(width=4, depth=3, dropout=0.4, normalisation="none")).train()
    images = torch.randn(3, 1, 16, 16)
    drawn = torch.get_rng_state()
    wanted = network(images)
    torch.set_rng_state(drawn)
    assert torch.equal(sharing(network, WHOLE)(images), wanted)
    torch.set_rng_state(drawn)
    assert torch.allclose(sharing(network, Part(slice(1, 2), 3))(images[1:2]), wanted[1:2], atol=1e-5)


def test_a_network_that_shares_has_the_weights_of_the_other_and_leaves_it_as_it_was():
    network = UNet(Architecture(width=4, depth=2))
    names, forward = list(network.state_dict()), [layer.__dict__.get("forward") for layer in network.modules()]
    shared = sharing(network, WHOLE)
    assert list(shared.state_dict()) == names
    assert all(one is other for one, other in zip(network.parameters(), shared.parameters(), strict=True))
    assert [layer.__dict__.get("forward") for layer in network.modules()] == forward == [None] * len(forward)
