"""What layers see: networks made by hand, whose maps are known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, ndimage

from morula.errors import ModelError, RequestError
from morula.images.image import Image
from morula.models.feature_maps import feature_maps, most_telling, prepared_middle, stage_ends
from morula.models.model import Model
from morula.models.plan import Intensity, Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet


def edge_finder() -> UNet:
    """The first map of the first convolution is the difference of the right and the left neighbour."""
    network = UNet(Architecture(width=2, depth=2, normalisation="none")).eval()
    weight = network.encoder[0].first[0].weight.data.zero_()
    weight[0, 0, 1, 0], weight[0, 0, 1, 2] = -1, 1
    network.encoder[0].first[0].bias.data.zero_()
    return network


def test_an_edge_filter_shows_edges():
    image = np.random.default_rng(0).normal(size=(1, 12, 16)).astype(np.float32)
    found = feature_maps(edge_finder(), image, ["encoder.0.first.0", "encoder.0.first"])
    edges = ndimage.correlate1d(image[0], [-1, 0, 1], axis=1, mode="constant")
    np.testing.assert_allclose(found["encoder.0.first.0"][0], edges, atol=1e-5)  # though ReLU works in place behind it
    np.testing.assert_allclose(found["encoder.0.first"][0], edges.clip(0), atol=1e-5)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_each_stage_has_its_maps_in_the_order_they_are_computed(axes):
    network = UNet(Architecture(axes=axes, width=4, depth=3)).eval()
    image = np.zeros((1, *(9, 8, 12)[:axes]), np.float32)
    found = feature_maps(network, image)
    assert list(found) == ["encoder.0", "encoder.1", "encoder.2", "decoder.1", "decoder.0"]
    assert found["encoder.1"].shape == (8, *(5, 4, 6)[:axes])  # without the rows that 9 lacked to 12
    assert found["decoder.0"].shape == (4, *(9, 8, 12)[:axes])
    assert not any(module._forward_hooks for module in network.modules())


def test_the_last_layer_gives_what_the_network_gives():
    network = UNet(Architecture(width=4, depth=3, skips="unet++", outputs=3)).eval()
    image = torch.randn(1, 1, 16, 24)
    with torch.no_grad():
        expected = network(image)[0].numpy()
    np.testing.assert_allclose(feature_maps(network, image[0].numpy(), ["head"])["head"], expected, atol=1e-6)
    assert len(stage_ends(network)) == 3 + 3


@pytest.mark.parametrize(("name", "known"), [
    ("encodr.0", "encoder.0, encoder.1, decoder.0, head"),
    ("encoder.7", "encoder.0, encoder.1"),
    ("encoder", "encoder.0, encoder.1"),
    ("decoder.0.third", "decoder.0.first, decoder.0.second"),
    ("head.weight", "head"),
])
def test_an_unknown_layer_is_answered_with_those_there_are(name, known):
    with pytest.raises(RequestError, match=f"no layer called '{name}'. There are {known}"):
        feature_maps(edge_finder(), np.zeros((1, 8, 8), np.float32), [name])


@given(st.integers(2, 6), st.integers(0, 10_000))
def test_the_most_telling_maps_are_those_of_a_pivoted_decomposition(count, seed):
    rng = np.random.default_rng(seed)
    maps = rng.normal(size=(6, 3, 40)) * rng.uniform(0.5, 2, (6, 1, 1)) + rng.normal(size=(1, 3, 40))
    centred = maps.reshape(6, -1) - maps.reshape(6, -1).mean(1, keepdims=True)
    triangle, order = linalg.qr(centred.T, mode="r", pivoting=True)
    chosen, share = most_telling(maps, count)
    assert chosen == order[:count].tolist()
    assert share == pytest.approx((triangle[:count] ** 2).sum() / (triangle**2).sum())


def test_maps_that_say_the_same_are_shown_once():
    one, other = np.random.default_rng(0).normal(size=(2, 20, 20))
    maps = np.stack([one, 2 * other, -one, 3 * one + 1, np.full((20, 20), 7.0)])
    chosen, share = most_telling(maps, 5)
    assert chosen == [3, 1]
    assert share == pytest.approx(1)
    assert most_telling(np.ones((3, 4, 4)), 2) == ([], 1.0)


def model(**changes) -> Model:
    plan = Plan(**{"channels": ("grey",), "classes": ("body",), "binning": (2, 2), "patch": (16, 16), "batch": 1,
                   "architecture": Architecture(width=2, depth=2), "learning_rate": 0.1,
                   "intensity": Intensity(low=0, high=100), **changes})
    return Model(UNet(plan.architecture).eval(), plan)


def test_an_image_is_prepared_as_for_segmenting():
    pixels = np.random.default_rng(0).integers(0, 99, (30, 41)).astype(np.uint16)
    found = prepared_middle(model(), Image.from_array(pixels, "YX"))
    assert found.shape == (1, 15, 21)
    means = pixels[:, :40].reshape(15, 2, 20, 2).mean((1, 3))
    np.testing.assert_allclose(found[0, :, :20], (means - pixels.mean()) / pixels.std(), atol=1e-4)


def test_of_a_large_image_the_middle_is_seen():
    pixels = np.zeros((40, 1500), np.float32)
    pixels[:, 740:760] = 1
    found = prepared_middle(model(binning=(1, 1)), Image.from_array(pixels, "YX"))
    assert found.shape == (1, 40, 512)
    np.testing.assert_array_equal(np.flatnonzero(found[0, 0] > 0), np.arange(246, 266))


def test_an_image_of_other_dimensions_is_refused():
    with pytest.raises(ModelError, match="2-D"):
        prepared_middle(model(), Image.from_array(np.zeros((4, 8, 8)), "ZYX"))
