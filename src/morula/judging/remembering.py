"""What a new model shall remember of the frames it was made from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.models.feature_maps import LARGEST_SHOWN
from morula.models.model import Model
from morula.pairs.pair import Frame
from morula.pairs.spread import evenly
from morula.progress import Progress, silent
from morula.segmenting.appearance import appearance
from morula.trust.memory import Memory, frame_digest

LOOKED_AT = 256
"""Frames of which it is remembered how they look, at most."""
PIXELS = 2**24
"""Pixels of these together, about: some seconds' work. A few are looked at however large they are."""


def remember(model: Model, frames: Sequence[Frame], progress: Progress = silent) -> Memory:
    """The memory of annotated frames; of many, some that are evenly spread are looked at.

    Args:
        model: what they have taught; its plan says how frames are read.
        frames: those that trained, and then those that validated.
        progress: called with frames done, frames in all, and words.
    """
    binned = [np.divide(frame.pair.image.space, model.plan.binning) for frame in frames]
    pixels = np.mean([np.prod(space.clip(max=LARGEST_SHOWN[len(space)])) for space in binned])
    looked_at = set(evenly(range(len(frames)), min(LOOKED_AT, max(5, int(PIXELS / pixels)))))
    appearances, digests = [], []
    for place, frame in enumerate(frames):
        progress(place, len(frames), "remembering the annotated frames")
        digests.append(np.frombuffer(frame_digest(frame.pair.image, frame.index), np.uint8))
        if place in looked_at:
            appearances.append(appearance(model, frame.pair.image, frame.index))
    return Memory(np.array(appearances), np.array(digests))
