"""The U-Net: a contracting path that sees context, an expanding path that draws the outline."""

from __future__ import annotations

from torch import Tensor, nn

from morula.networks.architecture import Architecture
from morula.networks.blocks import BLOCKS, CONVOLUTION, POOLING, TRANSPOSED, join


class UNet(nn.Module):
    """A U-Net for one, two or three spatial axes (arXiv 1505.04597, with padding, so that sizes are kept).

    Input `(batch, inputs, *space)`, the sides multiples of `architecture.multiple`;
    output `(batch, outputs, *space)`, logits.
    """

    def __init__(self, architecture: Architecture):
        super().__init__()
        self.architecture = architecture
        axes, features = architecture.axes, architecture.features
        style = (architecture.normalisation, architecture.activation, architecture.order)
        block = BLOCKS[architecture.block]
        sources = (architecture.inputs, *features)
        self.encoder = nn.ModuleList(block(axes, sources[i], features[i], *style) for i in range(len(features)))
        self.down = POOLING[axes](2)
        above, below = features[:-1], features[1:]
        self.up = nn.ModuleList(
            TRANSPOSED[axes](deep, shallow, kernel_size=2, stride=2) for shallow, deep in zip(above, below, strict=True)
        )
        self.decoder = nn.ModuleList(block(axes, 2 * shallow, shallow, *style) for shallow in above)
        self.head = CONVOLUTION[axes](features[0], architecture.outputs, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of an image; see the class for the shapes."""
        skips = []
        for stage in self.encoder[:-1]:
            x = stage(x)
            skips.append(x)
            x = self.down(x)
        x = self.encoder[-1](x)
        for skip, up, stage in zip(reversed(skips), reversed(self.up), reversed(self.decoder), strict=True):
            x = stage(join(skip, up(x)))
        return self.head(x)
