"""How weights follow their gradients: Muon for the kernels of convolutions, AdamW for everything else."""

from __future__ import annotations

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


def make_optimisers(network: UNet, rate: float) -> tuple[torch.optim.Optimizer, ...]:
    """The optimisers of a network, with `rate` as the highest learning rate of Muon.

    Muon is for maps between features. Heads, which turn features into classes, depthwise kernels, which see each
    feature by itself, and what gives a single map are none, like biases and normalisations: AdamW trains them.
    """
    heads = {network.head, *network.side_heads}
    kernels = [layer.weight for layer in network.modules()
               if isinstance(layer, _ConvNd) and layer not in heads and layer.groups == 1 and len(layer.weight) > 1]
    chosen = {id(weights) for weights in kernels}
    others = [weights for weights in network.parameters() if id(weights) not in chosen]
    plain = torch.optim.AdamW(others, lr=PLAIN * rate, weight_decay=0.0, fused=True)
    optimisers = Muon(kernels, rate), plain
    for group in (group for optimiser in optimisers for group in optimiser.param_groups):
        group["highest"] = group["lr"]
    return optimisers


def set_rates(optimisers: Sequence[torch.optim.Optimizer], share: float) -> None:
    """Give every optimiser a share of its highest learning rate."""
    for group in (group for optimiser in optimisers for group in optimiser.param_groups):
        group["lr"] = group["highest"] * share


class Muon(torch.optim.Optimizer):
    """Momentum whose every update is brought to singular values near one.

    A gradient's few strong directions drown the many weak ones; with all brought to one length, small
    networks learn the same in about half the steps. K. Jordan et al., "Muon", 2024,
    kellerjordan.github.io/posts/muon. A kernel `(a, b, *size)` is taken for the matrix `(a, b × size)`.
    """

    def __init__(self, kernels: Sequence[Tensor], lr: float, momentum: float = 0.95):
        super().__init__(kernels, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update all kernels by their gradients."""
        for group in self.param_groups:
            pairs = [(kernel, kernel.grad) for kernel in group["params"] if kernel.grad is not None]
            ahead = [self._ahead(kernel, gradient, group["momentum"]) for kernel, gradient in pairs]
            updates = orthogonalised([each.flatten(1) for each in ahead])
            for (kernel, _), update in zip(pairs, updates, strict=True):
                kernel.mul_(1 - group["lr"] * DECAY)
                kernel.add_(update.reshape(kernel.shape), alpha=-group["lr"])

    def _ahead(self, kernel: Tensor, gradient: Tensor, momentum: float) -> Tensor:
        """The gradient and, after Nesterov, the momentum that it adds to."""
        state = self.state[kernel]
        if not state:
            state["momentum"] = torch.zeros_like(kernel)
        state["momentum"].mul_(momentum).add_(gradient)
        return gradient.add(state["momentum"], alpha=momentum)


def orthogonalised(matrices: Sequence[Tensor], iterations: int = 5) -> list[Tensor]:
    """Matrices `(rows, columns)` with all their singular values brought near one (0.7 to 1.2), same directions.

    An odd polynomial of a matrix X is a polynomial of the square X Xᵀ, times X. So iterations need that square alone,
    however long X is, and those of one size are made at once: many small products would spend their time on beginning.
    """
    wide = [matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T for matrix in matrices]
    wide = [matrix / (matrix.norm() + 1e-7) for matrix in wide]
    factors = _factors([matrix @ matrix.T for matrix in wide], iterations)
    found = [factor @ matrix for factor, matrix in zip(factors, wide, strict=True)]
    return [each if each.shape == matrix.shape else each.T for each, matrix in zip(found, matrices, strict=True)]


def _factors(squares: Sequence[Tensor], iterations: int) -> list[Tensor]:
    """What matrices are multiplied with from the left to bring their singular values near one, from their squares."""
    sizes = [len(square) for square in squares]
    factors: list[Tensor] = list(squares)
    for size in set(sizes):
        places = [place for place, other in enumerate(sizes) if other == size]
        alike = _iterated(torch.stack([squares[place] for place in places]), iterations)
        for place, factor in zip(places, alike, strict=True):
            factors[place] = factor
    return factors


def _iterated(squares: Tensor, iterations: int) -> Tensor:
    """The factors of squares of one size, `(matrices, rows, rows)`."""
    a, b, c = QUINTIC
    one = torch.eye(squares.shape[-1], dtype=squares.dtype, device=squares.device)
    factors = one.expand_as(squares)
    for left in reversed(range(iterations)):
        step = torch.baddbmm(b * squares, squares, squares, alpha=c) + a * one
        factors = step @ factors
        if left:
            squares = step @ squares @ step
    return factors
