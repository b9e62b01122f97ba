"""Mask files measured, with their images where these are given: one row for each object of each frame.

Files are looked at once to understand what their values mean and which columns the table has, and then measured
a frame at a time, each row written as it comes. A file that cannot be measured is named, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import groupby, takewhile
from pathlib import Path

from morula.cards import Card, Shown
from morula.errors import DataError, FileError, OutputError
from morula.exchange.coco import CocoImage
from morula.measures.catalogue import MEASURES
from morula.measures.intervals import Calibration, columns_with_interval, read_calibration
from morula.measures.measure_settings import MeasureSettings
from morula.measuring.measured_frames import CLASS_NAME, NOTE, MaskTask, MeasuredFrame, Understanding, measured_frame
from morula.measuring.outputs import Outputs
from morula.measuring.sources import Given, Source, open_sources
from morula.objects.labels import numbers_objects
from morula.objects.tables import Table, open_table
from morula.pairs.masks import MaskReading, class_names
from morula.pairs.named_classes import ensure_enough
from morula.pairs.told_masks import read_masks, told_classes, told_reading
from morula.plurals import many
from morula.progress import Progress, silent

KEYS: dict[str, type] = {"file": str, "frame": int, "object": int, "class": int}
"""What says which object a row is about."""


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
        tables: the tables in the OME-Zarr of the masks, where these are wanted.
    """

    table: Path
    objects: int
    frames: int
    reading: MaskReading
    failed: dict[Path, str]
    calibration: Calibration | None = None
    warnings: tuple[str, ...] = ()
    tables: tuple[Path, ...] = ()

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
        """How masks and doubt were understood, and what was written beside the table."""
        intervals = [("intervals", self.calibration.sentence)] if self.calibration else []
        tables = [("tables", f"{self.tables[0].name} in {many(len(self.tables), 'image')}")] if self.tables else []
        return [("masks read as", self.reading.sentence), *intervals, *tables]


Frames = Iterable[tuple[MaskTask, int]]
MeasureFrames = Callable[[Frames], Iterator[tuple[tuple[MaskTask, int], MeasuredFrame | FileError]]]
"""Each frame, in order, with what comes of it or why nothing does; frames are taken no earlier than that begins."""
WhoMeasures = Callable[[Given, Outputs, Understanding], AbstractContextManager[MeasureFrames]]
"""Those who measure frames of what is given, once it is known how it is understood."""


@contextmanager
def this_process(given: Given, outputs: Outputs, understood: Understanding) -> Iterator[MeasureFrames]:
    """Frames measured here, one after the other."""
    yield lambda frames: ((each, measured_frame(*each, outputs)) for each in frames)


def measure_files(
    given: Given, outputs: Outputs, settings: MeasureSettings, progress: Progress = silent,
    who: WhoMeasures = this_process,
) -> Measured:
    """Measure all objects of all frames into a table.

    Args:
        given: masks, and what belongs to them.
        outputs: what is written.
        settings: how files are read, and which objects count.
        progress: called with frames done, frames in all, and words.
        who: measures frames, if not this process.

    Raises:
        RequestError: no image fits any mask by name, outlines were asked of volumes or would get into each other's
            way, tables of masks that are in no OME-Zarr, the masks cannot be read as the settings say, or the table
            has an unknown ending.
        DataError: not one mask can be measured, or what their values mean is not clear.
        FileError: the folder of doubt does not say what doubt means.
        OutputError: a file cannot be written.
    """
    calibration = None if given.doubt is None else read_calibration(given.doubt)
    sources, failed = open_sources(given, settings, progress)
    if not sources:
        raise DataError(list(failed.values()))
    outputs.refuse_unfit(sources)
    understood = _understood(sources, settings, calibration, given.class_names)
    tasks, reading = list(map(understood.task, sources)), understood.reading
    columns = _columns(tasks, with_intervals=calibration is not None)
    total = sum(source.mask.frames for source in sources)
    done = measured = 0
    pictures: list[CocoImage] = []
    tables: list[Path] = []
    names = understood.class_names or class_names(reading.classes)

    def frames() -> Frames:
        for task in tasks:
            for frame in takewhile(lambda _, task=task: task.source.path not in failed, range(task.source.mask.frames)):
                progress(done, total, f"measuring {task.source.name}")
                yield task, frame

    with who(given, outputs, understood) as measure, open_table(outputs.table, columns) as write:
        for task, of_mask in groupby(measure(frames()), key=lambda each: each[0][0]):
            source, outlines, rows = task.source, [], []
            for (_, frame), made in of_mask:
                if isinstance(made, FileError):
                    failed[source.path] = str(made)
                    total -= source.mask.frames - frame
                    break
                measured += made.objects
                outlines += made.outlines
                write(made.rows)
                rows += made.rows if outputs.tables else []
                outputs.write_straightened(source, frame, made.straightened)
                done += 1
            else:
                if picture := outputs.write_outlines(source, names, outlines):
                    pictures.append(picture)
                own = _columns([task], with_intervals=calibration is not None)
                try:
                    if table := outputs.write_table(source, own, rows, numbered=understood.numbered):
                        tables.append(table)
                except (FileError, OutputError) as error:
                    failed[source.path] = str(error)
    outputs.write_all(pictures, names)
    progress(total, total, "measured")
    opened = [image for source in sources for image in (source.mask, source.image) if image]
    warnings = tuple(warning for image in opened for warning in image.warnings)
    return Measured(outputs.table, measured, done, reading, failed, calibration, warnings,
                    tuple(tables))


def measure_source(source: Source, settings: MeasureSettings) -> Table:
    """All objects of all frames of a mask, in memory; frames without any have no row.

    Raises:
        RequestError: the mask cannot be read as the settings say.
        DataError: what its values mean is not clear.
        FileError: values of a frame mean nothing.
    """
    understood = _understood([source], settings, None)
    task = understood.task(source)
    columns = _columns([task], with_intervals=False)
    rows = ({"frame": frame, "object": each.number, "class": each.kind, **understood.named(each.kind), **each.values}
            for frame in range(source.mask.frames) for each in task.found(frame))
    return Table({name: kind for name, kind in columns.items() if name != "file"}, tuple(rows))


def _understood(
    sources: Sequence[Source], settings: MeasureSettings, calibration: Calibration | None, told: Sequence[str] = ()
) -> Understanding:
    """How masks are understood, all together."""
    censuses = [census for source in sources for census in source.censuses]
    masks = [source.mask for source in sources]
    reading = read_masks(masks, censuses, settings.read_masks_as, settings.not_annotated)
    numbered = numbers_objects(censuses, reading, told_reading(masks, settings.read_masks_as, None)[0])
    names = _class_names(reading, settings, told_classes(masks) or told)
    return Understanding(settings, reading, numbered, calibration, names)


def _class_names(reading: MaskReading, settings: MeasureSettings, told: Sequence[str]) -> Sequence[str]:
    """What the classes are called: as the settings say, else as was told of class numbers; empty where nobody says."""
    if settings.class_names:
        ensure_enough(settings.class_names, reading.classes)
        return settings.class_names
    as_stored = all(code == (number,) for code, number in zip(reading.codes, reading.numbers, strict=True))
    as_told = len(told) == 1 if reading.others is not None else len(told) >= reading.classes
    return told if as_stored and as_told else ()


def _columns(tasks: Sequence[MaskTask], *, with_intervals: bool) -> dict[str, type]:
    """All columns of the table with their types, those of files with other units or channels beside each other."""
    order = {id(measure): place for place, measure in enumerate(MEASURES)}
    found = {name: measure for task in tasks for measure, names in task.layout.measures for name in names}
    names = sorted(found, key=lambda name: order[id(found[name])])  # stable: columns of a measure keep their order
    kinds = {column: int if found[name].unit in ("count", "pixel") else float for name in names
             for column in (columns_with_interval(found[name], name) if with_intervals else (name,))}
    named = {CLASS_NAME: str} if tasks[0].understood.class_names else {}  # they are read together
    return {**KEYS, **named, **kinds, NOTE: str}
