"""The small U-Net within a stage."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from morula.networks.architecture import Architecture
from morula.networks.nested import NestedBlock


def kinds(block: NestedBlock, kind: type[nn.Module]) -> list[nn.Module]:
    return [module for module in block.modules() if isinstance(module, kind)]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_it_shrinks_as_often_as_the_network_does_from_there_down(axes):
    whole = Architecture(axes=axes, depth=5, width=4)
    pooling = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[axes - 1]
    blocks = [NestedBlock(whole.from_stage(stage), 4, 4) for stage in range(5)]
    assert [len(kinds(block, pooling)) for block in blocks] == [4, 3, 2, 1, 0]
    taps = [[unit[0].dilation[0] for unit in block.encoder] for block in blocks]
    assert taps[3:] == [[1, 1, 2], [1, 2, 4, 8]]


def test_axes_that_are_not_pooled_in_the_network_are_not_pooled_within():
    whole = Architecture(axes=3, depth=3, strides=((1, 2, 2), (1, 2, 2)))
    block = NestedBlock(whole, 2, 4).eval()
    with torch.no_grad():
        assert block(torch.randn(1, 2, 3, 4, 8)).shape == (1, 4, 3, 4, 8)


def test_the_lowest_stage_is_the_dilated_block_of_the_paper():
    """RSU-4F, written down a second time from the paper's figure."""
    block = NestedBlock(Architecture(depth=1, normalisation="none"), 3, 6)

    def convolve(unit: nn.Module, x: torch.Tensor, dilation: int) -> torch.Tensor:
        return F.conv2d(x, unit[0].weight, unit[0].bias, padding=dilation, dilation=dilation).relu()

    image = torch.randn(1, 3, 20, 20)
    entry = convolve(block.entry, image, 1)
    first = convolve(block.encoder[0], entry, 1)
    second = convolve(block.encoder[1], first, 2)
    third = convolve(block.encoder[2], second, 4)
    fourth = convolve(block.encoder[3], third, 8)
    x = convolve(block.decoder[2], torch.cat([fourth, third], 1), 4)
    x = convolve(block.decoder[1], torch.cat([x, second], 1), 2)
    x = convolve(block.decoder[0], torch.cat([x, first], 1), 1)
    torch.testing.assert_close(block(image), entry + x)


def test_a_stage_that_shrinks_is_the_block_of_the_paper():
    """The same of a block that pools twice."""
    block = NestedBlock(Architecture(depth=3, normalisation="none"), 3, 6)

    def convolve(unit: nn.Module, *parts: torch.Tensor, dilation: int = 1) -> torch.Tensor:
        x = torch.cat(parts, 1)
        return F.conv2d(x, unit[0].weight, unit[0].bias, padding=dilation, dilation=dilation).relu()

    def up(x: torch.Tensor) -> torch.Tensor:
        return F.interpolate(x, scale_factor=2, mode="bilinear")

    image = torch.randn(1, 3, 20, 12)
    entry = convolve(block.entry, image)
    first = convolve(block.encoder[0], entry)
    second = convolve(block.encoder[1], F.max_pool2d(first, 2))
    third = convolve(block.encoder[2], F.max_pool2d(second, 2))
    x = convolve(block.encoder[3], third, dilation=2)
    x = convolve(block.decoder[2], x, third)
    x = convolve(block.decoder[1], up(x), second)
    x = convolve(block.decoder[0], up(x), first)
    torch.testing.assert_close(block(image), entry + x)
