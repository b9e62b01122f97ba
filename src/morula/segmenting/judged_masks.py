"""The mask of a frame together with what a first look at it tells: how good it probably is, and what is unusual."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from morula.images.colours import colours_tell
from morula.images.room import Room, bands_of
from morula.images.write import mask_name
from morula.models.model import Model
from morula.models.preprocessing import sample_frame
from morula.names.endings import called
from morula.objects.cleaning import Cleaning, clean
from morula.objects.pieces import find_pieces
from morula.progress import Part, untold
from morula.segmenting.doubt import Doubt
from morula.segmenting.flags import frame_flags
from morula.segmenting.frames import BETWEEN, SegmentedFrame, source_of
from morula.segmenting.incoming import Incoming
from morula.segmenting.seen import seen_as


@dataclass(frozen=True)
class JudgedMask:
    """The mask of a frame, what a first look at it tells, and its doubt where that was asked for."""

    mask: Room
    row: SegmentedFrame
    doubt: Room | None

    @property
    def mask_and_doubt(self) -> tuple[Room, Room]:
        """Both, for whoever asked for doubt."""
        assert self.doubt is not None
        return self.mask, self.doubt


def uncleaned(model: Model) -> Model:
    """The same model, which does not clean, so that it can be said what cleaning changes."""
    return model.cleaned_by(Cleaning(threshold=model.cleaning.threshold))


def judged_mask(
    model: Model, frame: Incoming, on_part: Part = untold, *, final: Model, out: Path | None = None,
    doubted: bool = False,
) -> JudgedMask:
    """What the model makes of a frame, cleaned as the final one says.

    Args:
        model: that does not clean, see `uncleaned`.
        frame: with the channels that the model wants.
        on_part: told how much of it is done, see `sweep`.
        final: the same model, with its cleaning.
        out: the folder of the masks, as seen from which the image is named; None where they are in memory.
        doubted: whether doubt is wanted.
    """
    tally, doubt = model.empty_tally(), Doubt(frame.image.space) if doubted else None
    mask = model.drawn(frame.image, frame.number, doubt.add if doubt else None, tally.look, on_part)
    layout = model.usual.layout if model.usual else None
    lies_strangely = layout is not None and layout.is_strange(mask)
    cleaned = clean(mask, final.cleaning, frame.image.pixel_size, numbered=model.plan.separation is not None)
    mask = cleaned.mask
    expected = model.quality.expect(tally, model.plan.classes) if model.quality else None
    if expected and (lies_strangely or _has_telling_colours(frame)):
        expected = replace(expected, unlike=True)
    sure = None if tally.certainty is None else round(tally.certainty, 4)
    pieces = find_pieces(mask, model.plan.binning, numbered=model.plan.separation is not None)
    enlarged = float(np.prod(model.magnification(frame.image) or 1))
    objects = pieces.enlarged(enlarged).of_size(model.usual.least if model.usual else 0)
    return JudgedMask(mask, SegmentedFrame(
        called(frame.path),
        frame.number,
        mask_name(frame.path) if out else "",
        final.fingerprint,
        len(objects.sizes),
        sum(int(np.count_nonzero(mask[band])) for band in bands_of(mask.shape)),
        tuple(round(place, 1) for place in pieces.centre),
        sure,
        (*(expected.flags if expected else ()), *(frame_flags(objects, sure, model.usual) if model.usual else ())),
        source_of(frame.path, out) if out else "",
        BETWEEN.join(cleaned.notes),
        expected,
        seen_as(model, frame.image, frame.number),
    ), doubt.pixels if doubt else None)


def _has_telling_colours(frame: Incoming) -> bool:
    """Whether it has colours that the model does not see, and that tell something."""
    return frame.colours is not None and colours_tell(sample_frame(frame.colours, frame.number))
