"""How far predicted classes are from the annotation, as numbers to descend.

The annotation is given as *shares*: for each class the share of the pixel it covers, background first.
They sum to one, but to zero where a pixel is not annotated, so that it counts for nothing.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def class_logits(logits: Tensor) -> Tensor:
    """Logits for each class with background: a lone sigmoid logit `z` is the softmax of `(0, z)`.

    `(batch, 1, *space)` to `(batch, 2, *space)`; several classes stay as they are.
    """
    return torch.cat([torch.zeros_like(logits), logits], dim=1) if logits.shape[1] == 1 else logits


def cross_entropy(logits: Tensor, shares: Tensor) -> Tensor:
    """Mean cross-entropy of the annotated pixels.

    Args:
        logits: `(batch, classes, *space)`, background included.
        shares: `(batch, classes, *space)`.
    """
    surprise = -(shares * F.log_softmax(logits, dim=1)).sum()
    return surprise / shares.sum().clamp_min(1)


def dice_loss(logits: Tensor, shares: Tensor) -> Tensor:
    """One minus the soft Dice coefficient, averaged over the classes without background.

    Overlaps are summed over the whole batch, so that a patch without a class does not count as a failure.
    The squares in the denominator (arXiv 1606.04797) let soft shares be matched exactly. A class that the
    batch does not hold is left to the cross-entropy. Arguments as in `cross_entropy`.
    """
    annotated = shares.sum(dim=1, keepdim=True)
    found = (logits.softmax(dim=1) * annotated)[:, 1:]
    truth = shares[:, 1:]
    within = [0, *range(2, logits.ndim)]
    overlap = (found * truth).sum(within)
    total = (found.square() + truth.square()).sum(within)
    dice = 2 * overlap / total.clamp_min(1e-6)
    present = (truth.sum(within) > 0).to(dice.dtype)
    return ((1 - dice) * present).sum() / present.sum().clamp_min(1)


def dice_cross_entropy(logits: Tensor, shares: Tensor) -> Tensor:
    """The sum of both: cross-entropy for a steady gradient, Dice for classes that cover little."""
    logits = class_logits(logits).float()
    return cross_entropy(logits, shares) + dice_loss(logits, shares)
