"""An image in memory through a model: a mask of each frame, how good it probably is, and what is unusual about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from morula.cards import Card, Shown
from morula.images.image import Image
from morula.models.model import Model
from morula.progress import Progress, within
from morula.segmenting.flags import with_jumps
from morula.segmenting.frames import SegmentedFrame
from morula.segmenting.incoming import first_frame
from morula.segmenting.judged_masks import judged_mask, uncleaned
from morula.segmenting.unlike_sets import set_in_words, with_unlike_set


@dataclass(frozen=True, repr=False, eq=False)
class SegmentedImage(Shown):
    """What became of an image in memory.

    Attributes:
        masks: class numbers, or object numbers where the model separates objects, unsigned `(frames, *space)`.
        frames: what a first look at each mask tells.
        image: what was segmented, with the channels that the model wants.
        note: how its channels were understood, if they were not just those of the model, and what there is to do where
            its frames are such as the model does not know.
    """

    masks: np.ndarray
    frames: tuple[SegmentedFrame, ...]
    image: Image
    note: str = ""

    @property
    def card(self) -> Card:
        told = ((f"frame {row.frame}", row.in_words) for row in self.frames)
        return Card(f"Segmented {self.image.name!r}", [*told, *([("note", self.note)] if self.note else [])])


def segment_in_memory(model: Model, image: Image, progress: Progress) -> SegmentedImage:
    """A mask of each frame of an image, one after the other.

    Args:
        model: as it shall compute, with its cleaning.
        image: with any channels that hold those of the model.
        progress: called with frames done, frames in all, and words; of a large frame, its parts are done one after the
            other. What it raises ends the work, within a frame, too.

    Raises:
        ModelError: the image has other axes or channels than the model, or a size of pixels that must be wrong.
        FileError: it holds NaN or infinity, or cannot be read.
    """
    model = model.zoomed([(image, number) for number in range(image.frames)])
    first = first_frame(model, image.path or Path(image.name), image, typed=False)
    raw = uncleaned(model)
    made = []
    for number in range(image.frames):
        words = f"frame {number + 1:,} of {image.frames:,}" if image.frames > 1 else image.name
        tell = within(progress, number, image.frames, words)
        tell(0)
        made.append(judged_mask(raw, replace(first, number=number), tell, final=model))
    progress(image.frames, image.frames, "done")
    masks = np.stack([each.mask for each in made])
    rows = with_unlike_set(with_jumps([each.row for each in made]))
    note = "\n".join(filter(None, (set_in_words(rows), first.note)))
    return SegmentedImage(masks, tuple(rows), first.image, note)
