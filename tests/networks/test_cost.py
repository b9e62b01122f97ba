"""What a network is said to cost, against counting by hand, and how far it sees, against gradients."""

from __future__ import annotations

from typing import get_args

import pytest
import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from morula.networks import architecture as choices
from morula.networks.architecture import Architecture
from morula.networks.cost import cost
from morula.networks.unet import UNet

BLOCKS, SKIPS = get_args(choices.Block), get_args(choices.Skips)
AVERAGE = {nn.MaxPool1d: nn.AvgPool1d, nn.MaxPool2d: nn.AvgPool2d, nn.MaxPool3d: nn.AvgPool3d}


def counted(network: UNet, space: tuple[int, ...]) -> int:
    """Multiplications as layers do them: a kernel for each pixel that comes out, or goes in where transposed."""
    total = 0

    def count(layer: nn.Module, inputs: tuple, found: torch.Tensor) -> None:
        nonlocal total
        total += (inputs[0] if isinstance(layer, _ConvTransposeNd) else found).numel() * layer.weight[0].numel()

    for layer in network.modules():
        if isinstance(layer, _ConvNd):
            layer.register_forward_hook(count)
    with torch.no_grad():
        network.eval()(torch.zeros(1, network.architecture.inputs, *space))
    return total


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.slow
def test_multiplications_and_parameters_are_those_of_the_layers(block, axes):
    architecture = Architecture(axes=axes, inputs=2, width=4, depth=3, block=block, skips="unet++", attention=True)
    space = (16, 8, 8)[:axes]
    found = cost(architecture, space)
    network = UNet(architecture)
    assert found.multiply_adds == counted(network, space)
    assert found.parameters == sum(each.numel() for each in network.parameters())


def test_multiplications_of_a_u_net_by_hand():
    found = cost(Architecture(inputs=3, outputs=2, width=8, depth=2), (16, 16))
    top, bottom = 16 * 16, 8 * 8
    expected = top * 9 * (3 * 8 + 8 * 8) + bottom * 9 * (8 * 16 + 16 * 16)
    expected += top * 16 * 8 + top * 9 * (16 * 8 + 8 * 8) + top * 8 * 2
    assert found.multiply_adds == expected


def test_side_heads_cost_nothing_at_use():
    with_heads, without = (cost(Architecture(depth=4, deep_supervision=on), (64, 64)) for on in (True, False))
    assert with_heads.multiply_adds == without.multiply_adds
    assert with_heads.parameters > without.parameters


def test_fields_that_are_known():
    assert cost(Architecture(depth=1), (8, 8)).receptive_field == (5, 5)
    assert cost(Architecture(depth=1, block="convnext"), (8, 8)).receptive_field == (13, 13)
    assert cost(Architecture(axes=3, depth=1, block="convnext"), (8, 8, 8)).receptive_field == (9, 9, 9)
    assert cost(Architecture(depth=1, block="dense"), (8, 8)).receptive_field == (9, 9)
    assert cost(Architecture(depth=1, block="inception"), (8, 8)).receptive_field == (7, 7)
    # By hand, from the top down: 5, 3 + 4, 4 + 4, 5 + 4, 5 + 4, then 2 · 9 + 4, 2 · 22 + 4, 2 · 48 + 4, 2 · 100 + 4.
    assert cost(Architecture(depth=5), (16, 16)).receptive_field == (204, 204)


def positive(network: nn.Module) -> nn.Module:
    """The same wiring, through which every path has a gradient: positive weights, means in place of maxima."""
    for weight in network.parameters():
        nn.init.uniform_(weight, 0.5, 1.5)
        if weight.ndim > 1:
            weight.data /= weight[0].numel()
    for parent in list(network.modules()):
        for name, child in parent.named_children():
            if type(child) in AVERAGE:
                setattr(parent, name, AVERAGE[type(child)](child.kernel_size, child.stride, child.padding))
    return network.double().eval()


def seen(architecture: Architecture, space: tuple[int, ...]) -> tuple[int, ...]:
    """Along each axis, the most pixels that any one in the middle of an image depends on."""
    torch.manual_seed(0)
    network = positive(UNet(architecture))
    image = torch.rand(1, 1, *space, dtype=torch.float64, requires_grad=True)
    found = network(image)
    widest = [0] * len(space)
    middle = [side // 2 for side in space]
    for axis, period in enumerate(architecture.multiple):
        for shift in range(period):
            place = [at + shift * (number == axis) for number, at in enumerate(middle)]
            [gradient] = torch.autograd.grad(found[(0, 0, *place)], image, retain_graph=True)
            others = tuple(number for number in range(len(space)) if number != axis)
            touched = (gradient[0, 0].abs().sum(others) if others else gradient[0, 0].abs()).nonzero().flatten()
            assert touched[0] > 0
            assert touched[-1] < space[axis] - 1
            widest[axis] = max(widest[axis], int(touched[-1] - touched[0] + 1))
    return tuple(widest)


def test_a_stem_leaves_a_quarter_of_the_multiplications_and_sees_twice_as_far():
    plain, folded = (cost(Architecture(width=16, depth=5, block="residual", stem=stem), (64, 64)) for stem in (1, 2))
    assert folded.multiply_adds == pytest.approx(plain.multiply_adds / 4, rel=0.05)
    architecture = Architecture(axes=1, width=2, depth=3, stem=2, normalisation="none")
    field = cost(architecture, (64,)).receptive_field
    assert field == seen(architecture, (field[0] // 8 * 8 + 32,))
    unfolded = cost(architecture.model_copy(update={"stem": 1}), (64,)).receptive_field
    assert field[0] == pytest.approx(2 * unfolded[0], rel=0.1)


def test_detail_costs_two_convolutions_of_every_pixel():
    folded = Architecture(axes=3, inputs=2, outputs=3, depth=3, stem=2)
    plain, corrected = (cost(folded.model_copy(update={"detail": detail}), (16, 16, 16)) for detail in (0, 5))
    assert corrected.multiply_adds - plain.multiply_adds == 16**3 * 3**3 * ((2 + 3) * 5 + 5 * 3)
    assert all(more > less for less, more in zip(plain.receptive_field, corrected.receptive_field, strict=True))


@pytest.mark.parametrize("up", get_args(choices.Up))
@pytest.mark.parametrize("skips", SKIPS)
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.slow
def test_the_receptive_field_is_where_gradients_come_from(block, skips, up):
    architecture = Architecture(axes=1, width=2, depth=3, block=block, skips=skips, up=up, attention=skips == "unet+",
                                down="convolution" if up == "resize" else "pool", normalisation="none")
    field = cost(architecture, (64,)).receptive_field
    assert field == seen(architecture, (field[0] // 8 * 8 + 32,))


@pytest.mark.parametrize(("strides", "block"), [(((2, 2), (1, 2)), "residual"), (((2, 1),), "nested"),
                                                (((1, 2, 2),), "inception"), (((2, 1, 2),), "residual")])
def test_each_axis_has_a_field_of_its_own(strides, block):
    architecture = Architecture(axes=len(strides[0]), width=1, depth=len(strides) + 1, strides=strides, block=block,
                                normalisation="none")
    field = cost(architecture, architecture.multiple).receptive_field
    assert field == seen(architecture, tuple(side // 8 * 8 + 16 for side in field))
