"""What can go wrong while learning, noticed and said in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

WINDOW = 20
"""Losses that are averaged before they are compared."""


def diagnose_losses(losses: Sequence[float], steps: int | None) -> str | None:
    """What is wrong with the losses so far, or None.

    A loss that is not a number is wrong at once; one that has hardly moved is wrong after a third of the steps.
    """
    if losses and not math.isfinite(losses[-1]):
        return f"the loss became infinite at step {len(losses)}"
    due = max(4 * WINDOW, (steps or 0) // 3)
    if steps and len(losses) == due:
        first, last = np.mean(losses[:WINDOW]), np.mean(losses[-WINDOW:])
        if last > 0.98 * first:
            return f"the loss has not moved: {first:.3f} at first, {last:.3f} after {due} steps"
    return None


def diagnose_masks(found: Sequence[set[int]], true: Sequence[set[int]]) -> str | None:
    """What is wrong with the masks of the validation frames, or None.

    Args:
        found: the class numbers in each predicted mask.
        true: those in each true mask.
    """
    seen = set().union(*found)
    if len(seen) == 1 and len(set().union(*true)) > 1:
        number = seen.pop()
        name = "background" if number == 0 else f"class {number}"
        return f"every pixel of every validation frame is taken for {name}"
    return None


ADVICE = (
    "Look at a few pairs: does each mask lie on its image, and can the eye see what was outlined? "
    "`morula check` prints how the masks were read. If both are right, give more time with --minutes."
)
