"""How stages are connected, against the drawings of the papers and another implementation."""

from __future__ import annotations

import pytest
import torch
from monai.networks.nets.attentionunet import AttentionBlock

from morula.networks.architecture import Architecture
from morula.networks.skips import JOINS, Gate, nodes


def test_the_nodes_are_those_of_the_papers():
    assert {(node.stage, node.column, node.skips) for node in nodes("unet", 4)} == {(0, 3, 1), (1, 2, 1), (2, 1, 1)}
    triangle = {(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (2, 1)}
    assert {(node.stage, node.column, node.skips) for node in nodes("unet+", 4)} == {(*at, 1) for at in triangle}
    assert {(node.stage, node.column, node.skips) for node in nodes("unet++", 4)} == {(*at, at[1]) for at in triangle}
    assert nodes("unet++", 1) == nodes("unet", 1) == []


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_gate_is_that_of_another_library(axes):
    gate = Gate(Architecture(axes=axes), 6).eval()
    theirs = AttentionBlock(axes, f_int=3, f_g=6, f_l=6).eval()
    for own, other in ((gate.deep, theirs.W_g), (gate.skip, theirs.W_x), (gate.weight, theirs.psi)):
        convolution, norm = other[0].conv, other[1]
        torch.nn.init.zeros_(convolution.bias)  # subtracted by the normalisation at once
        torch.nn.init.normal_(norm.running_mean)
        own[0].weight.data.copy_(convolution.weight)
        own[1].load_state_dict(norm.state_dict())
    skip, deep = torch.randn(2, 2, 6, *[8] * axes)
    torch.testing.assert_close(gate(skip, deep), theirs(g=deep, x=skip), rtol=1e-4, atol=1e-5)


def test_joined_features_stand_side_by_side_or_are_added():
    first, second, third = torch.randn(3, 2, 4, 5)
    torch.testing.assert_close(JOINS["sum"]([first, second, third]), first + second + third)
    assert torch.equal(JOINS["concatenate"]([first, second]).chunk(2, 1)[1], second)
