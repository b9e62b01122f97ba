"""Computing with eight bits: what comes into a convolution is rounded to 256 steps, its kernels to 255.

Processors multiply bytes several times as fast as numbers with a fraction. The steps must span what comes in, which is
measured on a few images once a network has learned (arXiv 1712.05877). Each kernel has steps of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from morula.networks.fusion import fused
from morula.networks.unet import UNet

Ranges = Mapping[str, tuple[float, float]]
"""The lowest and the highest number that comes into a convolution, by the name of its module."""
KERNEL_STEPS = 127
"""Steps of a kernel on either side of zero: all that a signed byte holds."""
GENTLE_KERNEL_STEPS = 64
"""The same where two products of bytes are added up in 16 bits, which hold no more: 2 × 255 × 64 < 2¹⁵ (processors
without VNNI, https://oneapi-src.github.io/oneDNN/dev_guide_int8_computations.html)."""
TINY = 1e-8
"""Kernels of zeros have steps too."""


@torch.inference_mode()
def measure_ranges(network: UNet, images: Iterable[Tensor]) -> dict[str, tuple[float, float]]:
    """The ranges of a network, each the mean over those of single images, so that no odd one widens it alone.

    Args:
        network: a trained network.
        images: prepared frames, float32 `(1, channels, *space)`, with sides that the network takes.
    """
    network = fused(network)
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def noting(name: str) -> Callable[[_ConvNd, tuple[Tensor]], None]:
        return lambda _, comes: found[name].append((comes[0].min().item(), comes[0].max().item()))

    for name, layer in _convolutions(network):
        layer.register_forward_pre_hook(noting(name))
    for image in images:
        network(image)
    # In float32, as they are saved: a model computes the same before and after.
    return {name: (float(low), float(high)) for name, (low, high) in
            ((name, np.array(spans, np.float32).mean(axis=0)) for name, spans in found.items())}


def rounded(network: UNet, ranges: Ranges, kernel_steps: int = KERNEL_STEPS) -> UNet:
    """A copy that computes with the same steps as eight bits would, however slowly, to see what that does to masks.

    Args:
        network: a trained network, which is left as it is.
        ranges: of the convolutions that are rounded.
        kernel_steps: steps of a kernel on either side of zero.
    """
    network = fused(network)
    for name, layer in _convolutions(network):
        if name in ranges:
            low, high = steps(*ranges[name])
            layer.register_forward_pre_hook(partial(_round_what_comes, low, (high - low) / 255))
            out = 1 if isinstance(layer, _ConvTransposeNd) else 0
            others = [axis for axis in range(layer.weight.ndim) if axis != out]
            step = layer.weight.detach().abs().amax(others, keepdim=True).clamp_min(TINY) / kernel_steps
            layer.weight = torch.nn.Parameter((layer.weight.detach() / step).round() * step, requires_grad=False)
    return network


def rounded_layers(network: UNet) -> list[str]:
    """The names of the layers that can be rounded, which have ranges."""
    return [name for name, _ in _convolutions(network)]


def steps(low: float, high: float) -> tuple[float, float]:
    """The first and the last of 256 steps, of which one is zero: they begin there, or as far below it as above."""
    reach = max(-low, high, TINY)
    return (0.0, reach) if low >= 0 else (-reach * 128 / 127, reach)


def _convolutions(network: UNet) -> list[tuple[str, _ConvNd]]:
    """All but those that see each feature by itself: they hardly multiply at all."""
    return [(name, layer) for name, layer in network.named_modules()
            if isinstance(layer, _ConvNd) and layer.groups == 1]


def _round_what_comes(low: float, step: float, _: _ConvNd, comes: tuple[Tensor]) -> tuple[Tensor]:
    return (((comes[0] - low) / step).round().clamp(0, 255) * step + low,)
