"""The widget *Train*, as napari runs it: networks learn there, are stopped, and say what is wrong."""

from __future__ import annotations

import pytest

from in_napari import napari
from morula.models.model import Model

pytestmark = pytest.mark.slow
def units(layer) -> tuple[str, ...]:
    return tuple(map(str, layer.units))


def test_draw_train_and_segment_with_it(viewer, opened, discs, wait, tmp_path, widget):
    labels = viewer.add_labels(discs[1], scale=opened.scale, units=opened.units, axis_labels=opened.axis_labels)
    train, segment = widget("Train"), widget("Segment")
    train.minutes.value, train.out.value = 0.15, tmp_path / "discs.safetensors"
    train.train()
    assert wait(train.work).startswith("Done, after ")
    assert train.drawn.value is labels
    assert train.curve.points
    record = Model.load(tmp_path / "discs.safetensors").record
    assert len(record["training_frames"]) + len(record["validation_frames"]) == 2  # those that were drawn on
    assert segment.model.value == "discs.safetensors"
    segment.segment()
    wait(segment.work)
    found = viewer.layers[-1].data > 0
    truth = discs[0] > 105
    assert (found & truth).sum() / (found | truth).sum() > 0.5
    assert train.out.value.name == "model.safetensors"


def test_a_training_is_stopped(viewer, opened, discs, wait, until, tmp_path, widget):
    viewer.add_labels(discs[1])
    train = viewer.window.add_plugin_dock_widget("morula", "Train")[1]
    train.minutes.value, train.out.value = 5, tmp_path / "discs.safetensors"
    train.train()
    assert until(lambda: bool(train.curve.points))
    train.work.stop.native.click()
    assert wait(train.work) == "Stopped."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["discs.tif"]


def test_a_window_that_is_closed_ends_its_training(screen, discs, until, tmp_path):
    viewer = napari.Viewer(show=False)  # of its own, which is closed once only
    viewer.add_image(discs[0])
    viewer.add_labels(discs[1])
    train = viewer.window.add_plugin_dock_widget("morula", "Train")[1]
    train.minutes.value, train.out.value = 5, tmp_path / "discs.safetensors"
    train.train()
    curve = train.curve
    assert until(lambda: bool(curve.points))
    assert (tmp_path / "discs.safetensors.busy").exists()
    viewer.close()
    assert until(lambda: not list(tmp_path.iterdir()))
