"""The tensors of a network by their names: their shapes, and which of them grow with its channels or classes."""

from __future__ import annotations

from typing import Literal

import torch

from morula.networks.architecture import Architecture
from morula.networks.unet import UNet

MANY = 4096
"""More channels or classes than a network has features, so that tensors that grow with them show themselves."""


def shapes_of(architecture: Architecture) -> dict[str, torch.Size]:
    """The shape of every tensor of a network, which is not built for that."""
    with torch.device("meta"):
        return {name: tensor.shape for name, tensor in UNet(architecture).state_dict().items()}


def growing(architecture: Architecture, what: Literal["inputs", "outputs"]) -> dict[str, int]:
    """Tensors that grow with the inputs or outputs of a network, and along which axis."""
    shapes = shapes_of(architecture)
    more = shapes_of(architecture.model_copy(update={what: getattr(architecture, what) + MANY}))
    found = {}
    for name, shape in shapes.items():
        grown = [large - small for small, large in zip(shape, more.get(name, shape), strict=True)]
        if [growth for growth in grown if growth] == [MANY]:
            found[name] = grown.index(MANY)
    return found
