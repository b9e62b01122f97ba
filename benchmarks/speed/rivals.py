"""What Morula is measured against: the published network in plain PyTorch, and monai's U-Net in sliding windows."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class PlainUNet(nn.Module):
    """The published network as anyone would write it: 64 to 1024 features in five stages.

    Two 3×3 convolutions with ReLU and batch normalisation a stage, pooling, transposed convolutions.
    """

    def __init__(self, features: tuple[int, ...] = (64, 128, 256, 512, 1024)):
        super().__init__()
        self.encoder = nn.ModuleList(_stage(a, b) for a, b in zip((1, *features), features, strict=False))
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * a, a, 2, 2) for a in reversed(features[:-1]))
        self.decoder = nn.ModuleList(_stage(2 * a, a) for a in reversed(features[:-1]))
        self.head = nn.Conv2d(features[0], 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits `(batch, 1, height, width)` of `(batch, 1, height, width)`."""
        skips = []
        for stage in self.encoder:
            x = stage(nn.functional.max_pool2d(x, 2) if skips else x)
            skips.append(x)
        for up, stage, skip in zip(self.up, self.decoder, reversed(skips[:-1]), strict=True):
            x = stage(torch.cat([skip, up(x)], 1))
        return self.head(x)


def _stage(inputs: int, outputs: int) -> nn.Sequential:
    layers = []
    for source in (inputs, outputs):
        layers += [nn.Conv2d(source, outputs, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers)


def monai_in_windows(features: tuple[int, ...], axes: int, side: int = 512) -> Callable[[Tensor], Tensor]:
    """monai's residual U-Net over images of any size: windows that overlap by a quarter, blended."""
    from monai.inferers.inferer import SlidingWindowInferer
    from monai.networks.nets.unet import UNet

    network = UNet(axes, 1, 1, features, (2,) * (len(features) - 1), num_res_units=2).eval()
    window = SlidingWindowInferer((side,) * axes, sw_batch_size=1, overlap=0.25, mode="gaussian")

    @torch.inference_mode()
    def logits(images: Tensor) -> Tensor:
        return torch.as_tensor(window(images, network))

    return logits
