"""How weights follow their gradients, against other implementations."""

from __future__ import annotations

import pytest
import torch

from morula.learning.optimiser import make_optimisers, orthogonalised
from morula.networks.architecture import Architecture
from morula.networks.blocks import BLOCKS
from morula.networks.unet import UNet


def test_an_update_keeps_its_directions_and_levels_their_strengths():
    """The polar factor of the singular value decomposition, to the accuracy of five iterations."""
    torch.manual_seed(0)
    matrices = [torch.randn(shape) for shape in ((8, 72), (16, 16), (72, 8), (8, 9), (40, 7), (16, 300))]
    for matrix, found in zip(matrices, orthogonalised(matrices), strict=True):
        left, _, right = torch.linalg.svd(matrix, full_matrices=False)
        inner = left.T @ found @ right.T
        torch.testing.assert_close(inner - torch.diag(inner.diagonal()), torch.zeros_like(inner), atol=1e-3, rtol=0)
        assert inner.diagonal().min() > 0.5
        assert inner.diagonal().max() < 1.3


def test_weak_directions_are_as_strong_as_the_polynomial_makes_them():
    """Five times x ← 3.4445 x - 4.775 x³ + 2.0315 x⁵, for strengths over four orders of magnitude."""
    torch.manual_seed(0)
    left, right = (torch.linalg.qr(torch.randn(size, 12))[0] for size in (12, 50))
    strengths = torch.logspace(0, -4, 12, dtype=torch.float64)
    found = orthogonalised([((left.double() * strengths) @ right.double().T).float()])[0]
    wanted = strengths / strengths.norm()
    for _ in range(5):
        wanted = 3.4445 * wanted - 4.775 * wanted**3 + 2.0315 * wanted**5
    torch.testing.assert_close((left.T @ found @ right).diagonal().double(), wanted, rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_weight_has_one_optimiser(block):
    network = UNet(Architecture(width=4, depth=3, block=block, attention=True, deep_supervision=True))
    held = [id(weights) for optimiser in make_optimisers(network, 0.02)
            for group in optimiser.param_groups for weights in group["params"]]
    assert sorted(held) == sorted(id(weights) for weights in network.parameters())


def test_only_maps_between_features_are_orthogonalised():
    network = UNet(Architecture(width=4, depth=3, block="convnext", attention=True, deep_supervision=True))
    muon, _ = make_optimisers(network, 0.02)
    held = {id(weights) for group in muon.param_groups for weights in group["params"]}
    names = {name for name, weights in network.named_parameters() if id(weights) in held}
    assert {"encoder.0.0.weight", "encoder.1.1.layers.2.weight", "up.0.weight", "gates.0.0.skip.0.weight"} <= names
    depthwise, lone_map = "encoder.1.1.layers.0.weight", "gates.0.0.weight.0.weight"
    assert names.isdisjoint({"head.weight", "side_heads.0.weight", depthwise, lone_map, "encoder.1.1.scale"})
