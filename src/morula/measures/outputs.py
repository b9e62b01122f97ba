"""What a measurement writes: its table, and beside it outlines and straightened objects where these are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from morula.errors import RequestError
from morula.measures.bodies import Body
from morula.measures.rois import ObjectOutlines, write_geojson, write_rois
from morula.measures.sources import Source
from morula.measures.straightening import straightened, write_straightened
from morula.names.endings import stem


@dataclass(frozen=True)
class Outputs:
    """What is written, and where.

    Attributes:
        table: the file of the rows, CSV or Parquet by its ending.
        rois: a folder for outlines as ImageJ's ROI sets, one file a mask.
        geojson: a folder for outlines as GeoJSON, one file a mask.
        straighten: a folder for each object straightened along its midline, one file an object.
    """

    table: Path
    rois: Path | None = None
    geojson: Path | None = None
    straighten: Path | None = None

    @property
    def outlines(self) -> bool:
        """Whether outlines are wanted."""
        return self.rois is not None or self.geojson is not None

    def refuse_unfit(self, sources: Sequence[Source]) -> None:
        """Allow nothing to be written over another, and no outlines of volumes.

        Raises:
            RequestError: outlines of a volume are wanted, or of two masks whose names are told apart by nothing but
                folder, ending or case.
        """
        if self.outlines:
            for source in sources:
                if len(source.mask.space) > 2:
                    raise RequestError(f"{source.path} is a volume, and only plane objects have outlines. "
                                       "Leave out --rois and --geojson.")
        if self.outlines or self.straighten:
            seen: dict[str, Path] = {}
            for source in sources:
                other = seen.setdefault(stem(source.path).casefold(), source.path)
                if other != source.path:
                    raise RequestError(f"What is written of {other} and {source.path} would have the same name. "
                                       "Measure them into different folders.")

    def write_outlines(self, source: Source, outlines: Sequence[ObjectOutlines]) -> None:
        """The outlines of all objects of a mask, where they are wanted.

        Raises:
            OutputError: a file cannot be written.
        """
        if self.rois:
            write_rois(self.rois / f"{stem(source.path)}.zip", outlines)
        if self.geojson:
            write_geojson(self.geojson / f"{stem(source.path)}.geojson", outlines, source.pixel_size)

    def write_straightened(self, source: Source, body: Body, frame: int, number: int) -> None:
        """An object straightened, where that is wanted and it has a shape.

        Raises:
            OutputError: the file cannot be written.
        """
        if self.straighten and body.has_shape:
            path = self.straighten / f"{stem(source.path)}_{frame:04d}_{number}.tif"
            channels = source.image.channels if source.image else ()
            write_straightened(path, straightened(body), channels, micrometres=source.pixel_size is not None)
