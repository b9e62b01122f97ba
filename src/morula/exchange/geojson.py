"""GeoJSON, as QuPath reads and writes it: outlines with holes, their classes, and what was measured."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import numpy as np

from morula.errors import FileError
from morula.exchange.areas import Area, Drawn, Rings, Shape
from morula.exchange.outlined import OutlinedMask, OutlinedObject
from morula.exchange.plain_data import get, numbers, read_json, tables
from morula.files import write_text

COLOURS = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167))
"""Of the classes, told apart by everyone (Okabe and Ito)."""

OURS = UUID("5b0c1f0e-3a0f-4e43-9d53-6d6f72756c61")
"""What all numbers of objects are derived from, so that the same object has the same one again."""

NO_AREAS = {"Point": "point", "MultiPoint": "point", "LineString": "line", "MultiLineString": "line"}


def is_geojson(data: Any) -> bool:
    """Whether JSON is a collection of features, a list of them, or a single one."""
    if isinstance(data, list):
        return bool(data) and all(isinstance(each, dict) and each.get("type") == "Feature" for each in data)
    return isinstance(data, dict) and data.get("type") in ("FeatureCollection", "Feature")


def features_of(data: Any) -> list[dict]:
    """The features in it.

    Raises:
        ValueError: they are none.
    """
    if isinstance(data, dict):
        data = [data] if data["type"] == "Feature" else get(data, "features", list, "the collection")
    return tables(data, "the features")


def read_geojson(path: Path, data: Any) -> list[Drawn]:
    """What was drawn on the image of a file. QuPath leaves out the plane of what lies in the first one.

    Raises:
        ValueError: the file holds something else.
    """
    shapes, no_areas = [], Counter[str]()
    for number, feature in enumerate(features_of(data), start=1):
        where = f"feature {number}"
        geometry = get(feature, "geometry", dict, where)
        told = feature.get("properties")
        told = told if isinstance(told, dict) else {}
        kind = str(geometry.get("type"))
        if kind in NO_AREAS:
            no_areas[NO_AREAS[kind]] += 1
            continue
        plane = geometry.get("plane")
        plane = plane if isinstance(plane, dict) else {}
        moment = plane.get("t", told.get("frame", 0))
        level = plane.get("z", 0)
        if not all(isinstance(place, int) and place >= 0 for place in (moment, level)):
            raise ValueError(f"{where} lies in the plane {str(plane)[:60]}, and its z and t should be whole numbers "
                             "from 0 on")
        shapes += [Shape(_name(told), area, number, moment, level) for area in _areas(geometry, where)]
    return [Drawn(path, tuple(shapes), None, no_areas)]


def _name(told: dict) -> str:
    """The class of a feature; derived ones have several names."""
    named = told.get("classification")
    if not isinstance(named, dict):
        return ""
    names = named.get("names")
    if isinstance(names, list) and all(isinstance(each, str) for each in names):
        return ": ".join(names)
    name = named.get("name")
    return name if isinstance(name, str) else ""


def _areas(geometry: dict, where: str) -> Iterator[Area]:
    """The parts of one feature."""
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        for part in tables(get(geometry, "geometries", list, where), f"the geometries of {where}"):
            if part.get("type") != kind:
                yield from _areas(part, where)
        return
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"{where} is of the type {str(kind)[:40]!r}, and Polygon and MultiPolygon are known")
    corners = get(geometry, "coordinates", list, where)
    for rings in [corners] if kind == "Polygon" else corners:
        if not isinstance(rings, list) or not rings:
            raise ValueError(f"{where} is a polygon without rings")
        checked = [numbers([corner[:2] if isinstance(corner, list) else corner for corner in ring]
                           if isinstance(ring, list) else ring, f"a ring of {where}", (-1, 2)) for ring in rings]
        if any(len(ring) < 3 for ring in checked):
            raise ValueError(f"a ring of {where} has fewer than three corners")
        yield Rings(tuple(ring[:, ::-1] for ring in checked))


@dataclass(frozen=True, eq=False)
class ReadOutlines:
    """The outlines of an object of a table, as they were written beside it.

    Attributes:
        frame: the number of the moment in time, from 0.
        number: of the object.
        rings: all outlines, those of holes too, `(corners, 2)`, y before x, in pixels from the corner of the frame.
        pixel_size: µm along y and x, None where it is not known.
    """

    frame: int
    number: int
    rings: tuple[np.ndarray, ...]
    pixel_size: tuple[float, ...] | None


def read_written(path: Path) -> list[ReadOutlines]:
    """The outlines that `write_geojson` wrote.

    Raises:
        FileError: the file cannot be read, or holds something else.
    """
    try:
        data = read_json(path)
        size = data.get("pixel_size_um") if isinstance(data, dict) else None
        return [_outlines(feature, tuple(size) if size else None) for feature in features_of(data)]
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{path} has no outlines that morula measure --geojson wrote ({error}). Write them anew."
                        ) from error


def _outlines(feature: dict, pixel_size: tuple[float, ...] | None) -> ReadOutlines:
    told = get(feature, "properties", dict, "a feature")
    areas = _areas(get(feature, "geometry", dict, "a feature"), "a feature")
    rings = tuple(ring for area in areas if isinstance(area, Rings) for ring in area.rings)
    return ReadOutlines(get(told, "frame", int, "a feature"), get(told, "object", int, "a feature"), rings, pixel_size)


def write_geojson(path: Path, mask: OutlinedMask) -> None:
    """Write the objects of a mask as a collection of features (RFC 7946), each with its class and what was measured.

    Raises:
        OutputError: the file cannot be written.
    """
    told = {"pixel_size_um": list(mask.pixel_size)} if mask.pixel_size else {}
    features = [_feature(mask, each) for each in mask.objects]
    write_text(path, json.dumps({"type": "FeatureCollection", **told, "features": features}) + "\n")


def _feature(mask: OutlinedMask, each: OutlinedObject) -> dict[str, Any]:
    polygons = [[_ring(ring) for ring in (part.outer, *part.holes)] for part in each.parts]
    one = len(polygons) == 1
    plane = {"plane": {"c": -1, "z": 0, "t": each.frame}} if each.frame else {}
    colour = COLOURS[(each.kind - 1) % len(COLOURS)]
    return {
        "type": "Feature",
        "id": str(uuid5(OURS, f"{mask.name}/{each.label}")),
        "geometry": {"type": "Polygon" if one else "MultiPolygon", "coordinates": polygons[0] if one else polygons,
                     **plane},
        "properties": {
            "objectType": "annotation", "name": each.label,
            "classification": {"name": mask.class_of(each), "color": list(colour)},
            "measurements": dict(each.measured),
            "frame": each.frame, "object": each.number, "class": each.kind,
        },
    }


def _ring(corners: np.ndarray) -> list[list[int]]:
    """Closed, x before y; outer ones counterclockwise where y points up, as the norm wants it."""
    return np.concatenate([corners, corners[:1]])[:, ::-1].tolist()
