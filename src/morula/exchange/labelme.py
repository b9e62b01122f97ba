"""labelme: a JSON file for each image, with polygons, rectangles, circles and masks."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections import Counter
from os.path import relpath
from pathlib import Path
from typing import Any

import numpy as np

from morula.exchange.areas import Area, Drawn, Rings, Runs, Shape, ellipse, rectangle
from morula.exchange.outlined import OutlinedMask, OutlinedObject
from morula.exchange.plain_data import MOST_PIXELS, get, numbers, size_of, tables
from morula.files import write_text

NO_AREAS = {"point": "point", "points": "point", "line": "line", "linestrip": "line"}


def is_labelme(data: Any) -> bool:
    """Whether JSON is such a file."""
    return isinstance(data, dict) and isinstance(data.get("shapes"), list) and "imagePath" in data


def read_labelme(path: Path, data: dict) -> list[Drawn]:
    """What was drawn on the image of a file.

    Shapes of one label and one `group_id` are one object.

    Raises:
        ValueError: the file holds something else.
    """
    shapes, no_areas = [], Counter[str]()
    for number, each in enumerate(tables(data["shapes"], "the shapes"), start=1):
        where = f"shape {number}"
        label = get(each, "label", str, where)
        where += f" ({label})"
        kind = str(each.get("shape_type") or "polygon")
        if kind in NO_AREAS:
            no_areas[NO_AREAS[kind]] += 1
            continue
        area = _area(kind, each, where)
        if area is None:
            no_areas["outline of fewer than three corners"] += 1
            continue
        group = each.get("group_id")
        owner = number if group is None else (label, str(group))
        shapes.append(Shape(label, area, owner))
    size = None
    if data.get("imageHeight") is not None or data.get("imageWidth") is not None:
        size = size_of(data.get("imageHeight"), data.get("imageWidth"), "the image")
    return [Drawn(path, tuple(shapes), size, no_areas)]


def _area(kind: str, shape: dict, where: str) -> Area | None:
    points = numbers(shape.get("points"), f"'points' of {where}", (-1, 2))[:, ::-1]
    if kind in ("polygon", "oriented_rectangle"):
        return Rings((points,)) if len(points) > 2 else None
    if kind not in ("rectangle", "circle", "mask"):
        raise ValueError(f"{where} is of the type {kind[:40]!r}, and polygon, rectangle, oriented_rectangle, "
                         "circle and mask are known. Draw it as one of these")
    if len(points) != 2:
        raise ValueError(f"{where} is a {kind} with {len(points)} points, and should have 2")
    if kind == "circle":
        radius = float(np.hypot(*(points[1] - points[0])))
        return ellipse(points[0], (radius, radius))
    if kind == "rectangle":
        return rectangle(*points.min(axis=0), *points.max(axis=0))
    return _mask(get(shape, "mask", str, where), points.astype(int), where)


def _mask(text: str, points: np.ndarray, where: str) -> Runs:
    """A picture in letters, whose first and last pixel lie at two points."""
    from PIL.PngImagePlugin import PngImageFile

    rows, columns = (points[1] - points[0] + 1).tolist()
    try:
        with PngImageFile(io.BytesIO(base64.b64decode(text, validate=True))) as picture:
            if picture.size != (columns, rows) or rows * columns > MOST_PIXELS:
                came = f"{picture.size[1]} × {picture.size[0]}"
                raise ValueError(f"the mask of {where} has {came} pixels, and its points say {rows} × {columns}")
            inside = np.asarray(picture.convert("L")) > 0
    except (binascii.Error, OSError, SyntaxError) as error:
        raise ValueError(f"the mask of {where} is no PNG picture; it is damaged") from error
    return Runs.of(inside, (int(points[0, 0]), int(points[0, 1])))


def write_labelme(path: Path, mask: OutlinedMask) -> None:
    """Write the objects of a mask with one frame: polygons, and masks of those with holes, which labelme has none for.

    Raises:
        OutputError: the file cannot be written.
    """
    shapes = [shape for each in mask.objects for shape in _shapes(mask, each)]
    rows, columns = mask.size
    write_text(path, json.dumps({
        "version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": relpath(mask.image, path.parent),
        "imageData": None, "imageHeight": rows, "imageWidth": columns}, indent=2) + "\n")


def _shapes(mask: OutlinedMask, each: OutlinedObject) -> list[dict[str, Any]]:
    several = len(each.parts) > 1
    told = {"label": mask.class_of(each), "group_id": each.number if several else None, "description": "", "flags": {}}
    if not any(part.holes for part in each.parts):
        return [{**told, "points": part.outer[:, ::-1].tolist(), "shape_type": "polygon", "mask": None}
                for part in each.parts]
    inside, (top, left) = each.cropped
    last = left + inside.shape[1] - 1, top + inside.shape[0] - 1
    return [{**told, "group_id": None, "points": [[left, top], list(last)], "shape_type": "mask",
             "mask": _in_letters(inside)}]


def _in_letters(inside: np.ndarray) -> str:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(inside.astype(np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
