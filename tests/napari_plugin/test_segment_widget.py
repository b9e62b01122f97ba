"""The plug-in as napari runs it: files open, masks are made, and what comes of it lies where it should."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from in_napari import napari
from morula.images.read import open_image
from morula.models.model import Model
from morula.napari_plugin.model_shelf import SHELF

pytestmark = pytest.mark.slow
def units(layer) -> tuple[str, ...]:
    return tuple(map(str, layer.units))


def test_the_manifest_is_valid_and_files_are_read_without_qt():
    code = """
import sys
from npe2 import PluginManager
manager = PluginManager.instance()
manager.discover()
for command in ("morula.read", "morula.write_labels", "morula.draw"):
    assert manager.commands.get(command)
heavy = ("qtpy", "PySide", "PyQt", "magicgui", "napari.", "torch")
assert not [name for name in sys.modules if name.startswith(heavy)]
"""
    assert subprocess.run([sys.executable, "-m", "npe2", "validate", "morula"], check=False).returncode == 0
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_open_segment_and_save(viewer, opened, wait, tmp_path, widget):
    segment = widget("Segment")
    segment.segment()
    assert "frames" in wait(segment.work)
    labels = viewer.layers[-1]
    assert isinstance(labels, napari.layers.Labels)
    expected = Model.load("gastruloid").segment(open_image(tmp_path / "discs.tif"))
    assert (labels.data == expected).all()
    for layer in (opened, labels):
        assert layer.scale == pytest.approx((1, 0.65, 0.65))
        assert units(layer) == ("pixel", "micrometer", "micrometer")
        assert layer.axis_labels == ("t", "y", "x")
    assert viewer.layers.units is not None
    assert list(labels.features["class"]) == ["body", "shed cells"]
    assert 0.5 < labels.features["expected_iou"][0] <= 1  # of the body; no cell was shed
    assert len(labels.metadata["morula"]["frames"]) == 5
    assert "body" in str(labels.get_status((0, 26, 32.5), world=True))
    segment.frames.value = 3
    assert viewer.dims.current_step[0] == 3
    viewer.layers.selection = {labels}
    viewer.layers.save(str(tmp_path / "saved.tif"), selected=True, plugin="morula")
    saved = open_image(tmp_path / "saved.tif")
    assert (saved.array()[:, 0] == expected).all()
    assert saved.pixel_size == pytest.approx((0.65, 0.65))
    assert saved.frames == 5


def test_whoever_begins_wrongly_is_told(viewer, wait, tmp_path, widget):
    segment, train = widget("Segment"), widget("Train")
    segment.segment()
    assert wait(segment.work).startswith("There is no image yet.")
    train.train()
    assert wait(train.work).startswith("There is no image yet.")
    viewer.add_image(np.zeros((4, 40, 40), np.uint8), name="plain")
    train.train()
    assert wait(train.work).startswith("There is no labels layer yet.")
    viewer.add_labels(np.zeros((4, 40, 40), int), name="drawn")
    train.train()
    assert wait(train.work).startswith("There is nothing drawn on drawn.")
    train.source.value = "folders"
    train.images.value = train.masks.value = tmp_path / "nowhere"
    train.train()
    assert "nowhere does not exist" in wait(train.work)
    SHELF.add(tmp_path / "gone.safetensors")
    segment.segment()
    assert "gone.safetensors" in wait(segment.work)


@pytest.mark.parametrize(("array", "options", "shape"), [
    (np.zeros((40, 50, 3), np.uint8), {"rgb": True}, (40, 50)),
    (np.zeros((2, 3, 40, 50), np.uint8), {}, (2, 3, 40, 50)),
    (np.zeros((3, 40, 50), np.uint8), {"axis_labels": ("z", "y", "x")}, (3, 40, 50)),
    (np.zeros((40, 50), np.float32), {"scale": (2, 2), "translate": (7, 8), "rotate": 30}, (40, 50)),
])
def test_layers_of_all_kinds_are_segmented_where_they_lie(viewer, wait, array, options, shape, widget):
    image = viewer.add_image(array, **options)
    segment = widget("Segment")
    segment.model.value = "gastruloid"
    segment.segment()
    wait(segment.work)
    labels = viewer.layers[-1]
    assert isinstance(labels, napari.layers.Labels), segment.work.words.value
    assert labels.data.shape == shape
    np.testing.assert_allclose(labels.affine.affine_matrix, image.affine.affine_matrix)
    np.testing.assert_allclose(labels.data_to_world((1,) * len(shape)), image.data_to_world((1,) * len(shape)))
    assert units(labels) == units(image)
