"""The network on this processor, as fast as it goes."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils.fusion import fuse_conv_bn_eval

from morula.networks.losses import class_logits
from morula.networks.unet import UNet

Precision = Literal["auto", "float32", "bfloat16"]


def chosen_device() -> torch.device:
    """A GPU if there is one, the processor otherwise."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def reduced_precision(precision: Precision, device: torch.device) -> bool:
    """Whether to compute in bfloat16: as asked, or, when left open, where the hardware is faster that way."""
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def memory_format(axes: int) -> torch.memory_format:
    """The order in memory that convolutions over this many spatial axes are fastest with: channels last."""
    return {2: torch.channels_last, 3: torch.channels_last_3d}.get(axes, torch.contiguous_format)


def on_device(images: Tensor) -> Tensor:
    """The same numbers where they are computed with, in the order that convolutions are fastest with."""
    return images.to(chosen_device(), non_blocking=True).contiguous(memory_format=memory_format(images.ndim - 2))


class Engine:
    """A trained network made ready for use: fused, in the fastest memory layout and number format.

    With `flips`, each prediction is the mean over an image and its mirror images along these spatial axes, which
    a network that learned from flipped patches should see alike: a little better, and two times the work an axis.
    """

    def __init__(self, network: UNet, precision: Precision = "auto", *, flips: Sequence[int] = ()):
        self.device = chosen_device()
        self.reduced = reduced_precision(precision, self.device)
        self.multiple = network.architecture.multiple
        axes = [2 + axis for axis in flips if axis < network.architecture.axes]
        self._flips = [flipped for count in range(len(axes) + 1) for flipped in combinations(axes, count)]
        layout = memory_format(network.architecture.axes)
        self._network = _fused(copy.deepcopy(network).eval()).to(self.device).to(memory_format=layout)  # pyright: ignore

    def __call__(self, images: Tensor) -> Tensor:
        """Probabilities float32 `(batch, classes with background, *space)` of images `(batch, channels, *space)`.

        The sides must be multiples of `multiple`, one for each axis.
        """
        found = sum(self.once(images.flip(flipped)).flip(flipped) for flipped in self._flips)
        return torch.as_tensor(found) / len(self._flips)

    @torch.inference_mode()
    def once(self, images: Tensor) -> Tensor:
        """The same of the images as they are, whatever the flips."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.reduced):
            logits = self._network(on_device(images))
        return class_logits(logits).float().softmax(dim=1).cpu()


def _fused(network: UNet) -> UNet:
    """Batch normalisation right behind a convolution becomes part of it, which changes no result."""
    for layers in network.modules():
        if not isinstance(layers, nn.Sequential):
            continue
        for index, (layer, following) in enumerate(pairwise(layers)):
            if isinstance(layer, _ConvNd) and isinstance(following, _BatchNorm):
                layers[index], layers[index + 1] = fuse_conv_bn_eval(layer, following), nn.Identity()
    return network
