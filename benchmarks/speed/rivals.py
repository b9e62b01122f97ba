"""What Morula is measured against: the published network in plain PyTorch, and monai's U-Net with its sliding window."""

from __future__ import annotations

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


def sliding_window(network: nn.Module, images: Tensor, side: int = 512) -> Tensor:
    """Logits of images of any size, as monai finds them: windows that overlap by a quarter, blended."""
    from monai.inferers.inferer import SlidingWindowInferer

    with torch.inference_mode():
        found = SlidingWindowInferer((side,) * (images.ndim - 2), sw_batch_size=1, overlap=0.25, mode="gaussian")(images, network)
    assert isinstance(found, Tensor)
    return found
