"""What leaves computes what Morula does with a whole image."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from morula.exports.portable import PortableNetwork
from morula.models.preprocessing import measure_levels

KINDS = [{}, {"stem": 2, "inputs": 3, "outputs": 4}, {"distance": True}, {"outputs": 3, "distance": True},
         {"axes": 3, "outputs": 3}]


def probabilities(model, image: np.ndarray) -> np.ndarray:
    """As Morula makes them, without the background where it stands against a single class."""
    axes = ("C" if image.ndim > model.plan.architecture.axes else "") + "ZYX"[-model.plan.architecture.axes :]
    found = np.concatenate([band.maps for band in model.bands(image, axes=axes)], axis=1)
    return found if model.plan.architecture.outputs > 1 else found[1:]


def image_for(model) -> np.ndarray:
    axes = model.plan.architecture.axes
    space = [16 * factor * (3 - axis % 2) for axis, factor in enumerate(model.plan.binning)]
    if axes == 3:
        space = [side // 2 for side in space]
    return np.random.default_rng(1).gamma(2, 300, (len(model.channels), *space)).astype(np.uint16)


@pytest.mark.parametrize("kind", [*KINDS, {"binning": (2, 2)}, {"binning": (3, 1), "outputs": 3},
                                  {"axes": 3, "binning": (1, 2, 2)}], ids=str)
def test_its_maps_are_those_of_morula(made, kind):
    model = made(**kind)
    image = image_for(model)
    prepared = measure_levels(image, model.plan.intensity).apply(image)
    found = PortableNetwork(model.plan, model.network)(torch.from_numpy(prepared[None]))[0].numpy()
    assert np.abs(found - probabilities(model, image)).max() < 1e-4


@pytest.mark.parametrize("intensity", ["each", "together"])
def test_standardising_within_is_the_same_as_before(made, intensity):
    model = made(inputs=3, outputs=3, intensity=intensity)
    image = image_for(model) * np.array([1, 3, 9]).reshape(3, 1, 1)
    ends = measure_levels(image, model.plan.intensity)
    scaled = (np.clip(image.astype(np.float32), ends.low, ends.high) - ends.low) / (ends.high - ends.low)
    network = PortableNetwork(model.plan, model.network, standardising=True)
    found = network(torch.from_numpy(scaled[None]))[0].numpy()
    assert np.abs(found - probabilities(model, image)).max() < 1e-4


def test_an_image_without_contrast_stays_finite(made):
    network = PortableNetwork((model := made()).plan, model.network, standardising=True)
    blank = network(torch.zeros(1, 1, 32, 32))
    expected = PortableNetwork(model.plan, model.network)(torch.zeros(1, 1, 32, 32))
    assert torch.allclose(blank, expected)
