"""Interpolation as a transposed convolution is that of PyTorch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from morula.exports.enlarging import enlargement, with_enlargements
from morula.networks.architecture import Architecture
from morula.networks.layers import LINEAR
from morula.networks.unet import UNet

FACTORS = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)


@given(FACTORS, st.integers(1, 4), st.data())
def test_each_map_is_enlarged_as_interpolation_does(factors, features, data):
    space = [data.draw(st.integers(1, 6)) for _ in factors]
    maps = torch.randn(2, features, *space, generator=torch.Generator().manual_seed(0))
    expected = F.interpolate(maps, scale_factor=tuple(map(float, factors)), mode=LINEAR[len(factors)])
    assert torch.allclose(enlargement(features, factors)(maps), expected, atol=1e-5)


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("architecture", [{"up": "resize"}, {"block": "nested"}])
def test_a_network_computes_the_same_without_interpolation(axes, architecture):
    network = UNet(Architecture(axes=axes, depth=3, width=4, **architecture)).eval()
    image = torch.randn(1, 1, *(8, 12, 16)[:axes])
    with torch.inference_mode():
        expected = network(image)
        replaced = with_enlargements(network, torch.zeros(1, 1, *(8,) * axes))
        assert torch.allclose(replaced(image), expected, atol=1e-5)
    assert not any(isinstance(layer, torch.nn.Upsample) for layer in replaced.modules())
