"""What tests of annotations share: label images of every kind, and files as other programs write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from morula.exchange.collection import find_annotations
from morula.images.image import Image

LABELS = npst.arrays(np.uint8, npst.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.integers(0, 3))
"""Small label images: objects with holes, in several parts, that touch, of one pixel, at the border."""


def blank(height: int, width: int, frames: int = 1, depth: int | None = None) -> Image:
    """An image of a size."""
    space = (height, width) if depth is None else (depth, height, width)
    return Image.from_array(np.zeros((frames, *space), np.uint8), "TYX" if depth is None else "TZYX")


def painted(place: Path, image: Image | None = None) -> np.ndarray:
    """The only mask in a place, as it is stored, `(frames, *space)`."""
    return opened(place, image).array()[:, 0]


def opened(place: Path, image: Image | None = None) -> Image:
    found = find_annotations(place)
    assert found is not None
    [file] = found.files
    return found.open(file, image)


def circle(x: float, y: float, radius: float, corners: int = 400) -> np.ndarray:
    """Corners of a circle, x before y."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1)


def in_circle(x: float, y: float, radius: float, height: int, width: int) -> np.ndarray:
    """Which pixels have their middle in it."""
    rows, columns = np.mgrid[:height, :width] + 0.5
    return (rows - y) ** 2 + (columns - x) ** 2 < radius**2


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


def shape_of(
    label: str, points: np.ndarray | Sequence, kind: str = "polygon", group: int | None = None, **more: object
) -> dict:
    """A shape as labelme writes it."""
    return {"label": label, "points": np.asarray(points).tolist(), "group_id": group, "description": "",
            "shape_type": kind, "flags": {}, "mask": None, **more}


def write_labelme(path: Path, shapes: Sequence[dict], height: int | None = 60, width: int | None = 80) -> Path:
    """A file as labelme writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({
        "version": "5.5.0", "flags": {}, "shapes": list(shapes), "imagePath": f"{path.stem}.png", "imageData": None,
        "imageHeight": height, "imageWidth": width}))
    return path


def coco_of(annotations: Sequence[dict], *, names: Sequence[str] = ("a.png",), size: tuple[int, int] = (60, 80),
            categories: Sequence[str] = ("cell", "wall")) -> dict:
    """What a file of COCO holds."""
    return {
        "info": {}, "licenses": [],
        "images": [{"id": number, "file_name": name, "height": size[0], "width": size[1]}
                   for number, name in enumerate(names, start=1)],
        "categories": [{"id": number, "name": name, "supercategory": ""}
                       for number, name in enumerate(categories, start=1)],
        "annotations": [{"id": number, "image_id": 1, "category_id": 1, "area": 0, "bbox": [0, 0, 1, 1], "iscrowd": 0,
                         **each} for number, each in enumerate(annotations, start=1)],
    }


def write_json(path: Path, data: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))
    return path
