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

from morula.errors import DataError, FileError
from morula.images.census import distinct_values
from morula.images.masks import NOT_ANNOTATED, MaskReading, decide
from morula.images.names import stem
from morula.measures.bodies import cut_out
from morula.measures.catalogue import MEASURES, asked_for
from morula.measures.columns import Layout
from morula.measures.intervals import DRAWS, ROOM, Calibration, columns_with_interval, intervals, read_calibration
from morula.measures.plausible import UnsureBody
from morula.measures.rois import ObjectOutlines, write_geojson, write_rois
from morula.measures.settings import MeasureSettings
from morula.measures.sources import Source, open_sources, refuse_equal_names, refuse_volumes
from morula.measures.straightening import straightened, write_straightened
from morula.objects.labels import connected_objects, numbered_objects, numbers_objects
from morula.objects.selection import Objects, choose_objects
from morula.objects.tables import open_table
from morula.progress import Progress, silent

KEYS: dict[str, type] = {"file": str, "frame": int, "object": int, "class": int}
"""What says which object a row is about."""

NOTE = "note"
"""The last column: why values are missing."""


@dataclass(frozen=True)
class Measured:
    """What became of a set of masks.

    Attributes:
        table: the file with the rows.
        objects: how many objects were measured.
        frames: in how many frames.
        reading: what the values in the masks were taken to mean.
        failed: what went wrong, by mask file.
        calibration: what the intervals follow from, where there are any.
    """

    table: Path
    objects: int
    frames: int
    reading: MaskReading
    failed: dict[Path, str]
    calibration: Calibration | None = None

    @property
    def rows(self) -> list[tuple[str, str]]:
        """How masks and doubt were understood."""
        intervals = [("intervals", self.calibration.sentence)] if self.calibration else []
        return [("masks read as", self.reading.sentence), *intervals]


def measure_files(
    masks: Sequence[Path],
    images: Sequence[Path] | None,
    table: Path,
    settings: MeasureSettings,
    *,
    doubt: Path | None = None,
    rois: Path | None = None,
    geojson: Path | None = None,
    straighten: Path | None = None,
    progress: Progress = silent,
) -> Measured:
    """Measure all objects of all frames into a table.

    Args:
        masks: class numbers in any form, or label images.
        images: paired with the masks by name; None to measure shapes alone.
        table: the file to write, CSV or Parquet by its ending.
        settings: how files are read, and which objects count.
        doubt: the folder with the doubt about these masks, for an interval of each measure.
        rois: a folder for outlines as ImageJ's ROI sets, one file a mask.
        geojson: a folder for outlines as GeoJSON, one file a mask.
        straighten: a folder for each object straightened along its midline, one file an object.
        progress: called with frames done, frames in all, and words.

    Raises:
        RequestError: no image fits any mask by name, outlines were asked of volumes or would get into each other's
            way, the masks cannot be read as the settings say, or the table has an unknown ending.
        DataError: not one mask can be measured, or what their values mean is not clear.
        FileError: the folder of doubt does not say what doubt means.
        OutputError: a file cannot be written.
    """
    calibration = None if doubt is None else read_calibration(doubt)
    sources, failed = open_sources(masks, images, doubt, settings, progress)
    if not sources:
        raise DataError(list(failed.values()))
    censuses = [census for source in sources for census in source.censuses]
    reading = decide(censuses, settings.read_masks_as, settings.not_annotated)
    numbered = numbers_objects(censuses, reading, settings.read_masks_as)
    if rois or geojson:
        refuse_volumes(sources)
    if rois or geojson or straighten:
        refuse_equal_names(sources)
    layouts = [_layout(source, settings, reading) for source in sources]
    total = sum(source.mask.frames for source in sources)
    done = measured = 0
    with open_table(table, _columns(layouts, with_intervals=doubt is not None)) as write:
        for source, layout in zip(sources, layouts, strict=True):
            outlines: list[ObjectOutlines] = []
            try:
                for frame in range(source.mask.frames):
                    progress(done, total, f"measuring {source.path.name}")
                    objects = _objects(source, frame, reading, numbered, settings)
                    write(list(_rows(source, frame, objects, layout, settings.background, calibration,
                                     outlines if rois or geojson else None, straighten)))
                    measured += len(objects.numbers)
                    done += 1
            except FileError as error:
                failed[source.path] = str(error)
                total -= source.mask.frames
                continue
            if rois:
                write_rois(rois / f"{stem(source.path)}.zip", outlines)
            if geojson:
                write_geojson(geojson / f"{stem(source.path)}.geojson", outlines, source.pixel_size)
    progress(total, total, "measured")
    return Measured(table, measured, done, reading, failed, calibration)


def _layout(source: Source, settings: MeasureSettings, reading: MaskReading) -> Layout:
    channels = source.image.channels if source.image else ()
    classes = reading.classes if settings.main_object else 0
    return Layout(len(source.mask.space), source.pixel_size is not None, channels, settings.parts, classes,
                  asked_for(settings.measures))


def _columns(layouts: Sequence[Layout], *, with_intervals: bool) -> dict[str, type]:
    """All columns of the table with their types, those of files with other units or channels beside each other."""
    order = {id(measure): place for place, measure in enumerate(MEASURES)}
    found = {name: measure for layout in layouts for measure, names in layout.measures for name in names}
    names = sorted(found, key=lambda name: order[id(found[name])])  # stable: columns of a measure keep their order
    kinds = {column: int if found[name].unit in ("count", "pixel") else float for name in names
             for column in (columns_with_interval(found[name], name) if with_intervals else (name,))}
    return {**KEYS, **kinds, NOTE: str}


def _rows(
    source: Source,
    frame: int,
    objects: Objects,
    layout: Layout,
    background: float,
    calibration: Calibration | None,
    outlines: list[ObjectOutlines] | None,
    straighten: Path | None,
) -> Iterator[dict[str, Any]]:
    """The rows of one frame; one without values if it holds no object."""
    place = {"file": source.path.name, "frame": frame}
    if not objects.numbers:
        yield {**place, "object": None, NOTE: "no object"}
        return
    pixels = None if source.image is None else source.image.frame(frame) - background
    doubt = None if source.doubt is None else source.doubt.frame(frame)[0]
    bodies = cut_out(objects, source.spacing, pixels, room=0 if doubt is None else ROOM)
    for body, number, kind in zip(bodies, objects.numbers, objects.classes, strict=True):
        notes = [] if body.has_shape else [f"fewer than {3**body.axes} pixels have no shape"]
        row = layout.row(body)
        if doubt is not None and calibration is not None:
            ends, vanished = intervals(layout, UnsureBody.of(body, doubt), row, calibration)
            row |= ends
            notes += [f"not there in {vanished} of {DRAWS} plausible outlines"] if vanished else []
        yield {**place, "object": number, "class": kind, **row, NOTE: "; ".join(notes)}
        if outlines is not None:
            outlines.append(ObjectOutlines.of(body, frame=frame, number=number, kind=kind))
        if straighten and body.has_shape:
            path = straighten / f"{stem(source.path)}_{frame:04d}_{number}.tif"
            write_straightened(path, straightened(body), source.image.channels if source.image else (),
                               micrometres=layout.micrometres)


def _objects(
    source: Source, frame: int, reading: MaskReading, numbered: bool, settings: MeasureSettings
) -> Objects:
    """The objects of one frame that are measured; `numbered` where the stored values are their numbers."""
    stored = source.mask.frame(frame)
    try:
        mask = reading.class_numbers(stored)
        if numbered:
            labels, numbers, classes = _numbered(np.where(mask == NOT_ANNOTATED, 0, numbered_objects(stored)), mask)
        else:
            labels, classes = connected_objects(mask)
            numbers = np.arange(len(classes))
    except ValueError as error:
        raise FileError(f"{source.path}: {error}. Say what the values mean with --read-masks-as.") from error
    volume = float(source.spacing.prod())
    return choose_objects(labels, numbers, classes, settings, pixel_volume=volume, most_classes=reading.classes)


def _numbered(labels: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At each pixel the place of its object in the two lists, then what the objects are called and their classes."""
    codes, place = distinct_values(labels[None])
    codes = codes[:, 0].astype(np.int64)
    numbers = np.union1d(codes, [0])
    places = np.searchsorted(numbers, codes)[place]
    classes = np.zeros(len(numbers), int)
    classes[places] = mask
    classes[0] = 0
    return places, numbers, classes
