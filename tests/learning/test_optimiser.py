"""How weights follow their gradients, against other implementations."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from morula.learning.optimiser import AdamW, Muon, make_optimisers, orthogonalised
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
    held = [id(weights) for optimiser in make_optimisers(network, 0.02) for weights in optimiser.weights]
    assert sorted(held) == sorted(id(weights) for weights in network.parameters())


def test_only_maps_between_features_are_orthogonalised():
    network = UNet(Architecture(width=4, depth=3, block="convnext", attention=True, deep_supervision=True))
    muon, _ = make_optimisers(network, 0.02)
    held = {id(weights) for weights in muon.weights}
    names = {name for name, weights in network.named_parameters() if id(weights) in held}
    assert {"encoder.0.0.weight", "encoder.1.1.layers.2.weight", "up.0.weight", "gates.0.0.skip.0.weight"} <= names
    depthwise, lone_map = "encoder.1.1.layers.0.weight", "gates.0.0.weight.0.weight"
    assert names.isdisjoint({"head.weight", "side_heads.0.weight", depthwise, lone_map, "encoder.1.1.scale"})


def descent(optimiser, weights: torch.Tensor, step) -> torch.Tensor:
    """Where weights arrive in twelve steps down a bent valley."""
    for number in range(12):
        weights.grad = None
        ((weights - 3) ** 2 * torch.arange(1, 1 + weights.numel()).reshape(weights.shape)).sum().backward()
        step(optimiser, 1 - number / 12)
    return weights.detach()


def test_adamw_is_that_of_pytorch():
    ours, theirs = (torch.zeros(2, 3, requires_grad=True) for _ in range(2))

    def step(optimiser, share):
        optimiser.param_groups[0]["lr"] = 0.1 * share
        optimiser.step()

    torch.testing.assert_close(descent(AdamW([ours], 0.1), ours, AdamW.step),
                               descent(torch.optim.AdamW([theirs], weight_decay=0), theirs, step))


def test_muon_is_that_of_pytorch():
    """That of PyTorch counts its momentum otherwise, which the polynomial takes away, and has it in bfloat16."""
    torch.manual_seed(0)
    ours, theirs = (torch.zeros(6, 20, requires_grad=True) for _ in range(2))
    muon, other = Muon([ours], 0.1), torch.optim.Muon([theirs], lr=0.1, weight_decay=0.01, momentum=0.95)
    for gradient in torch.randn(12, 6, 20):
        ours.grad = theirs.grad = gradient
        muon.step(1.0)
        other.step()
    assert ours.std() > 0.1
    torch.testing.assert_close(ours, theirs, atol=0.01, rtol=0)


def test_what_has_no_gradient_stays():
    weights = torch.ones(3, requires_grad=True)
    AdamW([weights], 0.1).step(1.0)
    assert weights.tolist() == [1, 1, 1]


def test_what_is_recalled_goes_on_as_if_nothing_had_happened():
    for kind in (AdamW, Muon):
        weights = torch.zeros(4, 5, requires_grad=True)
        first = kind([weights], 0.1)
        descent(first, weights, kind.step)
        copied = weights.detach().clone().requires_grad_()
        again = kind([copied], 0.1)
        for moment, value in first.moments[0].items():
            again.recall(0, moment, value.clone())
        assert torch.equal(descent(first, weights, kind.step), descent(again, copied, kind.step))


def test_no_compiler_is_loaded_for_it():
    code = ("import sys, torch; from morula.learning.optimiser import *\n"
            "from morula.networks.architecture import Architecture; from morula.networks.unet import UNet\n"
            "network = UNet(Architecture(width=4, depth=2)); network(torch.zeros(1, 1, 8, 8)).sum().backward()\n"
            "for each in make_optimisers(network, 0.02): each.step(1.0)\n"
            "sys.exit('torch._dynamo' in sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True)
