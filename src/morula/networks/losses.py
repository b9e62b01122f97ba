"""How far predicted classes are from the annotation, as numbers to descend.

The annotation is given as *shares*: for each class the share of the pixel it covers, background first.
They sum to one, but to zero where a pixel is not annotated, so that it counts for nothing.

All losses take the same arguments:

    logits: `(batch, classes, *space)`, background included.
    shares: `(batch, classes, *space)`.
    weights: `(classes,)`, how much each class counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from morula.networks.objective import DICE_CROSS_ENTROPY, LossName, loss_terms

FOCUS = 2
"""The exponent of the focal loss, as published."""
WORST = 0.1
"""The part of the annotated pixels that top-k cross-entropy looks at."""
TINY = 1e-6


class Loss:
    """A weighted sum of losses, over every level that a network draws."""

    def __init__(self, sum_of_losses: str = DICE_CROSS_ENTROPY, class_weights: Sequence[float] | None = None):
        """
        Args:
            sum_of_losses: such as `"dice + 0.5 focal"`.
            class_weights: how much each class counts, background first; None if all count alike.
        """
        self.terms = loss_terms(sum_of_losses)
        self.class_weights = class_weights

    def __call__(self, levels: Sequence[Tensor], shares: Tensor) -> Tensor:
        """The loss of what a network draws.

        Args:
            levels: logits `(batch, outputs, *space)` as they come from the network, the finest first; each
                coarser level counts half of the one before it, and all together one.
            shares: `(batch, classes, *space)` in the size of the finest level.
        """
        importances = [0.5**level for level in range(len(levels))]
        costs = [importance * self._of_level(logits, shares) for importance, logits in
                 zip(importances, levels, strict=True)]
        return torch.stack(costs).sum() / sum(importances)

    def _of_level(self, logits: Tensor, shares: Tensor) -> Tensor:
        logits = class_logits(logits).float()
        if shares.shape != logits.shape:
            shares = F.interpolate(shares, size=logits.shape[2:], mode="area")  # the mean of what a pixel covers
        weights = shares.new_tensor(self.class_weights or [1.0] * shares.shape[1])
        costs = [part * LOSSES[name](logits, shares, weights) for name, part in self.terms.items()]
        return torch.stack(costs).sum()


def class_logits(logits: Tensor) -> Tensor:
    """Logits for each class with background: a lone sigmoid logit `z` is the softmax of `(0, z)`.

    `(batch, 1, *space)` to `(batch, 2, *space)`; several classes stay as they are.
    """
    return torch.cat([torch.zeros_like(logits), logits], dim=1) if logits.shape[1] == 1 else logits


def cross_entropy(logits: Tensor, shares: Tensor, weights: Tensor) -> Tensor:
    """Mean cross-entropy of the annotated pixels."""
    return _mean(_surprise(logits, shares), _importance(shares, weights))


def focal(logits: Tensor, shares: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy that looks away from what is known well already (arXiv 1708.02002)."""
    doubt = (1 - logits.softmax(dim=1)) ** FOCUS
    surprise = -(_truth(shares) * doubt * logits.log_softmax(dim=1)).sum(dim=1)
    return _mean(surprise, _importance(shares, weights))


def topk(logits: Tensor, shares: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy of the worst tenth of the annotated pixels of the batch (arXiv 1605.06885)."""
    importance = _importance(shares, weights)
    costs = (_surprise(logits, shares) * importance).flatten()
    worst = costs.topk(math.ceil(WORST * int(importance.count_nonzero()))).indices
    return costs[worst].sum() / importance.flatten()[worst].sum().clamp_min(TINY)


def brier(logits: Tensor, shares: Tensor, weights: Tensor) -> Tensor:
    """Mean squared distance of probabilities and truth, summed over classes (Mon. Weather Rev. 78, 1, 1950)."""
    distance = (logits.softmax(dim=1) - _truth(shares)).square().sum(dim=1)
    return _mean(distance, _importance(shares, weights))


def tversky(logits: Tensor, shares: Tensor, weights: Tensor, *, false: float = 0.3, missed: float = 0.7) -> Tensor:
    """One minus the soft Tversky index (arXiv 1706.05721), averaged over the classes without background.

    The index is `both / (both + false · false positives + missed · false negatives)`: the Dice coefficient where
    each kind of mistake counts ½, the Jaccard index where each counts 1. Mistakes are squared, which lets soft
    shares be matched exactly; for Dice that is the form of arXiv 1606.04797.

    All are summed over the whole batch, so that a patch without a class does not count as a failure. A class
    that the batch does not hold is left to the losses of pixels; so is the background with its weight.
    """
    annotated = shares.sum(dim=1, keepdim=True)
    found = (logits.softmax(dim=1) * annotated)[:, 1:]
    truth = shares[:, 1:]
    within = [0, *range(2, logits.ndim)]
    both = (found * truth).sum(within)
    too_much, too_little = (excess.relu().square().sum(within) for excess in (found - truth, truth - found))
    index = both / (both + false * too_much + missed * too_little).clamp_min(TINY)
    return _mean(1 - index, weights[1:] * (truth.sum(within) > 0))


LOSSES: dict[LossName, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "dice": partial(tversky, false=0.5, missed=0.5),
    "jaccard": partial(tversky, false=1.0, missed=1.0),
    "tversky": tversky,
    "cross_entropy": cross_entropy,
    "focal": focal,
    "topk": topk,
    "brier": brier,
}


def _truth(shares: Tensor) -> Tensor:
    """What is true of the annotated part of each pixel: shares that sum to one, or to zero without any."""
    return shares / shares.sum(dim=1, keepdim=True).clamp_min(TINY)


def _surprise(logits: Tensor, shares: Tensor) -> Tensor:
    """Cross-entropy of each pixel, `(batch, *space)`."""
    return -(_truth(shares) * logits.log_softmax(dim=1)).sum(dim=1)


def _importance(shares: Tensor, weights: Tensor) -> Tensor:
    """How much each pixel counts, `(batch, *space)`: as much as the classes that it belongs to."""
    return torch.einsum("bc...,c->b...", shares, weights)


def _mean(costs: Tensor, importance: Tensor) -> Tensor:
    """The mean of costs of which each counts differently; 0 where none counts."""
    return (costs * importance).sum() / importance.sum().clamp_min(TINY)
