"""Objects measured by others: a task is a frame of a mask, and its rows come back to the process that writes all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from morula.errors import FileError
from morula.measuring.measured_frames import MaskTask, MeasuredFrame, Understanding, measured_frame
from morula.measuring.measurement import Frames, MeasureFrames, WhoMeasures
from morula.measuring.outputs import Outputs
from morula.measuring.sources import Given, open_source
from morula.pipeline import ahead
from morula.progress import Part
from morula.sharing import Sharing
from morula.workers.crew import TaskGivenUp
from morula.workers.crews import crew_for


class FrameOfMask(NamedTuple):
    """A frame that is measured: the files of its image by their channels, its mask with its name, and its number."""

    files: tuple[tuple[str, Path], ...]
    mask: Path
    name: str
    number: int


@dataclass(frozen=True)
class Measuring:
    """The duty of measuring frames.

    Attributes:
        given: what masks are given with.
        outputs: what is wanted of each object.
        understood: how masks are understood.
    """

    given: Given
    outputs: Outputs
    understood: Understanding

    def begin(self) -> Callable[[FrameOfMask, Part], MeasuredFrame | FileError]:
        """Nothing is needed but what each mask says."""

        @lru_cache(1)
        def opened(files: tuple[tuple[str, Path], ...], mask: Path, name: str) -> MaskTask:
            source = open_source(dict(files), mask, name, self.given, self.understood.settings)
            return self.understood.task(source)

        return lambda frame, _: measured_frame(opened(*frame[:3]), frame.number, self.outputs)


def crew_of(sharing: Sharing) -> WhoMeasures:
    """Those who measure frames, as they were asked for."""

    @contextmanager
    def crew(given: Given, outputs: Outputs, understood: Understanding) -> Iterator[MeasureFrames]:
        duty = Measuring(replace(given, masks=(), images=None), outputs, understood)
        with crew_for(sharing, duty) as others:

            def measured(each: tuple[MaskTask, int], _: Part) -> MeasuredFrame | FileError:
                source, number = each[0].source, each[1]
                try:
                    return others.do(FrameOfMask(tuple(source.files.items()), source.path, source.name, number))
                except FileError as error:
                    return error
                except TaskGivenUp as died:
                    return FileError(f"{source.path}: {died.told('measured it')} {others.relief}")

            def measure(frames: Frames) -> Iterator[tuple[tuple[MaskTask, int], MeasuredFrame | FileError]]:
                return ahead(measured, frames, others.size, 2 * others.size)

            yield measure

    return crew
