"""Masks that an annotation can begin from: a model's, a first one, that of the frame before, one between two."""

from __future__ import annotations

from typing import Literal

import numpy as np
from fastapi import HTTPException

from morula.errors import FileError
from morula.images.image import Image
from morula.images.read import open_alike
from morula.projects.frame_states import beside
from morula.projects.project import Source
from morula.projects.reviewed_masks import is_own
from morula.studio.workbench import Workbench
from morula.tracks.consistency import classes_between

Origin = Literal["prediction", "preview", "before"]


def prediction(bench: Workbench, source: Source) -> Image | None:
    """The mask that a model drew; None where there is none, or it is of an image that was there before."""
    path = bench.project.prediction(source)
    if path is None:
        return None
    image = bench.project.image(source)
    try:
        mask = open_alike(path, image)
    except FileError:
        return None  # it is being written
    return mask if (mask.frames, mask.space) == (image.frames, image.space) else None


def mask_to_begin_with(bench: Workbench, source: Source, frame: int, origin: Origin) -> np.ndarray:
    """What to begin the annotation of a frame with, its objects apart from those that are there already, `(*space)`.

    Raises:
        HTTPException: there is no such mask; the words say what to do.
    """
    numbers = _from(bench, source, frame, origin)
    return bench.annotations.apart(source, frame, numbers) if bench.project.settings.objects else numbers


def _from(bench: Workbench, source: Source, frame: int, origin: Origin) -> np.ndarray:
    if origin == "before":
        return _before(bench, source, frame)
    if origin == "preview":
        preview = bench.previews.mask(source, frame)
        if preview is None:
            raise HTTPException(409, "There is no first mask yet. Draw a stroke on what you study, and one on the "
                                     "background; or train a model.")
        return preview
    mask = prediction(bench, source)
    if mask is None:
        raise HTTPException(409, "No model has drawn a mask of this image yet. Segment first.")
    return mask.frame(frame)[0]


def _before(bench: Workbench, source: Source, frame: int) -> np.ndarray:
    """The annotation of the frame before, which may be the last one of the image before."""
    image, sources = bench.project.image(source), bench.project.sources()
    place = sources.index(source)
    if frame > 0:
        earlier, frame = source, frame - 1
    elif place > 0:
        earlier = sources[place - 1]
        frame = bench.project.image(earlier).frames - 1
    else:
        raise HTTPException(409, "There is no frame before the first.")
    annotation = bench.annotations.of(earlier)
    if annotation.image.space != image.space:
        raise HTTPException(409, "The frame before is of another size.")
    return annotation.region(frame, image.whole)


def mask_between(bench: Workbench, source: Source, frame: int) -> np.ndarray:
    """The mask halfway between those of the frames beside one, as they count."""
    if bench.project.settings.objects:
        raise HTTPException(409, "Objects that are told apart are not followed from frame to frame here, so that "
                                 "nothing can be drawn between them. Correct this mask by hand.")
    image = bench.project.image(source)
    neighbours = beside(bench.project, source, frame, image.frames)
    if len(neighbours) < 2:
        raise HTTPException(409, "There is no frame on both sides of this one. Correct this mask by hand.")
    if any(bench.state(*neighbour).jumps for neighbour in neighbours):
        raise HTTPException(409, "A frame beside this one jumps as well. Accept or correct that one first.")
    masks = [_counting(bench, *neighbour) for neighbour in neighbours]
    if any(mask is None or mask.shape != image.space for mask in masks):
        raise HTTPException(409, "A frame beside this one has no mask of this size. Segment all first.")
    before, after = (mask for mask in masks if mask is not None)
    return classes_between(before, after, image.pixel_size)


def _counting(bench: Workbench, source: Source, frame: int) -> np.ndarray | None:
    """The mask of a frame as it is measured: a person's, else that of a model; what nobody annotated is background."""
    if is_own(bench.annotations.notes(source), frame):
        annotation = bench.annotations.of(source)
        numbers = annotation.region(frame, annotation.image.whole)
    else:
        mask = prediction(bench, source)
        if mask is None:
            return None
        numbers = mask.frame(frame)[0].astype(np.uint8)
    return np.where(numbers == bench.project.settings.not_annotated, 0, numbers)
