"""CVAT's 'Segmentation mask 1.1': pictures of classes and of objects in colours, and a list of what these mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from morula.errors import FileError
from morula.exchange.areas import Drawn, Runs, Shape
from morula.exchange.painting import BACKGROUND
from morula.exchange.plain_data import read_bytes
from morula.images.image import Image
from morula.images.read import open_image

COLOURS, CLASSES, OBJECTS = "labelmap.txt", "SegmentationClass", "SegmentationObject"


def is_segmentation_mask(folder: Path) -> bool:
    """Whether a folder is such an export."""
    return (folder / COLOURS).is_file() and (folder / CLASSES).is_dir()


def read_segmentation_mask(folder: Path) -> list[Drawn]:
    """What was drawn on the images of an export.

    Raises:
        ValueError: a picture holds a colour that no class has.
        FileError: a file cannot be read.
    """
    names = _names(folder / COLOURS)
    return [_drawn(folder, path, names) for path in sorted((folder / CLASSES).rglob("*.png"))]


def _names(path: Path) -> dict[int, str]:
    """The class of each colour, from lines such as `cell:250,50,83::`."""
    names: dict[int, str] = {}
    for number, line in enumerate(read_bytes(path).decode("utf-8", "replace").splitlines(), start=1):
        if line.startswith("#") or not line.strip():
            continue
        name, _, rest = line.partition(":")
        colour = [int(part) if part.strip().isdecimal() else -1 for part in rest.split(":")[0].split(",")]
        if len(colour) != 3 or not all(0 <= part < 256 for part in colour):
            raise FileError(f"{path}, line {number}: {line[:60]!r} should be a name and its colour, such as "
                            "cell:250,50,83::. Export it again from CVAT.")
        names[colour[0] << 16 | colour[1] << 8 | colour[2]] = name
    return names


def _drawn(folder: Path, path: Path, names: dict[int, str]) -> Drawn:
    classes = _colours(path)
    beside = folder / OBJECTS / path.relative_to(folder / CLASSES)
    objects = _colours(beside) if beside.is_file() else classes
    if objects.shape != classes.shape:
        raise FileError(f"{beside} has {objects.shape[0]} × {objects.shape[1]} pixels, and {path} has "
                        f"{classes.shape[0]} × {classes.shape[1]}. Export both again from CVAT.")
    shapes = []
    codes, places = np.unique(classes.astype(np.int64) << 24 | objects, return_inverse=True)
    from scipy import ndimage

    for number, (code, where) in enumerate(zip(codes.tolist(), ndimage.find_objects(places.reshape(classes.shape) + 1),
                                               strict=True)):
        kind = names.get(code >> 24)
        if kind is None:
            colour = ",".join(str(code >> shift & 255) for shift in (40, 32, 24))
            raise ValueError(f"{path.name} holds the colour {colour}, and {COLOURS} names no class of it. Add a line "
                             "for it there, or export again without smoothing")
        if kind != BACKGROUND and where is not None:
            inside = places.reshape(classes.shape)[where] == number
            shapes.append(Shape(kind, Runs.of(inside, (where[0].start, where[1].start)), number))
    return Drawn(path, tuple(shapes), (classes.shape[0], classes.shape[1]))


def _colours(path: Path) -> np.ndarray:
    """The colour at each pixel as one number, int64 `(rows, columns)`."""
    picture: Image = open_image(path)
    stored = picture.frame()
    if picture.frames != 1 or stored.ndim != 3 or stored.dtype != np.uint8:
        raise FileError(f"{path} is no picture in colours. Export it again from CVAT.")
    colours = stored[:3] if len(stored) >= 3 else np.broadcast_to(stored[:1], (3, *stored.shape[1:]))
    red, green, blue = colours.astype(np.int64)
    return red << 16 | green << 8 | blue
