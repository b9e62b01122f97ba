"""What the layers of a network make of an image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from morula.errors import RequestError
from morula.images.image import ArrayPixels, Box, Image
from morula.images.resizing import resized
from morula.models.model import Model
from morula.models.preprocessing import binned, measure_levels, sample_frame
from morula.models.sweep import filled_up
from morula.networks.unet import UNet

LARGEST_SHOWN = {1: 65536, 2: 512, 3: 96}
"""Side of what is looked at of an image, by the number of spatial axes."""


def prepared_middle(model: Model, image: Image, frame: int = 0) -> np.ndarray:
    """A frame as the network sees it: at its pixel size, normalised and binned; of a large one, the middle.

    Returns:
        float32 `(channels, *space)`, no side longer than can be looked at.

    Raises:
        ModelError: the image has other channels or another number of spatial axes than the model.
    """
    image = model.fitted(image, typed=True)
    factors, binning = model.magnification(image, typed=True), model.plan.binning
    if factors is not None:
        space = tuple(max(1, round(length * factor)) for length, factor in zip(image.space, factors, strict=True))
        image = replace(image, pixels=ArrayPixels(resized(image.frame(frame), space)[None]), space=space, frames=1)
        frame = 0
    levels = measure_levels(sample_frame(image, frame), model.plan.intensity)
    return binned(levels.apply(image.region(frame, _middle(image.space, binning))), binning)


def _middle(space: Sequence[int], binning: Sequence[int]) -> Box:
    """The pixels in the middle of a frame that are looked at, whole blocks of `binning`."""
    longest = LARGEST_SHOWN[len(space)]
    starts = [max(0, -(-length // factor) - longest) // 2 for length, factor in zip(space, binning, strict=True)]
    return tuple(slice(start * factor, min((start + longest) * factor, length))
                 for start, length, factor in zip(starts, space, binning, strict=True))


def feature_maps(network: UNet, prepared: np.ndarray, layers: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """What layers give out for an image, in the order in which they are computed.

    Args:
        network: trained.
        prepared: the image as the network sees it, float32 `(channels, *space)`.
        layers: their names, such as `encoder.0` or `decoder.3.second`; left out, the end of each stage. Of a layer
            that is used more than once, the last output is given.

    Returns:
        By the layer's name, float32 `(features, *space)`; deep layers have fewer pixels.

    Raises:
        RequestError: there is no such layer; the message lists those there are.
    """
    padded = filled_up(prepared, network.architecture.multiple)
    heard: dict[str, Tensor] = {}
    with ExitStack() as hooks, torch.inference_mode():
        for name in layers or stage_ends(network):
            hook = _layer(network, name).register_forward_hook(partial(_hear, heard, name))
            hooks.callback(hook.remove)
        network.eval()(padded.to(next(network.parameters()).device))
    shares = [length / whole for length, whole in zip(prepared.shape[1:], padded.shape[2:], strict=True)]
    return {name: _without_padding(maps, shares) for name, maps in heard.items()}


def stage_ends(network: UNet) -> list[str]:
    """The names of the blocks, each of which ends a stage or a node."""
    return [f"{path}.{number}" for path, blocks in (("encoder", network.encoder), ("decoder", network.decoder))
            for number in range(len(blocks))]


def _layer(network: UNet, name: str) -> nn.Module:
    """The layer of a name; a list of layers is none, for it is never computed as such."""
    modules = dict(network.named_modules())
    if name in modules and not isinstance(modules[name], nn.ModuleList):
        return modules[name]
    within = name
    while within not in modules:
        within = within.rpartition(".")[0]
    if within:
        known = [f"{within}.{part}" for part, _ in modules[within].named_children()]
    else:
        known = [*stage_ends(network), "head"]
    raise RequestError(f"The model has no layer called {name!r}. There are {', '.join(known) or within}. Parts of a "
                       "layer have names with another point, such as encoder.0.first.")


def _hear(heard: dict[str, Tensor], name: str, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
    heard[name] = output[0].float().cpu().clone()  # the layer after it may work in place


def _without_padding(maps: Tensor, shares: Sequence[float]) -> np.ndarray:
    """The part of maps `(features, *space)` that belongs to the image, whose sides are these shares of theirs."""
    ends = [math.ceil(length * share) for length, share in zip(maps.shape[1:], shares, strict=True)]
    return maps[(slice(None), *map(slice, ends))].numpy()


def most_telling(maps: np.ndarray, count: int) -> tuple[list[int], float]:
    """The maps that together tell most of what a layer knows, and the share of its variance that they explain.

    One after the other, the map is taken whose variance over the image is largest once all that the maps before it
    can tell is taken away (a pivoted Cholesky decomposition of the covariance), so that no two tell the same.

    Args:
        maps: `(features, *space)`.
        count: how many at most; maps that add nothing are left out.
    """
    covariance = np.atleast_2d(np.cov(maps.reshape(len(maps), -1).astype(np.float64)))
    total, chosen = covariance.trace(), []
    while len(chosen) < min(count, len(maps)):
        best = int(covariance.diagonal().argmax())
        if covariance[best, best] <= 1e-9 * total:
            break
        chosen.append(best)
        covariance = covariance - np.outer(covariance[best], covariance[best]) / covariance[best, best]
    return chosen, 1 - covariance.trace() / total if total else 1.0
