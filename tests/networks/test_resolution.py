"""Shrinking and enlarging, against what plain arithmetic gives."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from morula.networks.architecture import Architecture
from morula.networks.resolution import DOWNS, UPS, folded, unfolded

STRIDES = [(2,), (1,), (2, 2), (1, 2), (2, 2, 2), (1, 2, 2)]


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("down", DOWNS)
@pytest.mark.parametrize("up", UPS)
def test_each_axis_shrinks_by_its_own_stride_and_comes_back(up, down, stride):
    architecture = Architecture(axes=len(stride))
    space = (6, 4, 8)[: len(stride)]
    features = torch.randn(2, 3, *space)
    small = DOWNS[down](architecture, 3, stride)(features)
    assert [*small.shape] == [2, 3, *(side // step for side, step in zip(space, stride, strict=True))]
    assert UPS[up](architecture, 3, 2, stride)(small).shape == (2, 2, *space)


def test_enlarged_features_are_a_straight_line_where_those_below_are():
    grow = UPS["resize"](Architecture(axes=1), 1, 1, (2,))
    line = grow(torch.arange(8.0)[None, None])[0, 0]
    torch.testing.assert_close(line[1:-1].diff().diff(), torch.zeros(12), atol=1e-5, rtol=0)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_convolution_may_come_before_the_interpolation(axes):
    grow = UPS["resize"](Architecture(axes=axes), 4, 2, (2,) * axes)
    features = torch.randn(1, 4, *[4] * axes)
    mode = ("linear", "bilinear", "trilinear")[axes - 1]
    late = grow[0](F.interpolate(features, scale_factor=2, mode=mode))
    torch.testing.assert_close(grow(features), late)


def test_a_convolution_that_shrinks_sees_just_the_pixels_that_become_one():
    shrink = DOWNS["convolution"](Architecture(axes=2, normalisation="none"), 1, (2, 2))
    image = torch.rand(1, 1, 8, 8, requires_grad=True)
    torch.nn.init.ones_(shrink[0].weight)
    shrink(image)[0, 0, 1, 2].backward()
    assert image.grad[0, 0].nonzero().tolist() == [[2, 4], [2, 5], [3, 4], [3, 5]]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_stem_reads_each_square_by_itself_and_the_head_draws_every_pixel_of_it(axes):
    torch.manual_seed(0)
    architecture = Architecture(axes=axes, inputs=2, outputs=3, width=5, stem=2, normalisation="none")
    fold, unfold = folded(architecture), unfolded(architecture)
    images = torch.randn(1, 2, *[6] * axes)
    features = fold(images)
    assert [*features.shape] == [1, 5, *[3] * axes]
    kernel = fold[0].weight
    square = images[(0, slice(None), *[slice(2, 4)] * axes)]
    expected = (kernel * square).flatten(1).sum(1) + fold[0].bias
    torch.testing.assert_close(features[(0, slice(None), *[1] * axes)], expected.relu())
    maps = unfold(features)
    assert [*maps.shape] == [1, 3, *[6] * axes]
    lone = torch.zeros_like(features)
    lone[(0, 0, *[1] * axes)] = 1
    drawn = (unfold(lone) - unfold(torch.zeros_like(lone)))[0].abs().sum(0) > 0
    assert [*drawn.nonzero().amin(0)] == [2] * axes
    assert drawn.sum() == 2**axes
