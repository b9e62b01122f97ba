"""What a measurement writes: its table, and beside it outlines and straightened objects where these are wanted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from morula.errors import RequestError
from morula.exchange.coco import CocoImage, described, write_coco
from morula.exchange.geojson import write_geojson
from morula.exchange.imagej_rois import write_rois
from morula.exchange.labelme import write_labelme
from morula.exchange.outlined import OutlinedMask, OutlinedObject
from morula.measures.bodies import Body
from morula.measures.straightening import Straightened, write_straightened
from morula.measuring.feature_tables import ensure_tables, write_feature_table
from morula.measuring.sources import Source
from morula.names.endings import stem
from morula.objects.tables import Row


@dataclass(frozen=True)
class Outputs:
    """What is written, and where.

    Attributes:
        table: the file of the rows, CSV or Parquet by its ending.
        rois: a folder for outlines as ImageJ's ROI sets, one file a mask.
        geojson: a folder for outlines as GeoJSON, one file a mask.
        labelme: a folder for outlines as labelme has them, one file a mask.
        coco: a file for the objects of all masks, as COCO has them.
        straighten: a folder for each object straightened along its midline, one file an object.
        tables: the name of a table in each OME-Zarr whose labels are measured.
        overwrite: whether these may take the place of tables that are there.
    """

    table: Path
    rois: Path | None = None
    geojson: Path | None = None
    labelme: Path | None = None
    coco: Path | None = None
    straighten: Path | None = None
    tables: str | None = None
    overwrite: bool = False

    @property
    def outlines(self) -> bool:
        """Whether outlines are wanted."""
        return any((self.rois, self.geojson, self.labelme, self.coco))

    def refuse_unfit(self, sources: Sequence[Source]) -> None:
        """Allow nothing to be written over another, no outlines of volumes, and no movies where only pictures fit.

        Raises:
            RequestError: outlines of a volume are wanted, or of a movie in a form for pictures, or of two masks whose
                names are told apart by nothing but folder, ending or case; or tables of masks that are no labels in
                an OME-Zarr.
            OutputError: there are such tables already.
        """
        if self.tables is not None:
            ensure_tables([source.path for source in sources], self.tables, overwrite=self.overwrite)
        if self.outlines:
            for source in sources:
                if len(source.mask.space) > 2:
                    raise RequestError(f"{source.path} is a volume, and only plane objects have outlines. "
                                       "Leave out --rois, --geojson, --labelme and --coco.")
                if source.mask.frames > 1 and (self.labelme or self.coco):
                    raise RequestError(f"{source.path} has {source.mask.frames} frames, and labelme and COCO know "
                                       "single pictures. Take --rois or --geojson, or save each frame as a file.")
        if self.outlines or self.straighten:
            seen: dict[str, Path] = {}
            for source in sources:
                other = seen.setdefault(stem(source.path).casefold(), source.path)
                if other != source.path:
                    raise RequestError(f"What is written of {other} and {source.path} would have the same name. "
                                       "Measure them into different folders.")

    def write_outlines(
        self, source: Source, classes: Sequence[str], objects: Sequence[OutlinedObject]
    ) -> CocoImage | None:
        """The outlines of all objects of a mask, where they are wanted; what goes into one file for all comes back.

        Args:
            source: the mask.
            classes: the names of all classes.
            objects: in the order of their frames.

        Raises:
            OutputError: a file cannot be written.
        """
        if not self.outlines:
            return None
        image = source.image.path if source.image and source.image.path else source.path
        rows, columns = source.mask.space
        mask = OutlinedMask(source.name, image, (rows, columns), classes, objects, source.pixel_size)
        name = stem(source.path)
        if self.rois:
            write_rois(self.rois / f"{name}.zip", mask)
        if self.geojson:
            write_geojson(self.geojson / f"{name}.geojson", mask)
        if self.labelme:
            write_labelme(self.labelme / f"{name}.json", mask)
        return described(mask) if self.coco else None

    def write_table(
        self, source: Source, columns: Mapping[str, type], rows: Sequence[Row], *, numbered: bool
    ) -> Path | None:
        """The table in the OME-Zarr of a mask, where that is wanted; see `write_feature_table`."""
        if self.tables is None:
            return None
        return write_feature_table(source.path, self.tables, columns, rows, numbered=numbered)

    def write_all(self, images: Sequence[CocoImage], classes: Sequence[str]) -> None:
        """What goes into one file for all masks, where that is wanted.

        Raises:
            OutputError: the file cannot be written.
        """
        if self.coco:
            write_coco(self.coco, images, classes)

    def write_straightened(self, source: Source, frame: int, objects: Mapping[int, Straightened]) -> None:
        """The objects of a frame straightened, by their numbers, where that is wanted.

        Raises:
            OutputError: a file cannot be written.
        """
        if self.straighten:
            channels = source.image.channels if source.image else ()
            for number, each in objects.items():
                path = self.straighten / f"{stem(source.path)}_{frame:04d}_{number}.tif"
                write_straightened(path, each, channels, micrometres=source.pixel_size is not None)


def outlined(body: Body, frame: int, number: int, kind: int, values: Mapping[str, Any]) -> OutlinedObject:
    """An object on its way to other programs, with all that was measured of it and is a number."""
    row, column = body.corner.tolist()
    told = {name: value for name, value in values.items() if isinstance(value, int | float)}
    measured = {name: value for name, value in told.items() if math.isfinite(value)}
    return OutlinedObject(frame, number, kind, body.inside, (int(row), int(column)), measured)
