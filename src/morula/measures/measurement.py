"""Mask files measured, with their images where these are given: one row for each object of each frame.

Files are looked at once to understand what their values mean and which columns the table has, and then measured
a frame at a time, each row written as it comes. A file that cannot be measured is named, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from morula.cards import Card, Shown
from morula.errors import DataError, FileError
from morula.exchange.coco import CocoImage
from morula.exchange.outlined import OutlinedObject
from morula.measures.bodies import Body, cut_out
from morula.measures.catalogue import MEASURES, asked_for
from morula.measures.columns import Layout
from morula.measures.intervals import DRAWS, ROOM, Calibration, columns_with_interval, intervals, read_calibration
from morula.measures.measure_settings import MeasureSettings
from morula.measures.numbering import objects_of
from morula.measures.outputs import Outputs, outlined
from morula.measures.plausible import UnsureBody
from morula.measures.sources import Given, Source, open_sources
from morula.objects.labels import numbers_objects
from morula.objects.scattered import count_pieces, in_pieces
from morula.objects.selection import Objects
from morula.objects.tables import Row, Table, open_table
from morula.pairs.masks import MaskReading, class_names
from morula.pairs.named_classes import ensure_enough
from morula.pairs.told_masks import read_masks, told_classes, told_numbers, told_reading
from morula.plurals import many
from morula.progress import Progress, silent

KEYS: dict[str, type] = {"file": str, "frame": int, "object": int, "class": int}
"""What says which object a row is about."""

CLASS_NAME = "class_name"
"""Beside the number of the class, where classes have names."""

NOTE = "note"
"""The last column: why values are missing, and of objects in several pieces how many there are."""


@dataclass(frozen=True, repr=False)
class Measured(Shown):
    """What became of a set of masks.

    Attributes:
        table: the file with the rows.
        objects: how many objects were measured.
        frames: in how many frames.
        reading: what the values in the masks were taken to mean.
        failed: what went wrong, by mask file.
        calibration: what the intervals follow from, where there are any.
        warnings: what is missing in files that were stopped early.
    """

    table: Path
    objects: int
    frames: int
    reading: MaskReading
    failed: dict[Path, str]
    calibration: Calibration | None = None
    warnings: tuple[str, ...] = ()

    def read(self) -> Table:
        """The table itself, of which `dataframe` makes one of pandas, and `to_anndata` one of scverse.

        Raises:
            FileError: the file is gone, or somebody has changed it.
        """
        return Table.load(self.table)

    @property
    def card(self) -> Card:
        counted = f"{many(self.objects, 'object')} in {many(self.frames, 'frame')}"
        failed = (("failed", said) for said in self.failed.values())
        return Card("Measured", [("table", str(self.table)), ("measured", counted), *self.rows, *failed])

    @property
    def rows(self) -> list[tuple[str, str]]:
        """How masks and doubt were understood."""
        intervals = [("intervals", self.calibration.sentence)] if self.calibration else []
        return [("masks read as", self.reading.sentence), *intervals]


@dataclass(frozen=True, eq=False)
class _Found:
    """An object of a frame, and its row without what says which object it is."""

    body: Body
    number: int
    kind: int
    values: dict[str, Any]


@dataclass(frozen=True)
class _Task:
    """A mask, and all that says how its objects are measured."""

    source: Source
    layout: Layout
    reading: MaskReading
    numbered: bool
    settings: MeasureSettings
    calibration: Calibration | None
    class_names: Sequence[str] = ()

    def named(self, kind: int) -> Row:
        """What a class is called; nothing where classes have no names."""
        return {CLASS_NAME: self.class_names[kind - 1]} if self.class_names else {}

    def knows(self, frame: int) -> bool:
        """Whether anything of a frame is annotated, so that it is known to hold no object."""
        unknown = self.settings.not_annotated
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
        pixels = None if source.image is None else source.image.frame(frame) - self.settings.background
        doubt = None if source.doubt is None else source.doubt.frame(frame)[0]
        bodies = cut_out(objects, source.spacing, pixels, room=0 if doubt is None else ROOM)
        for body, number, kind in zip(bodies, objects.numbers, objects.classes, strict=True):
            notes = [] if body.has_shape else [f"fewer than {3**body.axes} pixels have no shape"]
            notes += filter(None, [in_pieces(int(count_pieces(body.inside, np.array([1]))[0]))])
            row = layout.row(body)
            if doubt is not None and self.calibration is not None:
                ends, vanished = intervals(layout, UnsureBody.of(body, doubt), row, self.calibration)
                row |= ends
                notes += [f"not there in {vanished} of {DRAWS} plausible outlines"] if vanished else []
            yield _Found(body, number, kind, {**row, NOTE: "; ".join(notes)})


def measure_files(given: Given, outputs: Outputs, settings: MeasureSettings, progress: Progress = silent) -> Measured:
    """Measure all objects of all frames into a table.

    Args:
        given: masks, and what belongs to them.
        outputs: what is written.
        settings: how files are read, and which objects count.
        progress: called with frames done, frames in all, and words.

    Raises:
        RequestError: no image fits any mask by name, outlines were asked of volumes or would get into each other's
            way, the masks cannot be read as the settings say, or the table has an unknown ending.
        DataError: not one mask can be measured, or what their values mean is not clear.
        FileError: the folder of doubt does not say what doubt means.
        OutputError: a file cannot be written.
    """
    calibration = None if given.doubt is None else read_calibration(given.doubt)
    sources, failed = open_sources(given, settings, progress)
    if not sources:
        raise DataError(list(failed.values()))
    outputs.refuse_unfit(sources)
    tasks, reading = _tasks(sources, settings, calibration, given.class_names)
    columns = _columns(tasks, with_intervals=calibration is not None)
    total = sum(source.mask.frames for source in sources)
    done = measured = 0
    pictures: list[CocoImage] = []
    names = tasks[0].class_names or class_names(reading.classes)  # they are read together
    with open_table(outputs.table, columns) as write:
        for task in tasks:
            source, outlines = task.source, []
            for frame in range(source.mask.frames):
                progress(done, total, f"measuring {source.name}")
                try:
                    rows = list(_rows(task, frame, outputs, outlines))
                except FileError as error:
                    failed[source.path] = str(error)
                    total -= source.mask.frames - frame
                    break
                measured += len(rows)
                if not rows and task.knows(frame):
                    rows = [{"file": source.name, "frame": frame, "object": None, NOTE: "no object"}]
                write(rows)
                done += 1
            else:
                if picture := outputs.write_outlines(source, names, outlines):
                    pictures.append(picture)
    outputs.write_all(pictures, names)
    progress(total, total, "measured")
    opened = [image for source in sources for image in (source.mask, source.image) if image]
    warnings = tuple(warning for image in opened for warning in image.warnings)
    return Measured(outputs.table, measured, done, reading, failed, calibration, warnings)


def measure_source(source: Source, settings: MeasureSettings) -> Table:
    """All objects of all frames of a mask, in memory; frames without any have no row.

    Raises:
        RequestError: the mask cannot be read as the settings say.
        DataError: what its values mean is not clear.
        FileError: values of a frame mean nothing.
    """
    [task], _ = _tasks([source], settings, None)
    columns = _columns([task], with_intervals=False)
    rows = ({"frame": frame, "object": each.number, "class": each.kind, **task.named(each.kind), **each.values}
            for frame in range(source.mask.frames) for each in task.found(frame))
    return Table({name: kind for name, kind in columns.items() if name != "file"}, tuple(rows))


def _tasks(
    sources: Sequence[Source], settings: MeasureSettings, calibration: Calibration | None, told: Sequence[str] = ()
) -> tuple[list[_Task], MaskReading]:
    """The masks with all that says how they are measured, and what their values were taken to mean."""
    censuses = [census for source in sources for census in source.censuses]
    masks = [source.mask for source in sources]
    reading = read_masks(masks, censuses, settings.read_masks_as, settings.not_annotated)
    numbered = numbers_objects(censuses, reading, told_reading(masks, settings.read_masks_as, None)[0])
    names = _class_names(reading, settings, told_classes(masks) or told)
    return [_Task(source, _layout(source, settings, reading), reading, numbered, settings, calibration, names)
            for source in sources], reading


def _class_names(reading: MaskReading, settings: MeasureSettings, told: Sequence[str]) -> Sequence[str]:
    """What the classes are called: as the settings say, else as was told of class numbers; empty where nobody says."""
    if settings.class_names:
        ensure_enough(settings.class_names, reading.classes)
        return settings.class_names
    as_stored = all(code == (number,) for code, number in zip(reading.codes, reading.numbers, strict=True))
    as_told = len(told) == 1 if reading.others is not None else len(told) >= reading.classes
    return told if as_stored and as_told else ()


def _layout(source: Source, settings: MeasureSettings, reading: MaskReading) -> Layout:
    channels = source.image.channels if source.image else ()
    classes = reading.classes if settings.main_object else 0
    return Layout(len(source.mask.space), source.pixel_size is not None, channels, settings.parts, classes,
                  asked_for(settings.measures))


def _columns(tasks: Sequence[_Task], *, with_intervals: bool) -> dict[str, type]:
    """All columns of the table with their types, those of files with other units or channels beside each other."""
    order = {id(measure): place for place, measure in enumerate(MEASURES)}
    found = {name: measure for task in tasks for measure, names in task.layout.measures for name in names}
    names = sorted(found, key=lambda name: order[id(found[name])])  # stable: columns of a measure keep their order
    kinds = {column: int if found[name].unit in ("count", "pixel") else float for name in names
             for column in (columns_with_interval(found[name], name) if with_intervals else (name,))}
    named = {CLASS_NAME: str} if tasks[0].class_names else {}  # they are read together
    return {**KEYS, **named, **kinds, NOTE: str}


def _rows(task: _Task, frame: int, outputs: Outputs, outlines: list[OutlinedObject]) -> Iterator[Row]:
    """The rows of one frame; what else is wanted of its objects is written, or added to their outlines."""
    for each in task.found(frame):
        yield {"file": task.source.name, "frame": frame, "object": each.number, "class": each.kind,
               **task.named(each.kind), **each.values}
        if outputs.outlines:
            outlines.append(outlined(each.body, frame, each.number, each.kind, each.values))
        outputs.write_straightened(task.source, each.body, frame, each.number)


def _objects(task: _Task, frame: int) -> Objects:
    """The objects of one frame that are measured."""
    source = task.source
    try:
        return objects_of(source.mask.frame(frame), task.reading, task.settings, numbered=task.numbered,
                          pixel_volume=float(source.spacing.prod()), told=told_numbers(source.mask, frame))
    except ValueError as error:
        raise FileError(f"{source.path}: {error}. Say what the values mean with --read-masks-as.") from error
