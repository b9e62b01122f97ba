"""Linear interpolation as a transposed convolution, which every program knows; interpolation of volumes few do."""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor, nn

from morula.networks.layers import TRANSPOSED

BEYOND_EDGES = {1: nn.ReplicationPad1d, 2: nn.ReplicationPad2d, 3: nn.ReplicationPad3d}


def enlargement(features: int, factors: tuple[int, ...]) -> nn.Module:
    """What `networks.resolution.interpolation` computes: each pixel draws a tent of twice its size, and tents add up.

    Pixels at edges are repeated first, so that interpolation stops there.

    Args:
        features: the number of maps, each of which is enlarged by itself.
        factors: by how much, along each spatial axis.
    """
    axes = len(factors)
    grown = [int(factor > 1) for factor in factors]
    tents = [_tent(factor) for factor in factors]
    # Half a tent lies before the first centre, and the repeated pixel before that.
    cut = [beyond * factor + (len(tent) - factor) // 2 for beyond, factor, tent in
           zip(grown, factors, tents, strict=True)]
    drawn = TRANSPOSED[axes](features, features, kernel_size=tuple(map(len, tents)), stride=factors,
                             padding=tuple(cut), groups=features, bias=False)
    kernel = reduce(lambda outer, tent: outer[..., None] * tent, tents[1:], tents[0])
    drawn.weight = nn.Parameter(kernel.expand(features, 1, *kernel.shape).clone(), requires_grad=False)
    return nn.Sequential(BEYOND_EDGES[axes](tuple(beyond for beyond in reversed(grown) for _ in "<>")), drawn)


def with_enlargements(network: nn.Module, example: Tensor) -> nn.Module:
    """The network itself, with each interpolation in it replaced.

    Args:
        network: of which the parts are changed.
        example: what it takes, from which follows how many features are interpolated where.
    """
    found = {name: layer for name, layer in network.named_modules() if isinstance(layer, nn.Upsample)}
    features: dict[nn.Module, int] = {}

    def note(layer: nn.Module, comes: tuple[Tensor]) -> None:
        features[layer] = comes[0].shape[1]

    hooks = [layer.register_forward_pre_hook(note) for layer in found.values()]
    with torch.inference_mode():
        network(example)
    for hook in hooks:
        hook.remove()
    for name, layer in found.items():
        factors = tuple(map(int, layer.scale_factor))  # pyright: ignore
        network.set_submodule(name, enlargement(features[layer], factors))
    return network


def _tent(factor: int) -> Tensor:
    """How much one pixel counts in those that it is enlarged to and their neighbours, float32 `(taps,)`."""
    taps = 2 * factor - factor % 2
    return 1 - (torch.arange(taps) - (taps - 1) / 2).abs() / factor
