"""What the machine can do at most: multiplications and bytes a second."""

from __future__ import annotations

import pytest
import torch

from morula.machine.number_formats import reduced_precision

SIDE = 3072
BYTES = 2**28


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
def test_matrices(benchmark, kind):
    benchmark.group = "limits"
    if kind is torch.bfloat16 and not reduced_precision("auto", torch.device("cpu")):
        pytest.skip("emulated here, which takes many minutes and says nothing")
    a, b = (torch.randn(SIDE, SIDE, dtype=kind) for _ in range(2))
    benchmark.extra_info["operations"] = 2 * SIDE**3
    benchmark.pedantic(lambda: a @ b, rounds=7, warmup_rounds=2)


def test_memory(benchmark):
    benchmark.group = "limits"
    source, target = torch.ones(BYTES, dtype=torch.uint8), torch.empty(BYTES, dtype=torch.uint8)
    benchmark.extra_info["bytes"] = 2 * BYTES  # read and written
    benchmark.pedantic(lambda: target.copy_(source), rounds=7, warmup_rounds=2)
