"""How far predicted distances to the edges of objects are from the true ones, as a number to descend."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

TINY = 1e-6


def distance_cost(levels: Sequence[Tensor], distances: Tensor, shares: Tensor) -> Tensor:
    """The mean divergence (Kullback and Leibler) of predicted distances from the true ones, 0 where they are met.

    A distance is taken for the probability of lying inside: cross-entropy has a steady gradient, and what of it no
    prediction can avoid is taken away. Objects and what surrounds them count alike, however little the objects cover.

    Args:
        levels: logits `(batch, 1, *space)`, the finest first; each coarser one counts half of the one before it, and
            all together one.
        distances: `(batch, 1, *space)` in the size of the finest level, from 0 at edges to 1.
        shares: `(batch, classes, *space)`, background first; zero in all classes where a pixel is not annotated.
    """
    importances = [0.5**level for level in range(len(levels))]
    costs = [importance * _of_level(logits.float(), distances, shares)
             for importance, logits in zip(importances, levels, strict=True)]
    return torch.stack(costs).sum() / sum(importances)


def _of_level(logits: Tensor, distances: Tensor, shares: Tensor) -> Tensor:
    if shares.shape[2:] != logits.shape[2:]:
        distances, shares = (F.interpolate(each, size=logits.shape[2:], mode="area") for each in (distances, shares))
    unavoidable = F.binary_cross_entropy(distances, distances, reduction="none")
    costs = F.binary_cross_entropy_with_logits(logits, distances, reduction="none") - unavoidable
    outside, inside = shares[:, :1], shares[:, 1:].sum(dim=1, keepdim=True)
    means = [(costs * part).sum() / part.sum().clamp_min(TINY) for part in (outside, inside)]
    return torch.stack(means).mean()
