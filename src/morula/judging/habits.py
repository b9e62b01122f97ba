"""What is usual of a new model: looked up in the masks it was trained with, and in those it makes of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.examples.example import object_numbers
from morula.models.model import Model
from morula.objects.labels import main_object, mostly_annotated
from morula.objects.pieces import Pieces, find_pieces
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.pairs.split import Split
from morula.pairs.spread import evenly
from morula.progress import Progress, silent, within
from morula.trust.usual import Usual

LOOKED_AT, SEGMENTED = 200, 20
"""Masks that are looked at, and frames that are segmented, at most: some seconds' work."""
PIXELS = 2**24
"""Pixels of the segmented frames together, about. A few are segmented however large they are."""


def usual_of(model: Model, divided: Split, reading: MaskReading, progress: Progress = silent) -> Usual:
    """What is usual among the frames of a training; those that validated are segmented first.

    Args:
        model: what came out of it.
        divided: all its frames.
        reading: how their masks are read.
        progress: called with frames done, frames in all, and words.
    """
    frames = [*evenly(divided.validation, LOOKED_AT // 2), *evenly(divided.training, LOOKED_AT // 2)]
    masks = [pieces for frame in frames if (pieces := _true_pieces(model, frame, reading))]
    pixels = np.mean([np.prod(frame.pair.image.space, dtype=float) for frame in frames])
    count = min(SEGMENTED, max(3, int(PIXELS / pixels)))
    segmented = _first(divided.validation, divided.training, count)
    made, certainties = [], []
    for done, frame in enumerate(segmented):
        told = within(progress, done, len(segmented), "looking at what is usual")
        told(0)
        tally = model.empty_tally()
        mask = model.segmented(frame.pair.image, frame.index, on_tile=tally.look, on_part=told)
        made.append(find_pieces(mask, model.plan.binning, numbered=model.plan.separation is not None))
        if tally.certainty is not None:
            certainties.append(tally.certainty)
    return Usual.of(masks, made, certainties, groups=len({frame.group for frame in frames}))


def _true_pieces(model: Model, frame: Frame, reading: MaskReading) -> Pieces | None:
    """The pieces of a true mask; None where most of it is not annotated."""
    mask = reading.class_numbers(frame.pair.mask.frame(frame.index))
    if not mostly_annotated(mask):
        return None
    if model.plan.separation:
        return find_pieces(object_numbers(frame, reading), model.plan.binning, numbered=True)
    return find_pieces(main_object(mask) if model.plan.main_object else mask, model.plan.binning)


def _first(validation: Sequence[Frame], training: Sequence[Frame], count: int) -> list[Frame]:
    """So many frames: of those that validated, and where these are too few, of the others."""
    chosen = evenly(validation, count)
    return [*chosen, *evenly(training, count - len(chosen))]
