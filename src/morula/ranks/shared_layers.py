"""Layers for which a batch is more than its samples, as they are where each rank has a part of it.

Batch normalisation has the mean and the variance of the whole batch, as PyTorch's `SyncBatchNorm`, which needs GPUs;
the formulas are those of arXiv 1502.03167. Dropout draws for the whole batch.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.modules.instancenorm import _InstanceNorm

from morula.networks.unet import UNet
from morula.ranks.collectives import summed


@dataclass
class Part:
    """The samples that this rank has of a batch of `count`; another of each batch."""

    samples: slice = field(default_factory=lambda: slice(0))
    count: int = 0


def sharing(network: UNet, part: Part) -> UNet:
    """A network that learns from a part of each batch: the weights are those of the given one, and not a copy."""
    tensors = [*network.parameters(), *network.buffers()]
    shared = copy.deepcopy(network, {id(each): each for each in tensors})
    for layer in shared.modules():
        if isinstance(layer, _BatchNorm):
            layer.forward = partial(_normalised, layer)  # pyright: ignore[reportAttributeAccessIssue]
        elif isinstance(layer, _DropoutNd):
            layer.forward = partial(_dropped, layer, part)
        elif isinstance(layer, _InstanceNorm):
            layer.forward = partial(_unless_empty, layer.forward)  # pyright: ignore[reportAttributeAccessIssue]
    return shared


def _normalised(layer: _BatchNorm, x: Tensor) -> Tensor:
    """What batch normalisation makes of features `(samples, features, *space)` while a network learns."""
    mean, variance, count = _statistics(x.detach())
    running_mean, running_variance, batches = layer.running_mean, layer.running_var, layer.num_batches_tracked
    assert running_mean is not None
    assert running_variance is not None
    assert batches is not None
    with torch.no_grad():
        batches.add_(1)
        momentum = layer.momentum or 0.0
        running_mean.lerp_(mean, momentum)
        running_variance.lerp_(variance * (count / max(count - 1, 1)), momentum)
    return _Normalised.apply(x, layer.weight, layer.bias, mean, variance, count, layer.eps)  # pyright: ignore


def _statistics(x: Tensor) -> tuple[Tensor, Tensor, float]:
    """Mean and variance of each feature over the whole batch, and from how many pixels."""
    count = x.numel() // x.shape[1]
    sums = torch.zeros(2, x.shape[1], dtype=torch.float64, device=x.device)
    if count:
        variance, mean = (each.double() for each in torch.var_mean(x.float(), _within(x), correction=0))
        sums = count * torch.stack([mean, variance + mean.square()])
    *sums, count = summed(torch.cat([sums.flatten(), sums.new_tensor([count])])).split([x.shape[1], x.shape[1], 1])
    mean, square = (each / count for each in sums)
    return mean.float(), (square - mean.square()).clamp_min(0).float(), count.item()


class _Normalised(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor,  # pyright: ignore
                count: float, eps: float) -> Tensor:
        ctx.save_for_backward(x, weight, mean, (variance + eps).rsqrt())
        ctx.count = count
        return F.batch_norm(x, mean, variance, weight, bias, training=False, eps=eps)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore
        x, weight, mean, scale = ctx.saved_tensors
        normal = (x.float() - _along(mean, x)) * _along(scale, x)
        gradient = gradient.float()
        own = torch.stack([gradient.sum(_within(x)), (gradient * normal).sum(_within(x))])
        moved, stretched = summed(own.clone()) / ctx.count
        slope = gradient - _along(moved, x) - normal * _along(stretched, x)
        return (_along(weight * scale, x) * slope).to(x.dtype), own[1], own[0], None, None, None, None


def _within(x: Tensor) -> list[int]:
    """All axes but that of the features."""
    return [0, *range(2, x.ndim)]


def _along(features: Tensor, x: Tensor) -> Tensor:
    """A number for each feature, beside features `(samples, features, *space)`."""
    return features.reshape(1, -1, *[1] * (x.ndim - 2))


def _dropped(layer: _DropoutNd, part: Part, x: Tensor) -> Tensor:
    """Features of which some are left out: those that one process would leave out, which draws for all samples."""
    if layer.p == 0:
        return x
    drawn = torch.empty(part.count, x.shape[1], *[1] * (x.ndim - 2), dtype=x.dtype).bernoulli_(1 - layer.p)
    return x * drawn.div_(1 - layer.p)[part.samples].to(x.device)


def _unless_empty(forward: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """What a layer makes that each sample has for itself, and that does not know what to do without any."""
    return forward(x) if len(x) else x
