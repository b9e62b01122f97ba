"""How weights follow their gradients: Muon for the kernels of convolutions, AdamW for everything else."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.modules.conv import _ConvNd

from morula.networks.unet import UNet

PLAIN = 0.15
"""AdamW's learning rate as a part of Muon's."""
DECAY = 0.01
"""Weight decay of kernels."""
QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients of the odd polynomial that drives singular values towards one, from Jordan et al."""


def learning_rate(step: int, steps: int | None, warm_up: int) -> float:
    """The share of the highest rate: rising linearly for `warm_up` steps, then half a cosine down to zero."""
    if step < warm_up or steps is None:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))


def make_optimisers(network: UNet, rate: float, *, reduced: bool) -> tuple[torch.optim.Optimizer, ...]:
    """The optimisers of a network, with `rate` as the highest learning rate of Muon, which is `reduced` to bfloat16.

    Muon is for maps between features. Heads, which turn features into classes, depthwise kernels, which see each
    feature by itself, and what gives a single map are none, like biases and normalisations: AdamW trains them.
    """
    heads = {network.head, *network.side_heads}
    kernels = [layer.weight for layer in network.modules()
               if isinstance(layer, _ConvNd) and layer not in heads and layer.groups == 1 and len(layer.weight) > 1]
    chosen = {id(weights) for weights in kernels}
    others = [weights for weights in network.parameters() if id(weights) not in chosen]
    plain = torch.optim.AdamW(others, lr=PLAIN * rate, weight_decay=0.0, fused=True)
    optimisers = Muon(kernels, rate, reduced=reduced), plain
    for group in (group for optimiser in optimisers for group in optimiser.param_groups):
        group["highest"] = group["lr"]
    return optimisers


def set_rates(optimisers: Sequence[torch.optim.Optimizer], step: int, steps: int | None, warm_up: int) -> None:
    """Give every optimiser its learning rate for a step; see `learning_rate`."""
    for group in (group for optimiser in optimisers for group in optimiser.param_groups):
        group["lr"] = group["highest"] * learning_rate(step, steps, warm_up)


class Muon(torch.optim.Optimizer):
    """Momentum whose every update is brought to singular values near one.

    A gradient's few strong directions drown the many weak ones; with all brought to one length, small
    networks learn the same in about half the steps. K. Jordan et al., "Muon", 2024,
    kellerjordan.github.io/posts/muon. A kernel `(a, b, *size)` is taken for the matrix `(a, b × size)`.
    """

    def __init__(self, kernels: Sequence[Tensor], lr: float, momentum: float = 0.95, *, reduced: bool = False):
        self._dtype = torch.bfloat16 if reduced else torch.float32
        super().__init__(kernels, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update all kernels by their gradients."""
        for group in self.param_groups:
            for kernel in group["params"]:
                if kernel.grad is None:
                    continue
                state = self.state[kernel]
                if not state:
                    state["momentum"] = torch.zeros_like(kernel)
                momentum = state["momentum"]
                momentum.mul_(group["momentum"]).add_(kernel.grad)
                ahead = kernel.grad.add(momentum, alpha=group["momentum"])  # Nesterov
                kernel.mul_(1 - group["lr"] * DECAY)
                update = orthogonalised(ahead.flatten(1).to(self._dtype))
                kernel.add_(update.reshape(kernel.shape), alpha=-group["lr"])


def orthogonalised(matrix: Tensor, iterations: int = 5) -> Tensor:
    """A matrix `(rows, columns)` with all its singular values brought near one (0.7 to 1.2), same directions."""
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    found = wide / (wide.norm() + 1e-7)
    a, b, c = QUINTIC
    for _ in range(iterations):
        square = found @ found.T
        found = a * found + (b * square + c * square @ square) @ found
    return found if matrix.shape[0] <= matrix.shape[1] else found.T
