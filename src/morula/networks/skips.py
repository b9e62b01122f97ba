"""How stages of the same size are connected, from the contracting to the expanding path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor, nn

from morula.networks.architecture import Architecture, Join, Skips
from morula.networks.layers import ACTIVATIONS, CONVOLUTION, NORMALISATIONS

JOINS: dict[Join, Callable[[Sequence[Tensor]], Tensor]] = {
    "concatenate": lambda parts: torch.cat([*parts], dim=1),
    "sum": lambda parts: reduce(torch.add, parts),
}


@dataclass(frozen=True)
class Node:
    """A place where features of the stage below meet those of the same stage.

    Attributes:
        stage: its row; 0 is the full resolution.
        column: how often features have come up on the way to it; those of the contracting path have column 0.
        skips: how many of the features to its left in the same row it sees, counted from the nearest.
    """

    stage: int
    column: int
    skips: int


def nodes(skips: Skips, depth: int) -> list[Node]:
    """All nodes of a network, row by row.

    ```text
    unet      ●───────────●      unet+  ●───●───●───●      unet++  as unet+, and each node
                ●───────●                 ●───●───●                sees all to its left
                  ●───●                     ●───●
                    ●                         ●
    ```

    `unet+` and `unet++` are those of arXiv 1912.05074; the second is also that of arXiv 1807.10165.
    """
    if skips == "unet":
        return [Node(stage, column=depth - 1 - stage, skips=1) for stage in range(depth - 1)]
    return [Node(stage, column, skips=column if skips == "unet++" else 1)
            for stage in range(depth - 1) for column in range(1, depth - stage)]


class Gate(nn.Module):
    """Lets features of a skip connection through where the stage below finds them of use (arXiv 1804.03999).

    A weight between 0 and 1 for each pixel, from both, at the size of the skip connection.
    """

    def __init__(self, architecture: Architecture, features: int):
        super().__init__()
        axes, half = architecture.axes, -(-features // 2)

        def mapped(inputs: int, outputs: int, *following: nn.Module) -> nn.Module:
            convolution = CONVOLUTION[axes](inputs, outputs, kernel_size=1, bias=architecture.normalisation == "none")
            return nn.Sequential(convolution, NORMALISATIONS[architecture.normalisation](axes, outputs), *following)

        self.skip = mapped(features, half)
        self.deep = mapped(features, half)
        self.act = ACTIVATIONS[architecture.activation]()
        self.weight = mapped(half, 1, nn.Sigmoid())

    def forward(self, skip: Tensor, deep: Tensor) -> Tensor:
        """The features `skip`, weighted; both `(batch, features, *space)`."""
        return skip * self.weight(self.act(self.skip(skip) + self.deep(deep)))


class Gates(nn.ModuleList):
    """One gate for each of the skip connections of a node."""

    def __init__(self, architecture: Architecture, features: int, skips: int):
        super().__init__(Gate(architecture, features) for _ in range(skips))

    def forward(self, skips: Sequence[Tensor], deep: Tensor) -> list[Tensor]:
        """All features weighted, each by its own gate; shapes as in `Gate`."""
        return [gate(skip, deep) for gate, skip in zip(self, skips, strict=True)]
