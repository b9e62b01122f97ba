from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotated import painted
from morula.errors import DataError
from morula.exchange.collection import find_annotations

COLOURS = np.array([[0, 0, 0], [250, 50, 83], [51, 221, 255]], np.uint8)
INSTANCES = np.array([[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0]], np.uint8)


def written(folder: Path, classes: np.ndarray, objects: np.ndarray | None) -> Path:
    """An export as CVAT makes it."""
    for name, values, colours in (("SegmentationClass", classes, COLOURS), ("SegmentationObject", objects, INSTANCES)):
        if values is not None:
            (folder / name).mkdir(parents=True)
            Image.fromarray(colours[values]).save(folder / name / "a.png")
    (folder / "labelmap.txt").write_text("# label:color_rgb:parts:actions\nbackground:0,0,0::\ncell:250,50,83::\n"
                                         "wall:51,221,255::\n")
    return folder


@pytest.fixture
def classes() -> np.ndarray:
    found = np.zeros((20, 30), np.uint8)
    found[2:8, 2:8] = found[2:8, 8:14] = 1
    found[10:18, 10:20] = 2
    return found


def test_colours_are_classes_by_their_names(tmp_path, classes):
    found = find_annotations(written(tmp_path / "export", classes, None))
    assert found is not None
    assert found.classes == ("cell", "wall")
    assert (found.open(found.files[0], None).frame()[0] == classes).all()


def test_objects_that_touch_are_told_apart(tmp_path, classes):
    objects = np.where(classes == 1, 1, 0).astype(np.uint8)
    objects[2:8, 8:14] = 2
    written(tmp_path / "export", np.where(classes == 1, 1, 0), objects)
    found = painted(tmp_path / "export")[0]
    assert len(np.unique(np.stack([found, objects]).reshape(2, -1), axis=1).T) == 3  # whatever number each has
    assert found.max() == 2


def test_colours_without_a_name_and_lines_that_are_none_are_said(tmp_path, classes):
    folder = written(tmp_path / "export", classes, None)
    (folder / "labelmap.txt").write_text("background:0,0,0::\ncell:250,50,83::\n")
    with pytest.raises(DataError, match=r"a\.png holds the colour 51,221,255, and labelmap\.txt names no class of it"):
        find_annotations(folder)
    (folder / "labelmap.txt").write_text("cell:red::\n")
    with pytest.raises(DataError, match=r"labelmap\.txt, line 1: 'cell:red::' should be a name and its colour"):
        find_annotations(folder)


def test_pictures_of_two_sizes_are_refused(tmp_path, classes):
    folder = written(tmp_path / "export", classes, classes)
    Image.fromarray(INSTANCES[classes[:5]]).save(folder / "SegmentationObject" / "a.png")
    with pytest.raises(DataError, match=r"has 5 × 30 pixels, and .* has 20 × 30"):
        find_annotations(folder)
