"""Which frames are new to a model: told by their pixels when they are segmented, whatever their files are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from morula.errors import FileError, ModelError
from morula.images.image import Image
from morula.pairs.pairing import pair_files
from morula.scores.mask_pairs import ComparedFrame
from morula.scores.novelty import Seen
from morula.segmenting.frames import TABLE, read_frames
from morula.trust.memory import frame_digest

if TYPE_CHECKING:
    from morula.models.model import Model


def seen_as(model: Model, image: Image, frame: int) -> Seen | None:
    """Whether a model has seen a frame while it learned; None where it remembers nothing.

    Args:
        model: with its memory and its record.
        image: with the channels that the model wants.
        frame: its number, from 0.
    """
    trained = model.record.get("training_frames")
    if model.memory is None or trained is None:
        return None
    place = model.memory.place(frame_digest(image, frame))
    return "new" if place is None else "training" if place < len(trained) else "validation"


def told_in_tables(frames: Iterable[ComparedFrame]) -> tuple[Seen | None, ...]:
    """What the tables beside predicted masks say of each frame; None where there is none, or it does not say."""

    @cache
    def table(folder: Path) -> dict[tuple[str, int], Seen | None]:
        return {(row.mask, row.frame): row.seen for rows in read_frames(folder / TABLE).values() for row in rows}

    return tuple(table(path.parent).get((path.name, frame.index)) if (path := frame.predicted.path) else None
                 for frame in frames)


def told_by_images(
    model: Model, frames: Sequence[ComparedFrame], images: Sequence[Path]
) -> tuple[Seen | None, ...]:
    """What a model says of each frame of predicted masks; None where no image fits the mask by name, or the model."""
    from morula.models.segment_settings import ReadingSettings
    from morula.segmenting.incoming import open_for

    masks = list(dict.fromkeys(frame.predicted.path for frame in frames if frame.predicted.path))
    files = {mask: image for image, mask in pair_files(images, masks).pairs} if images else {}

    @cache
    def opened(path: Path) -> Image | None:
        with suppress(FileError, ModelError):
            return model.fitted(open_for(model.plan, path, ReadingSettings()), typed=True)
        return None

    def told(frame: ComparedFrame) -> Seen | None:
        file = files.get(frame.predicted.path) if frame.predicted.path else None
        image = opened(file) if file else None
        return seen_as(model, image, frame.index) if image and frame.index < image.frames else None

    return tuple([told(frame) for frame in frames])
