"""COCO: one JSON file for many images, with polygons, or with run lengths as lists or packed into strings."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from morula.exchange.areas import Area, Drawn, Rings, Shape
from morula.exchange.outlined import OutlinedMask
from morula.exchange.plain_data import get, numbers, size_of, tables
from morula.exchange.run_lengths import lengths_of, packed, runs_of, unpacked
from morula.files import whole_file

BOXED = "box without an outline"

CocoImage = tuple[dict[str, Any], list[dict[str, Any]]]
"""What is said of an image and of the objects on it, without the numbers that tell them from others."""


def is_coco(data: Any) -> bool:
    """Whether JSON is such a file."""
    return isinstance(data, dict) and all(isinstance(data.get(key), list) for key in ("images", "annotations"))


def read_coco(path: Path, data: dict) -> list[Drawn]:
    """What was drawn on the images of a file; those on which nothing was are left out.

    Crowds count like others, for some programs call all masks so.

    Raises:
        ValueError: the file holds something else.
    """
    classes = {get(each, "id", int, "a category"): get(each, "name", str, "a category")
               for each in tables(get(data, "categories", list, "the file"), "the categories")}
    images: dict[int, tuple[str, tuple[int, int]]] = {}
    for each in tables(data["images"], "the images"):
        number, name = get(each, "id", int, "an image"), get(each, "file_name", str, "an image")
        images[number] = name, size_of(each.get("height"), each.get("width"), f"the image {name}")
    shapes: dict[int, list[Shape]] = defaultdict(list)
    no_areas: dict[int, Counter[str]] = defaultdict(Counter)
    for place, each in enumerate(tables(data["annotations"], "the annotations"), start=1):
        where = f"annotation {each.get('id', place)}"
        image, kind = get(each, "image_id", int, where), get(each, "category_id", int, where)
        if image not in images:
            raise ValueError(f"{where} is of the image {image}, and 'images' names none with this id. Export it again")
        if kind not in classes:
            known = ", ".join(f"{number} ({name})" for number, name in list(classes.items())[:8])
            raise ValueError(f"{where} is of the category {kind}, and 'categories' names {known or 'none'}. Add it "
                             "there, or export the file again")
        areas = list(_areas(each.get("segmentation"), images[image][1], where))
        shapes[image] += [Shape(classes[kind], area, place) for area in areas]
        if not areas:
            no_areas[image][BOXED] += 1
    return [Drawn(path / inner_name(name), tuple(shapes[image]), size, no_areas[image])
            for image, (name, size) in images.items() if shapes[image] or no_areas[image]]


def described(mask: OutlinedMask) -> CocoImage:
    """What COCO says of an image and of its objects."""
    rows, columns = mask.size
    annotations = []
    for each in mask.objects:
        inside, (top, left) = each.cropped
        lengths = lengths_of(inside, (top, left), mask.size)
        annotations.append({
            "category_id": each.kind, "area": int(inside.sum()),
            "segmentation": {"size": [rows, columns], "counts": packed(lengths)},
            "bbox": [left, top, inside.shape[1], inside.shape[0]], "iscrowd": 0,
        })
    return {"file_name": mask.image.name, "height": rows, "width": columns}, annotations


def write_coco(path: Path, images: Sequence[CocoImage], classes: Sequence[str]) -> None:
    """Write the objects of many masks into one file, as packed run lengths.

    Args:
        path: the file.
        images: as `described` gives them.
        classes: the names of the classes 1, 2 and so on.

    Raises:
        OutputError: the file cannot be written.
    """
    objects = [{"image_id": number, **each} for number, (_, found) in enumerate(images, start=1) for each in found]
    data = {
        "images": [{"id": number, **image} for number, (image, _) in enumerate(images, start=1)],
        "categories": [{"id": number, "name": name} for number, name in enumerate(classes, start=1)],
        "annotations": [{"id": number, **each} for number, each in enumerate(objects, start=1)],
    }
    with (
        whole_file(path, option="--coco") as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace") as file,
    ):
        json.dump(data, file)


def inner_name(name: str) -> Path:
    """The name of an image inside a file, with its folders, however the system writes paths that it was made on.

    >>> inner_name("..\\\\plate 1\\\\a.png").as_posix()
    'plate 1/a.png'
    """
    told = PureWindowsPath(name) if "\\" in name else PurePosixPath(name)
    parts = [part for part in told.parts if part not in (told.anchor, "..", ".")]
    if not parts:
        raise ValueError(f"{name!r} is no name of an image")
    return Path(*parts)


def _areas(told: Any, size: tuple[int, int], where: str) -> Iterator[Area]:
    """The parts of one object."""
    if isinstance(told, dict):
        lengths = told.get("counts")
        sides = told.get("size")
        shape = size_of(sides[0], sides[1], where) if isinstance(sides, list) and len(sides) == 2 else None
        if shape != size:
            came = " × ".join(map(str, shape)) if shape else "no number of"
            raise ValueError(f"{where} has run lengths for {came} pixels, and its image has {size[0]} × {size[1]}. "
                             "Export the file again")
        try:
            if not isinstance(lengths, str | list):
                raise ValueError("its run lengths are neither a list nor a string")
            runs = runs_of(unpacked(lengths) if isinstance(lengths, str) else lengths, size, by_columns=True)
        except ValueError as error:
            raise ValueError(f"{where}: {error}. Export the file again") from error
        if len(runs.starts):
            yield runs
        return
    if not isinstance(told, list | None):
        raise ValueError(f"'segmentation' of {where} is neither polygons nor run lengths")
    for polygon in told or ():
        flat = numbers(polygon, f"'segmentation' of {where}", (-1,))
        if len(flat) % 2:
            raise ValueError(f"'segmentation' of {where} holds {len(flat)} numbers, and x and y come in pairs")
        if len(flat) >= 6:
            yield Rings((flat.reshape(-1, 2)[:, ::-1],))
