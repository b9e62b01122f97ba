"""CVAT for images 1.1: one XML file for many images, with polygons, boxes, ellipses and masks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from morula.errors import FileError
from morula.exchange.areas import Area, Drawn, Rings, Shape, ellipse, rectangle
from morula.exchange.coco import inner_name
from morula.exchange.plain_data import numbers, read_bytes, size_of
from morula.exchange.run_lengths import runs_of

AREAS = ("polygon", "box", "ellipse", "mask")
NO_AREAS = ("polyline", "points", "cuboid", "skeleton")


def is_cvat(path: Path) -> bool:
    """Whether an XML file is one of CVAT, as its beginning says."""
    with path.open("rb") as file:
        return b"<annotations" in file.read(1024)


def read_cvat(path: Path) -> list[Drawn]:
    """What was drawn on the images of a file; those on which nothing was are left out.

    What has a higher `z_order` lies above. Shapes of one label and one `group_id` are one object.

    Raises:
        ValueError: the file holds something else.
        FileError: it cannot be read.
    """
    data = read_bytes(path)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data:
        raise ValueError("it defines entities, or is no UTF-8 text, and CVAT writes neither. Export it again")
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise FileError(f"{path} is no XML file ({error}). It is cut short or damaged: export it again from CVAT, or "
                        "leave it out.") from error
    if root.find("track") is not None:
        raise ValueError("it holds tracks, as 'CVAT for video' writes them. Export the task as 'CVAT for images 1.1'")
    drawn = [_drawn(path, image) for image in root.findall("image")]
    return [each for each in drawn if each.shapes or each.no_areas]


def _drawn(path: Path, image: ElementTree.Element) -> Drawn:
    name = image.get("name", "")
    size = size_of(_whole(image, "height"), _whole(image, "width"), f"the image {name!r}")
    shapes, no_areas = [], Counter[str]()
    for number, each in enumerate(image, start=1):
        if each.tag in NO_AREAS:
            no_areas[each.tag.removesuffix("s")] += 1
        elif each.tag in AREAS:
            label = each.get("label", "")
            where = f"the {each.tag} {number} ({label}) of the image {name!r}"
            area = _area(each, size, where)
            if area is None:
                no_areas["outline of fewer than three corners"] += 1
                continue
            group = each.get("group_id")
            owner = (label, group) if group not in (None, "", "0") else number
            shapes.append((_whole(each, "z_order") or 0, Shape(label, area, owner)))
    shapes.sort(key=lambda ordered: ordered[0])
    return Drawn(path / inner_name(name), tuple(shape for _, shape in shapes), size, no_areas)


def _area(told: ElementTree.Element, size: tuple[int, int], where: str) -> Area | None:
    if told.tag == "polygon":
        corners = [corner.split(",") for corner in told.get("points", "").split(";") if corner.strip()]
        points = numbers([[_number(each, where) for each in corner] for corner in corners] or np.empty((0, 2)),
                         f"'points' of {where}", (-1, 2))
        return Rings((points[:, ::-1],)) if len(points) > 2 else None
    if told.tag == "box":
        top, left, bottom, right, angle = _numbers(told, ("ytl", "xtl", "ybr", "xbr", "rotation"), where)
        return rectangle(top, left, bottom, right, np.deg2rad(angle))
    if told.tag == "ellipse":
        y, x, half_y, half_x, angle = _numbers(told, ("cy", "cx", "ry", "rx", "rotation"), where)
        return ellipse((y, x), (abs(half_y), abs(half_x)), np.deg2rad(angle))
    rows, columns = size_of(_whole(told, "height"), _whole(told, "width"), where)
    top, left = _whole(told, "top"), _whole(told, "left")
    if top is None or left is None or top < 0 or left < 0 or top + rows > size[0] or left + columns > size[1]:
        raise ValueError(f"{where} lies from row {top} and column {left} on in {rows} × {columns} pixels, and its "
                         f"image has {size[0]} × {size[1]}. Export the file again")
    lengths = told.get("rle", "").replace(" ", "").split(",")
    try:
        return runs_of([int(length) if length.isdecimal() else -1 for length in lengths], (rows, columns), (top, left),
                       by_columns=False)
    except ValueError as error:
        raise ValueError(f"{where}: {error}. Export the file again") from error


def _numbers(told: ElementTree.Element, keys: tuple[str, ...], where: str) -> list[float]:
    return numbers([_number(told.get(key, "0" if key == "rotation" else ""), where) for key in keys], where,
                   (len(keys),)).tolist()


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"{where} holds {text[:20]!r} where a number belongs. Export the file again") from error


def _whole(told: ElementTree.Element, key: str) -> int | None:
    text = told.get(key, "")
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 12 else None
