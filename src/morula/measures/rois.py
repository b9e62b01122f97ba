"""Outlines for other programs: ImageJ's ROI sets, and GeoJSON, which QuPath reads.

There, position 0 is the corner of the first pixel and not its centre, and lengths are in pixels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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
    """

    frame: int
    number: int
    kind: int
    outlines: Outlines

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


def write_geojson(path: Path, objects: Sequence[ObjectOutlines]) -> None:
    """Write outlines with their holes as a collection of features (RFC 7946).

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
    write_text(path, json.dumps({"type": "FeatureCollection", "features": features}) + "\n")


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
