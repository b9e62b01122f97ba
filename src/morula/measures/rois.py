"""Outlines for other programs: ImageJ's ROI sets, and GeoJSON, which QuPath reads.

There, position 0 is the corner of the first pixel and not its centre, and lengths are in pixels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.errors import FileError
from morula.files import whole_file, write_text
from morula.measures.bodies import Body
from morula.measures.contours import Outlines, polygon_area


@dataclass(frozen=True)
class ObjectOutlines:
    """The outlines of one object, in pixels from the corner of the frame.

    Attributes:
        frame: the number of the moment in time, from 0.
        number: of the object.
        kind: its class.
        outlines: its pieces and holes.
        pixel_size: µm along y and x, None where it is not known.
    """

    frame: int
    number: int
    kind: int
    outlines: Outlines
    pixel_size: tuple[float, float] | None = None

    @classmethod
    def of(cls, body: Body, *, frame: int, number: int, kind: int) -> ObjectOutlines:
        return cls(frame, number, kind, body.outlines.scaled(1 / body.spacing).moved(np.array([0.5, 0.5])))

    @property
    def name(self) -> str:
        """A name by which lists sort in time."""
        return f"{self.frame:04d}_{self.number}"


def write_rois(path: Path, objects: Sequence[ObjectOutlines]) -> None:
    """Write the outer outlines as a zip file for ImageJ's ROI manager, each at its frame.

    Raises:
        OutputError: the file cannot be written.
    """
    from roifile import ImagejRoi, roiwrite

    rois = []
    for each in objects:
        for piece, polygon in enumerate(each.outlines.pieces):
            name = each.name if piece == 0 else f"{each.name}_{piece + 1}"
            rois.append(ImagejRoi.frompoints(polygon[:, ::-1], name=name, t=each.frame))
    with whole_file(path, option="--rois") as temporary:
        roiwrite(temporary, rois, mode="w")


def write_geojson(path: Path, objects: Sequence[ObjectOutlines], pixel_size: Sequence[float] | None = None) -> None:
    """Write outlines with their holes as a collection of features (RFC 7946), and µm a pixel along y and x with it.

    Raises:
        OutputError: the file cannot be written.
    """
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": _polygons(each.outlines)},
            "properties": {"objectType": "annotation", "name": each.name, "frame": each.frame,
                           "object": each.number, "class": each.kind},
        }
        for each in objects
    ]
    told = {"pixel_size_um": list(pixel_size)} if pixel_size else {}
    write_text(path, json.dumps({"type": "FeatureCollection", **told, "features": features}) + "\n")


def read_geojson(path: Path) -> list[ObjectOutlines]:
    """The outlines that `write_geojson` wrote.

    Raises:
        FileError: the file cannot be read, or holds something else.
    """
    try:
        collection = json.loads(path.read_text(encoding="utf-8"))
        size = collection.get("pixel_size_um")
        return [_outlines(feature, tuple(size) if size else None) for feature in collection["features"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileError(f"{path} has no outlines that morula measure --geojson wrote ({error!r}). Write them anew."
                        ) from error


def _outlines(feature: dict, pixel_size: tuple[float, float] | None) -> ObjectOutlines:
    polygons = [[np.array(ring[:-1])[:, ::-1] for ring in polygon] for polygon in feature["geometry"]["coordinates"]]
    outlines = Outlines(tuple(rings[0] for rings in polygons), tuple(hole for rings in polygons for hole in rings[1:]))
    told = feature["properties"]
    return ObjectOutlines(told["frame"], told["object"], told["class"], outlines, pixel_size)


def _polygons(outlines: Outlines) -> list[list[list[list[float]]]]:
    """Each piece with the holes in it, as closed rings of x and y."""
    from skimage.measure import points_in_poly

    polygons = [[_ring(piece)] for piece in outlines.pieces]
    for hole in outlines.holes:
        around = [number for number, piece in enumerate(outlines.pieces) if points_in_poly(hole[:1], piece)[0]]
        innermost = min(around, key=lambda number: polygon_area(outlines.pieces[number]), default=0)
        polygons[innermost].append(_ring(hole))
    return polygons


def _ring(polygon: np.ndarray) -> list[list[float]]:
    return np.round(np.concatenate([polygon, polygon[:1]])[:, ::-1], 3).tolist()
