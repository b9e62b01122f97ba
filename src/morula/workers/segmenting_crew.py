"""Masks made by others: a task is a frame of a file, and its mask comes back to the process that writes them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import torch

from morula.errors import FileError, ModelError, RequestError
from morula.machine.preparation import prepare
from morula.models.model import Model
from morula.models.segment_settings import SegmentSettings
from morula.names.lights import Joined
from morula.progress import Part
from morula.segmenting.incoming import Incoming, first_frame, open_for
from morula.segmenting.judged_masks import judged_mask, uncleaned
from morula.segmenting.stream import Makers
from morula.workers.crew import TaskGivenUp
from morula.workers.crews import crew_for
from morula.workers.packed_masks import PackedMask


class FrameTask(NamedTuple):
    """A frame that needs a mask: its file, and its number in that."""

    path: Path
    number: int


@dataclass(frozen=True)
class Segmenting:
    """The duty of making masks.

    Attributes:
        model: its file, or the name of one that comes with Morula.
        fingerprint: that of the model as it is asked for, which must be the same in each process.
        zoom: how much it enlarges images, see `Model`.
        settings: what is asked of it, and how images are read.
        out: the folder of the masks.
        shots: the files of images whose channels have one each.
    """

    model: Path
    fingerprint: str
    zoom: float | None
    settings: SegmentSettings
    out: Path
    shots: Joined

    def begin(self) -> Callable[[FrameTask, Part], PackedMask]:
        """Load the model.

        Raises:
            RequestError: its file is gone, or is not that any more; which ends all, and not only an image.
        """
        try:
            model = replace(Model.load(self.model).asked_for(self.settings), zoom=self.zoom)
        except ModelError as error:
            raise RequestError(str(error)) from error
        if model.fingerprint != self.fingerprint:
            raise RequestError(f"{self.model} has become another model since the work began. Start again.")
        raw, settings = uncleaned(model), self.settings

        @lru_cache(1)
        def opened(path: Path) -> Incoming:
            return first_frame(model, path, open_for(model.plan, path, settings, self.shots), typed=True)

        def made(task: FrameTask, on_part: Part) -> PackedMask:
            frame = replace(opened(task.path), number=task.number)
            return PackedMask.of(judged_mask(raw, frame, on_part, final=model, out=self.out, doubted=settings.doubt))

        return made


@contextmanager
def mask_makers(
    given: str | Path | Model, model: Model, settings: SegmentSettings, out: Path, shots: Joined
) -> Iterator[Makers | None]:
    """Those who make masks, as the settings ask for; None where that is this process alone.

    Args:
        given: the model as it was given: its file, its name, or itself.
        model: the same as it is asked for.
        settings: how images are read, and who makes masks.
        out: the folder of the masks.
        shots: the files of images whose channels have one each.
    """
    if settings.alone:
        yield None
        return
    prepare()
    with _file_of(given, None if settings.workers > 1 else Path.cwd()) as file:
        duty = Segmenting(file, model.fingerprint, model.zoom, settings, out, shots)
        with crew_for(settings, duty, threads=torch.get_num_threads()) as crew:

            def make(_: Model, frame: Incoming, on_part: Part) -> PackedMask:
                try:
                    return crew.do(FrameTask(frame.path, frame.number), on_part)
                except TaskGivenUp as died:
                    raise FileError(f"{frame.path}: {died.told('made a mask of it')} {crew.relief}") from None

            yield Makers(make, crew.size)


@contextmanager
def _file_of(given: str | Path | Model, shared: Path | None) -> Iterator[Path]:
    """A file of the model; of one that is in memory, for so long, in a folder that other machines see, if they must."""
    if not isinstance(given, Model):
        yield Path(given)
        return
    with TemporaryDirectory(dir=shared, prefix=".model-") as scratch:
        file = Path(scratch) / "model.safetensors"
        given.save(file)
        yield file
