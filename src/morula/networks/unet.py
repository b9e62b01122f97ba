"""The U-Net: a contracting path that sees context, an expanding path that draws the outline."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from morula.networks.architecture import Architecture
from morula.networks.blocks import BLOCKS
from morula.networks.layers import CONVOLUTION, DROPOUT
from morula.networks.resolution import DOWNS, UPS, corrected, folded, unfolded
from morula.networks.skips import JOINS, Gates, nodes


class UNet(nn.Module):
    """A U-Net for one, two or three spatial axes (arXiv 1505.04597, with padding, so that sizes are kept).

    Input `(batch, inputs, *space)`, the sides multiples of `architecture.multiple`;
    output `(batch, maps, *space)`, logits: those of the classes come first, that of the distance last.
    """

    def __init__(self, architecture: Architecture):
        super().__init__()
        self.architecture = architecture
        axes, features, strides = architecture.axes, architecture.features, architecture.every_stride
        block, down, up = BLOCKS[architecture.block], DOWNS[architecture.down], UPS[architecture.up]
        sources = (architecture.inputs if architecture.stem == 1 else features[0], *features)
        stages = [architecture.from_stage(stage) for stage in range(architecture.depth)]
        self._nodes = nodes(architecture.skips, architecture.depth)
        self._join = JOINS[architecture.join]
        beside = architecture.join == "concatenate"
        self.stem = folded(architecture)
        self.encoder = nn.ModuleList(block(stages[i], sources[i], features[i]) for i in range(architecture.depth))
        self.down = nn.ModuleList(down(architecture, features[i], stride) for i, stride in enumerate(strides))
        self.up = nn.ModuleList(
            up(architecture, features[node.stage + 1], features[node.stage], strides[node.stage])
            for node in self._nodes
        )
        self.decoder = nn.ModuleList(
            block(stages[node.stage], features[node.stage] * (node.skips + 1 if beside else 1), features[node.stage])
            for node in self._nodes
        )
        self.dropout = DROPOUT[axes](architecture.dropout)
        self.head = unfolded(architecture)
        if architecture.detail:
            self.detail = corrected(architecture)
        self.gates = nn.ModuleList(
            Gates(architecture, features[node.stage], node.skips) for node in self._nodes if architecture.attention
        )
        self.side_heads = nn.ModuleList(
            CONVOLUTION[axes](features[stage], architecture.maps, kernel_size=1)
            for stage in range(1, architecture.depth - 1) if architecture.deep_supervision
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits of an image; see the class for the shapes."""
        return self._drawn(self.expanded(x)[0], x)

    def levels(self, x: Tensor) -> list[Tensor]:
        """Logits of an image, and with deep supervision those of the coarser stages of the expanding path.

        The finest come first; each next is smaller by the strides of its stage. The lowest stage draws none.
        """
        finest, *coarser = self.expanded(x)  # the lowest stage too, which has no head
        return [self._drawn(finest, x), *(head(each) for head, each in zip(self.side_heads, coarser, strict=False))]

    def contracted(self, x: Tensor) -> list[Tensor]:
        """The features of each stage on the contracting path, the finest first."""
        x = self.dropout(self.encoder[0](self.stem(x)))
        found = [x]
        for down, block in zip(self.down, self.encoder[1:], strict=True):
            x = self.dropout(block(down(x)))
            found.append(x)
        return found

    def expanded(self, x: Tensor) -> list[Tensor]:
        """The features of each stage at the end of the expanding path, the finest first."""
        rows = [[features] for features in self.contracted(x)]
        # By columns, and downwards in each: the last features of the row below are then those of the column before.
        for index, node in sorted(enumerate(self._nodes), key=lambda each: each[1].column):
            deep = self.up[index](rows[node.stage + 1][-1])
            skips = rows[node.stage][-node.skips :]
            if self.architecture.attention:
                skips = self.gates[index](skips, deep)
            rows[node.stage].append(self.dropout(self.decoder[index](self._join([*skips, deep]))))
        return [row[-1] for row in rows]

    def _drawn(self, finest: Tensor, x: Tensor) -> Tensor:
        """The maps of the finest features, corrected by what every pixel of the image adds."""
        maps = self.head(finest)
        return maps + self.detail(torch.cat([x, maps], dim=1)) if self.architecture.detail else maps
