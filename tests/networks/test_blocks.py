"""Blocks against other implementations, and their weights against formulas."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from monai.networks.blocks.mednext_block import MedNeXtBlock
from torch import nn

from morula.networks.architecture import Architecture
from morula.networks.blocks import BLOCKS, ConvNextLayer, DenseBlock, InceptionBlock

PLAIN = Architecture(normalisation="none")


def weights(module: nn.Module) -> int:
    return sum(each.numel() for each in module.parameters())


@pytest.mark.parametrize("axes", [2, 3])
def test_a_convnext_layer_is_that_of_another_library(axes):
    """MedNeXt's is the same but for the scale; it calls instance normalisation a group for each feature."""
    layer = ConvNextLayer(Architecture(axes=axes, block="convnext", normalisation="instance"), 6)
    theirs = MedNeXtBlock(6, 6, expansion_ratio=4, kernel_size={2: 7, 3: 5}[axes], dim=f"{axes}d")
    depthwise, norm, widen, _, narrow = layer.layers
    for own, other in ((depthwise, theirs.conv1), (norm, theirs.norm), (widen, theirs.conv2), (narrow, theirs.conv3)):
        nn.init.normal_(other.bias)
        own.load_state_dict(other.state_dict())
    features = torch.randn(2, 6, *(8, 9, 7)[:axes])
    expected = features + 0.1 * (theirs(features) - features)
    torch.testing.assert_close(layer(features), expected, rtol=1e-4, atol=1e-5)


def test_each_dense_layer_sees_all_before_it():
    block = DenseBlock(PLAIN, 3, 8)
    x = torch.randn(1, 3, 6, 6)
    known = x
    for layer in block.layers:
        found = F.conv2d(known, layer[0].weight, layer[0].bias, padding=1).relu()
        assert found.shape[1] == 2
        known = torch.cat([known, found], 1)
    expected = F.conv2d(known, block.joined[0].weight, block.joined[0].bias).relu()
    torch.testing.assert_close(block(x), expected)


@pytest.mark.parametrize("branch", range(5))
def test_each_branch_of_an_inception_block_looks_in_its_own_way(branch):
    """A single bright pixel is seen just where the taps of a branch lie."""
    look = InceptionBlock(PLAIN, 1, 2).looks[branch]
    for weight in look.parameters():
        nn.init.ones_(weight) if weight.ndim > 1 else nn.init.zeros_(weight)
    image = torch.zeros(1, 1, 9, 9)
    image[..., 4, 4] = 1
    seen = look(image)[0, 0].nonzero().sub(4).tolist()
    apart = [0, 1, 2, 3, 1][branch]
    steps = sorted({-apart, 0, apart})
    assert seen == [[row, column] for row in steps for column in steps]


def test_the_parts_of_an_inception_block_are_looked_at_side_by_side():
    block = InceptionBlock(PLAIN, 3, 8)
    x = torch.randn(1, 3, 6, 6)
    parts = F.conv2d(x, block.parted[0].weight, block.parted[0].bias).relu().split(4, dim=1)
    found = [parts[0], *(F.conv2d(part, look[0].weight, look[0].bias, padding=apart, dilation=apart).relu()
                         for apart, part, look in zip((1, 2, 3), parts[1:], block.looks[1:], strict=False)),
             F.max_pool2d(parts[4], 3, 1, 1)]
    expected = F.conv2d(torch.cat(found, 1), block.joined[0].weight, block.joined[0].bias).relu()
    torch.testing.assert_close(block(x), expected)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(("inputs", "outputs"), [(3, 8), (16, 8), (8, 8), (5, 7)])
def test_blocks_have_the_weights_of_their_drawings(axes, inputs, outputs):
    style = Architecture(axes=axes, normalisation="none")

    def unit(inputs: int, outputs: int, side: int = 3) -> int:
        return (side**axes * inputs + 1) * outputs

    quarter, half = -(-outputs // 4), -(-outputs // 2)
    projection = 0 if inputs == outputs else unit(inputs, outputs, 1)
    depthwise = (7 + 1, 7**2 + 1, 5**3 + 1)[axes - 1] * outputs
    layer = depthwise + unit(outputs, 4 * outputs, 1) + unit(4 * outputs, outputs, 1) + outputs
    # Four stages below: the small U-Net pools four times and has six convolutions on its way down, five up.
    down = unit(outputs, half) + 5 * unit(half, half)
    up = 4 * unit(2 * half, half) + unit(2 * half, outputs)
    expected = {
        "conv": unit(inputs, outputs) + unit(outputs, outputs),
        "residual": unit(inputs, outputs) + unit(outputs, outputs) + projection,
        "dense": sum(unit(inputs + n * quarter, quarter) for n in range(4)) + unit(inputs + 4 * quarter, outputs, 1),
        "inception": unit(inputs, 5 * half, 1) + 3 * unit(half, half) + unit(5 * half, outputs, 1),
        "nested": unit(inputs, outputs) + down + up,
        "convnext": projection + 2 * layer,
    }
    assert {name: weights(block(style, inputs, outputs)) for name, block in BLOCKS.items()} == expected
