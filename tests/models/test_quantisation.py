"""Eight bits span what comes in, and round it to the nearest step."""

from __future__ import annotations

import pytest
import torch

from morula.models.quantisation import measure_ranges, rounded, steps
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet


def small() -> UNet:
    torch.manual_seed(0)
    return UNet(Architecture(width=4, depth=2, normalisation="none")).eval()


@pytest.mark.parametrize("span", [(0.0, 3.0), (-1.0, 3.0), (-5.0, 0.1), (0.0, 0.0)])
def test_the_steps_hold_the_range_and_zero(span):
    low, high = steps(*span)
    assert low <= span[0]
    assert high >= span[1]
    places = torch.linspace(low, high, 256, dtype=torch.float64)
    assert places.abs().min() < 1e-6 * (high - low)


def test_ranges_are_the_mean_over_images():
    network = small()
    images = [torch.full((1, 1, 8, 8), value) for value in (1.0, 3.0)]
    ranges = measure_ranges(network, images)
    assert ranges["encoder.0.first.0"] == (2.0, 2.0)
    convolutions = {name for name, layer in network.named_modules() if hasattr(layer, "kernel_size")}
    assert set(ranges) == convolutions - {"down.0"}  # which is a pooling


def test_rounding_moves_every_number_by_half_a_step_at_most():
    network = small()
    image = torch.rand(1, 1, 8, 8)
    coarse = rounded(network, {"encoder.0.first.0": (0.0, 1.0)})
    seen = {}
    first, again = network.encoder[0].first[0], coarse.encoder[0].first[0]
    again.register_forward_pre_hook(lambda _, comes: seen.update(image=comes[0]))
    coarse(image)
    assert (seen["image"] - image).abs().max() <= 0.5 / 255 + 1e-6
    places = seen["image"].double() * 255
    torch.testing.assert_close(places, places.round(), atol=1e-3, rtol=0)
    step = first.weight.abs().amax((1, 2, 3), keepdim=True) / 127
    assert ((again.weight - first.weight).abs() <= step / 2 + 1e-6).all()
    assert torch.equal(coarse.encoder[0].second[0].weight, network.encoder[0].second[0].weight)  # no range, no rounding


def test_what_lies_beyond_the_range_is_cut_off():
    coarse = rounded(small(), {"encoder.0.first.0": (0.0, 1.0)})
    seen = {}
    coarse.encoder[0].first[0].register_forward_pre_hook(lambda _, comes: seen.update(image=comes[0]))
    coarse(torch.tensor([-1.0, 0.5, 9.0, 0.0]).repeat(16).reshape(1, 1, 8, 8))
    assert (seen["image"].min(), seen["image"].max()) == (0, 1)
