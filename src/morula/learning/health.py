"""What can go wrong while learning, noticed and said in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

WINDOW = 20
"""Losses that are averaged before they are compared."""
NO_BETTER_THAN_CHANCE = 0.02
"""Cohen's kappa of masks that have nothing to do with the truth lies below this; 1 is perfect."""


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


def diagnose_masks(confusion: np.ndarray, classes: Sequence[str] = ()) -> str | None:
    """What is wrong with the masks of the validation frames, or None.

    Agreement that chance alone explains is told by Cohen's kappa (Educ. Psychol. Meas. 20, 37, 1960).

    Args:
        confusion: annotated pixels of all validation frames by class, `(truth, predicted)`.
        classes: what they are called, background left out; numbered where left out.
    """
    true, found, pixels = confusion.sum(1), confusion.sum(0), confusion.sum()
    if np.count_nonzero(true) < 2:
        return None
    if np.count_nonzero(found) == 1:
        number = int(found.argmax())
        name = "background" if number == 0 else classes[number - 1] if classes else f"class {number}"
        return f"every pixel of every validation frame is taken for {name}"
    by_chance = float(true / pixels @ (found / pixels))
    kappa = (confusion.trace() / pixels - by_chance) / (1 - by_chance)
    if kappa < NO_BETTER_THAN_CHANCE:
        return f"the masks of the validation frames agree with the true ones no better than chance (kappa {kappa:.3f})"
    return None


ADVICE = (
    "Look at a few pairs: does each mask lie on its image, and can the eye see what was outlined? "
    "`morula check` prints how the masks were read. If both are right, give more time with --minutes."
)
