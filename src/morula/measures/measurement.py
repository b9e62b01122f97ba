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
from pydantic import Field, field_validator

from morula.errors import DataError, FileError, RequestError
from morula.images.census import Census, distinct_values
from morula.images.channels import choose_channels
from morula.images.image import Image
from morula.images.masks import NOT_ANNOTATED, MaskReading, ReadAs, decide
from morula.images.matching import Matching, pair_files
from morula.images.names import stem
from morula.images.read import open_alike, open_image, without_alpha
from morula.measures.bodies import cut_out
from morula.measures.catalogue import MEASURES, asked_for
from morula.measures.columns import Layout
from morula.measures.intervals import DRAWS, ROOM, Calibration, columns_with_interval, intervals, read_calibration
from morula.measures.plausible import UnsureBody
from morula.measures.rois import ObjectOutlines, write_geojson, write_rois
from morula.measures.straightening import straightened, write_straightened
from morula.objects.labels import connected_objects, numbered_objects, numbers_objects
from morula.objects.selection import Objects, ObjectSettings, choose_objects
from morula.objects.tables import open_table
from morula.progress import Progress, silent

KEYS: dict[str, type] = {"file": str, "frame": int, "object": int, "class": int}
"""What says which object a row is about."""

NOTE = "note"
"""The last column: why values are missing."""


class MeasureSettings(ObjectSettings):
    """How masks and images are read, and what is measured."""

    read_masks_as: ReadAs = "auto"
    """What the values in masks mean; auto looks at them."""
    not_annotated: int | None = None
    """The value in masks that marks what nobody annotated; it belongs to no object."""
    axes: str | None = None
    """The axes of the stored arrays, letters of TCZYX, such as TCYX."""
    pixel_size: float | tuple[float, ...] | None = None
    """µm a pixel, or along each axis, over what the files say; without any, lengths are in pixels."""
    channels: tuple[str, ...] | None = None
    """The names of all channels of an image, in order."""
    use_channels: tuple[str, ...] | None = None
    """The channels to measure, by name or by number from 1; all where left out."""
    background: float = 0
    """What the camera shows without light; it is taken from every intensity."""
    parts: int = Field(default=10, ge=1)
    """Into how many parts profiles are divided."""
    measures: tuple[str, ...] | None = None
    """What to measure, by the topics and names of --list, such as size,axes,solidity; all where left out."""

    @field_validator("measures")
    @classmethod
    def _known(cls, words: tuple[str, ...] | None) -> tuple[str, ...] | None:
        asked_for(words)
        return words


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


@dataclass(frozen=True)
class _Source:
    """A mask, its image where there is one, and what its rows hold."""

    path: Path
    mask: Image
    image: Image | None
    doubt: Image | None
    censuses: tuple[Census, ...]

    @property
    def pixel_size(self) -> tuple[float, ...] | None:
        return self.mask.pixel_size or (self.image.pixel_size if self.image else None)

    @property
    def spacing(self) -> np.ndarray:
        return np.array(self.pixel_size or (1.0,) * len(self.mask.space))

    def layout(self, settings: MeasureSettings, reading: MaskReading) -> Layout:
        channels = self.image.channels if self.image else ()
        classes = reading.classes if settings.main_object else 0
        return Layout(len(self.mask.space), self.pixel_size is not None, channels, settings.parts, classes,
                      asked_for(settings.measures))


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
    sources, failed = _open_all(masks, images, doubt, settings, progress)
    if not sources:
        raise DataError(list(failed.values()))
    censuses = [census for source in sources for census in source.censuses]
    reading = decide(censuses, settings.read_masks_as, settings.not_annotated)
    numbered = numbers_objects(censuses, reading, settings.read_masks_as)
    if rois or geojson:
        _refuse_volumes(sources)
    if rois or geojson or straighten:
        _refuse_equal_names(sources)
    layouts = [source.layout(settings, reading) for source in sources]
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


def _open_all(
    masks: Sequence[Path],
    images: Sequence[Path] | None,
    doubt: Path | None,
    settings: MeasureSettings,
    progress: Progress,
) -> tuple[list[_Source], dict[Path, str]]:
    """The masks that can be measured, and why others cannot."""
    pairs: Sequence[tuple[Path | None, Path]]
    if images is None:
        pairs, failed = [(None, mask) for mask in masks], {}
    else:
        matching = pair_files(images, masks)
        if not matching.pairs:
            raise RequestError(f"None of the {len(images)} images ({images[0].name}, …) fits one of the {len(masks)} "
                               f"masks ({masks[0].name}, …) by name. Give them the same names.")
        pairs, failed = matching.pairs, _unpaired(matching, masks)
    sources = []
    for done, (image, mask) in enumerate(pairs):
        progress(done, len(pairs), "reading masks")
        try:
            sources.append(_open(image, mask, doubt, settings))
        except FileError as error:
            failed[mask] = str(error)
    return sources, failed


def _open(image_path: Path | None, mask_path: Path, doubts: Path | None, settings: MeasureSettings) -> _Source:
    image = None
    if image_path is not None:
        image = open_image(image_path, axes=settings.axes, pixel_size=settings.pixel_size, channels=settings.channels)
        image = choose_channels(image, settings.use_channels) if settings.use_channels else without_alpha(image)
    mask = open_alike(mask_path, image, axes=settings.axes, pixel_size=settings.pixel_size)
    if image is not None and (image.space, image.frames) != (mask.space, mask.frames):
        raise FileError(f"{mask_path}: the mask has {_extent(mask)}, and its image {_extent(image)}. "
                        "Measure masks with the images that they were made of.")
    doubt = None if doubts is None else _open_doubt(doubts / mask_path.name, mask, settings)
    return _Source(mask_path, mask, image, doubt, tuple(Census.take(frame) for frame in mask))


def _open_doubt(path: Path, mask: Image, settings: MeasureSettings) -> Image:
    if not path.is_file():
        raise FileError(f"{mask.path}: there is no doubt about it, for {path} is missing. Make it with "
                        "morula segment --doubt.")
    doubt = open_alike(path, mask, axes=settings.axes, pixel_size=settings.pixel_size)
    if doubt.dtype != np.uint8 or (doubt.space, doubt.frames, len(doubt.channels)) != (mask.space, mask.frames, 1):
        raise FileError(f"{path}: this is no doubt about {mask.path}, which has {_extent(mask)}; this has "
                        f"{_extent(doubt)}, in {doubt.dtype}. Make it with morula segment --doubt.")
    return doubt


def _unpaired(matching: Matching, masks: Sequence[Path]) -> dict[Path, str]:
    torn = {path for files in matching.ambiguous for path in files}
    missing = "no image has this name. Give it the name of its image."
    unclear = "more than one image fits this name. Move all but one away."
    return {
        **{path: f"{path}: {missing}" for path in matching.masks_without_image},
        **{path: f"{path}: {unclear}" for path in masks if path in torn},
    }


def _refuse_volumes(sources: Sequence[_Source]) -> None:
    for source in sources:
        if len(source.mask.space) > 2:
            raise RequestError(f"{source.path} is a volume, and only plane objects have outlines. "
                               "Leave out --rois and --geojson.")


def _refuse_equal_names(sources: Sequence[_Source]) -> None:
    seen: dict[str, Path] = {}
    for source in sources:
        other = seen.setdefault(stem(source.path).casefold(), source.path)
        if other != source.path:
            raise RequestError(f"What is written of {other} and {source.path} would have the same name. "
                               "Measure them into different folders.")


def _columns(layouts: Sequence[Layout], *, with_intervals: bool) -> dict[str, type]:
    """All columns of the table with their types, those of files with other units or channels beside each other."""
    order = {id(measure): place for place, measure in enumerate(MEASURES)}
    found = {name: measure for layout in layouts for measure, names in layout.measures for name in names}
    names = sorted(found, key=lambda name: order[id(found[name])])  # stable: columns of a measure keep their order
    kinds = {column: int if found[name].unit in ("count", "pixel") else float for name in names
             for column in (columns_with_interval(found[name], name) if with_intervals else (name,))}
    return {**KEYS, **kinds, NOTE: str}


def _rows(
    source: _Source,
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
    source: _Source, frame: int, reading: MaskReading, numbered: bool, settings: MeasureSettings
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


def _extent(image: Image) -> str:
    size = " × ".join(map(str, image.space))
    return size if image.frames == 1 else f"{image.frames} frames of {size}"
