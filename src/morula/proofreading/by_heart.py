"""What a network has learned by heart it cannot judge: how often it was shown what it learned from."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from morula.models.model import Model
from morula.pairs.pair import Frame

BY_HEART = 100
"""What is wrong in what was shown more often may have been learned. Of costly mistakes, 16 of 18 were listed that were
shown 22 to 31 times, 17 of 22 shown 53 to 107 times, and 9 of 18 shown 185 times or more."""


def times_shown(model: Model, frames: Sequence[Frame]) -> float:
    """How often a network was shown each pixel that it learned from, in the mean; 0 where its record does not say.

    Args:
        model: with the record of its training.
        frames: as large as those that it learned from.
    """
    pixels = np.mean([math.prod(frame.pair.image.space) for frame in frames])
    learned = len(model.record.get("training_frames", ())) * pixels
    seen = model.plan.pixels_until(model.record.get("steps_done", 0)) * math.prod(model.plan.binning)
    return float(seen / learned) if learned else 0.0
