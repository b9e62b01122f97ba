"""How weights follow their gradients: Muon for the kernels of convolutions, AdamW for everything else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn.modules.conv import _ConvNd
from torch.optim.adamw import adamw

from morula.networks.unet import UNet

PLAIN = 0.15
"""AdamW's learning rate as a part of Muon's."""
DECAY = 0.01
"""Weight decay of kernels."""
QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients of the odd polynomial that drives singular values towards one, from Jordan et al."""


def make_optimisers(network: UNet, rate: float) -> tuple[Optimiser, ...]:
    """The optimisers of a network, with `rate` as the highest learning rate of Muon.

    Muon is for maps between features. Heads, which turn features into classes, depthwise kernels, which see each
    feature by itself, and what gives a single map are none, like biases and normalisations: AdamW trains them.
    """
    heads = {network.head, *network.side_heads}
    kernels = [layer.weight for layer in network.modules()
               if isinstance(layer, _ConvNd) and layer not in heads and layer.groups == 1 and len(layer.weight) > 1]
    chosen = {id(weights) for weights in kernels}
    others = [weights for weights in network.parameters() if id(weights) not in chosen]
    return Muon(kernels, rate), AdamW(others, PLAIN * rate)


class Optimiser(ABC):
    """Moves weights by their gradients, and remembers something of each gradient.

    PyTorch's own class of that name loads a compiler of 800 modules when the first of it is made, which takes a second
    that the shortest trainings do not have.

    Attributes:
        weights: what it moves.
        rate: the highest learning rate.
        moments: what it remembers of each, by name; nothing before the first gradient.
    """

    def __init__(self, weights: Iterable[Tensor], rate: float):
        self.weights = list(weights)
        self.rate = rate
        self.moments: list[dict[str, Tensor]] = [{} for _ in self.weights]

    @torch.no_grad()
    def step(self, share: float) -> None:
        """Move all weights that have a gradient, at a share of the highest learning rate."""
        moved = [(weights, weights.grad, self._remembered(weights, moments))
                 for weights, moments in zip(self.weights, self.moments, strict=True) if weights.grad is not None]
        if moved:
            self._move(*zip(*moved, strict=True), rate=share * self.rate)

    def recall(self, place: int, moment: str, value: Tensor) -> None:
        """Remember again what was put aside: one of the `moments` of the weights at a place."""
        self._remembered(self.weights[place], self.moments[place])[moment].copy_(value)

    def _remembered(self, weights: Tensor, moments: dict[str, Tensor]) -> dict[str, Tensor]:
        if not moments:
            moments.update(self._first(weights))
        return moments

    @abstractmethod
    def _first(self, weights: Tensor) -> dict[str, Tensor]:
        """What is remembered of weights before their first gradient."""

    @abstractmethod
    def _move(self, weights: Sequence[Tensor], gradients: Sequence[Tensor], moments: Sequence[dict[str, Tensor]],
              rate: float) -> None:
        """Move them, and remember."""


class AdamW(Optimiser):
    """Each weight at a pace of its own, without decay (D. P. Kingma & J. Ba, arXiv 1412.6980)."""

    def _first(self, weights: Tensor) -> dict[str, Tensor]:
        return {"step": torch.zeros((), device=weights.device), "exp_avg": torch.zeros_like(weights),
                "exp_avg_sq": torch.zeros_like(weights)}

    def _move(self, weights: Sequence[Tensor], gradients: Sequence[Tensor], moments: Sequence[dict[str, Tensor]],
              rate: float) -> None:
        means, squares, steps = ([each[name] for each in moments] for name in ("exp_avg", "exp_avg_sq", "step"))
        adamw(list(weights), list(gradients), means, squares, [], steps, fused=True, amsgrad=False, maximize=False,
              beta1=0.9, beta2=0.999, eps=1e-8, lr=rate, weight_decay=0.0)


class Muon(Optimiser):
    """Momentum whose every update is brought to singular values near one.

    A gradient's few strong directions drown the many weak ones; with all brought to one length, small
    networks learn the same in about half the steps. K. Jordan et al., "Muon", 2024,
    kellerjordan.github.io/posts/muon. A kernel `(a, b, *size)` is taken for the matrix `(a, b × size)`.
    """

    MOMENTUM = 0.95

    def _first(self, weights: Tensor) -> dict[str, Tensor]:
        return {"momentum": torch.zeros_like(weights)}

    def _move(self, weights: Sequence[Tensor], gradients: Sequence[Tensor], moments: Sequence[dict[str, Tensor]],
              rate: float) -> None:
        ahead = [self._ahead(gradient, each["momentum"]) for gradient, each in zip(gradients, moments, strict=True)]
        for kernel, update in zip(weights, orthogonalised([each.flatten(1) for each in ahead]), strict=True):
            kernel.mul_(1 - rate * DECAY)
            kernel.add_(update.reshape(kernel.shape), alpha=-rate)

    def _ahead(self, gradient: Tensor, momentum: Tensor) -> Tensor:
        """The gradient and, after Nesterov, the momentum that it adds to."""
        momentum.mul_(self.MOMENTUM).add_(gradient)
        return gradient.add(momentum, alpha=self.MOMENTUM)


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
