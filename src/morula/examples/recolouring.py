"""Colours as other stains and other lamps would show them: of each patch, every colour becomes a sum of all."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from morula.images.colours import COLOURS
from morula.models.plan import Augmentation


def colour_matrices(count: int, augmentation: Augmentation, rng: np.random.Generator) -> Tensor:
    """What becomes of the colours of so many patches, float32 `(count, 3, 3)`.

    A row has the parts of all colours that one is made of. They sum to one, so that greys stay what they are, until
    each colour is weighed against the others.
    """
    colours, own = len(COLOURS), np.arange(len(COLOURS))

    def met() -> np.ndarray:
        return (rng.random(count) < augmentation.intensity).reshape(-1, 1, 1)

    parts = rng.uniform(-1, 1, (count, colours, colours)) * augmentation.mixing * met()
    parts[:, own, own] = 0
    parts[:, own, own] = 1 - parts.sum(2)
    weights = np.exp(rng.uniform(-1, 1, (count, colours, 1)) * math.log(augmentation.balance) * met())
    return torch.from_numpy((weights * parts).astype(np.float32))


def recoloured(images: Tensor, matrices: Tensor) -> Tensor:
    """Images `(batch, channels, *space)` whose first three channels are colours, each image with its matrix."""
    colours = matrices.shape[-1]
    matrices = matrices.reshape(*matrices.shape, *[1] * (images.ndim - 2))
    mixed = torch.stack([matrices[:, :, colour] * images[:, colour, None] for colour in range(colours)]).sum(0)
    return torch.cat([mixed, images[:, colours:]], 1)
