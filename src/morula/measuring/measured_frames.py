"""A frame of a mask measured: a row for each of its objects, and what else is wanted of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from morula.errors import FileError
from morula.exchange.outlined import OutlinedObject
from morula.measures.bodies import Body, cut_out
from morula.measures.catalogue import asked_for
from morula.measures.columns import Layout
from morula.measures.intervals import DRAWS, ROOM, Calibration, intervals
from morula.measures.measure_settings import MeasureSettings
from morula.measures.numbering import objects_of
from morula.measures.plausible import UnsureBody
from morula.measures.straightening import Straightened, straightened
from morula.measuring.outputs import Outputs, outlined
from morula.measuring.sources import Source
from morula.objects.scattered import count_pieces, in_pieces
from morula.objects.selection import Objects
from morula.objects.tables import Row
from morula.pairs.masks import MaskReading
from morula.pairs.told_masks import told_numbers

CLASS_NAME = "class_name"
"""Beside the number of the class, where classes have names."""

NOTE = "note"
"""The last column: why values are missing, and of objects in several pieces how many there are."""


@dataclass(frozen=True, eq=False)
class _Found:
    """An object of a frame, and its row without what says which object it is."""

    body: Body
    number: int
    kind: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Understanding:
    """How all masks of a measurement are understood, and their objects measured.

    Attributes:
        settings: as they were asked for.
        reading: what the values in the masks mean.
        numbered: whether they number objects.
        calibration: what the doubt about them means, where there is any.
        class_names: what their classes are called; empty where these have no names.
    """

    settings: MeasureSettings
    reading: MaskReading
    numbered: bool
    calibration: Calibration | None
    class_names: Sequence[str] = ()

    def task(self, source: Source) -> MaskTask:
        """A mask that is understood so."""
        channels = source.image.channels if source.image else ()
        classes = self.reading.classes if self.settings.main_object else 0
        return MaskTask(source, self, Layout(
            len(source.mask.space), source.pixel_size is not None, channels, self.settings.parts, classes,
            asked_for(self.settings.measures)))

    def named(self, kind: int) -> Row:
        """What a class is called; nothing where classes have no names."""
        return {CLASS_NAME: self.class_names[kind - 1]} if self.class_names else {}


@dataclass(frozen=True, eq=False)
class MaskTask:
    """A mask, how it is understood, and the columns that follow from both."""

    source: Source
    understood: Understanding
    layout: Layout

    def knows(self, frame: int) -> bool:
        """Whether anything of a frame is annotated, so that it is known to hold no object."""
        unknown = self.understood.settings.not_annotated
        return unknown is None or bool((self.source.mask.frame(frame) != unknown).any())

    def found(self, frame: int) -> Iterator[_Found]:
        """The objects of one frame.

        Raises:
            FileError: the frame cannot be read, or holds values that mean nothing.
        """
        source, layout = self.source, self.layout
        objects = _objects(self, frame)
        if not objects.numbers:
            return
        settings, calibration = self.understood.settings, self.understood.calibration
        pixels = None if source.image is None else source.image.frame(frame) - settings.background
        doubt = None if source.doubt is None else source.doubt.frame(frame)[0]
        bodies = cut_out(objects, source.spacing, pixels, room=0 if doubt is None else ROOM)
        for body, number, kind in zip(bodies, objects.numbers, objects.classes, strict=True):
            notes = [] if body.has_shape else [f"fewer than {3**body.axes} pixels have no shape"]
            notes += filter(None, [in_pieces(int(count_pieces(body.inside, np.array([1]))[0]))])
            row = layout.row(body)
            if doubt is not None and calibration is not None:
                ends, vanished = intervals(layout, UnsureBody.of(body, doubt), row, calibration)
                row |= ends
                notes += [f"not there in {vanished} of {DRAWS} plausible outlines"] if vanished else []
            yield _Found(body, number, kind, {**row, NOTE: "; ".join(notes)})


@dataclass(frozen=True)
class MeasuredFrame:
    """What comes of a frame.

    Attributes:
        rows: of its objects; of a frame that is known to hold none, one that says so.
        outlines: its objects on their way to other programs, where these are wanted.
        straightened: those that have a shape, by their numbers, where that is wanted.
    """

    rows: Sequence[Row]
    outlines: Sequence[OutlinedObject]
    straightened: Mapping[int, Straightened]

    @property
    def objects(self) -> int:
        """How many there are."""
        return sum(row["object"] is not None for row in self.rows)


def measured_frame(task: MaskTask, frame: int, outputs: Outputs) -> MeasuredFrame | FileError:
    """The rows of one frame with what else is wanted of its objects, or why there is nothing."""
    rows: list[Row] = []
    outlines, straight = [], {}
    name = task.source.name
    try:
        for each in task.found(frame):
            rows.append({"file": name, "frame": frame, "object": each.number, "class": each.kind,
                         **task.understood.named(each.kind), **each.values})
            if outputs.outlines:
                outlines.append(outlined(each.body, frame, each.number, each.kind, each.values))
            if outputs.straighten and each.body.has_shape:
                straight[each.number] = straightened(each.body)
        if not rows and task.knows(frame):
            rows.append({"file": name, "frame": frame, "object": None, NOTE: "no object"})
    except FileError as error:
        return error
    return MeasuredFrame(rows, outlines, straight)


def _objects(task: MaskTask, frame: int) -> Objects:
    """The objects of one frame that are measured."""
    source, understood = task.source, task.understood
    try:
        return objects_of(source.mask.frame(frame), understood.reading, understood.settings,
                          numbered=understood.numbered, pixel_volume=float(source.spacing.prod()),
                          told=told_numbers(source.mask, frame))
    except ValueError as error:
        raise FileError(f"{source.path}: {error}. Say what the values mean with --read-masks-as.") from error
