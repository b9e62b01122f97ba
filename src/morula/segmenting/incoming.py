"""Frames on their way into a model: files opened one after the other, and several frames worked on at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from morula.errors import FileError, ModelError, shortage
from morula.headers.limits import require_memory, too_large
from morula.images.channels import choose_channels, match_channels
from morula.images.image import Image
from morula.images.read import open_image, open_joined, without_alpha
from morula.images.zoom import TRIED
from morula.models.fitting import loses_colours
from morula.models.model import Model
from morula.models.plan import Plan
from morula.models.segment_settings import ReadingSettings
from morula.names.lights import NOT_JOINED, Joined, joined, numbered
from morula.names.table import read_names
from morula.pipeline import Begun, ahead, unseen
from morula.progress import Part

TOGETHER = 4
"""Frames that are worked on at once at most: more would take more memory, and win little."""
WITHOUT_COLOURS = "channels red, green, blue taken together as grey, which is all that the model has seen"
LARGE = 2**24
"""Pixels (voxels) of a frame of which no more than two are worked on at once."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class Incoming:
    """One frame of a file.

    Attributes:
        path: its file.
        image: all of the file, with the channels that the model wants.
        number: which frame it is, from 0.
        note: how channels were understood, and what is missing in a file that was stopped early.
        colours: the colour picture of which the model sees only how bright it is; None where it sees all there is.
    """

    path: Path
    image: Image
    number: int
    note: str = ""
    colours: Image | None = None


@dataclass(frozen=True)
class Refused:
    """A file that could not be opened, or a frame that nothing could be made of.

    Attributes:
        path: the file.
        error: what is wrong, in words.
    """

    path: Path
    error: str


def work_through(
    model: Model,
    paths: Sequence[Path],
    settings: ReadingSettings,
    work: Callable[[Model, Incoming, Part], Made],
    failed: Container[Path],
    shots: Joined = NOT_JOINED,
    *,
    at_once: int | None = None,
    watch: Callable[[Sequence[Begun[Incoming | Refused]]], None] = unseen,
) -> Iterator[tuple[Incoming | Refused, Made | Refused]]:
    """Each frame of all files, in order, with what work makes of it: other files go on after a bad one.

    Args:
        model: gets each frame.
        paths: image files.
        settings: how they are read.
        work: called in threads, with a model that takes several frames at once, unless `at_once` says how many, and
            with what it may tell how much of a frame is done.
        failed: files of which no more frames are wanted; may grow meanwhile.
        shots: the files of all channels of an image, where each has one, under the first that is among the paths.
        at_once: how many frames are worked on at once, where that is not done by this process; then as many more wait
            for those before them, so that nobody waits for the slowest.
        watch: shown the frames under way while the first of them is waited for, see `ahead`.
    """
    together = _together(model, paths, settings, shots) if at_once is None else 1
    model = replace(model, at_once=together)

    def made(frame: Incoming | Refused, on_part: Part) -> Made | Refused:
        if isinstance(frame, Refused):
            return frame
        try:
            require_memory(frame.path, math.prod(frame.image.space))  # of its mask
            return work(model, frame, on_part)
        except (FileError, ModelError) as error:
            return Refused(frame.path, str(error))
        except (MemoryError, RuntimeError) as error:  # PyTorch's is the latter
            if not shortage(error):
                raise
            return Refused(frame.path, str(too_large(frame.path, error)))

    frames = _frames(model, paths, settings, failed, shots)
    count, room = (max(2, together), None) if at_once is None else (at_once, 2 * at_once)
    return ahead(made, frames, count, room, watch)


def shots_for(plan: Plan, files: Sequence[Path]) -> tuple[list[Path], Joined]:
    """The files that stand for an image each, and all files of those images whose channels have one each.

    Names are only asked where the plan wants several channels, and as many as they tell; numbers alone are those of
    channels where the plan has learned from such.
    """
    shots = joined(read_names(files)) if len(plan.channels) > 1 else {}
    if not shots and (by_number := numbered(files)) and tuple(next(iter(by_number.values()))) == tuple(plan.channels):
        shots = by_number
    if not shots or len(next(iter(shots.values()))) != len(plan.channels):
        return list(files), {}
    return [file for file in files if file in shots], shots


def open_for(plan: Plan, path: Path, settings: ReadingSettings, shots: Joined = NOT_JOINED) -> Image:
    """The image in a file, or in several; channels that were picked for those of the plan take their names.

    Raises:
        FileError: it cannot be read or understood.
        ModelError: other channels were picked than the plan has.
    """
    if path in shots:
        image = open_joined(shots[path], axes=settings.axes, pixel_size=settings.pixel_size,
                            channels=settings.channels)
    else:
        image = open_image(path, axes=settings.axes, pixel_size=settings.pixel_size, channels=settings.channels)
    if not settings.use_channels:
        return without_alpha(image)
    picked, known = choose_channels(image, settings.use_channels), plan.channels
    if len(picked.channels) != len(known):
        raise ModelError(f"{path}: --use-channels picks {', '.join(picked.channels)}, and the model expects "
                         f"{', '.join(known)}. Pick one for each.")
    return picked.take_channels(range(len(known)), known)


def zoomed(
    model: Model, files: Sequence[Path], settings: ReadingSettings, shots: Joined, begun: Collection[str] = ()
) -> Model:
    """A model that enlarges images of unknown magnification as it is surest of some of these, or as it began to, by
    the fingerprints of what made the masks that are there: others may be readable now."""
    if not model.plan.sides:
        return model
    frames = []
    for path in files[:TRIED]:  # the first, which stay the first when later ones come
        with suppress(FileError, ModelError):  # told when its turn comes
            image = open_for(model.plan, path, settings, shots)
            frames += [(image, number) for number in range(image.frames)]
    with suppress(FileError):
        return model.zoomed(frames, begun)
    return model.zoomed([each for each in frames if _is_whole(*each)], begun)


def _is_whole(image: Image, number: int) -> bool:
    """Whether a frame can be read."""
    try:
        image.frame(number)
    except FileError:
        return False
    return True


def _together(model: Model, paths: Sequence[Path], settings: ReadingSettings, shots: Joined) -> int:
    """How many frames are worked on at once, of these files: one if there is but one, which then has all processors."""
    first = None
    with suppress(FileError, ModelError, IndexError):
        first = open_for(model.plan, paths[0], settings, shots)
    if len(paths) < 2 and (first is None or first.frames < 2):
        return 1
    large = first is not None and np.prod(first.space, dtype=float) > LARGE
    return min(torch.get_num_threads(), 2 if large else TOGETHER)


def _frames(
    model: Model, paths: Sequence[Path], settings: ReadingSettings, failed: Container[Path], shots: Joined
) -> Iterator[Incoming | Refused]:
    """All frames of all files, but no more of one that has failed meanwhile."""
    for path in paths:
        try:
            first = first_frame(model, path, open_for(model.plan, path, settings, shots), typed=True)
        except (FileError, ModelError) as error:
            yield Refused(path, str(error))
            continue
        for number in takewhile(lambda _, path=path: path not in failed, range(first.image.frames)):
            yield replace(first, number=number)


def first_frame(model: Model, path: Path, image: Image, *, typed: bool) -> Incoming:
    """The first frame of an image, understood as the model wants it.

    Args:
        model: whose channels are wanted.
        path: what the image is called by.
        image: any image.
        typed: whether a command was typed, and advice names its options.

    Raises:
        ModelError: the image has other axes or channels than the model, or a size of pixels that must be wrong.
    """
    match = match_channels(image.channels, model.plan.channels)
    colours = image if loses_colours(image, model.plan) else None
    seen = WITHOUT_COLOURS if colours else match.sentence if match else ""
    note = "; ".join(filter(None, (image.unfinished, seen)))
    image = model.fitted(image, typed=typed)
    model.magnification(image, typed=typed)  # a size that must be wrong is wrong in every frame
    return Incoming(path, image, 0, note, colours)
