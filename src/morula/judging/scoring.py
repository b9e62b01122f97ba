"""Models scored on annotated frames, each segmented from its file as any other image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.models.model import Model
from morula.pairs.masks import MaskReading
from morula.pairs.named_classes import alike
from morula.pairs.pair import Frame
from morula.progress import Progress, silent, within
from morula.scores.compare import Scores, compare_masks, summarise


def score_frames(
    model: Model, frames: Sequence[Frame], reading: MaskReading, classes: Sequence[str], progress: Progress = silent
) -> Scores | None:
    """The scores of a model at full resolution; None if there are no frames.

    Args:
        model: segments the frames.
        frames: with their true masks.
        reading: how these are read.
        classes: the names of their classes without background. What the model calls otherwise is background
            to them.
        progress: called with frames done, frames in all, and words.
    """
    names, found = (("background", *called) for called in alike(classes, model.plan.classes))
    numbers = np.array([names.index(name) if name in names else 0 for name in found], np.uint8)
    images = []
    for done, frame in enumerate(frames):
        told = within(progress, done, len(frames), "scoring what was held out")
        told(0)
        image = frame.pair.image
        predicted = numbers[model.mask(image, frame.index, on_part=told)]
        truth = reading.class_numbers(frame.pair.mask.frame(frame.index))
        images.append(compare_masks(truth, predicted, len(classes), name=frame.name, pixel_size=image.pixel_size))
    return summarise(images, tuple(classes)) if images else None
