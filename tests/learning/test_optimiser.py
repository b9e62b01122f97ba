"""How weights follow their gradients, against other implementations."""

from __future__ import annotations

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR

from morula.learning.optimiser import learning_rate, make_optimisers, orthogonalised
from morula.networks.architecture import Architecture
from morula.networks.blocks import BLOCKS
from morula.networks.unet import UNet


@pytest.mark.parametrize("warm_up", [10, 32])
def test_the_rate_rises_linearly_and_falls_as_half_a_cosine(warm_up):
    steps = 220
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    rising = LambdaLR(optimiser, lambda step: (step + 1) / warm_up)
    for step in range(warm_up):
        assert learning_rate(step, steps, warm_up) == pytest.approx(optimiser.param_groups[0]["lr"])
        assert learning_rate(step, None, warm_up) == learning_rate(step, steps, warm_up)  # minutes are not steps yet
        optimiser.step()
        rising.step()
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    falling = CosineAnnealingLR(optimiser, steps - warm_up)
    for step in range(warm_up, steps + 1):
        assert learning_rate(step, steps, warm_up) == pytest.approx(optimiser.param_groups[0]["lr"])
        optimiser.step()
        falling.step()
    assert learning_rate(steps, steps, warm_up) == pytest.approx(0)


@pytest.mark.parametrize("steps", [1, 5, 32, 33])
def test_the_shortest_trainings_have_a_rate_too(steps):
    assert all(0 < learning_rate(step, steps, 32) <= 1 for step in range(steps))


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
