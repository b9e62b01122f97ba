"""A step of training."""

from __future__ import annotations

import pytest
import torch
from rivals import PlainUNet

from morula.examples.patches import Batch
from morula.learning.run import Run
from morula.machine.number_formats import reduced_precision
from morula.models.plan import Plan
from morula.networks.architecture import PUBLISHED, Architecture
from morula.networks.cost import cost

PLANNED = Architecture(inputs=1, outputs=1, width=16, depth=5, block="residual", stem=2)
BATCH, SIDE = 8, 160


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.randn(BATCH, 1, SIDE, SIDE), (torch.rand(BATCH, 1, SIDE, SIDE) > 0.5).float()


def note(benchmark, name: str, architecture: Architecture) -> None:
    benchmark.group = f"training: {name}"
    benchmark.extra_info["images"] = BATCH
    # Backwards takes two times the multiplications of forwards.
    benchmark.extra_info["operations"] = 3 * 2 * BATCH * cost(architecture, (SIDE, SIDE)).multiply_adds


def test_plain(benchmark):
    """The published network in plain PyTorch: float32, Adam, binary cross-entropy."""
    note(benchmark, "published", PUBLISHED)
    network, (images, masks) = PlainUNet(), batch()
    optimiser = torch.optim.Adam(network.parameters(), 0.001)

    def step() -> None:
        optimiser.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(network(images), masks).backward()
        optimiser.step()

    benchmark.pedantic(step, rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize(("name", "architecture"), [("published", PUBLISHED), ("planned", PLANNED)])
def test_morula(benchmark, name, architecture, precision):
    note(benchmark, name, architecture)
    if precision == "bfloat16" and not reduced_precision("auto", torch.device("cpu")):
        pytest.skip("this processor has none")
    plan = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=architecture, patch=(SIDE, SIDE),
                batch=BATCH, learning_rate=0.02)
    run, (images, masks) = Run.start(plan, 0, precision), batch()
    run.end_at(1000)
    shares = torch.cat([1 - masks, masks], dim=1)
    benchmark.pedantic(lambda: run.learn(Batch(images, shares)), rounds=3, warmup_rounds=1)
