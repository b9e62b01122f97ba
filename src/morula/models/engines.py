"""The network on this processor, as fast as it goes."""

from __future__ import annotations

import copy
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from morula.networks.blocks import ConvUnit
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


def channels_last(images: Tensor) -> Tensor:
    """The same numbers with the channels of a pixel side by side in memory, as fast convolutions want them."""
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    return images.contiguous(memory_format=formats.get(images.ndim, torch.contiguous_format))


class Engine:
    """A trained network made ready for use: fused, in the fastest memory layout and number format."""

    def __init__(self, network: UNet, precision: Precision = "auto"):
        self.device = chosen_device()
        self.reduced = reduced_precision(precision, self.device)
        self.multiple = network.architecture.multiple
        network = _fused(copy.deepcopy(network).eval()).to(self.device)
        formats = {2: torch.channels_last, 3: torch.channels_last_3d}
        self._network = network.to(memory_format=formats.get(network.architecture.axes, torch.contiguous_format))

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """Probabilities float32 `(batch, classes with background, *space)` of images `(batch, channels, *space)`.

        Each side must be a multiple of `multiple`.
        """
        images = channels_last(images.to(self.device, non_blocking=True))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.reduced):
            logits = self._network(images)
        return class_logits(logits).float().softmax(dim=1).cpu()


def _fused(network: UNet) -> UNet:
    """Batch normalisation right behind a convolution becomes part of it, which changes no result."""
    for unit in network.modules():
        if isinstance(unit, ConvUnit) and isinstance(unit[1], nn.modules.batchnorm._BatchNorm):
            unit[0], unit[1] = fuse_conv_bn_eval(unit[0], unit[1]), nn.Identity()
    return network
